"""A ranking comes in as people have it: pasted, wrapped, or from the report's PDF."""

import csv
import io
import re
import textwrap
from pathlib import Path

import pytest
from generator.ranking_tables import (
    find_unnoticed,
    lose_digits,
    make_table,
    print_row,
    replace_digits,
    write_csv,
)
from matplotlib import rc_context
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure

from giikit.errors import GiikitError, PageError
from giikit.pages import read_page
from giikit.rankings import read_ranking_text

PUBLISHED = Path(__file__).parent / "pages/real/data/raw/rankings/gii-2023-size.csv"
RAW = PUBLISHED.read_text(encoding="utf-8")
ROWS = [print_row(row) for row in list(csv.reader(io.StringIO(RAW)))[1:]]
TITLE = "Appendix Table 3 Top 100 S&T clusters, 2023"
HEADS = (
    "Rank\nCluster name\nEconomy\nPCT\napplications\nScientific\npublications\n"
    "Share of total PCT filings (%)\nShare of total pubs (%)\nTotal\nPrevious\nrank\n"
    "Rank\nchange"
)
NOTE = (
    "Source: WIPO Statistics Database, April 2023.\n* Note: a footnote of CN, US 12.\n"
)
TOKYO = "1 Tokyo–Yokohama JP 127,418 115,020 10.1 1.5 11.7 1 0"
SEOUL = "3 Seoul KR 63,447 133,604 5.1 1.8 6.8 4 1"
HEADER = RAW.split("\n")[0] + "\n"


def read(text, **said):
    """Return name, rows and findings; rows as they stand in the CSV."""
    name, content, findings = read_ranking_text(text, **said)
    return name, content.splitlines()[1:], findings


def list_codes(findings):
    return [(f.severity, f.code) for f in findings]


@pytest.mark.parametrize(
    ("cell", "row"), [(" ", "\n"), ("\t", "\n"), ("\n", "\n"), (" ", " "), ("|", "\n")]
)
def test_the_published_rows_come_in_byte_by_byte(cell, row):
    body = row.join(cell.join(r) for r in ROWS)
    name, content, findings = read_ranking_text(f"{TITLE}\n{HEADS}\n{body}\n{NOTE}")
    assert name == "gii-2023-size.csv"
    assert content == RAW
    assert list_codes(findings) == [("info", "ranking-outside")]
    assert "the first is 'Appendix Table 3" in findings[0].message


def wrap(name, width):
    """Break a name into lines, behind dashes too."""
    return textwrap.fill(name.replace("–", "– "), width).replace("– ", "–")


