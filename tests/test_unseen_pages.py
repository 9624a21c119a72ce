"""Pages written by someone who had not seen the parser, with what they must give."""

import json
import re
from pathlib import Path

import pytest

import giikit

PAGES = Path(__file__).parent / "pages"
REAL = PAGES / "real" / "data" / "raw" / "2024"
NAMES = sorted(
    path.name for path in PAGES.iterdir() if path.suffix not in ("", ".json")
)
LISTS = ("patent", "publication", "partners", "technology_fields", "codes")


@pytest.mark.parametrize("name", NAMES)
def test_an_unseen_page_gives_the_values_written_down_for_it(name):
    profile = giikit.read_profile(PAGES / name)
    expected = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    listed = {
        output: [list(o[3:]) for o in profile.organizations if o.output == output]
        for output in ("patent", "publication")
    }
    listed["partners"] = [list(c[2:5]) for c in profile.collaborations]
    listed["technology_fields"] = [list(t[2:]) for t in profile.technology_fields]
    remarks = [f for f in profile.findings if f.severity != "info"]
    listed["codes"] = sorted({finding.code for finding in remarks})
    single = {k: getattr(profile, k) for k in expected if k not in LISTS}
    assert {**single, **listed} == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_value_of_an_unseen_page_stands_where_it_is_said_to(name):
    content = (PAGES / name).read_bytes()
    encoding = "utf-16" if content.startswith(b"\xff\xfe") else "utf-8-sig"
    lines = content.decode(encoding).replace("\r\n", "\n").split("\n")
    for seen in giikit.read_profile(PAGES / name).observations:
        if name.endswith(".html"):
            assert (seen.start, seen.end) == (None, None)
        elif seen.start is None:  # the end of a line parts it
            both = " ".join(" ".join(lines[seen.line - 1 : seen.line + 1]).split())
            assert seen.text in both
        else:
            assert seen.text in lines[seen.line - 1][seen.start : seen.end], seen


CLUSTER = """Global Innovation Index 2024
{title}

Nanjing is the third-ranked cluster, {of}, that falls within the top 100 {kind} \
clusters in 2024. It filed 1,234 PCT applications and published 19,420 scientific \
articles, {both} per 1 million inhabitants over the last five years, making it the:

{size}

{intensity}

{applicants}
{header}
{row}
2\tNANJING TECH UNIVERSITY\t501\t6%
3\tJIANGSU UNIVERSITY\t330\t4%

Top publishing organizations
\t\tArticles\tShare
1\tNANJING UNIVERSITY\t15,720\t12%
2\tSOUTHEAST UNIVERSITY\t14,410\t11%
3\tHOHAI UNIVERSITY\t7,860\t6%

Top technology fields in Nanjing
{fields}

{share} of {whose} PCT patent applications are filed in collaboration with other \
inventors, with Beijing, Wuhan and Jinan emerging as the top collaborative locations.

59% of Nanjing's scientific articles are published in collaboration with other \
organizations, with the top three collaborating locations being Beijing, Wuhan and \
Jinan.
"""
USUAL = {
    "title": "Nanjing, China",
    "of": "out of 26 Chinese clusters",
    "kind": "S&T",
    "both": "both",
    "size": "11th largest science and technology cluster in 2024",
    "intensity": "6th S&T cluster by intensity in 2024",
    "row": "1\tSOUTHEAST UNIVERSITY\t1,250\t15%",
    "fields": "Patents\nMeasurement (9%)\nPublications\nEnergy & fuels (4%)",
    "share": "9%",
    "applicants": "Top PCT applicants",
    "header": "\t\tPatents\tShare",
    "whose": "Nanjing's",
}
WORDINGS = [
    ("title", "Nanjing (China)"),
    ("of", "out of the 26 Chinese clusters"),
    ("of", "(out of 26 Chinese clusters)"),
    ("kind", "science and technology (S&T)"),
    ("kind", "science & technology"),
    ("both", "each"),
    ("size", "Eleventh largest science and technology (S&T) cluster in 2024"),
    ("size", "11th-largest science and technology cluster in 2024*"),
    ("size", "11 th largest S & T cluster in 2024"),
    ("size", "11th\tlargest science and technology cluster in 2024"),
    ("size", "the 11th largest science and technology cluster in 2024;"),
    ("size", f"{USUAL['size']}\n\nIt is the same rank as last year."),
    ("size", f"{USUAL['size']}\n\nUp from 12th in 2023."),
    ("intensity", "6th-ranked S&T cluster by intensity in 2024"),
    ("row", "1\tSOUTHEAST UNIVERSITY\t\t1,250\t\t15%"),
    ("row", "1\t\tSOUTHEAST UNIVERSITY\t\t1,250\t\t15%"),
    (
        "fields",
        "Patents\nField\tShare\nMeasurement\t9%\nPublications\nEnergy & fuels\t4%",
    ),
    ("fields", "Patents\n9% Measurement\nPublications\n4% Energy & fuels"),
    ("fields", "Patents\n9%\tMeasurement\nPublications\n4%\tEnergy & fuels"),
    ("share", "9 percent"),
    ("share", "9 per cent"),
    ("applicants", "Top 3 PCT applicants"),
    ("applicants", "Top three patent applicants in Nanjing"),
    ("header", "Rank\tApplicant\tPatents\tShare of total"),
    ("whose", "the cluster's"),
    ("share", "9&nbsp;%"),
    ("title", "Nanjing,&nbsp;China"),
    ("title", '[Nanjing](https://a.b/c_(d) "The city"), China'),
    ("of", "out of  26 Chinese  clusters"),
    ("kind", "S&amp;T"),
    ("size", "11th  largest science  and technology cluster in  2024"),
    ("size", "11th largest science and technology cluster in&#32;2024"),
]


