from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest

import giikit
from giikit.errors import GiikitError, PageError
from giikit.pages import read_page
from giikit.parsing import parse_page, parse_profile, read_profile

RAW = Path(__file__).parent / "pages/real/data/raw"
PAGES = ["2024/beijing.txt", "2024/qingdao.txt"]
ROWS = {"organizations", "collaborations", "technology_fields", "observations"}
BEIJING = (RAW / PAGES[0]).read_text(encoding="utf-8")


def test_beijing_is_read_completely():
    profile = read_profile(RAW / PAGES[0])
    values = asdict(profile)
    assert {k: v for k, v in values.items() if k not in ROWS | {"findings"}} == {
        "edition": 2024,
        "cluster_id": "beijing",
        "cluster": "Beijing",
        "economy": "China",
        "economy_code": "CN",
        "rank_in_economy": 2,
        "clusters_in_economy": 26,
        "size_rank": 3,
        "intensity_rank": 11,
        "pct_per_million": 2189,
        "articles_per_million": 15893,
        "vc_deals_per_million": None,
        "window_years": 5,
        "patent_collaboration_share": 0.17,
        "publication_collaboration_share": 0.63,
        "source": "2024/beijing.txt",
    }
    assert [tuple(row) for row in profile.organizations] == [
        (2024, "beijing", *row)
        for row in [
            ("patent", 1, "BOE TECHNOLOGY", 9607, 0.23),
            ("patent", 2, "BEIJING XIAOMI MOBILE SOFTWARE", 3777, 0.09),
            ("patent", 3, "BEIJING BYTEDANCE NETWORK TECH.", 1223, 0.03),
            ("publication", 1, "TSINGHUA UNIVERSITY", 24300, 0.08),
            ("publication", 2, "PEKING UNIVERSITY", 21438, 0.07),
            ("publication", 3, "UNIV. OF CHINESE ACADEMY OF SCIENCES", 20843, 0.07),
        ]
    ]
    assert [tuple(row)[2:] for row in profile.collaborations] == [
        ("patent", 1, "San Jose–San Francisco", "san-jose-san-francisco"),
        ("patent", 2, "Tokyo–Yokohama", "tokyo-yokohama"),
        ("patent", 3, "Los Angeles", "los-angeles"),
        (
            "publication",
            1,
            "Shenzhen–Hong Kong–Guangzhou",
            "shenzhen-hong-kong-guangzhou",
        ),
        ("publication", 2, "Shanghai–Suzhou", "shanghai-suzhou"),
        ("publication", 3, "Nanjing", "nanjing"),
    ]


def test_qingdao_is_read_completely():
    profile = read_profile(RAW / PAGES[1])
    values = asdict(profile)
    assert {k: v for k, v in values.items() if k not in ROWS | {"findings"}} == {
        "edition": 2024,
        "cluster_id": "qingdao",
        "cluster": "Qingdao",
        "economy": "China",
        "economy_code": "CN",
        "rank_in_economy": 8,
        "clusters_in_economy": 26,
        "size_rank": 20,
        "intensity_rank": 23,
        "pct_per_million": 1742,
        "articles_per_million": 9697,
        "vc_deals_per_million": None,
        "window_years": 5,
        "patent_collaboration_share": 0.02,
        "publication_collaboration_share": 0.63,
        "source": "2024/qingdao.txt",
    }
    assert [tuple(row) for row in profile.organizations] == [
        (2024, "qingdao", *row)
        for row in [
            ("patent", 1, "QINGDAO HAIER AIR CONDITIONER GENERAL", 2131, 0.25),
            ("patent", 2, "QINGDAO HAIER WASHING MACHINE", 881, 0.1),
            ("patent", 3, "QINGDAO HAIER REFRIGERATOR", 732, 0.09),
            ("publication", 1, "QINGDAO UNIVERSITY", 7510, 0.16),
            ("publication", 2, "OCEAN UNIVERSITY OF CHINA", 6710, 0.14),
            ("publication", 3, "CHINA UNIVERSITY OF PETROLEUM", 6496, 0.14),
        ]
    ]
    assert [tuple(row)[2:] for row in profile.collaborations] == [
        ("patent", 1, "Beijing", "beijing"),
        ("patent", 2, "Tokyo-Yokohama", "tokyo-yokohama"),
        ("patent", 3, "Hangzhou", "hangzhou"),
        ("publication", 1, "Beijing", "beijing"),
        ("publication", 2, "Shanghai-Suzhou", "shanghai-suzhou"),
        ("publication", 3, "Jinan", "jinan"),
    ]


