"""A published ranking is read cell by cell, and nothing in it stops the rest."""

import re
from pathlib import Path

import pytest

from giikit.rankings import read_rankings
from giikit.tables import make_table

RAW = Path(__file__).parent / "pages/real/data/raw"
HEADER = (
    "rank,cluster,economy,pct_applications,scientific_publications,"
    "share_of_pct_filings,share_of_publications,total_share,previous_rank,rank_change\n"
)
TOKYO = "1,Tokyo–Yokohama,JP,127418,115020,10.1,1.5,11.7,1,0"


def read(tmp_path, *rows, name="gii-2023-size.csv", header=HEADER):
    content = header + "\n".join(rows)
    folder = tmp_path / "rankings"
    folder.mkdir(exist_ok=True)
    encoded = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(encoded)
    rows, sources, findings = read_rankings(tmp_path)
    make_table("findings", findings)
    make_table("sources", sources)
    return make_table("rankings", rows), findings


def test_all_rows_of_the_published_ranking_are_read():
    rows, sources, findings = read_rankings(RAW)
    table = make_table("rankings", rows)
    assert findings == []
    assert len(table) == 34
    assert list(table["rank"]) == list(range(1, 35))
    deals = ["vc_deals", "vc_share"]
    assert table.drop(columns=deals).notna().all(axis=None)
    assert table[deals].isna().all(axis=None)
    assert table["pct_applications"].sum() == 695_135
    assert table["scientific_publications"].sum() == 2_304_823
    assert sources[0][:4] == (2023, None, "rankings/gii-2023-size.csv", "csv")
    assert sources[0].bytes == 1799


@pytest.mark.parametrize(
    ("number", "values"),
    [
        (
            1,
            "2023 shenzhen-hong-kong-guangzhou size 2023 Shenzhen–Hong_Kong–Guangzhou "
            "CN/HK 2 113482 153180 None 0.09 0.021 None 0.111 2 0",
        ),
        (
            3,
            "2023 beijing size 2023 Beijing CN 4 38067 279485 None 0.03 0.037 None "
            "0.068 3 -1",
        ),
        (
            32,
            "2023 singapore size 2023 Singapore SG/MY 33 4861 36803 None 0.004 0.005 "
            "None 0.009 35 2",
        ),
        (
            33,
            "2023 tehran size 2023 Tehran IR 34 249 63113 None 0.0 0.008 None "
            "0.009 33 -1",
        ),
    ],
)
def test_a_published_row_keeps_its_values(number, values):
    row = [str(value).replace(" ", "_") for value in read_rankings(RAW)[0][number]]
    assert " ".join(row) == values


@pytest.mark.parametrize(
    ("printed", "column", "value"),
    [
        ("1,A,TW*,1,1,1,1,1,2,1", "economy_code", "TW"),
        ("1,A,CH/DE/FR†,1,1,1,1,1,2,1", "economy_code", "CH/DE/FR"),
        ("1,A,NA,1,1,1,1,1,2,1", "economy_code", "NA"),
        ("1,A,TW[a],1,1,1,1,1,2,1", "economy_code", "TW"),
        ("1,A,CA,1,1,1,1,1,2,1", "economy_code", "CA"),
        ("1,A,UK,1,1,1,1,1,2,1", "economy_code", "GB"),
        ("1,A,UK/FR,1,1,1,1,1,2,1", "economy_code", "GB/FR"),
        ("2,A,JP,1,1,1,1,1,1,−1", "rank_change", -1),
        ("2,A,JP,1,1,1,1,1,1,–1", "rank_change", -1),
        ("1,A,JP,1,1,1,1,1,2,+1", "rank_change", 1),
        ('1,A,JP,"127,418",1,1,1,1,1,0', "pct_applications", 127_418),
        ("1,A,JP,127 418,1,1,1,1,1,0", "pct_applications", 127_418),
        ("1,A,JP,1,1,10.1%,1,1,1,0", "pct_share", 0.101),
        ("1,A,JP,1,1,5.6,1,1,1,0", "pct_share", 0.056),
        ("1,A*,JP,1,1,1,1,1,1,0", "cluster", "A*"),
    ],
)
def test_a_cell_is_read_as_it_is_printed(tmp_path, printed, column, value):
    table, findings = read(tmp_path, printed)
    assert findings == []
    assert table.loc[0, column] == value


def test_only_an_empty_cell_is_missing(tmp_path):
    table, findings = read(tmp_path, "1,A,,,,,,,,")
    assert findings == []
    assert table.loc[0, "rank"] == 1
    assert table.iloc[0, 7:].isna().all()