def read_wording(**parts):
    profile = giikit.parse_profile(CLUSTER.format(**{**USUAL, **parts}))
    assert [f for f in profile.findings if f.severity != "info"] == []
    values = [getattr(profile, name) for name in VALUES]
    return *values, profile.organizations, profile.technology_fields


VALUES = (
    *("cluster", "economy_code", "rank_in_economy", "clusters_in_economy"),
    *("size_rank", "intensity_rank", "pct_per_million", "articles_per_million"),
    *("patent_collaboration_share", "edition"),
)


def test_the_usual_wording_gives_the_values_that_the_others_are_compared_with():
    values, organizations, fields = read_wording()[:-2], *read_wording()[-2:]
    assert values == ("Nanjing", "CN", 3, 26, 11, 6, 1234, 19420, 0.09, 2024)
    assert organizations[0][3:] == (1, "SOUTHEAST UNIVERSITY", 1250, 0.15)
    shown = [(f.output, f.field, f.share) for f in fields]
    patents, publications = ("patent", "Measurement"), ("publication", "Energy & fuels")
    assert shown == [(*patents, 0.09), (*publications, 0.04)]


@pytest.mark.parametrize(("part", "wording"), WORDINGS)
def test_another_wording_gives_the_same_values_and_no_remark(part, wording):
    assert read_wording(**{part: wording}) == read_wording()


def test_both_world_ranks_may_stand_in_the_lead_sentence():
    size = USUAL["size"]
    together = CLUSTER.replace("it the:\n\n{size}\n\n{intensity}", "it the {size}.")
    text = together.format(**{**USUAL, "size": f"{size} and the {USUAL['intensity']}"})
    profile = giikit.parse_profile(text)
    assert (profile.size_rank, profile.intensity_rank) == (11, 6)


def test_the_share_of_a_sentence_below_open_fields_is_no_field():
    text = CLUSTER.format(**{**USUAL, "fields": "Patents"}).replace(
        ", with Beijing, Wuhan and Jinan emerging as the top collaborative locations",
        "",
    )
    profile = giikit.parse_profile(text)
    assert profile.patent_collaboration_share == 0.09
    assert profile.technology_fields == ()


def test_a_quotation_is_read_as_the_page_that_it_quotes():
    page = CLUSTER.format(**USUAL).replace("\t", " | ")
    quoted = giikit.parse_profile("\n".join(f"> {line}" for line in page.split("\n")))
    plain = giikit.parse_profile(page)
    assert quoted.organizations == plain.organizations != ()
    assert quoted.findings == plain.findings


