"""No value is wrong or missing without a word, and no true page is complained of.

Each class of faults that was seen stands here, on pages that differ in wording and
layout: the cure is a rule, not its example.
"""

from __future__ import annotations

import re

import pytest

import giikit
from giikit.errors import PageError
from giikit.parsing import parse_profile, read_profile

BEIJING = """Global Innovation Index 2024

Beijing, China

Beijing is the second-ranked cluster, out of 26 Chinese clusters, that falls within \
the top 100 S&T clusters in 2024. It filed **2,189 PCT applications** and published \
**15,893 scientific articles**, both per 1 million inhabitants over the last five \
years, making it the:

3rd largest science and technology cluster in 2024

11th S&T cluster by intensity (relative to population density) in 2024

Top PCT applicants

\t\tPatents\tShare
1\tBOE TECHNOLOGY\t9,607\t23%
2\tBEIJING XIAOMI MOBILE SOFTWARE\t3,777\t9%
3\tBEIJING BYTEDANCE NETWORK TECH.\t1,223\t3%

Top publishing organizations

\t\tArticles\tShare
1\tTSINGHUA UNIVERSITY\t24,300\t8%
2\tPEKING UNIVERSITY\t21,438\t7%
3\tUNIV. OF CHINESE ACADEMY OF SCIENCES\t20,843\t7%

Top technology fields in Beijing

Patents

Publications

17% of Beijing's PCT patent applications are filed in collaboration with other \
inventors, with **San Jose–San Francisco**, **Tokyo–Yokohama** and **Los Angeles** \
emerging as the top collaborative locations.

63% of Beijing's scientific articles are published in collaboration with other \
organizations, with the top three collaborating locations being **Nanjing**, \
**Shanghai–Suzhou** and **Wuhan**.
"""
# The sentence as a newspaper copied it, in a page as it may be saved.
TEHRAN = """# GII 2025

## Tehran, Iran (Islamic Republic of)

Tehran is the only cluster within Iran that falls within the top 100 innovation \
clusters in 2025. It filed 49 Patent Cooperation Treaty (PCT) applications, published \
8,269 scientific articles, and had 12 venture capital deals, all per 1 million \
inhabitants over the latest five years, making it the 63rd largest innovation cluster \
and 85th innovation cluster by intensity (relative to population density) in 2025.

### Top PCT applicants

| | | Patents | Share |
|---|---|---|---|
| 1 | SHARIF UNIVERSITY | 21 | 12.1% |
| 2 | UNIVERSITY OF TEHRAN | 14 | 8.1% |
| 3 | TARBIAT MODARES | 9 | 5.2% |

### Top publishing organizations

| | | Articles | Share |
|---|---|---|---|
| 1 | UNIVERSITY OF TEHRAN | 25,112 | 22.2% |
| 2 | ISLAMIC AZAD UNIVERSITY | 20,001 | 17.7% |
| 3 | SHARIF UNIVERSITY | 9,877 | 8.7% |

### Top technology fields in Tehran

- **Patents**
- **Publications**

12% of the cluster's PCT applications were filed in collaboration with other \
inventors, with Isfahan, Tabriz and London emerging as the top collaborative locations.

31% of the cluster's scientific publications were published in collaboration with \
other organizations, with the top three collaborating locations being Isfahan, Tabriz \
and Toronto.
"""


def write_html(text: str) -> str:
    """Write a page of text as HTML: rows of tables, bold type, a line a paragraph."""
    text = text.replace("&", "&amp;").replace("# ", "").replace("#", "")
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    lines = []
    for line in text.split("\n"):
        cells = line.strip("| ").split("|") if "|" in line else line.split("\t")
        if len(cells) > 1:
            row = "".join(f"<td>{cell.strip()}</td>" for cell in cells)
            lines.append(f"<table><tr>{row}</tr></table>")
        else:
            lines.append(f"<p>{line.removeprefix('- ')}</p>")
    body = "\n".join(lines)
    return f"<!doctype html><html><body>{body}</body></html>"