@pytest.mark.parametrize("source", PAGES)
def test_every_line_of_a_real_page_is_claimed(source):
    findings = read_profile(RAW / source).findings
    # The two charts are drawn in the browser: a text copy has no values of them.
    assert [(f.severity, f.code, f.line) for f in findings] == [
        ("info", "chart-empty", 36),
        ("info", "chart-empty", 40),
    ]


@pytest.mark.parametrize("source", PAGES)
def test_observations_give_back_what_is_printed(source):
    observations = read_profile(RAW / source).observations
    lines = (RAW / source).read_text(encoding="utf-8").split("\n")
    assert [lines[o.line - 1][o.start : o.end] for o in observations] == [
        o.text for o in observations
    ]
    assert {o.source for o in observations} == {source}
    places = [(o.line, o.start) for o in observations]
    assert places == sorted(places)


def test_every_printed_value_of_beijing_is_an_observation():
    printed = [o[2:10] for o in read_profile(RAW / PAGES[0]).observations]
    per_million = "1 / million inhabitants"
    nothing = (None, None, None)
    assert printed[:17] == [
        ("edition", *nothing, 2024, "2024", "year", 0),
        ("cluster", *nothing, None, "Beijing", None, None),
        ("economy", *nothing, None, "China", None, None),
        ("cluster", *nothing, None, "Beijing", None, None),
        ("rank_in_economy", *nothing, 2, "second", "rank", 0),
        ("clusters_in_economy", *nothing, 26, "26", "clusters", 0),
        ("economy", *nothing, None, "Chinese", None, None),
        ("clusters_listed", *nothing, 100, "100", "clusters", 0),
        ("edition", *nothing, 2024, "2024", "year", 0),
        ("pct_per_million", *nothing, 2189, "2,189", per_million, 1),
        ("articles_per_million", *nothing, 15893, "15,893", per_million, 1),
        ("inhabitants_base", *nothing, 1_000_000, "1 million", "inhabitants", 0),
        ("window_years", *nothing, 5, "five", "years", 0),
        ("size_rank", *nothing, 3, "3rd", "rank", 0),
        ("edition", *nothing, 2024, "2024", "year", 0),
        ("intensity_rank", *nothing, 11, "11th", "rank", 0),
        ("edition", *nothing, 2024, "2024", "year", 0),
    ]
    assert printed[17:21] == [
        ("rank", "patent", 1, "BOE TECHNOLOGY", 1, "1", "rank", 0),
        (
            *("organization", "patent", 1, "BOE TECHNOLOGY"),
            *(None, "BOE TECHNOLOGY", None, None),
        ),
        ("documents", "patent", 1, "BOE TECHNOLOGY", 9607, "9,607", "documents", 0),
        ("share", "patent", 1, "BOE TECHNOLOGY", 0.23, "23%", "fraction", 0.01),
    ]
    assert [row[0] for row in printed[17:41]] == 6 * [
        *("rank", "organization", "documents", "share")
    ]
    name = "San Jose–San Francisco"
    assert printed[41:45] == [
        ("cluster", *nothing, None, "Beijing", None, None),
        (
            *("patent_collaboration_share", "patent", None, None),
            *(0.17, "17%", "fraction", 0.01),
        ),
        ("cluster", "patent", None, None, None, "Beijing", None, None),
        ("partner", "patent", 1, name, None, name, None, None),
    ]
    assert [row[0] for row in printed[45:]] == [
        *("partner", "partner", "publication_collaboration_share", "cluster"),
        *("partners_stated", "partner", "partner", "partner"),
    ]
    assert printed[49][4:] == (3, "three", "partners", 0)


def test_a_page_that_is_no_profile_is_an_error_with_file_and_line(tmp_path):
    path = tmp_path / "cake.txt"
    path.write_text("\nFlour, butter and eggs\n2024\n", encoding="utf-8")
    with pytest.raises(PageError, match=r"cake\.txt:2: .*'Flour, butter and eggs'"):
        read_profile(path)


@pytest.mark.parametrize("text", ["", " \n\n", "Global Innovation Index 2024\n"])
def test_too_little_text_is_no_profile(text):
    with pytest.raises(PageError, match="no cluster profile"):
        parse_profile(text, "note.txt")