def test_a_name_with_entities_is_given_with_the_characters_they_stand_for():
    printed = "&Eacute;COLE R&amp;D &eacute;"
    page = CLUSTER.format(**{**USUAL, "row": f"1\t{printed}\t1,250\t15%"})
    profile = giikit.parse_profile(page)
    assert profile.organizations[0].organization == "ÉCOLE R&D é"
    (seen,) = [o for o in profile.observations if o.text == printed]
    assert page.split("\n")[seen.line - 1][seen.start : seen.end] == printed


def test_a_bound_in_a_cell_of_its_own_is_no_quotation():
    page = CLUSTER.format(**{**USUAL, "row": "1\nSOUTHEAST UNIVERSITY\n1,250\n> 5%"})
    cells = page.replace("\t501\t", "\n501\n").replace("\t330\t", "\n330\n")
    cells = cells.replace("2\tNAN", "2\nNAN").replace("3\tJI", "3\nJI")
    assert giikit.parse_profile(cells).organizations[0].share is None


MENUS = "Global Innovation Index 2023\nTokyo-Yokohama, Japan\n"


def test_without_its_title_a_page_is_not_that_of_a_cluster_in_the_menus():
    page = CLUSTER.format(**USUAL).replace("Nanjing, China\n", "")
    profile = giikit.parse_profile(f"Tokyo-Yokohama, Japan\n{page}")
    assert (profile.cluster_id, profile.economy) == ("nanjing", None)
    assert "missing-section" in {finding.code for finding in profile.findings}


def test_without_its_heading_a_page_is_not_of_an_edition_in_the_menus():
    page = CLUSTER.format(**USUAL).replace("Global Innovation Index 2024\n", "")
    profile = giikit.parse_profile(MENUS + page)
    assert (profile.edition, profile.cluster_id) == (2024, "nanjing")
    assert "edition-differs" in {finding.code for finding in profile.findings}


def test_a_title_below_the_heading_that_names_another_cluster_is_reported():
    page = CLUSTER.format(**{**USUAL, "title": "Beijing, China"})
    codes = [finding.code for finding in giikit.parse_profile(page).findings]
    assert codes == ["name-differs"] * 4


@pytest.mark.parametrize("lost", ["1\tMeasurement\t9%\n", "2\tOptics\t8%\n"])
def test_a_ranked_field_that_is_lost_is_a_gap(lost):
    fields = "Patents\n1\tMeasurement\t9%\n2\tOptics\t8%\n3\tEngines\t7%\nPublications"
    page = CLUSTER.format(**{**USUAL, "fields": fields})
    codes = [f.code for f in giikit.parse_profile(page).findings]
    assert codes == ["chart-empty"]
    codes = [f.code for f in giikit.parse_profile(page.replace(lost, "")).findings]
    assert codes == ["rank-gap", "chart-empty"]


FIELDS = "Patents\n{}\nPublications\n{}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Global Innovation Index 2024", "GII 2024"),
        ("Global Innovation Index 2024", "# **GII 2024**"),
        ("Global Innovation Index 2024", "Global Innovation Index (GII) 2024"),
        ("Nanjing, China", "Nanjing\nChina"),
        ("Nanjing, China", "**Nanjing**,\n\n**China**"),
        ("11th largest", "11ᵗʰ largest"),
        ("11th largest", "11<sup>th</sup> largest"),
        ("11th largest", "11^th largest"),
        ("11th largest", "11^(th) largest"),
        ("1,234 PCT", "1,234^1 PCT"),
        ("1,234 PCT", "1,234^(a) PCT"),
        ("in 2024\n\n", "in 2024\\\n"),
        ("Nanjing, China\n", "Nanjing, China\\\n"),
        ("\n2\t", "\n\f2\t"),
        ("NANJING UNIVERSITY", "\vNANJING UNIVERSITY"),
        ("Patents\nMeasurement", "Patents\n\fMeasurement"),
        ("It filed", "Nanjing filed"),
        ("It filed", "The cluster has filed"),
        ("applications and", "applications per 1 million inhabitants and"),
    ],
)
def test_a_page_set_in_another_way_gives_the_same_values(old, new):
    page = CLUSTER.format(**USUAL)
    assert old in page
    profile = giikit.parse_profile(page.replace(old, new, 1))
    assert [f for f in profile.findings if f.severity != "info"] == []
    values = [getattr(profile, name) for name in VALUES]
    assert (*values, profile.organizations, profile.technology_fields) == read_wording()