PAGES = {
    "text": BEIJING,
    "html": write_html(BEIJING),
    "2025": TEHRAN,
    "2025 html": write_html(TEHRAN),
}
VALUES = [
    *("edition", "cluster", "economy_code", "rank_in_economy", "clusters_in_economy"),
    *("size_rank", "intensity_rank", "pct_per_million", "articles_per_million"),
    *("vc_deals_per_million", "window_years", "patent_collaboration_share"),
    "publication_collaboration_share",
]


def list_values(page: str) -> tuple[object, ...]:
    profile = parse_profile(page)
    organizations = [tuple(row[2:]) for row in profile.organizations]
    partners = [tuple(row[2:5]) for row in profile.collaborations]
    return *(getattr(profile, name) for name in VALUES), organizations, partners


def find_remarks(page: str) -> list[str]:
    findings = parse_profile(page).findings
    return [f.code for f in findings if f.severity != "info"]


def replace(page: str, old: str, new: str) -> str:
    """Replace text that surely stands on the page."""
    assert old in page, old
    return page.replace(old, new, 1)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_whole_page_has_nothing_to_remark(page):
    assert find_remarks(page) == []


def test_the_sentence_of_2025_gives_every_number():
    assert list_values(TEHRAN)[:13] == (
        *(2025, "Tehran", "IR", 1, 1, 63, 85, 49, 8269, 12, 5, 0.12, 0.31),
    )
    apart = TEHRAN.replace(
        "it the 63rd largest innovation cluster and 85th innovation cluster",
        "it the:\n\n63rd largest innovation cluster in 2025\n\n85th innovation cluster",
    )
    with_the = TEHRAN.replace("cluster and 85th", "cluster and the 85th")
    for page in (apart, with_the, write_html(TEHRAN), write_html(apart)):
        assert list_values(page) == list_values(TEHRAN)
        assert find_remarks(page) == []


@pytest.mark.parametrize(
    ("lost", "column"),
    [
        (", both per 1 million inhabitants", "inhabitants_base"),
        (", all per 1 million inhabitants", "inhabitants_base"),
        (", that falls within the top 100 S&T clusters in 2024", "clusters_listed"),
        (
            " that falls within the top 100 innovation clusters in 2025",
            "clusters_listed",
        ),
        (" over the last five years", "window_years"),
        (" over the latest five years", "window_years"),
        (" and published **15,893 scientific articles**", "articles_per_million"),
        (
            "filed 49 Patent Cooperation Treaty (PCT) applications, ",
            "pct_per_million",
        ),
        (", out of 26 Chinese clusters", "clusters_in_economy"),
    ],
)
def test_a_part_of_the_lead_sentence_that_is_lost_is_reported(lost, column):
    new = ""
    for page in (BEIJING, TEHRAN):
        if lost in page:
            for damaged in (
                replace(page, lost, new),
                write_html(replace(page, lost, new)),
            ):
                findings = parse_profile(damaged).findings
                missing = [f.message for f in findings if f.code == "missing-value"]
                assert missing == [
                    f"there is no {column}, or none in words that are known"
                ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Jose–San", "Jose¨CSan"),
        ("Tokyo–Y", "Tokyoâ€“Y"),
        ("BOE", "B\ufffdE"),
        ("Tokyo–Y", "TokyoÐY"),
        ("Tokyo–Y", "Tokyo\x96Y"),
        ("Wuhan", "ZÃ¼rich"),
        ("Tokyo–Y", "Tokyo?Y"),
        ("Wuhan", "Xi?an"),
        ("Tokyo–Y", "Tokyo+IBM-Y"),
        ("Tokyo–Y", "Tokyo=E2=80=93Y"),
        ("Wuhan", "S=C3=A3o Paulo"),
    ],
)
def test_the_marks_of_a_wrong_encoding_are_a_warning(old, new):
    for page in (BEIJING, write_html(BEIJING)):
        assert "encoding-misread" in find_remarks(replace(page, old, new))
    page = replace(TEHRAN, "Toronto", new)
    assert "encoding-misread" in find_remarks(page)


