"""What notebooks show: tables, and the page as read."""

import re
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

import giikit
from giikit.pages import read_page
from giikit.parsing import mark_lines
from giikit.tables import make_table

RAW = Path(__file__).parent / "pages/real/data/raw"
PAGES = sorted((RAW / "2024").glob("*.txt"))
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "$x$"]
HOSTILE += ["[a](javascript:alert(1))", "{{ 7 * 7 }}", "\x1b[31mred"]


def parse(shown):
    return BeautifulSoup(shown.html, "html.parser")


def list_cells(shown):
    return [[c.text for c in r.select("td")] for r in parse(shown).select("tbody tr")]


@pytest.fixture
def organizations():
    rows = [
        (2024, "beijing", "patent", 1, "BOE", 9607, 0.23),
        (2024, "beijing", "patent", 2, "XIAOMI", None, None),
    ]
    return make_table("organizations", rows)


def test_a_table_has_labels_percentages_and_dashes_for_what_is_missing(organizations):
    shown = giikit.show_table(organizations)
    assert list_cells(shown) == [
        ["2024", "beijing", "PCT applications", "1", "BOE", "9,607", "23%"],
        ["2024", "beijing", "PCT applications", "2", "XIAOMI", "–", "–"],
    ]
    heads = [th.text for th in parse(shown).select("thead th")]
    assert heads[2:] == ["Output", "Rank", "Organization", "Documents", "Share"]
    assert [th.get("class") for th in parse(shown).select("th")][-2:] == [
        ["number"]
    ] * 2
    assert str(shown).splitlines()[2].split()[-3:] == ["XIAOMI", "–", "–"]


def test_a_table_shows_the_chosen_columns_under_labels_of_ones_own(organizations):
    columns = {"organization": "Who", "documents": ""}
    shown = giikit.show_table(organizations, columns=columns, caption="Top & more")
    assert [th.text for th in parse(shown).select("th")] == ["Who", "Documents"]
    assert parse(shown).caption.text == "Top & more"


def test_a_table_without_rows_says_what_that_means(organizations):
    none = organizations.head(0)
    assert str(giikit.show_table(none)) == "nothing to show"
    shown = giikit.show_table(none, empty="None <was> listed.")
    assert str(shown) == parse(shown).p.text == "None <was> listed."


def test_an_index_is_no_percentage():
    rows = [
        (2024, "a", "patent", "top3_share", 0.3421, 0.3574, "fraction", True),
        (2024, "a", "patent", "hhi", 0.059274, 0.083889, "fraction", True),
    ]
    shown = giikit.show_table(make_table("estimates", rows), columns=["low", "high"])
    assert list_cells(shown) == [["34.21%", "35.74%"], ["0.05927", "0.08389"]]


def test_an_unknown_column_is_refused_with_those_there_are(organizations):
    with pytest.raises(giikit.GiikitError, match=r"no column 'name'.*'organization'"):
        giikit.show_table(organizations, columns=["name"])


@pytest.mark.parametrize(
    ("rows", "limit", "shown", "note"),
    [
        (100, 25, 25, "and 75 more"),
        (25, 25, 25, ""),
        (1026, 1, 1, "and 1,025 more"),
        (30, None, 30, ""),
        (0, 25, 0, "nothing to show"),
    ],
)
def test_a_long_table_says_how_many_rows_more_there_are(rows, limit, shown, note):
    table = giikit.show_table(pd.DataFrame({"rank": range(rows)}), limit=limit)
    assert len(list_cells(table)) == shown
    assert "".join(p.text for p in parse(table).select("p")) == note
    assert str(table).endswith(note)


def test_bounds_are_rounded_outward_in_their_rows_unit():
    frame = pd.DataFrame(
        {
            "quantity": ["top3_share", "population", "hhi", "total"],
            "low": [0.34211, 18_671_386.9, 0.0, 979.0],
            "high": [0.35729, 19_509_709.2, None, 979.2],
            "unit": ["fraction", "inhabitants", "fraction", "documents"],
        }
    )
    shown = list_cells(giikit.show_table(frame, columns=["quantity", "low", "high"]))
    assert shown[0] == ["Share of the three largest", "34.21%", "35.73%"]
    assert shown[1] == ["Inhabitants", "18,671,386", "19,509,710"]
    assert shown[2][1:] == ["0", "–"]
    assert shown[3][1:] == ["979", "980"]