def check_same_but_for(name, pattern, replaced):
    """A real page in which something is printed otherwise gives the same values."""
    page = (REAL / f"{name}.txt").read_text(encoding="utf-8")
    assert re.search(pattern, page)
    whole = giikit.parse_profile(page)
    profile = giikit.parse_profile(re.sub(pattern, replaced, page))
    for column in (*VALUES, "organizations", "collaborations"):
        assert getattr(profile, column) == getattr(whole, column)
    assert [f.code for f in profile.findings] == ["chart-empty", "chart-empty"]


# Marks that converters leave in the text of a page: pandoc, lynx, pdftotext.
@pytest.mark.parametrize(
    ("pattern", "marked"),
    [
        (r"\*\*(.+?)\*\*", r"[\1]{.fw-bold}"),
        (r"\*\*(.+?)\*\*", r"[\1]{#a style='b: c'}"),
        (r"(?m)^(Top .+)$", r":::: {.card}\n::: section\n\1\n:::"),
        (r"(?m)^([0-9]+)(rd|th|st|nd) ", r"\1^\2 "),
        (r"(?m)^([0-9]+)(rd|th|st|nd) ", r"\1^\2^ "),
        (r"(?m)^(.+ in 2024)$", r"\1\\"),
        (r"(?m)^([23]\t|Top pub|63|Publ)", r"\f\1"),
    ],
)
@pytest.mark.parametrize("name", ["beijing", "qingdao"])
def test_marks_of_converters_are_no_part_of_what_they_mark(name, pattern, marked):
    check_same_but_for(name, pattern, marked)


@pytest.mark.parametrize(
    ("pattern", "parted"),
    [
        # A rank that is set large, above its caption.
        (r"(?m)^([0-9]+(?:rd|th|st|nd)) ", r"\1\n"),
        (r"(?m)^([0-9]+(?:rd|th|st|nd)) ", r"**\1**\n\n"),
        # Rank and name in one cell; the other cells beside or below it.
        (r"(?m)^([123])\t", r"\1 "),
        (r"(?m)^([123])\t(.+)\t(.+)\t(.+)$", r"\1. \2\n\3\n\4"),
    ],
)
@pytest.mark.parametrize("name", ["beijing", "qingdao"])
def test_a_rank_may_stand_above_or_within_what_it_ranks(name, pattern, parted):
    check_same_but_for(name, pattern, parted)


@pytest.mark.parametrize("number", ["2 6", "26 7"])
def test_figures_are_no_part_of_the_name_of_an_economy(number):
    page = CLUSTER.format(**{**USUAL, "of": f"out of {number} Chinese clusters"})
    profile = giikit.parse_profile(page)
    assert profile.clusters_in_economy is None
    assert {f.code for f in profile.findings} == {"missing-value", "unclaimed-text"}


@pytest.mark.parametrize("economy", ["China (CN)", "China (CHN)", "CHN"])
def test_an_economy_may_be_printed_with_its_code(economy):
    page = CLUSTER.format(**{**USUAL, "title": f"Nanjing, {economy}"})
    profile = giikit.parse_profile(page)
    assert (profile.economy, profile.economy_code) == (economy, "CN")
    assert profile.findings == ()


def leave_tables(page: str, first: str, cell: str, row: str) -> str:
    """Write the rows of cells as converters leave them in Markdown, in one line."""

    def write(rows: re.Match[str]) -> str:
        lines = [line.split("\t") for line in rows[0].strip("\n").split("\n")]
        cells = ["".join(cell.format(c.strip()) for c in line) for line in lines]
        return f"\n{first}{''.join(map(row.format, cells))}</table>\n"

    return re.sub("\n(?:.*\t.*\n)+", write, page)