def test_half_a_character_in_a_text_is_an_error():
    with pytest.raises(PageError, match="lone surrogate"):
        parse_profile("\ud800")


def test_a_source_is_the_path_below_data_raw():
    page = read_page(RAW / PAGES[0], "here")
    assert parse_page(page).source == "here"
    assert read_profile(str(RAW / PAGES[0])).source == PAGES[0]


def test_text_at_hand_is_read_like_a_file():
    profile = parse_profile(BEIJING)
    assert profile.source == ""
    assert profile.organizations == read_profile(RAW / PAGES[0]).organizations


def test_the_package_offers_the_readers():
    assert giikit.read_profile is read_profile
    assert giikit.parse_profile is parse_profile


def test_a_row_of_loose_cells_without_its_rank_is_reported_at_its_name():
    row = "1\tBOE TECHNOLOGY\t9,607\t23%\n"
    page = BEIJING.replace(row, row[2:].replace("\t", "\n"))
    profile = parse_profile(page)
    (finding,) = [f for f in profile.findings if f.code == "row-incomplete"]
    assert finding.message == "the row of 'BOE TECHNOLOGY' has no rank"
    assert page.split("\n")[finding.line - 1] == "BOE TECHNOLOGY"
    assert (finding.start, finding.end) == (0, len("BOE TECHNOLOGY"))


def find_codes(text: str) -> list[str]:
    """Give the codes of a page's findings, but for its two empty charts."""
    findings = parse_profile(text).findings
    return [f.code for f in findings if f.code != "chart-empty"]


def test_of_several_lines_the_title_is_the_one_that_names_the_cluster():
    title = "Beijing, China\n"
    for other in ("Geneva, Switzerland\n", "Beijing\n"):
        page = BEIJING.replace(title, title + other)
        profile = parse_profile(page)
        assert (profile.cluster, profile.economy) == ("Beijing", "China")
        assert find_codes(page) == ["unclaimed-line"]


def test_a_title_that_names_another_cluster_is_reported():
    page = BEIJING.replace("Beijing, China", "Bejing, China")
    profile = parse_profile(page)
    assert (profile.cluster, profile.economy_code) == ("Bejing", "CN")
    assert find_codes(page) == ["name-differs"] * 4


def test_a_title_without_an_economy_is_reported():
    assert find_codes(BEIJING.replace(", China", "")) == ["missing-value"]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("2,189", "2,18", ["wrong-grouping"]),
        ("11th", "1th", ["wrong-suffix"]),
        ("3rd", "xrd", ["unreadable-number"]),
        ("23%", "230%", ["impossible-value"]),
        ("1\tBOE", "0\tBOE", ["impossible-value"]),
        ("9,607", "9" * 30, ["impossible-value"]),
        ("9,607", "", ["row-incomplete"]),
        ("23%", "<1%", ["share-bound"]),
        ("1 million", "1 billion", ["unreadable-number"]),
        ("3,777", "37,777", ["count-order"]),
        ("2\tPEKING", "1\tPEKING", ["rank-repeated", "rank-gap"]),
        ("2\tPEKING", "4\tPEKING", ["rank-gap", "rank-order"]),
        ("3\tBEIJING BYTE", "2\tBEIJING XIAOMI", ["rank-repeated"]),
        ("1\tBOE", "1\tBOE TECHNOLOGY\t9,607\t23%\n1\tBOE", ["row-repeated"]),
        (
            "1\tBOE",
            "1\tBOE TECHNOLOGY\t960\t23%\n1\tBOE",
            ["row-repeated", "count-order"],
        ),
        ("second", "twenty-seventh", ["rank-above-count"]),
        ("11th", "111th", ["rank-above-count"]),
        (
            "3rd largest",
            "3rd largest and finest",
            ["missing-section", "unclaimed-line"],
        ),
        ("Index 2024", "Index 2023", ["edition-differs"]),
        ("17% of Beijing", "17% of Qingdao", ["name-differs"]),
        (", China", ", Atlantis", ["unknown-economy"]),
        ("BOE TECH", "=BOE TECH", ["formula-text"]),
        ("**Nanjing**", "**–**", ["unreadable-name"]),
        ("and **Nanjing**", "", ["partner-count"]),
        ("top three", "top four", ["partner-count"]),
        ("Top PCT applicants\n", "", ["missing-section"]),
        (
            "Top PCT applicants\n",
            "Download this\nTop PCT applicants\n",
            ["unclaimed-line"],
        ),
        (", making it", ", home to many, making it", ["unclaimed-text"]),
        (
            "Articles\t",
            "Patents\t",
            ["few-rows", *["unclaimed-line"] * 4],
        ),
        ("It filed", "It did file", ["missing-value", "unclaimed-text"]),
        ("BOE", "\x07BOE", ["control-character"]),
        ("Top PCT", "x" * 20_000 + "\nTop PCT", ["long-line"]),
        ("Global", "Home\nAbout\nGlobal", ["lines-outside"]),
    ],
)
def test_a_fault_of_a_page_has_its_finding(old, new, codes):
    assert old in BEIJING
    assert find_codes(BEIJING.replace(old, new, 1)) == codes


