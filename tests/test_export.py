"""The tables outside giikit: the workbook and the data package."""

import hashlib
import json
import re
from importlib.metadata import version
from pathlib import Path
from time import sleep
from zipfile import ZipFile

import frictionless
import openpyxl
import pandas as pd
import pytest
from frictionless.resources import TableResource

from giikit.build import assemble, build_dataset
from giikit.cli import main
from giikit.errors import GiikitError
from giikit.tables import COLUMNS, TABLES, make_dataset, workbook, write_workbook

ROOT = Path(__file__).parent.parent
RAW = Path(__file__).parent / "pages/real/data/raw"
DISCLAIMER = (
    "The Secretariat of WIPO assumes no liability or responsibility with regard to the "
    "transformation or translation of the original content."
)


@pytest.fixture(scope="module")
def ds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    for path in RAW.rglob("*.[tc][xs][tv]"):
        (folder / path.parent.name).mkdir(exist_ok=True)
        (folder / path.parent.name / path.name).write_bytes(path.read_bytes())
    return assemble(folder), folder


@pytest.fixture
def processed(ds, tmp_path):
    build_dataset(ds[1], tmp_path / "processed", xlsx=True)
    return tmp_path / "processed"


def shorten(value):
    """Round to the digits that a spreadsheet keeps."""
    return float(f"{value:.13g}") if isinstance(value, float) else value


def test_the_workbook_holds_every_table(processed):
    book = openpyxl.load_workbook(processed / "giikit.xlsx")
    assert book.sheetnames == [*TABLES, "dictionary", "about"]
    for name, columns in COLUMNS.items():
        sheet = book[name]
        frame = pd.read_parquet(processed / f"{name}.parquet")
        rows = list(sheet.iter_rows(values_only=True))
        assert list(rows[0]) == [column.name for column in columns]
        expected = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
        assert [list(map(shorten, row)) for row in rows[1:]] == [
            list(map(shorten, row)) for row in expected
        ]
        assert sheet.freeze_panes == "C2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(5 < d.width <= 51 for d in sheet.column_dimensions.values())


def test_numbers_are_numbers_and_shares_are_shown_as_percentages(processed):
    sheet = openpyxl.load_workbook(processed / "giikit.xlsx")["organizations"]
    cells = dict(zip([c.value for c in sheet[1]], sheet[2], strict=True))
    assert cells["documents"].data_type == cells["share"].data_type == "n"
    assert cells["share"].number_format == "0.0%"
    assert "Unit: fraction" in sheet["G1"].comment.text


def test_the_workbook_explains_its_columns_and_its_licence(processed):
    book = openpyxl.load_workbook(processed / "giikit.xlsx")
    rows = list(book["dictionary"].iter_rows(values_only=True))
    declared = [column for columns in COLUMNS.values() for column in columns]
    assert len(rows) == 1 + len(declared)
    assert rows[1][:3] == ("clusters", "edition", "Int64")
    about = " ".join(str(row[0]) for row in book["about"].iter_rows(values_only=True))
    assert DISCLAIMER in about
    assert f"giikit {version('giikit')}" in about


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", "http://a", "12", "{=1}"]
)
def test_text_stays_text_in_the_workbook(tmp_path, text):
    ds = make_dataset([])
    row = [2024, "a", "patent", 1, text, 1, 0.5]
    table = pd.DataFrame([row], columns=ds.organizations.columns)
    write_workbook(
        type(ds)(**{**dict(ds.items()), "organizations": table}), tmp_path / "x.xlsx"
    )
    cell = openpyxl.load_workbook(tmp_path / "x.xlsx")["organizations"]["E2"]
    assert (cell.value, cell.hyperlink) == (text, None)
    with ZipFile(tmp_path / "x.xlsx") as parts:
        written = parts.read("xl/worksheets/sheet2.xml").decode()
    assert "<f>" not in written
    assert re.search(r'<c r="E2"[^>]* t="inlineStr">', written)