def draw_pdf(path, align, width):
    """Print the rows on pages of 17, with the names wrapped, as a report does."""
    columns = [0.05, 0.1, 0.36, 0.44, 0.54, 0.65, 0.72, 0.79, 0.86, 0.93]
    pages = []
    for start in range(0, len(ROWS), 17):
        figure = Figure(figsize=(8.3, 11.7))
        figure.text(0.05, 0.97, TITLE, size=8)
        for x, head in zip(columns, HEADS.split("\n")[:10], strict=True):
            figure.text(x, 0.94, head, size=6)
        for line, row in enumerate(ROWS[start : start + 17]):
            for x, cell in zip(columns, row, strict=True):
                wrapped = wrap(cell, width) if x == columns[1] else cell
                figure.text(x, 0.91 - 0.04 * line, wrapped, size=7, va=align)
        figure.text(0.05, 0.04, NOTE, size=6)
        figure.text(0.93, 0.02, str(248 + start // 17), size=6)
        pages.append(figure)
    from matplotlib.backends.backend_pdf import PdfPages

    # In fonts of type 3, matplotlib 3.10 draws a minus as a picture.
    with rc_context({"pdf.fonttype": 42}), PdfPages(path) as pdf:
        for figure in pages:
            FigureCanvasPdf(figure)
            pdf.savefig(figure)


@pytest.mark.parametrize(
    ("align", "width"), [("top", 22), ("center", 22), ("center", 13), ("bottom", 22)]
)
def test_the_published_rows_come_out_of_a_printed_page(tmp_path, align, width):
    draw_pdf(tmp_path / "report.pdf", align, width)
    page = read_page(tmp_path / "report.pdf", "report.pdf")
    name, content, findings = read_ranking_text("\n".join(page.lines))
    assert (name, content) == ("gii-2023-size.csv", RAW)
    assert {f.severity for f in findings} <= {"info", "warning"}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("outputs", [2, 3])
@pytest.mark.parametrize(("kind", "changes"), [("size", True), ("intensity", False)])
@pytest.mark.parametrize("cell", [" ", "\n"])
def test_any_table_of_a_hundred_rows_comes_in(seed, outputs, kind, changes, cell):
    header, rows = make_table(seed, 100, outputs, kind, changes)
    body = "\n".join(cell.join(print_row(row)) for row in rows)
    text = f"Global Innovation Index 2025\nTop 100 clusters by {kind}\n{body}"
    name, content, findings = read_ranking_text(text)
    assert name == f"gii-2025-{kind}.csv"
    assert content == write_csv(header, rows)
    assert list_codes(findings) == [("info", "ranking-outside")]


@pytest.mark.parametrize(
    ("printed", "row"),
    [
        (TOKYO, "1,Tokyo–Yokohama,JP,127418,115020,10.1,1.5,11.7,1,0"),
        (
            "9 Taipei–Hsinchu1 TW* 1\u202f000 20 0.1 0.1 0.2 10 +1",
            "9,Taipei–Hsinchu,TW*,1000,20,0.1,0.1,0.2,10,1",
        ),
        (
            "9 Washington, DC–\nBaltimore, MD US 10 20 0.1% 0.1% 0.2% 8 –1",
            '9,"Washington, DC–Baltimore, MD",US,10,20,0.1,0.1,0.2,8,-1',
        ),
        (
            "9. San Jose–San Francisco, CA US 10 20 0.1 0.1 0.2 n/a –",
            '9,"San Jose–San Francisco, CA",US,10,20,0.1,0.1,0.2,,',
        ),
        (
            "9\tBasel\tCH/DE/\nFR\t10\t20\t\t0.1\t0.2\t8\t-1",
            "9,Basel,CH/DE/FR,10,20,,0.1,0.2,8,-1",
        ),
        (
            "9 Beijing CN 1O7 20 0.1 0.1 0.2 8 -1",
            "9,Beijing,CN,1O7,20,0.1,0.1,0.2,8,-1",
        ),
        ("9 Lyon FR 10 20 0.1 0.1 0.2", "9,Lyon,FR,10,20,0.1,0.1,0.2,,"),
    ],
)
def test_a_row_keeps_what_is_printed(printed, row):
    _, rows, findings = read("\n".join([TOKYO, printed, SEOUL, SEOUL]), edition=2023)
    assert rows[1] == row
    assert len(rows) == 4
    assert {f.code for f in findings} <= {"rank-gap"}


NAMES = {"CN/HK": "China and Hong Kong, China", "JP": "Japan", "US": "United States"}


def change(row, **cells):
    """Return a row with some cells printed otherwise."""
    places = {"rank": 0, "name": 1, "economy": 2, "counts": (3, 4), "shares": (5, 6, 7)}
    changed = [*row]
    for name, write in cells.items():
        at = places[name]
        for place in at if isinstance(at, tuple) else (at,):
            changed[place] = write(changed[place])
    return changed


@pytest.mark.parametrize(
    ("cell", "write"),
    [
        (" ", lambda r: [r[0], f"{r[1]} ({r[2]})", *r[3:]]),
        (" ", lambda r: [r[0], f"{r[1]} ({NAMES.get(r[2], r[2])})", *r[3:]]),
        (" ", lambda r: change(r, economy=lambda c: NAMES.get(c, c))),
        ("\t", lambda r: change(r, economy=lambda c: NAMES.get(c, c))),
        (" ", lambda r: change(r, economy=lambda c: {"US": "USA"}.get(c, c))),
        (" ", lambda r: [r[0], r[2], r[1], *r[3:]]),
        ("\t", lambda r: change(r, counts=lambda c: c.replace(",", " "))),
        ("\t", lambda r: change(r, counts=lambda c: c.replace(",", "\u202f"))),
        ("\u00a0", lambda r: r),
        (" ", lambda r: change(r, shares=lambda c: f"{c} %")),
        (" ", lambda r: change(r, rank=lambda c: f"{c}.")),
        (" ", lambda r: change(r, rank=lambda c: f"{c}=")),
        (" ", lambda r: change(r, rank=lambda c: f"{c}th")),
        (" ", lambda r: change(r, rank=lambda c: f"\u200b{c}")),
        (" ", lambda r: change(r, name=lambda c: f"{c}¹")),
        (" ", lambda r: change(r, name=lambda c: c.replace("–", "–\n"))),
        (" ", lambda r: change(r, economy=lambda c: c.replace("/", "/\n"))),
        (";", lambda r: r),
        (" | ", lambda r: ["", *r, ""]),
        (" ", lambda r: [*r[:9], r[9].replace("−", "▼")]),
        (" ", lambda r: [*r[:9], r[9] if r[9] != "0" else "="]),
    ],
)
def test_a_row_may_be_printed_in_many_ways(cell, write):
    body = "\n".join(cell.join(write(row)) for row in ROWS)
    name, content, findings = read_ranking_text(f"{TITLE}\n{body}\n{NOTE}")
    assert (name, content) == ("gii-2023-size.csv", RAW)
    assert list_codes(findings) == [("info", "ranking-outside")]


def test_rows_of_two_columns_side_by_side_come_in_by_rank():
    body = "\n".join(" ".join(ROWS[n] + ROWS[n + 17]) for n in range(17))
    _, content, findings = read_ranking_text(f"{TITLE}\n{body}")
    assert content == RAW
    assert list_codes(findings) == [("info", "ranking-outside")]


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ("Rank Publications PCT Share of pubs Share of PCT Total", (4, 3, 6, 5)),
        ("Articles\nPCT applications\nPubs, %\nPCT, %", (4, 3, 6, 5)),
        # Of a header that wraps its words, the order of the columns is not clear.
        ("Scientific PCT PCT pubs\npublications applications %", (3, 4, 5, 6)),
    ],
)
def test_counts_and_shares_are_told_by_a_header(header, order):
    rows = [[*r[:3], *(r[at] for at in order), *r[7:]] for r in ROWS]
    body = "\n".join(" ".join(row) for row in rows)
    assert read_ranking_text(f"{TITLE}\n{header}\n{body}")[1] == RAW


