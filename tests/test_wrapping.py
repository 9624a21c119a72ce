"""Sentences that mail, text browsers and copies of a PDF wrapped are read whole."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from giikit.pages import make_page
from giikit.parsing import parse_profile
from giikit.parsing.lines import simplify_lines

RAW = Path(__file__).parent / "pages/real/data/raw" / "2024"
BEIJING = (RAW / "beijing.txt").read_text(encoding="utf-8")


def wrap(page: str, width: int, indent: str = "", *, blank: bool = True) -> str:
    """Break every line that is no row of a table."""
    lines = []
    for line in page.split("\n"):
        broken = textwrap.wrap(line, width, subsequent_indent=indent) or [""]
        lines += [line] if "\t" in line else broken
    return "\n".join(line for line in lines if blank or line.strip())


def read_remarks(page: str) -> list[str]:
    findings = parse_profile(page).findings
    return [f.code for f in findings if f.severity != "info"]


def check_same_as_beijing(page: str) -> None:
    wrapped, whole = parse_profile(page), parse_profile(BEIJING)
    assert read_remarks(page) == []
    for table in ("organizations", "collaborations", "technology_fields"):
        assert getattr(wrapped, table) == getattr(whole, table)
    assert [o[2:9] for o in wrapped.observations if o.indicator != "edition"] == [
        o[2:9] for o in whole.observations if o.indicator != "edition"
    ]


@pytest.mark.parametrize("blank", [True, False])
@pytest.mark.parametrize("width", [36, 44, 52, *range(60, 101, 4), 128, 160, 190])
def test_a_wrapped_page_gives_the_same_values(width, blank):
    check_same_as_beijing(wrap(BEIJING, width, blank=blank))


@pytest.mark.parametrize("width", [60, 72, 96])
@pytest.mark.parametrize(
    "tag", ["b", "span class='a b'", 'a href="https://a.b/c" id=d']
)
def test_a_page_wrapped_around_tags_gives_the_same_values(width, tag):
    marked = re.sub(r"\*\*(.+?)\*\*", rf"<{tag}>\1</{tag.split()[0]}>", BEIJING)
    kept = re.sub("<[^<>]*>", lambda found: found[0].replace(" ", "\x7f"), marked)
    check_same_as_beijing(wrap(kept, width).replace("\x7f", " "))


@pytest.mark.parametrize("tag", ['<span class="fw-bold" lang=en>', "<b id='a-rank'>"])
@pytest.mark.parametrize("width", [66, 72])
def test_a_rank_whose_caption_wraps_ends_before_a_rank_in_tags(tag, width):
    lines = BEIJING.split("\n")
    first = next(i for i, line in enumerate(lines) if line.startswith("3rd "))
    second = next(i for i, line in enumerate(lines) if line.startswith("11th "))
    end = f"</{re.findall('[a-z]+', tag)[0]}>"
    lines[first : second + 1] = [
        f"{tag}11th{end} S&T cluster by intensity",
        "(relative to population density) in 2024",
        f"{tag}3rd{end} largest science and technology",
        "cluster in 2024",
    ]
    wide = [i for i, line in enumerate(lines) if "<" not in line]
    for i in wide:
        lines[i] = wrap(lines[i], width)
    profile = parse_profile("\n".join(filter(None, lines)))
    assert (profile.size_rank, profile.intensity_rank) == (3, 11)


def test_a_page_quoted_in_mail_gives_the_same_values():
    page = wrap(BEIJING, 72)
    check_same_as_beijing("\n".join(f"> {line}" for line in page.split("\n")))


def test_a_page_as_lynx_dumps_it_gives_the_same_values():
    page = wrap(BEIJING.replace("**", ""), 76, indent="   ")
    page = page.replace("\n3rd", "\n     * 3rd").replace("\n11th", "\n     * 11th")
    check_same_as_beijing("\n".join(f"   {line}" for line in page.split("\n")))


def test_a_value_of_a_wrapped_sentence_stands_where_it_is_said_to():
    page = wrap(BEIJING, 79, indent="  ")
    lines = page.split("\n")
    broken = []
    for seen in parse_profile(page).observations:
        if seen.start is None:
            broken.append(seen)
        else:
            assert lines[seen.line - 1][seen.start : seen.end] == seen.text
    # A name that the end of a line parts is whole, and has no slice of one line.
    (seen,) = broken
    assert (seen.text, seen.entity) == ("Los Angeles", "Los Angeles")
    assert lines[seen.line - 1].endswith("Los")
    assert lines[seen.line].startswith("  Angeles")


def read_plain(text: str) -> list[str]:
    return [line.plain for line in simplify_lines(make_page(text, ""))]


LEAD = "Beijing is the second-ranked cluster, out of 26 Chinese clusters, that falls"
OPEN = "with Haifa, Osaka–Kobe–Kyoto, Ghent–Antwerp, Lima and Rio, and with New"
FULL = "11th S&T cluster by intensity (relative to population density) in 2024"


@pytest.mark.parametrize(
    ("upper", "lower", "joined"),
    [
        ("with Haifa, Osaka–Kobe–Kyoto and Ghent–Antwerp, and with St.", "Louis", " "),
        (
            "with Haifa and Ghent–Antwerp, and with Mr. Frank L. and Tokyo–",
            "Oka",
            "",
        ),
        (
            "with Haifa, and with some of those as far away as any of them –",
            "Oka",
            " ",
        ),
        (FULL, "(up three ranks)", " "),
        (FULL, "Top PCT applicants", None),
        (FULL, "Download the chart", None),
        (FULL + ".", "as last year", None),
        (OPEN, "York", " "),
        ("Sign in", "Beijing, China", None),
        ("Tehran, Iran, Islamic Republic of", "Global Innovation Index 2024", None),
        ("Seoul, Korea, Republic of", "## Top PCT applicants", None),
        # Letters of a printed page may be wide.
        ("with Haifa, Osaka–Kobe–Kyoto, Ghent–Antwerp, Nanjing", "emerging as", " "),
        ("with Haifa, Osaka–Kobe–Kyoto, Ghent–Antwerp, Nanjing", "Emerging as", None),
        ("with Haifa and Nanjing", "emerging as the top", None),
        (OPEN, "York " * 20, None),
        (OPEN, "9% of it", None),
        (OPEN, "- A", None),
        (OPEN, "A\tB", None),
        (OPEN, "1,9", None),
        ("with Haifa and Ghent–Antwerp", "Ha Noi", None),
    ],
)
def test_a_line_goes_on_where_it_is_full_and_nothing_ends_or_begins(
    upper, lower, joined
):
    page = f"{LEAD}\nwithin.\n\n{upper}\n{lower}"
    lines = [upper, lower] if joined is None else [f"{upper}{joined}{lower}"]
    assert read_plain(page)[1:] == [line.replace("–", "-") for line in lines]


def test_without_a_wrapped_sentence_no_line_goes_on():
    page = f"{LEAD} within.\n\nwith Haifa, Osaka, Ghent, and with New\nYork"
    assert len(read_plain(page)) == 3


@pytest.mark.parametrize(
    "heading",
    [
        "Global Innovation Index\n2024",
        "# Global Innovation Index\n\n# 2024",
        "**GLOBAL INNOVATION\nINDEX 2024**",
        "Global Innovation Index (GII)\n2024",
    ],
)
def test_the_heading_of_the_edition_may_stand_in_two_lines(heading):
    page = BEIJING.replace("Global Innovation Index 2024", heading)
    assert read_remarks(page) == []
    lines = page.split("\n")
    seen = parse_profile(page).observations[0]
    assert (seen.indicator, lines[seen.line - 1][seen.start : seen.end]) == (
        "edition",
        "2024",
    )


def test_a_sentence_that_may_go_on_in_the_last_line_is_reported():
    page = BEIJING.rstrip().replace("**Nanjing**.", "**Mexico")
    assert read_remarks(page) == ["sentence-cut"]
    # Whatever stands below, a menu or the rest of the name.
    for below in ("\n\nDownload the chart", "\nCity", "\n\nCity**.\n\nContact us"):
        assert read_remarks(f"{page}{below}") == ["sentence-cut"]
    whole = f"{page}\nCity**"
    assert read_remarks(whole) == []
    assert parse_profile(whole).collaborations[-1].partner == "Mexico City"
    assert read_remarks(f"{page}**") == []
    cut = page[: page.index("** and **Mexico")]
    assert read_remarks(f"{cut}**") == ["partner-count", "sentence-cut"]


@pytest.mark.parametrize("end", ["and", "and ", ", and", "and **", "&"])
def test_a_list_cut_after_its_and_names_no_partner_for_it(end):
    page = BEIJING[: BEIJING.index(" and **Nanjing")] + f" {end}"
    assert read_remarks(page) == ["partner-count", "sentence-cut"]
    assert parse_profile(page).collaborations[-1].partner == "Shanghai–Suzhou"


def test_a_name_of_an_economy_at_the_end_of_a_line_ends_a_title_only():
    partners = "with Osaka–Kobe–Kyoto, Kanazawa, Ghent–Antwerp and Budapest, Mexico"
    start = "9% of Oslo's applications are filed in collaboration with other people,"
    page = f"{LEAD}\nwithin.\n\n{start}\n{partners}\nCity and Lima."
    assert read_plain(page)[-1].endswith("Budapest, Mexico City and Lima.")
    title = "Heidelberg–Mannheim–Frankfurt–Karlsruhe–Stuttgart–Ulm, Germany"
    assert read_plain(f"{LEAD}\nwithin.\n\n{title}\nUlm is the")[-1] == "Ulm is the"


@pytest.mark.parametrize(
    ("name", "title", "heading", "economy", "code"),
    [
        (
            "San Jose–San Francisco, CA",
            "San Jose–San\nFrancisco, CA, United\nStates",
            "in San Jose–San Francisco,\nCA",
            "United States",
            "US",
        ),
        (
            "Shenzhen–Hong Kong–Guangzhou",
            "Shenzhen–Hong Kong–\nGuangzhou, China and Hong\nKong, China",
            "in\nShenzhen–Hong\nKong–Guangzhou",
            "China and Hong Kong, China",
            "CN/HK",
        ),
        ("Seoul", "Seoul, Republic of\nKorea", "in Seoul", "Republic of Korea", "KR"),
        ("Beijing", "Beijing\nChina", "in\nBeijing", "China", "CN"),
    ],
)
@pytest.mark.parametrize("mark", ["", "**"])
def test_a_title_may_break_earlier_than_the_sentences_do(
    name, title, heading, economy, code, mark
):
    page = wrap(BEIJING.replace("Beijing", name), 72)
    page = page.replace(f"{name}, China", f"{mark}{title}{mark}")
    page = page.replace(f"fields in {name}", f"fields {heading}")
    assert page.count(title) == 1
    profile = parse_profile(page)
    assert read_remarks(page) == []
    read = profile.cluster, profile.economy, profile.economy_code
    assert read == (name, economy, code)


@pytest.mark.parametrize("menu", ["Sign in", "Read the", "Filter by", "Opt-"])
def test_an_open_word_of_a_menu_is_no_part_of_the_title_below_it(menu):
    page = wrap(BEIJING, 72).replace("Beijing, China", f"{menu}\nBeijing, China", 1)
    assert read_remarks(page) == ["unclaimed-line"]
    assert parse_profile(page).cluster == "Beijing"


def test_the_line_below_a_whole_title_is_no_part_of_it():
    page = wrap(BEIJING, 72).replace("Beijing, China\n", "Beijing, China\nHong Kong\n")
    assert read_remarks(page) == ["unclaimed-line"]
    assert parse_profile(page).economy == "China"


@pytest.mark.parametrize(
    "heading",
    [
        "Global Innovation Index\n2024",
        "Global\nInnovation Index 2024",
        "Global Innovation Index (GII)\n2024",
        "WIPO Global Innovation Index\n2024",
    ],
)
def test_a_title_above_a_broken_heading_does_not_go_on_into_it(heading):
    name, title = (
        "Boston–Cambridge, MA",
        "Boston–Cambridge, MA, United States of America",
    )
    page = wrap(BEIJING.replace("Beijing, China", "").replace("Beijing", name), 60)
    page = page.replace("Global Innovation Index 2024", f"{title}\n{heading}")
    assert read_remarks(page) == []
    profile = parse_profile(page)
    assert (profile.edition, profile.cluster) == (2024, name)
    assert profile.economy == "United States of America"


def test_each_heading_of_the_edition_that_is_broken_is_one_line():
    page = BEIJING.replace("Index 2024", "Index\n2024", 1)
    text = f"{page}\n{page}"
    lines = simplify_lines(make_page(text, "page"))
    begun = [n for n, line in enumerate(text.split("\n")) if line.endswith("Index")]
    assert [line.index for line in lines if "Index 2024" in line.plain] == begun
    assert len(begun) == 2


@pytest.mark.parametrize(
    ("economy", "code"),
    [
        ("China\nand Hong Kong, China", "CN/HK"),
        ("Iran\n(Islamic Republic of)", "IR"),
        ("United States\nof America", "US"),
    ],
)
def test_an_economy_that_the_title_breaks_is_the_longest_one_that_is_known(
    economy, code
):
    page = wrap(BEIJING, 72).replace("Beijing, China", f"Beijing, {economy}")
    profile = parse_profile(page)
    assert (profile.economy_code, read_remarks(page)) == (code, [])
    assert profile.economy == economy.replace("\n", " ")