def test_a_list_that_stands_twice_is_taken_once():
    start, end = BEIJING.index("Top PCT"), BEIJING.index("Top publishing")
    table = BEIJING[start:end]
    again = BEIJING.replace(table, table + table)
    assert find_codes(again) == ["list-repeated"]
    assert parse_profile(again).organizations == parse_profile(BEIJING).organizations
    other = BEIJING.replace(table, table + table.replace("9,607", "9,706"))
    assert find_codes(other) == ["list-differs"]
    assert parse_profile(other).organizations == parse_profile(BEIJING).organizations


def test_a_number_that_stands_twice_and_differs_is_left_empty():
    size = "3rd largest science and technology cluster in 2024\n"
    page = BEIJING.replace(size, size + size.replace("3rd", "4th"))
    assert find_codes(page) == ["value-differs"]
    assert parse_profile(page).size_rank is None


def test_sections_may_stand_in_any_order():
    parts = BEIJING.split("\nTop ")
    page = "\nTop ".join([parts[0], *parts[:0:-1]])
    assert find_codes(page) == []
    assert parse_profile(page).organizations == parse_profile(BEIJING).organizations


def test_a_page_without_edition_or_name_still_says_what_it_can():
    page = BEIJING.replace("2024", "202x")
    profile = parse_profile(page)
    assert (profile.edition, profile.size_rank) == (None, 3)
    assert "no-edition" in find_codes(page)
    lines = [line for line in BEIJING.split("\n") if "Beijing" not in line]
    profile = parse_profile("\n".join(lines))
    assert (profile.cluster, profile.cluster_id, profile.size_rank) == (None, None, 3)
    assert "no-cluster" in [f.code for f in profile.findings]


def test_links_and_tags_in_markdown_are_markup():
    page = BEIJING.replace("3rd", "3<sup>rd</sup>").replace(
        "**Nanjing**", "[**Nanjing**](https://example.org/a_b?c=1)"
    )
    profile = parse_profile(page)
    assert find_codes(page) == []
    assert profile.size_rank == 3
    assert profile.collaborations == parse_profile(BEIJING).collaborations
    (printed,) = [o for o in profile.observations if o.indicator == "size_rank"]
    assert printed.text == "3<sup>rd"


@pytest.mark.parametrize(
    "printed",
    [
        *(
            "*Nanjing*",
            "_Nanjing_",
            "***Nanjing***",
            "_**Nanjing**_",
            "**Nanjing**<br>",
        ),
        *(
            "**Nanjing**¹",
            "**Nanjing¹²**",
            "[**Nanjing**][1]",
            "**Nanjing***",
            "**Nanjing**†",
        ),
    ],
)
def test_emphasis_and_the_marks_of_footnotes_are_no_part_of_a_name(printed):
    page = BEIJING.replace("**Nanjing**", printed).replace(
        "\nBeijing, China", "\n*Beijing*\\*, China"
    )
    assert "\n*Beijing*" in page
    profile = parse_profile(page)
    assert find_codes(page) == []
    assert profile.collaborations == parse_profile(BEIJING).collaborations
    assert (profile.cluster, profile.economy) == ("Beijing", "China")


def test_a_star_within_a_name_and_a_rule_of_stars_stay_what_they_are():
    page = BEIJING.replace("BOE TECH", "A*STAR TECH").replace(
        "\nTop", "\n****\n***\n\nTop"
    )
    assert page != BEIJING
    assert find_codes(page) == []
    names = [row.organization for row in parse_profile(page).organizations]
    assert names[0] == "A*STAR TECHNOLOGY"


SIZE = "3rd largest science and technology cluster in 2024"
INTENSITY = "11th S&T cluster by intensity"