def test_change_and_previous_rank_are_told_by_a_header():
    body = "\n".join(" ".join([*row[:8], row[9], row[8]]) for row in ROWS)
    header = "Rank Cluster Economy PCT Pubs Total Rank change Previous rank"
    assert read_ranking_text(f"{TITLE}\n{header}\n{body}")[1] == RAW


def test_a_rank_that_two_share_is_no_gap():
    rows = [TOKYO, *(f"2 {name} FR 9 9 9.0 2.1 11.1 2 0" for name in ("Lyon", "Nice"))]
    rows.append("4 Lille FR 9 9 9.0 2.1 11.1 2 0")
    assert read("\n".join(rows), edition=2023)[2] == []


@pytest.mark.parametrize(
    "text",
    [
        "Tokyo JP 1 127,418 115,020 10.1 1.5 11.7\nSeoul KR 3 63,447 133,604 5.1 1.8",
        "1 Tokyo 127,418 115,020 10.1 1.5 11.7\n2 Seoul 63,447 133,604 5.1 1.8 6.8",
    ],
)
def test_rows_without_a_rank_before_or_an_economy_are_refused(text):
    with pytest.raises(PageError, match="no ranking in the text"):
        read(text, edition=2023)


def test_a_name_that_goes_on_below_its_row_is_joined():
    lines = [
        *("2 Shenzhen–Hong Kong– CN/HK 113,482 153,180 9.0 2.1 11.1 2 0", "Guangzhou"),
        *("3 San Jose–San US 9 9 9.0 2.1 11.1 2 0", "Francisco, CA"),
        *("Boston–", "4 US 9 9 9.0 2.1 11.1 2 0", "Cambridge, MA"),
        SEOUL.replace("3", "5", 1),
    ]
    _, rows, findings = read("\n".join(lines), edition=2023)
    names = [row[1] for row in csv.reader(rows)]
    assert names == [
        "Shenzhen–Hong Kong–Guangzhou",
        "San Jose–San Francisco, CA",
        "Boston–Cambridge, MA",
        "Seoul",
    ]
    assert list_codes(findings) == [("warning", "joined-name")]
    assert "'Francisco, CA' stands alone below a row" in findings[0].message
    assert findings[0].line == 3