@pytest.mark.parametrize(
    "name",
    [
        "São Paulo",
        "Malmö–Copenhagen",
        "CHARITÉ – UNIVERSITÄT",
        "L’ORÉAL",
        "İzmir",
        "McGill",
    ],
)
def test_letters_of_other_languages_are_no_wrong_encoding(name):
    for page in (BEIJING.replace("Wuhan", name), TEHRAN.replace("Toronto", name)):
        assert find_remarks(page) == []


@pytest.mark.parametrize(("page", "suffix"), [(BEIJING, "txt"), (TEHRAN, "md")])
def test_an_encoding_that_was_guessed_is_a_warning(tmp_path, page, suffix):
    path = tmp_path / f"page.{suffix}"
    path.write_bytes(page.replace("Tabriz", "Tübingen").encode("windows-1252"))
    codes = [f.code for f in read_profile(path).findings if f.severity == "warning"]
    assert codes == ["encoding-guessed"]


@pytest.mark.parametrize(
    "raised",
    [
        *("<sup>1</sup>", "<sup>a</sup>", "<sup>[1]</sup>", "¹", "^1^", "[1]", "[^1]"),
        *('<sup class="x">1,2</sup>', "²³", "ᵃ", "†"),
    ],
)
def test_a_raised_mark_joins_no_number_and_no_name(raised):
    for page in (BEIJING, TEHRAN):
        marked = re.sub(
            r"(BOE TECHNOLOGY|9,607|SHARIF UNIVERSITY|\b21\b)", rf"\1{raised}", page
        )
        marked = marked.replace("five years", f"five{raised} years")
        assert marked.count(raised) >= 3
        assert list_values(marked) == list_values(page)
        assert find_remarks(marked) == []


@pytest.mark.parametrize(
    "marked",
    [
        "<sup>1</sup>",
        '<sup><a href="#n1">[1]</a></sup>',
        '<span style="vertical-align: super">1</span>',
        "<sub>1</sub>",
    ],
)
def test_a_raised_mark_of_html_joins_no_number_and_no_name(marked):
    for text, number in ((BEIJING, "9,607"), (TEHRAN, "25,112")):
        page = replace(write_html(text), f"<td>{number}", f"<td>{number}{marked}")
        assert list_values(page) == list_values(text)
        assert find_remarks(page) == []


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("<del>218</del>", ""),
        ("<s>218</s><ins>", "</ins>"),
        ('<span style="text-decoration: line-through">218</span>', ""),
        ("", ' <span class="badge">New entry</span>'),
    ],
)
def test_struck_out_text_and_badges_join_nothing_and_are_reported(before, behind):
    for text, number in ((BEIJING, "9,607"), (TEHRAN, "25,112")):
        cell = f"{before}{number}{behind}"
        page = replace(write_html(text), number, cell)
        assert list_values(page) == list_values(text)
        assert find_remarks(page) == ["text-apart"]
    page = replace(BEIJING, "9,607", "~~960~~9,607")
    assert (list_values(page), find_remarks(page)) == (
        list_values(BEIJING),
        ["text-apart"],
    )


STATED = "being **Nanjing**, **Shanghai–Suzhou** and **Wuhan**"
OPEN = "with Isfahan, Tabriz and London"


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("A (Japan), B (China) and C (Republic of Korea)", "ABC"),
        ("A, Japan, B, China and C, Republic of Korea", "ABC"),
        ("A, B, China and C", "ABC"),
        ("**A, Japan**, **B** and **C (China)**", "ABC"),
        ("A, B as well as C", "ABC"),
        ("A, B & C", "ABC"),
        ("A, B, as well as C", "ABC"),
        ("A, Washington, D.C. and C", ["A", "Washington, D.C.", "C"]),
        ("Washington, D.C., B and C", ["Washington, D.C.", "B", "C"]),
        ("A, Singapore and C", ["A", "Singapore", "C"]),
        ("A, Hong Kong, China and C", ["A", "Hong Kong", "C"]),
    ],
)
def test_what_stands_behind_a_partner_is_no_partner(printed, names):
    pages = (
        (BEIJING, STATED, f"being {printed}", "publication"),
        (TEHRAN, OPEN, f"with {printed}", "patent"),
    )
    for page, old, new, output in pages:
        profile = parse_profile(replace(page, old, new))
        assert [c.partner for c in profile.collaborations if c.output == output] == [
            *names
        ]
        assert [f.code for f in profile.findings if f.severity != "info"] == []