def test_text_longer_than_a_cell_says_that_it_is_cut(tmp_path):
    ds = make_dataset([])
    row = [2024, "a", "patent", 1, "x" * 40_000, 1, 0.5]
    table = pd.DataFrame([row], columns=ds.organizations.columns)
    write_workbook(
        type(ds)(**{**dict(ds.items()), "organizations": table}), tmp_path / "x.xlsx"
    )
    cell = openpyxl.load_workbook(tmp_path / "x.xlsx")["organizations"]["E2"]
    assert len(cell.value) == 32_767
    assert cell.value.endswith("x…")


def test_more_rows_than_a_sheet_has_are_refused(ds, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "_MOST_ROWS", 30)
    with pytest.raises(GiikitError, match="rankings has 34 rows, too many"):
        write_workbook(ds[0], tmp_path / "x.xlsx")


def test_the_same_tables_give_the_same_workbook(ds, tmp_path):
    write_workbook(ds[0], tmp_path / "one.xlsx")
    sleep(2.1)  # a zip counts time in steps of two seconds
    write_workbook(ds[0], tmp_path / "two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_workbook_that_stands_there_is_never_older_than_the_tables(ds, tmp_path):
    build_dataset(ds[1], tmp_path)
    assert not (tmp_path / "giikit.xlsx").exists()
    assert main(["build", "--raw", str(ds[1]), "--out", str(tmp_path), "--xlsx"]) == 0
    fresh = (tmp_path / "giikit.xlsx").read_bytes()
    (tmp_path / "giikit.xlsx").write_bytes(b"old")
    build_dataset(ds[1], tmp_path)
    assert (tmp_path / "giikit.xlsx").read_bytes() == fresh


def find_faults(folder):
    report = frictionless.validate(folder / "datapackage.json")
    return {error[0] for error in report.flatten(["type"])}


def test_the_data_package_is_valid(processed):
    assert find_faults(processed) == set()


@pytest.mark.parametrize(
    ("table", "old", "new", "fault"),
    [
        ("clusters", r"(?m)^2024,beijing,", "2024,,", "constraint-error"),
        ("organizations", r"0\.(?=\d+\n)", "1.", "constraint-error"),
        ("organizations", "patent", "patents", "constraint-error"),
        ("organizations", r"\b9607\b", "9.607", "type-error"),
        ("clusters", "2024,qingdao", "2024,beijing", "primary-key"),
        ("sources", r"Z?\n(?=\d|,)", ",more\n", "extra-label"),
    ],
)
def test_a_spoiled_cell_fails_the_data_package(processed, table, old, new, fault):
    path = processed / f"{table}.csv"
    text, times = re.subn(old, new, path.read_text(encoding="utf-8"), count=2)
    assert times
    path.write_text(text, encoding="utf-8", newline="\n")
    assert find_faults(processed) >= {"hash-count"}
    # Whoever mends the digest too is still found out.
    package = json.loads((processed / "datapackage.json").read_text())
    (resource,) = [r for r in package["resources"] if r["path"] == f"{table}.csv"]
    resource["hash"] = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    resource["bytes"] = path.stat().st_size
    (processed / "datapackage.json").write_text(json.dumps(package))
    assert fault in find_faults(processed)


def test_the_data_package_says_whose_the_data_is(processed):
    package = json.loads((processed / "datapackage.json").read_text(encoding="utf-8"))
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    for words in ("World Intellectual Property Organization", "Changed:", DISCLAIMER):
        assert words in package["description"]
    assert package["contributors"][0]["title"] == f"giikit {version('giikit')}"
    sources = pd.read_csv(processed / "sources.csv")
    assert [s["hash"] for s in package["sources"][1:]] == [
        f"sha256:{digest}" for digest in sources["sha256"]
    ]


@pytest.mark.parametrize("page", ["data/README.md", "src/giikit/study/README.md"])
def test_what_is_written_for_readers_says_whose_the_data_is(page):
    text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    for words in ("World Intellectual Property Organization", "CC BY 4.0", DISCLAIMER):
        assert words in text
    assert "changed" in text.lower()


def test_frictionless_reads_the_tables_with_their_types(processed):
    resource = TableResource(path=str(processed / "clusters.csv"))
    assert len(resource.read_rows()) == 2