def test_a_name_that_is_wrapped_around_its_row_is_joined():
    lines = [
        *("filings deals", "(%)", "Shenzhen–", "Hong", "2 CN, HK 9 9 9.0 2.1 11.1 2 0"),
        *("Kong–", "Guangzhou", "San Jose–", "San", "3 US 9 9 9.0 2.1 11.1 2 0"),
        *("Francisco,", "CA", "4 Seoul KR 9 9 9.0 2.1 11.1 2 0"),
        *("Washington,", "DC–", "5 US 9 9 9.0 2.1 11.1 2 0", "Baltimore,", "MD"),
        "Note: a footnote",
    ]
    _, rows, findings = read("\n".join(lines), edition=2023)
    assert [row[1:3] for row in csv.reader(rows)] == [
        ["Shenzhen–Hong Kong–Guangzhou", "CN/HK"],
        ["San Jose–San Francisco, CA", "US"],
        ["Seoul", "KR"],
        ["Washington, DC–Baltimore, MD", "US"],
    ]
    assert {f.severity for f in findings} <= {"info", "warning"}


@pytest.mark.parametrize(
    ("printed", "name", "economy"),
    [
        ("Shenzhen–Guangzhou CN, HK", "Shenzhen–Guangzhou", "CN/HK"),
        ("Shenzhen–Guangzhou, CN and HK", "Shenzhen–Guangzhou", "CN/HK"),
        ("CN & HK Shenzhen–Guangzhou", "Shenzhen–Guangzhou", "CN/HK"),
        ("Basel (CH–DE–FR)", "Basel", "CH/DE/FR"),
        ("Singapore SGP, MYS", "Singapore", "SG/MY"),
        ("San Diego, CA, US", "San Diego, CA", "US"),
        ("San Diego CA, US", "San Diego CA", "US"),
        ("Vancouver, BC, Canada", "Vancouver, BC", "CA"),
        ("Tokyo–Yokohama, Japan", "Tokyo–Yokohama", "JP"),
        ("Tehran, Iran (Islamic Republic of)", "Tehran", "IR"),
        ("Eindhoven (Netherlands (Kingdom of the))", "Eindhoven", "NL"),
        # In lines: the codes in the middle of a name, or of a state.
        ("Shenzhen–\nHong\nCN/HK\nKong", "Shenzhen–Hong Kong", "CN/HK"),
        ("San Jose–\nUS\nSan Francisco,\nCA", "San Jose–San Francisco, CA", "US"),
        ("Toronto,\nON\nCA", "Toronto, ON", "CA"),
    ],
)
def test_a_name_and_its_economies_are_told_apart(printed, name, economy):
    row = f"2 {printed} 9 9 9.0 2.1 11.1 2 0"
    _, rows, findings = read("\n".join([TOKYO, row, SEOUL]), edition=2023)
    assert [r[1:3] for r in csv.reader(rows)][1] == [name, economy]
    assert findings == []


def test_a_row_of_an_unknown_economy_is_left_out_with_a_finding():
    row = "2 Atlantis City 9 9 9.0 2.1 11.1 2 0"
    _, rows, findings = read("\n".join([TOKYO, row, SEOUL]), edition=2023)
    assert len(rows) == 2
    assert ("error", "unreadable-ranking") in list_codes(findings)
    assert any("2 Atlantis City: no economy is known" in f.message for f in findings)