@pytest.mark.parametrize("share", [" (12%)", " (12.5 %)", " 12%", ": 12%"])
def test_a_share_behind_a_partner_is_reported_and_no_part_of_its_name(share):
    for page in (BEIJING.replace("**", ""), TEHRAN, write_html(TEHRAN)):
        name = "Tabriz" if "Tabriz" in page else "Shanghai–Suzhou"
        profile = parse_profile(page.replace(name, name + share))
        assert list_values(page)[-1] == [tuple(c[2:5]) for c in profile.collaborations]
        assert {f.code for f in profile.findings if f.severity != "info"} == {
            "unclaimed-text"
        }


LISTS = [
    "Top investors\n\n\t\tDeals\tShare\n1\tSEQUOIA\t120\t5%\n2\tIDG\t99\t4%\n",
    "### Top funds\n\n| | | Deals | Share |\n|---|---|---|---|\n| 1 | A | 9 | 5% |\n",
    "Top venture capital investors\nDeals\nShare\n1\nSEQUOIA\n120\n5%\n",
    "Most active funds\n1\tSEQUOIA\t120\t5%\n2\tIDG\t99\t4%\n3\tAXA\t9\t1%\n",
]


@pytest.mark.parametrize("third", LISTS)
@pytest.mark.parametrize("heading", ["Top technology fields", "Top publishing"])
def test_a_list_under_a_heading_that_is_not_known_is_reported_whole(third, heading):
    for page in (BEIJING, TEHRAN):
        marks = "### " if page is TEHRAN else ""
        whole = replace(page, f"{marks}{heading}", f"{third}\n{marks}{heading}")
        assert list_values(whole) == list_values(page)
        lines = {
            f.line for f in parse_profile(whole).findings if f.code == "unclaimed-line"
        }
        start = whole[: whole.index(third)].count("\n") + 1
        texts = enumerate(third.split("\n"), start)
        assert lines == {n for n, t in texts if t.strip(" |-\t")}


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("2,189 PCT", "0 PCT", ["impossible-value"]),
        ("15,893", "0", ["impossible-value"]),
        ("Patents\n", "Patents\n123 (10%)\n", ["chart-unclear"]),
        ("Patents\n", "Patents\n--\t10%\n", ["chart-unclear"]),
    ],
)
def test_what_cannot_be_is_reported(old, new, codes):
    page = BEIJING.replace("\t\tPatents", "\t\tNo.")
    assert (
        find_remarks(
            replace(BEIJING[::1], old, new)
            if old != "Patents\n"
            else replace(
                page.replace("No.", "Patents", 0), "\nPatents\n", f"\n{new}"
            ).replace("\t\tNo.", "\t\tPatents")
        )
        == codes
    )


