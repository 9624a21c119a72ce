"""Partners of a sentence: which of the words that join them are a name's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from giikit.parsing import parse_profile

RAW = Path(__file__).parent / "pages/real/data/raw" / "2024"
BEIJING = (RAW / "beijing.txt").read_text(encoding="utf-8")
PATENT = BEIJING[BEIJING.index("**San Jose") : BEIJING.index(" emerging")]
STATED = BEIJING[BEIJING.index("three collab") : BEIJING.rindex(".")]


def read_partners(page: str, output: str) -> tuple[list[str], list[str]]:
    """Give the names, and the codes of what is remarked on them."""
    profile = parse_profile(page)
    names = [row.partner for row in profile.collaborations if row.output == output]
    return names, [f.code for f in profile.findings if f.code != "chart-empty"]


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("A, B and C", ["A", "B", "C"]),
        ("A, B & C", ["A", "B", "C"]),
        ("A, B, and C", ["A", "B", "C"]),
        ("A; B; C", ["A", "B", "C"]),
        # Only the last "and" of a list parts names.
        ("A and B, C and D", ["A and B", "C", "D"]),
        ("A, B and C, D", None),
        ("A, B, and C and D", ["A", "B", "C and D"]),
        ("A, B & C and D", ["A", "B & C", "D"]),
        ("A, B and C and D", None),
        ("A and B, C, D", None),
        ("**A**, **B and C** and **D**", ["A", "B and C", "D"]),
        ("**A**, **B** and **C and D**", ["A", "B", "C and D"]),
        ("**A and B**, **C** and **D**", ["A and B", "C", "D"]),
        ("**A, B** and **C**", ["A", "B", "C"]),
        ("**A**, **B and C**", ["A", "B", "C"]),
        ("**A, B and C**", ["A", "B", "C"]),
        ("**A** and **B** and **C**", ["A", "B", "C"]),
        ("__A__, __B & C__ & __D__", ["A", "B & C", "D"]),
        ("A, B and Bosnia and Herzegovina", ["A", "B", "Bosnia and Herzegovina"]),
    ],
)
def test_partners_are_parted_where_the_sentence_parts_them(printed, names):
    read, codes = read_partners(BEIJING.replace(PATENT, printed), "patent")
    if names:
        assert (read, codes) == (names, [])
    else:
        assert "unclear-name" in codes
        assert not any("and" in name for name in read)


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("three collaborating locations being A and B and C", ["A", "B", "C"]),
        ("four collaborating locations being A and B, C and D", ["A", "B", "C", "D"]),
        ("three collaborating locations being A and B, C and D", ["A and B", "C", "D"]),
        ("three collaborating locations being A and B, C", ["A", "B", "C"]),
        ("three collaborating locations being A and B, C, D", ["A and B", "C", "D"]),
    ],
)
def test_the_number_that_is_stated_says_which_words_part_names(printed, names):
    page = BEIJING.replace(STATED, printed)
    assert read_partners(page, "publication") == (names, [])


def test_what_may_be_one_partner_or_several_is_left_out_and_reported():
    printed = "three collaborating locations being Oslo, Delhi and NCR and Tokyo"
    page = BEIJING.replace(STATED, printed)
    names, codes = read_partners(page, "publication")
    assert names == ["Oslo"]
    assert codes == ["partner-count", "unclear-name"]
    (finding,) = [f for f in parse_profile(page).findings if f.code == codes[1]]
    assert finding.message == (
        "'Delhi and NCR and Tokyo' may be one place or several; it is left out"
    )


def read_fields(lines: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Give the fields of a page that lists them, and the codes of its remarks."""
    headings = "Patents\n\n\n\nPublications\n"
    shown = lines if "\nPublications\n" in lines else f"{lines}\nPublications"
    page = BEIJING.replace(headings, f"Patents\n{shown}\n")
    profile = parse_profile(page)
    fields = [(row.output, row.field) for row in profile.technology_fields]
    return fields, [f.code for f in profile.findings if f.severity != "info"]


def test_fields_under_one_heading_may_be_those_of_the_other():
    page = BEIJING.replace("Patents\n\n\n\nPublications\n", "Patents\nFuels (8%)\n")
    (finding,) = [f for f in parse_profile(page).findings if f.severity != "info"]
    assert finding.message.startswith("there is no heading of the publication fields")


OPTICS, FUELS = ("patent", "Optics"), ("publication", "Fuels")


@pytest.mark.parametrize(
    ("lines", "fields", "codes"),
    [
        ("Optics (9%)\nPublications\nFuels (12%)", [OPTICS, FUELS], []),
        # The heading between them is lost.
        ("Optics (9%)\nFuels (12%)", [OPTICS, ("patent", "Fuels")], ["share-order"]),
        ("Optics (9%)\nOptics (9%)", [OPTICS, OPTICS], ["row-repeated"]),
        # The heading is no part of a name.
        ("Optics (9%)\nPublications Fuels (8%)", [OPTICS], ["unclaimed-line"]),
        ("Optics (9%)\n### Publications - Fuels (8%)", [OPTICS], ["unclaimed-line"]),
        ("Optics\t9%\nPublications Fuels\t8%", [OPTICS], ["unclaimed-line"]),
        # The end of a share is lost, or that of a line.
        ("Engines (9), Optics (8%)", [], ["chart-unclear"]),
        (
            "2\tEngines\t10% 3\tOptics\t3%",
            [],
            ["chart-unclear"],
        ),
        ("1   Optics\n27%", [OPTICS], []),
        ("", [], []),
    ],
)
def test_a_field_is_never_read_amiss_in_silence(lines, fields, codes):
    assert read_fields(lines) == (fields, codes)


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        # "C, D" may be one name, and then these are three as well.
        ("three collaborating locations being A, B and London, Ontario", ["A"]),
        ("collaborating locations being A and B, C", []),
        (
            "three collaborating locations being A, B and Washington, D.C.",
            ["A", "B", "Washington, D.C."],
        ),
        (
            "three collaborating locations being Oslo, Washington, D.C. and B",
            ["Oslo", "Washington, D.C.", "B"],
        ),
        ("three collaborating locations being A, B and others", ["A", "B"]),
        ("three collaborating locations being Paris1, Kyiv2 and C", ["C"]),
    ],
)
def test_a_comma_behind_the_last_and_is_read_only_where_it_is_sure(printed, names):
    read, codes = read_partners(BEIJING.replace(STATED, printed), "publication")
    assert read == names
    count = printed.count(",") - printed.count(", D.C.") + 2
    assert (len(names) == count) == (codes == [])