@pytest.mark.parametrize(
    ("printed", "column", "message"),
    [
        ("1,A,Japan,1,1,1,1,1,1,0", "economy_code", "codes such as CN/HK .* 'Japan'"),
        ("1,A,XX,1,1,1,1,1,1,0", "economy_code", "codes such as CN/HK .* 'XX'"),
        ("1,A,JP,1O,1,1,1,1,1,0", "pct_applications", "a whole number.*'1O'"),
        ('1,A,JP,"1,27",1,1,1,1,1,0', "pct_applications", "a whole number.*'1,27'"),
        ("1,A,JP,1.5,1,1,1,1,1,0", "pct_applications", "a whole number.*'1.5'"),
        ("1,A,JP,-1,1,1,1,1,1,0", "pct_applications", ".*, 0 to 1000000000"),
        ("0,A,JP,1,1,1,1,1,1,0", "rank", ".*, 1 to 1000000"),
        ("1,A,JP,1,1,101,1,1,1,0", "pct_share", ".*0 to 100, in share_of_pct_filings"),
        ("1,A,JP,1,1,1,1,1,1000001,0", "previous_rank", ".*, 1 to 1000000, in prev"),
        ("1,A,JP,1,1,n/a,1,1,1,0", "pct_share", "a number.*'n/a'"),
        (
            "1,A,JP,1,1,1,1,1,1,\N{ARABIC-INDIC DIGIT ONE}",
            "rank_change",
            ".*in rank_change",
        ),
    ],
)
def test_an_unreadable_cell_is_missing_with_a_finding(
    tmp_path, printed, column, message
):
    table, (finding,) = read(tmp_path, TOKYO, printed)
    assert table[column].isna().tolist() == [False, True]
    assert table.notna().sum(axis=1).tolist() == [14, 13]
    assert (finding.severity, finding.code) == ("error", "unreadable-ranking")
    assert (finding.source, finding.line) == ("rankings/gii-2023-size.csv", 3)
    assert re.match(f"A: expected {message}", finding.message)


@pytest.mark.parametrize("row", ["1,Tokyo,JP", "1,,JP,1,1,1,1,1,1,0", "1,A" + "," * 9])
def test_a_row_of_another_shape_is_left_out_with_a_finding(tmp_path, row):
    table, (finding,) = read(tmp_path, row, TOKYO)
    assert list(table["cluster"]) == ["Tokyo–Yokohama"]
    assert "expected 10 cells and a cluster's name" in finding.message
    assert finding.line == 2


def test_blank_lines_and_cells_over_two_lines_keep_the_line_numbers(tmp_path):
    table, (finding,) = read(
        tmp_path, "", TOKYO.replace("Tok", '"T\nok', 1).replace("hama", 'hama"'), "x"
    )
    assert len(table) == 1
    assert finding.line == 5


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "size.csv",
            HEADER.encode() + TOKYO.encode(),
            "the edition's year in the name",
        ),
        ("gii-2023.csv", b"\xff\xfe\x00", "cannot be read as a UTF-8 CSV"),
        ("gii-2023.csv", b'cluster\n"' + b"x" * 200_000, "cannot be read .*field"),
        ("gii-2023.csv", b"", "expected columns cluster, economy, rank"),
    ],
    ids=["no year", "binary", "unclosed quote", "empty"],
)
def test_a_file_that_is_no_ranking_gives_an_error_finding(
    tmp_path, name, content, message
):
    (tmp_path / "rankings").mkdir()
    (tmp_path / "rankings" / name).write_bytes(content)
    rows, (source,), findings = read_rankings(tmp_path)
    assert rows == []
    assert source.format == "csv"
    assert findings[-1].severity == "error"
    assert re.search(message, findings[-1].message)


def test_a_ranking_that_is_too_large_or_leads_elsewhere_is_not_read(tmp_path):
    (tmp_path / "raw" / "rankings").mkdir(parents=True)
    outside = tmp_path / "gii-2023.csv"
    outside.write_text(HEADER + TOKYO)
    (tmp_path / "raw" / "rankings" / "gii-2023.csv").symlink_to(outside)
    large = tmp_path / "raw" / "rankings" / "gii-2024.csv"
    large.write_bytes(b" " * 5_000_001)
    rows, sources, (link, size) = read_rankings(tmp_path / "raw")
    assert rows == []
    assert [s.format for s in sources] == ["link", "unknown"]
    assert "the link leads to no file in the folder" in link.message
    assert "larger than 5,000,000 bytes" in size.message


def test_a_name_that_a_spreadsheet_would_run_is_reported(tmp_path):
    table, (finding,) = read(tmp_path, "1,=A1+B1,JP,1,1,1,1,1,1,0")
    assert table.loc[0, "cluster"] == "=A1+B1"
    assert (finding.severity, finding.code) == ("error", "formula-text")
    assert "would run '=A1+B1' as a formula" in finding.message


def test_a_missing_column_costs_that_column_only(tmp_path):
    table, (finding,) = read(tmp_path, "1,A", header="rank,cluster\n")
    assert table.loc[0, "rank"] == 1
    assert "expected columns economy, pct_applications" in finding.message


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path):
    plain, _ = read(tmp_path, TOKYO)
    marked, _ = read(tmp_path, TOKYO.replace("\n", "\r\n"), header="\ufeff" + HEADER)
    assert plain.equals(marked)


def test_no_rankings_folder_gives_nothing(tmp_path):
    assert read_rankings(tmp_path) == ([], [], [])