@pytest.mark.parametrize(
    ("page", "broken"),
    [
        (BEIJING, ("1\tBOE TECHNOLOGY\t", "1\tBOE\nTECHNOLOGY\t")),
        (BEIJING, ("BOE TECHNOLOGY\t9,607\t23%", "BOE\t9,607\t23%\nTECHNOLOGY")),
        (BEIJING, ("BOE TECHNOLOGY\t9,607\t23%", "BOE\t9,607\t23%\nTECH\nNO\nLOGY")),
        (
            BEIJING,
            (
                "UNIV. OF CHINESE ACADEMY OF SCIENCES\t20,843\t7%",
                "UNIV. OF\t20,843\t7%\n  CHINESE ACADEMY\n  OF SCIENCES",
            ),
        ),
        (
            TEHRAN,
            (
                "UNIVERSITY OF TEHRAN | 14 | 8.1% |",
                "UNIVERSITY | 14 | 8.1% |\n|  | OF |  |  |\n|  | TEHRAN |  |  |",
            ),
        ),
        (
            TEHRAN,
            (
                "UNIVERSITY OF TEHRAN | 14 | 8.1% |",
                "UNIVERSITY | 14 | 8.1% |\nOF TEHRAN",
            ),
        ),
    ],
)
def test_a_name_that_goes_on_in_the_next_line_is_reported_at_its_row(page, broken):
    damaged = replace(page, *broken)
    findings = parse_profile(damaged).findings
    (finding,) = [f for f in findings if f.code == "name-continued"]
    assert (
        damaged.split("\n")[finding.line - 1][finding.start : finding.end] in broken[1]
    )
    numbers = [row[3:4] + row[5:] for row in parse_profile(damaged).organizations]
    assert numbers == [row[3:4] + row[5:] for row in parse_profile(page).organizations]


@pytest.mark.parametrize(
    "change",
    [
        lambda page: f"Notes of mine, saved on Monday.\nSource: WIPO\n\n{page}",
        lambda page: f"---\ntitle: a page\nedition: {2024}\n---\n\n{page}",
        lambda page: page.split("\n\n")[2] + "\n\nSee below.\n\n" + page,
        lambda page: re.sub(
            "(?m)^(#* ?)(Beijing|Tehran),", "\\1🇨🇳 \\2,", page, count=1
        ),
        lambda page: re.sub(
            "(?m)^(#* ?(?:Beijing|Tehran), .*)$", "\\1 ★", page, count=1
        ),
        lambda page: re.sub(r"(\d)(st|nd|rd|th)\b", r"\1^\2^", page),
        lambda page: page.replace("five years", "five¹ years"),
        lambda page: re.sub("(?m)^(#* ?Top .*)$", "\\1[edit]", page),
        lambda page: re.sub("(?m)^(#* ?Top .*)$", "\\1¶", page),
        lambda page: re.sub("(?m)^", "> ", page),
        lambda page: re.sub("(?m)^", "> > > ", page),
        lambda page: re.sub("(?m)^", ">>", page),
        lambda page: page.replace("\t", " │ ").replace("|", "│"),
        lambda page: page.replace("21,438", "24,300").replace("20,001", "25,112"),
    ],
)
@pytest.mark.parametrize("page", [BEIJING, TEHRAN], ids=["text", "markdown"])
def test_a_true_page_is_not_complained_of(page, change):
    changed = change(page)
    assert changed != page
    assert find_remarks(changed) == []
    if (
        "24,300\t8%\n2\tPEKING UNIVERSITY\t24,300" not in changed
        and "| 25,112 | 17.7" not in changed
    ):
        assert list_values(changed) == list_values(page)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "Índice Mundial de Innovación 2024\n\nPekín, China\n\nPekín es el segundo",
            "Spanish",
        ),
        ("Indice mondial de l'innovation 2024\n\nParis, France", "French"),
        (
            "<html><body><h1>Indice mondial de l’innovation 2025</h1></body></html>",
            "French",
        ),
        ("全球创新指数 2024\n\n北京, 中国", "Chinese"),
        ("Глобальный инновационный индекс 2024\n\n", "Russian"),
        ("مؤشر الابتكار العالمي 2024", "Arabic"),
    ],
)
def test_a_page_in_another_language_is_refused_saying_so(text, language):
    with pytest.raises(PageError, match=rf"another language \({language}"):
        parse_profile(text)


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "'s-Hertogenbosch", '"Nova" Valley', "Yaounde\u0301"],
)
@pytest.mark.parametrize("mark", ["", "## ", "🇨🇳 "])
def test_a_title_is_the_name_as_printed_without_the_marks_before_it(name, mark):
    page = BEIJING.replace("Beijing, China", f"{mark}{name}, China")
    profile = parse_profile(page.replace("Beijing is", f"{name} is"))
    assert (profile.cluster, profile.economy) == (name, "China")