@pytest.mark.parametrize(
    ("first", "cell", "row"),
    [
        ("<table><tbody>", "<td>{}</td>", "<tr>{}</tr>"),
        ('<table class="a">', '<td align="right"> <b>{}</b></td>', "<tr id=x>{}</tr> "),
        ("<table><thead>", "<th>{}<br></th>", "<tr>{}</tr>"),
    ],
)
def test_a_table_left_as_tags_in_one_line_has_a_header_and_rows(first, cell, row):
    fields = "Patents\nField\tShare\nMeasurement\t9%\nPublications\nFuels\t4%\nIce\t3%"
    for page in (CLUSTER.format(**{**USUAL, "fields": fields}), BEIJING):
        tagged = leave_tables(page, first, cell, row)
        assert "\t" not in tagged
        many = f"<tr><td>{'a' * 9000}</td></tr><tr><td>{'b' * 9000}</td></tr>"
        profile, plain = map(giikit.parse_profile, (tagged, page))
        assert profile.organizations == plain.organizations
        assert profile.technology_fields == plain.technology_fields
        assert [f[3:6] for f in profile.findings] == [f[3:6] for f in plain.findings]
        # A line, or a page, that has far more of them is none of a profile.
        longer = giikit.parse_profile(tagged.replace("</table>", many))
        assert longer.organizations == ()
        for seen in profile.observations:
            assert tagged.split("\n")[seen.line - 1][seen.start : seen.end] == seen.text


BEIJING = (REAL / "beijing.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "fence", ["::: section", ":::: {}", "::: {#top .card}", ":::a :::", "> ::::: b-c"]
)
def test_fences_around_sections_say_nothing(fence):
    starts = r"\n(?=Top |Patents|Publications|[1-9]+% of)"
    for page in (CLUSTER.format(**USUAL), BEIJING):
        fenced = re.sub(starts, f"\n\n{fence}\n", page) + "\n:::"
        profile, plain = map(giikit.parse_profile, (fenced, page))
        assert profile.organizations == plain.organizations
        codes = [finding.code for finding in profile.findings]
        assert codes == [finding.code for finding in plain.findings]
    words = giikit.parse_profile(re.sub(starts, "\n::: two words\n", page))
    assert "unclaimed-line" in {finding.code for finding in words.findings}


@pytest.mark.parametrize(
    ("said", "deals"),
    [
        ("closed 12.5 VC transactions", 12.5),
        ("had one venture capital deal", 1),
        ("attracted 1 VC deal", 1),
        ("had 123 venture capital (VC) deals", 123),
        ("recorded twelve VC transactions", 12),
        ("closed no VC transaction", None),
    ],
)
def test_venture_capital_may_be_called_deals_or_transactions(said, deals):
    page = CLUSTER.format(**USUAL)
    both = " and published 19,420 scientific articles, both"
    for lead in (
        f", published 19,420 scientific articles, and {said}, all",
        f", {said} and published 19,420 scientific articles, all",
    ):
        assert both in page
        profile = giikit.parse_profile(page.replace(both, lead))
        assert profile.vc_deals_per_million == deals
        codes = {finding.code for finding in profile.findings}
        assert codes == ({"unreadable-number"} if deals is None else set())


def test_each_repeat_of_the_cluster_s_name_is_an_observation():
    page = CLUSTER.format(**USUAL).replace("It filed", "Nanjing filed")
    seen = [o for o in giikit.parse_profile(page).observations if o.text == "Nanjing"]
    assert {o.indicator for o in seen} == {"cluster"}
    assert len(seen) == page.count("Nanjing") - page.count("Nanjing University")
    other = page.replace("Nanjing filed", "Suzhou filed")
    codes = [f.code for f in giikit.parse_profile(other).findings]
    assert codes == ["unclaimed-text"]


def test_a_rate_that_is_said_twice_and_differs_is_left_empty():
    page = CLUSTER.format(**USUAL).replace(
        "PCT applications and", "PCT applications, filed 1,243 PCT applications and"
    )
    profile = giikit.parse_profile(page)
    assert profile.pct_per_million is None
    assert [f.code for f in profile.findings] == ["value-differs"]