def test_a_state_alone_in_its_line_is_no_economy_of_the_next_row():
    lines = [
        "8 Boston–Cambridge, US 10 20 0.1 0.1 0.2 8 0",
        "MA",
        "9 New York, NY US 10 20 0.1 0.1 0.2 9 0",
        SEOUL.replace("3", "10", 1),
    ]
    _, rows, findings = read("\n".join(lines), edition=2023)
    names = [row[1] for row in csv.reader(rows)]
    assert names == ["Boston–Cambridge, MA", "New York, NY", "Seoul"]
    assert findings == []


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (
            "2 Paris FR 10 20 0.1 0.1",
            "2 Paris: expected a name and 7 numbers, got 10 20",
        ),
        ("2 Paris FR 10 20 0.1 0.1 0.2 7", "got 10 20 0.1 0.1 0.2 7; the row is left"),
    ],
)
def test_a_row_of_too_few_numbers_is_left_out_with_a_finding(broken, message):
    text = "\n".join([TOKYO, broken, SEOUL])
    _, rows, findings = read(text, edition=2023)
    assert len(rows) == 2
    assert list_codes(findings) == [("error", "unreadable-ranking")]
    assert message in findings[0].message
    assert findings[0].line == 2


def test_a_name_that_a_page_break_cuts_is_reported():
    cut = "2 Washington, DC– US 10 20 0.1 0.1 0.2 8 -1\n248\nGII 2023\nBaltimore, MD\n"
    _, rows, findings = read(f"{TOKYO}\n{cut}{SEOUL}", edition=2023)
    assert rows[1].startswith('2,"Washington, DC–",US')
    assert list_codes(findings)[0] == ("error", "unreadable-ranking")
    assert "the name is cut short" in findings[0].message


@pytest.mark.parametrize(
    "head",
    [
        "GLOBAL INNOVATION INDEX 2024\n248",
        "GII 2024",
        "Global Innovation Index",
        "248\nGlobal Innovation Index",
        "Science and technology clusters 2024\n12",
    ],
)
def test_the_head_of_the_next_page_is_part_of_no_row(head):
    row = "2 San Jose–San Francisco, CA US 9 9 9.0 2.1 11.1 6 4"
    _, rows, findings = read("\n".join([TOKYO, row, head, SEOUL]), edition=2024)
    assert [row[:4] for row in csv.reader(rows)][1:] == [
        ["2", "San Jose–San Francisco, CA", "US", "9"],
        ["3", "Seoul", "KR", "63447"],
    ]
    assert {f.severity for f in findings} <= {"info"}


@pytest.mark.parametrize(
    ("above", "said", "name"),
    [
        ("Top 100 clusters, 2024", {}, "gii-2024-size.csv"),
        ("GII 2025 clusters by S&T intensity", {}, "gii-2025-intensity.csv"),
        (
            "Global Innovation Index 2025\nTop clusters by the method of 2024",
            {},
            "gii-2025-size-method-2024.csv",
        ),
        ("2025 clusters, 2024 method", {}, "gii-2025-size-method-2024.csv"),
        ("Annex 2023", {}, "gii-2023-size.csv"),
        ("Clusters worldwide, 2025\nTotal 2024\nRank", {}, "gii-2025-size.csv"),
        ("Top clusters of the world (2024)\n2023 rank", {}, "gii-2024-size.csv"),
        ("GII 2025", {"edition": 2022, "kind": "intensity"}, "gii-2022-intensity.csv"),
        ("GII 2025", {"method": 2024}, "gii-2025-size-method-2024.csv"),
        ("", {"edition": 2025, "method": 2025}, "gii-2025-size.csv"),
    ],
)
def test_edition_kind_and_method_are_said_above_the_rows_or_given(above, said, name):
    assert read(f"{above}\n{TOKYO}\n{SEOUL}", **said)[0] == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no ranking in the text: expected rows such as '1 Tokyo"),
        ("Beijing, China\n1 BOE 9,607 23%\n", "no ranking in the text"),
        (f"{TOKYO}\n{SEOUL}", "does not say which edition it is of: say so"),
        (f"2019 and 2023\n{TOKYO}\n{SEOUL}", "does not say which edition"),
        ("a\0b", "NUL characters"),
    ],
)
def test_what_is_no_ranking_is_refused(text, message):
    with pytest.raises(PageError, match=message):
        read(text)