def test_a_title_of_three_hundred_characters_names_no_cluster():
    for name in ("Very " * 60 + "Long", "Zürich-" * 50):
        profile = parse_profile(BEIJING.replace("Beijing", name.strip()))
        assert profile.cluster_id is None
        assert "no-cluster" in [f.code for f in profile.findings]


@pytest.mark.parametrize(
    ("first", "second"), [("A (9%)\nB (8%)", "C (7%)"), ("A\t9%", "B\t8%\nC\t7%")]
)
def test_charts_that_list_different_numbers_of_fields_are_reported(first, second):
    for page in (BEIJING, TEHRAN):
        headings = re.search(r"(?m)^(- \*\*)?Patents.*\n+.*Publications.*\n", page)
        shown = f"Patents\n{first}\nPublications\n{second}\n"
        assert find_remarks(page.replace(headings[0], shown)) == ["field-count"]


def test_every_reader_is_at_the_front_door():
    assert giikit.parse_profile is parse_profile


@pytest.mark.parametrize("above", ["Show more", "Patents ▲\tShare ▼", "hello\nwhat"])
def test_rows_are_read_wherever_they_stand_below_their_heading(above):
    for page in (BEIJING, BEIJING.replace("\t", "   ").replace("23%", "  23%")):
        first = page.index("1 ", page.index("Top PCT")) if "\t" not in page else None
        first = page.index("1\t", page.index("Top PCT")) if first is None else first
        heading = page.index("Top PCT applicants") + len("Top PCT applicants")
        damaged = f"{page[:heading]}\n\n{above}\n{page[first:]}"
        assert list_values(damaged) == list_values(page)
        codes = {"missing-section", "unclaimed-line"}
        assert set(find_remarks(damaged)) == (set() if "Share" in above else codes)


@pytest.mark.parametrize("row", ["hello\nwhat is this\n4\tC\t5\t1%", "2\tA\t5\t1%"])
def test_of_a_list_that_is_not_read_every_line_is_reported(row):
    for page in (BEIJING, BEIJING.replace("\t", " | ")):
        start = page.index("1 " if "|" in page else "1\t", page.index("Top PCT"))
        damaged = page[:start] + row + "\n" + page[page.index("\nTop publishing") :]
        found = parse_profile(damaged).findings
        lines = {f.line for f in found if f.code in ("unclaimed-line", "rank-gap")}
        begin = damaged[:start].count("\n") + 1
        assert lines >= set(range(begin, begin + row.count("\n") + 1))


@pytest.mark.parametrize("gap", [" " * 30, " " * 96])
def test_a_wide_gap_parts_cells_like_a_narrow_one(gap):
    for page in (BEIJING, TEHRAN.replace("| ", "|").replace("|", "\t")):
        rows = [line.strip("\t") for line in page.split("\n")]
        wide = "\n".join(row.replace("\t", gap) for row in rows)
        assert list_values(wide) == list_values(page)


@pytest.mark.parametrize(("old", "new"), [("9,607", "877 877"), ("1,223", "1 1")])
def test_a_number_that_stands_twice_in_its_cell_is_none(old, new):
    for page in (BEIJING, write_html(BEIJING)):
        assert find_remarks(replace(page, old, new)) == ["wrong-grouping"]
    page = replace(TEHRAN, "filed 49", "filed 505 505")
    assert find_remarks(page) == ["wrong-grouping"]


def test_the_longest_name_of_an_aligned_list_may_touch_its_count():
    for name in ("BOE TECHNOLOGY", "BEIJING XIAOMI MOBILE SOFTWARE"):
        page = BEIJING.replace("\t", "   ").replace(f"{name}   ", f"{name} ")
        assert list_values(page) == list_values(BEIJING)
        assert find_remarks(page) == []


@pytest.mark.parametrize("gap", [" ", "   ", "\t"])
def test_a_row_without_a_name_is_no_row(gap):
    for name in ("BOE TECHNOLOGY", "TSINGHUA UNIVERSITY"):
        page = replace(BEIJING, name, "-").replace("\t", gap)
        names = [row.organization for row in parse_profile(page).organizations]
        assert "" not in names
        assert "unclaimed-line" in find_remarks(page)