@pytest.mark.parametrize(
    ("caption", "rank", "codes"),
    [
        ("largest science", None, ["missing-value"]),
        ("Share\nlargest science", None, ["missing-value", "unclaimed-line"]),
        ("3\nlargest science", None, ["missing-value", "unclaimed-line"]),
        ("3rd\nlargest science", 3, []),
        ("Largest science", 1, []),
        ("The largest science", 1, []),
    ],
)
def test_a_caption_without_its_rank_is_no_first_rank(caption, rank, codes):
    page = BEIJING.replace("3rd largest science", caption)
    assert parse_profile(page).size_rank == rank
    assert sorted(find_codes(page)) == codes
    page = BEIJING.replace(INTENSITY, INTENSITY[5:])
    assert parse_profile(page).intensity_rank is None
    assert find_codes(page) == ["missing-value"]


def test_ranks_on_the_card_of_another_cluster_are_an_error_of_both():
    card = "\nSuzhou, China\n20th largest science and technology cluster in 2024\n"
    card += f"{INTENSITY.replace('11', '12')} in 2024\n"
    for page in (BEIJING + card, BEIJING + card.replace("Suzhou", "Beijing")):
        profile = parse_profile(page)
        assert (profile.size_rank, profile.intensity_rank) == (None, None)
        assert find_codes(page).count("value-differs") == 2


FIELDS = "Patents\n\n\n\nPublications\n"


def read_fields(shown):
    profile = parse_profile(BEIJING.replace(FIELDS, f"{shown}\n"))
    return [tuple(row[2:]) for row in profile.technology_fields], profile


@pytest.mark.parametrize(
    "shown",
    [
        "Patents\t\tPublications\nMeasurement\t21%\tOncology\t7%",
        "Patents\tPublications\nShare\tShare\nMeasurement\n21%\nOncology\n7%",
        # Both tabs of the chart, then what one of them shows.
        "Patents\nPublications\nMeasurement (21%)\nOptics (7%)",
        "| Patents | Publications |\n|---|---|\n| Measurement | 21% |",
        # Values above their names where a value is lost, axes, names then values.
        "Patents\nMeasurement\nOptics\n21%\n7%\nPublications",
        "Patents\n0%\n10%\n20%\nMeasurement\n21%\nOptics\n7%\nPublications",
        "Patents\nMeasurement\n21%\nOptics\n7%\n0%\n10%\n20%\nPublications",
        "Patents\nMeasurement\n21%\nOptics\nPublications",
    ],
)
def test_fields_that_cannot_be_told_from_their_chart_are_left_out(shown):
    fields, profile = read_fields(shown)
    assert fields == []
    codes = [f.code for f in profile.findings if f.severity != "info"]
    assert codes == ["chart-unclear"]


@pytest.mark.parametrize(
    "shown",
    [
        "Patents\n21%\nMeasurement\n7%\nOptics\nPublications",
        "Patents\nMeasurement\n21%\nOptics\n7%\nPublications",
        "Patents\n1\nMeasurement\n21%\n2\nOptics\n7%\nPublications",
        "Patents\n21% Measurement\n7% Optics\nPublications",
        "Patents\nMeasurement (21%), Optics (7%)\nPublications",
        "Patents\n| 1 | Measurement | 21% |\n| 2 | Optics | 7% |\nPublications",
    ],
)
def test_fields_in_one_pattern_are_read(shown):
    fields, profile = read_fields(shown)
    assert fields == [("patent", 1, "Measurement", 0.21), ("patent", 2, "Optics", 0.07)]
    assert [f.code for f in profile.findings if f.severity != "info"] == []


@pytest.mark.parametrize("joint", [": ", " – ", " - ", " — ", ":\t", " –\t", " : "])
def test_what_parts_a_field_from_its_share_is_no_part_of_it(joint):
    fields, _ = read_fields(f"Patents\n- Optics{joint}9%\nPublications")
    assert fields == [("patent", 1, "Optics", 0.09)]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("absent.txt", "no file absent.txt: expected the file of a saved page"),
        (".", "it is a folder: name a file in it, or `giikit add` the folder"),
        ("https://example.org/beijing", "fetch the page with `giikit add` first"),
    ],
)
def test_what_is_no_file_is_refused_with_what_to_do(path, message):
    with pytest.raises(GiikitError, match=re.escape(message)):
        read_profile(path)