def test_an_unknown_kind_is_refused():
    with pytest.raises(GiikitError, match=r"no kind 'sizes' .* expected size or inten"):
        read(TOKYO, edition=2023, kind="sizes")


@pytest.mark.parametrize("said", [{"edition": 1850}, {"method": 20255}])
def test_a_year_that_no_edition_has_is_refused(said):
    with pytest.raises(GiikitError, match=r"no edition or method \d+: expected a year"):
        read(TOKYO, **{"edition": 2025, **said})


def test_hostile_text_takes_time_in_proportion():
    anchors = "US 20 23 " * 10_000
    with pytest.raises(PageError):
        read(anchors)
    _, rows, _ = read(f"{TOKYO}\n{anchors}", edition=2023)
    assert len(rows) == 1


def test_no_row_is_made_of_what_stands_between_rows():
    between = (
        "Rank change (PCT) 248\nMA\nGlobal Innovation Index 2023\n12 US states 3\n"
    )
    _, rows, _ = read(f"{TOKYO}\n{between}{SEOUL}", edition=2023)
    assert [re.split(",", row)[1] for row in rows] == ["Tokyo–Yokohama", "Seoul"]


def test_rows_that_are_lost_above_the_first_are_reported():
    columns = "Tokyo JP\nLyon FR\n1\n2\n127,418\n2,000\n10.1\n0.2\n"
    _, rows, findings = read(f"{TITLE}\n{columns}{SEOUL}")
    assert len(rows) == 1
    assert ("warning", "rank-gap") in list_codes(findings)
    assert any("rank 3 stands where 1 belongs" in f.message for f in findings)
    _, _, findings = read(f"{TITLE}, rows 3 to 34\n{SEOUL}")
    assert {f.severity for f in findings} == {"info"}


def test_a_part_of_a_name_that_no_dash_joins_is_reported():
    cut = "2 Shanghai– CN 10 20 0.1 0.1 0.2 8 -1\nSuzhou\nSan\n"
    _, rows, findings = read(f"{TOKYO}\n{cut}{SEOUL}", edition=2023)
    assert rows[1].startswith("2,Shanghai–Suzhou San,CN")
    assert list_codes(findings) == [("warning", "joined-name")]


def test_a_rank_that_is_skipped_between_rows_is_a_lost_row():
    lyon = "5 Lyon FR 10 20 0.1 0.1 0.2 5 0"
    _, rows, findings = read(
        "\n".join([TOKYO, TOKYO.replace("1", "2", 1), lyon]), edition=2023
    )
    assert len(rows) == 3
    assert list_codes(findings) == [("warning", "rank-gap")]
    assert "rank 5 stands where 3 belongs" in findings[0].message


@pytest.mark.parametrize(
    ("number", "outputs", "kind", "changes"),
    [
        (4, 2, "size", True),
        pytest.param(12, 2, "size", True, marks=pytest.mark.thorough),
        pytest.param(12, 3, "size", True, marks=pytest.mark.thorough),
        pytest.param(12, 3, "intensity", False, marks=pytest.mark.thorough),
    ],
)
def test_a_wrong_digit_goes_unnoticed_in_what_rounded_shares_do_not_pin(
    number, outputs, kind, changes
):
    header, rows = make_table(3, number, outputs, kind, changes)
    first = 1000 if outputs == 2 else 2025
    lost = find_unnoticed(header, rows, lose_digits(rows), first, kind)
    other = find_unnoticed(header, rows, replace_digits(rows), first, kind)
    # docs/method.md says why: a share of one decimal pins a count to a per cent or so.
    unpinned = {"pct_applications", "scientific_publications", "vc_deals"}
    if kind == "intensity":  # which prints neither previous ranks nor changes
        unpinned |= {"rank"}
    assert {column for column, _, _ in lost} <= unpinned
    shares = {column for column in header if "share" in column}
    assert {column for column, _, _ in other} <= unpinned | shares
    tried = len(list(lose_digits(rows)))
    assert len(lost) < 0.1 * tried
    assert 0 < len(other) < 0.5 * tried