def test_where_tabs_part_cells_a_bar_is_text():
    for page in (BEIJING, write_html(BEIJING)):
        shown = page.replace("BOE TECHNOLOGY", "A|B TESTING")
        assert parse_profile(shown).organizations[0].organization == "A|B TESTING"


@pytest.mark.parametrize("url", ["chart.png", f"data:image/png;base64,{'iVBO' * 99}"])
def test_a_picture_in_markdown_says_nothing(url):
    for page in (BEIJING, TEHRAN):
        shown = page.replace("Publications", f"Publications\n\n![A chart]({url})\n", 1)
        assert find_remarks(shown) == []
        assert list_values(shown) == list_values(page)


@pytest.mark.parametrize("mark", ["~~{}~~", "<del>{}</del>", "<s>{}</s>"])
def test_a_line_that_is_struck_out_as_a_whole_is_reported(mark):
    row = "3\tBEIJING BYTEDANCE NETWORK TECH.\t1,223\t3%"
    text = BEIJING.replace(row, mark.format(row))
    number = text[: text.index(mark.format(row))].count("\n") + 1
    codes = {(f.code, f.line) for f in giikit.parse_profile(text).findings}
    assert ("text-apart", number) in codes
    # The last line of all, whose encoding is wrong besides.
    below = giikit.parse_profile(f"{BEIJING}\n{mark.format('Ã¼ber')}\n")
    assert "encoding-misread" in {f.code for f in below.findings}


@pytest.mark.parametrize("joint", [" ", "; ", ", and "])
def test_both_ranks_may_stand_in_one_line(joint):
    for page, rank in ((BEIJING, "11th"), (TEHRAN, "85th")):
        one = re.sub(rf"\s*(?:,? and)?\s(the )?{rank}", rf"{joint}\g<1>{rank}", page)
        assert find_remarks(one) == []
        assert list_values(one) == list_values(page)


def test_a_bar_that_markdown_escapes_parts_no_cells():
    tables = re.sub("(?m)^(.*)\t(.*)\t(.*)\t(.*)$", r"| \1 | \2 | \3 | \4 |", BEIJING)
    for page, name in ((tables, "BOE TECHNOLOGY"), (TEHRAN, "UNIVERSITY OF TEHRAN")):
        escaped = page.replace(f"| {name} |", rf"| {name} \| B.V. |")
        assert find_remarks(escaped) == []
        names = [row.organization for row in parse_profile(escaped).organizations]
        assert f"{name} | B.V." in names


@pytest.mark.parametrize("gap", ["", "\n", "\n    "])
def test_a_table_of_html_in_markdown_is_read(gap):
    for tag in ("td", "td align='right'"):
        row = "".join(rf"{gap}<{tag}>\{n}</td>" for n in range(1, 5))
        page = re.sub("(?m)^(.*)\t(.*)\t(.*)\t(.*)$", rf"<tr>{row}{gap}</tr>", BEIJING)
        page = page.replace("<tr>", "<table>\n<tbody>\n<tr>", 1)
        assert find_remarks(page) == []
        assert list_values(page) == list_values(BEIJING)


@pytest.mark.parametrize("end", [".", ")", ""])
def test_the_rank_of_a_row_may_begin_with_a_zero(end):
    for page in (BEIJING, write_html(BEIJING)):
        rank = r"(?m)^(<table><tr><td>)?([123])(\t|</td>)"
        zeros = re.sub(rank, rf"\g<1>0\2{end}\3", page)
        assert zeros != page
        assert find_remarks(zeros) == []
        assert list_values(zeros) == list_values(page)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("17% of Beijing's", "17% of its"),
        ("63% of Beijing's", "63% of its"),
        ("emerging as the top", "emerging as top"),
        ("last five years", "most recent five years"),
    ],
)
def test_a_sentence_in_other_words_is_read(old, new):
    for page in (BEIJING, BEIJING.replace("**", "")):
        said = replace(page, old, new)
        assert find_remarks(said) == []
        assert list_values(said) == list_values(BEIJING)