def test_names_lead_to_reports_and_lines_to_the_page(organizations):
    frame = pd.DataFrame(
        {
            "edition": [2024, 2024],
            "cluster_id": ["beijing", None],
            "cluster": ["Beijing", "?"],
            "partner": ["Xi'an", None],
            "partner_id": ["xian", None],
            "line": [4, None],
        }
    ).astype({"line": "Int64"})
    links = parse(giikit.show_table(frame)).select("a")
    assert [(a["data-report"], a.get("href")) for a in links] == [
        ("2024/beijing", None),
        ("2024/xian", None),
        ("2024/beijing", "#2024-beijing-L4"),
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_printed(text):
    frame = pd.DataFrame({"cluster": [text], text: [text]})
    shown = giikit.show_table(frame, caption=text)
    assert list_cells(shown) == [[text, text]]
    assert parse(shown).caption.text == text
    assert {tag.name for tag in parse(shown).find_all(True)} <= {
        *("div", "style", "table", "caption", "thead", "tbody", "tr", "th", "td")
    }
    assert "\x1b" not in shown


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_the_page_as_read_is_the_whole_page_with_every_value_marked(path):
    shown = giikit.show_source(path)
    profile = giikit.read_profile(path)
    lines = parse(shown).select(".line")
    texts = []
    for line in lines:
        code = line.code
        for says in code.select("small"):
            says.extract()
        # The parser of this test makes one space of the tabs between two values.
        texts.append(" ".join(code.text.split()))
    saved = path.read_text(encoding="utf-8").split("\n")
    assert texts == [" ".join(line.split()) for line in saved if line.strip()]
    marks = [(line.a.text, mark.text) for line in lines for mark in line.select("mark")]
    assert marks == [(str(o.line), o.text) for o in profile.observations]
    assert all(mark["tabindex"] == "0" for mark in parse(shown).select(".line mark"))


def test_a_value_says_its_column_and_number():
    shown = giikit.show_source(PAGES[0])
    mark = parse(shown).find(id="2024-beijing-share-patent-1")
    assert mark.find(string=True, recursive=False) == "23%"
    assert mark.small.text == " [PCT applications, 1: Share (share = 0.23)]"
    assert "[23%]" in shown
    assert "PCT applications, 1: Share (share = 0.23)" in shown


def test_every_cell_of_a_profiles_tables_has_its_place_in_the_page_as_read():
    ds = giikit.load_dataset(RAW.parent)
    profile = giikit.select_profile(ds, "beijing")
    page = parse(giikit.show_source(profile, ds, data=RAW.parent))
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    found = ds.select(clusters="beijing")
    columns = ["size_rank", "pct_per_million", "publication_collaboration_share"]
    tables = [
        giikit.show_table(found.organizations, places=found.observations),
        giikit.show_table(found.clusters, columns=columns, places=found.observations),
        giikit.show_table(found.findings),
    ]
    links = [a for table in tables for a in parse(table).select("a[href]")]
    assert len(links) == 6 * 4 + 3 + 2
    for link in links[:-2]:
        place = page.find(id=link["href"][1:])
        assert place.name == "mark"
        assert place.find(string=True, recursive=False).rstrip("%stndrh") == (
            link.text.rstrip("%")
        )
    assert page.find(id=links[-1]["href"][1:]).code.text == "Publications"


def test_lines_that_were_not_read_and_remarks_are_said(tmp_path):
    text = PAGES[0].read_text(encoding="utf-8").replace("23%", "2x%")
    text = "Menu\nHome\nSearch\nLog in\n" + text.replace("Top PCT", "Hello\n\nTop PCT")
    shown = giikit.show_source(text)
    (line,) = parse(shown).select(".line.unread")
    assert line.code.text == "Hello"
    assert line.em.text == "not read"
    assert "1 line not read" in shown.splitlines()[0]
    (outside,) = parse(shown).select("details")
    assert outside.summary.text == "4 lines outside the profile, not read"
    assert re.search(r"error: .*2x%", shown)


def test_a_page_that_was_changed_since_the_tables_were_built_is_said(tmp_path):
    for path in PAGES:
        copy = tmp_path / "raw" / "2024" / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    ds = giikit.load_dataset(tmp_path)
    profile = giikit.select_profile(ds, "beijing")
    assert "was changed since" not in giikit.show_source(profile, ds, data=tmp_path)
    copy = tmp_path / "raw" / profile.source
    copy.write_text(copy.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    shown = giikit.show_source(profile, ds, data=tmp_path)
    assert "was changed since" in shown
    assert "was changed since" in parse(shown).select_one("[role=note]").text


def test_a_profile_of_a_text_has_no_page_to_show():
    profile = giikit.parse_profile(PAGES[0].read_text(encoding="utf-8"))
    with pytest.raises(giikit.GiikitError, match="show the text"):
        giikit.show_source(profile)


def test_html_has_each_id_once_though_lines_share_a_number():
    path = Path(__file__).parent / "pages" / "dallas_2025.html"
    page = parse(giikit.show_source(path))
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert len(page.select(".line")) == len(mark_lines(read_page(path, path.name)))


@pytest.mark.parametrize("text", HOSTILE[:4])
def test_a_hostile_page_is_shown_as_saved(text):
    page = PAGES[0].read_text(encoding="utf-8").replace("BOE TECHNOLOGY", text)
    shown = parse(giikit.show_source(page + "\n" + text))
    assert not shown.select("script, img")
    assert text in shown.text


def test_a_word_that_says_two_values_stands_once_in_the_page_as_read():
    text = (
        "Global Innovation Index 2025\n\nTehran, Iran\n\nTehran is the only cluster "
        "within Iran that falls within the top 100 innovation clusters in 2025. It "
        "filed 49 PCT applications and published 8,269 scientific articles, both per 1 "
        "million inhabitants over the last five years, making it the 63rd largest "
        "innovation cluster and 85th innovation cluster by intensity in 2025.\n"
    )
    shown = giikit.show_source(text)
    (mark,) = [m for m in parse(shown).select(".line mark") if m.next == "only"]
    assert "rank_in_economy = 1" in mark.small.text
    assert "clusters_in_economy = 1" in mark.small.text
    assert "the [only] cluster" in str(shown)