@pytest.mark.parametrize("names", ["A, A and B", "**A**, **B** and **A**"])
def test_a_partner_that_is_named_twice_is_reported(names):
    for old in (PATENT, STATED[STATED.index("**") :]):
        codes = [f.code for f in parse_profile(BEIJING.replace(old, names)).findings]
        assert "row-repeated" in codes


@pytest.mark.parametrize("joint", [", ", " ........ ", "... ", ": "])
def test_what_leads_from_a_field_to_its_share_is_no_part_of_its_name(joint):
    fields, codes = read_fields(f"Optics{joint}9%\nPublications\nFuels{joint}8%")
    assert (fields, codes) == ([OPTICS, FUELS], [])


STATES = [
    ("**{}, CA ({})**, **{}, MD ({})** and **{}, CA ({})**", ("CA", "MD", "CA")),
    ("**{}, CA** ({}), **{}, MD** ({}) and **{}, CA** ({})", ("CA", "MD", "CA")),
    ("{}, NSW ({}), {}, QLD ({}), and {}, ON ({})", ("NSW", "QLD", "ON")),
]


@pytest.mark.parametrize(("printed", "states"), STATES)
def test_a_state_before_an_economy_in_brackets_belongs_to_the_name(printed, states):
    economy = "United States" if "CA" in states else "Australia"
    cities = ("San Jose–San Francisco", "Sydney", "Los Angeles")
    filled = printed.format(cities[0], economy, cities[1], economy, cities[2], economy)
    names, codes = read_partners(BEIJING.replace(PATENT, filled), "patent")
    assert names == [f"{c}, {s}" for c, s in zip(cities, states, strict=True)]
    assert codes == []


@pytest.mark.parametrize(
    ("printed", "economies"),
    [
        (
            "A, B and Tehran (Iran (Islamic Republic of))",
            ["Iran (Islamic Republic of)"],
        ),
        (
            "A (Bolivia (Plurinational State of)), B and Tehran, Iran",
            ["Bolivia (Plurinational State of)", "Iran"],
        ),
        (
            "Tehran, Iran (Islamic Republic of), A, Japan and B",
            ["Iran (Islamic Republic of)", "Japan"],
        ),
    ],
)
def test_an_economy_s_own_brackets_are_no_part_of_a_partner(printed, economies):
    page = BEIJING.replace(PATENT, printed)
    names, codes = read_partners(page, "patent")
    assert (sorted(names), codes) == (["A", "B", "Tehran"], [])
    seen = [o for o in parse_profile(page).observations if o.entity in ("A", "Tehran")]
    assert [o.text for o in seen if o.indicator == "economy"] == economies


@pytest.mark.parametrize(
    "name",
    [
        *('class="b">Tokyo', "Tokyo–Yokohama>", "{Los Angeles}", "Los = Angeles"),
        *("San Jose–San Francisco]", "New York >", "and Los Angeles", "A | B"),
    ],
)
@pytest.mark.parametrize("printed", ["A, B and {}", "**A**, **B** and **{}**"])
def test_what_no_place_is_called_is_no_partner(name, printed):
    page = BEIJING.replace(PATENT, printed.replace("{}", name))
    assert read_partners(page, "patent") == (["A", "B"], ["unreadable-name"])


@pytest.mark.parametrize("joint", ["** **", "__ __", "</b> <b>"])
def test_two_bold_names_without_a_comma_may_be_one_or_two(joint):
    first, last = joint.split()[0].replace("/", ""), joint.split()[0]
    printed = f"{first}A{joint}B{last}, {first}C{last}, D and E"
    names, codes = read_partners(BEIJING.replace(PATENT, printed), "patent")
    assert (names, codes) == (["C", "D", "E"], ["unclear-name"])


HEADINGS = "Patents\n\n\n\nPublications\n"


@pytest.mark.parametrize(
    "shown",
    ["optics (9%), engines (7%)", "optics (9%) see notes (8%)", "9%), fuels (8%)"],
)
def test_fields_behind_the_heading_of_their_chart_are_reported(shown):
    page = BEIJING.replace(HEADINGS, f"Patents: {shown}\nPublications: {shown}\n")
    profile = parse_profile(page)
    told = [(f.code, f.line) for f in profile.findings if f.severity != "info"]
    assert profile.technology_fields == ()
    number = page.split("\n").index(f"Patents: {shown}") + 1
    lines = [("unclaimed-line", number), ("unclaimed-line", number + 1)]
    assert told == [*[("missing-section", None)] * 2, *lines]