@pytest.mark.parametrize("gap", ["\t", "\n", " | "])
def test_the_heading_of_an_unknown_list_goes_on_with_no_name(gap):
    row = "3\tUNIV. OF CHINESE ACADEMY OF SCIENCES\t20,843\t7%\n"
    third = f"{row}Top venture capital recipients\nDeals\tShare\n1\tMEITUAN\t120\t4%\n"
    page = replace(BEIJING, f"{row}\n", third).replace("\t", gap)
    assert set(find_remarks(page)) == {"unclaimed-line"}


@pytest.mark.parametrize("end", [",", " ...", ":", " –", " -"])
def test_a_name_keeps_what_is_printed_at_its_end(end):
    for gap in ("\t", "   "):
        page = replace(BEIJING, "BOE TECHNOLOGY", f"BOE TECHNOLOGY{end}")
        name = parse_profile(page.replace("\t", gap)).organizations[0].organization
        assert name == f"BOE TECHNOLOGY{end}"


@pytest.mark.parametrize("zero", ["\u0660", "\u06f0", "\u0966", "\uff10"])
def test_the_digits_of_other_scripts_are_digits(zero):
    digits = {ord(str(n)): chr(ord(zero) + n) for n in range(10)}
    for page in (BEIJING, TEHRAN):
        other = page.translate(digits | {ord("%"): "\uff05"})
        assert find_remarks(other) == []
        assert list_values(other) == list_values(page)
        assert parse_profile(other).edition == parse_profile(page).edition


def test_an_apostrophe_groups_the_digits_of_a_number():
    for page in (BEIJING, TEHRAN):
        for mark in ("'", "’"):
            grouped = re.sub(r"(?<=\d),(?=\d{3})", mark, page)
            assert find_remarks(grouped) == []
            assert list_values(grouped) == list_values(page)
    assert "wrong-grouping" in find_remarks(replace(BEIJING, "9,607", "9'67"))


@pytest.mark.parametrize(
    "row",
    [
        r"\1. \2 – \3 – \4",
        r"- \1. \2 — \3 (\4)",
        r"\1. \2: \3 (\4)",
        r"\1 \2 (\3, \4)",
        r"\1) \2, \3, \4",
        r"#\1\t\2\t\3\t\4",
    ],
)
def test_a_row_may_be_an_item_of_a_list(row):
    rows = "(?m)^([123])\t(.*)\t(.*)\t(.*)$"
    page = replace(BEIJING, "BOE TECHNOLOGY", "AREA 51, LTD.")
    listed = re.sub(rows, row, page)
    assert find_remarks(listed) == []
    assert list_values(listed) == list_values(page)
    # With the count in two parts it is not known where the name ends.
    parted = parse_profile(listed.replace("9,607", "9 607").replace("#", ""))
    assert 607 not in {row.documents for row in parted.organizations}


def test_what_is_escaped_twice_is_read():
    page = replace(BEIJING, "BOE TECHNOLOGY", "R&D CO.")
    for form in (page, write_html(page).replace("&amp;", "&")):
        escaped = form.replace("&", "&amp;amp;")
        assert find_remarks(escaped) == []
        assert parse_profile(escaped).organizations[0].organization == "R&D CO."


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_the_numbers_of_links_are_no_part_of_a_name(scheme):
    below = f"\nReferences\n\n   1. {scheme}://www.wipo.int/\n   2. {scheme}://x.y/\n"
    for page, old in ((BEIJING, "BOE TECHNOLOGY"), (BEIJING, "Nanjing")):
        plain = page.replace("**", "")
        linked = replace(plain, old, f"[2]{old}")
        assert find_remarks(linked + below) == []
        assert list_values(linked + below) == list_values(plain)
    # Without addresses below, the number may be the name's own.
    name = parse_profile(replace(BEIJING, "BOE", "[24]7.AI")).organizations[0]
    assert name.organization == "[24]7.AI TECHNOLOGY"
