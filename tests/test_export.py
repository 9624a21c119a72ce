"""The tables outside giikit: the workbook and the data package."""

import hashlib
import json
import re
import shutil
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import frictionless
import openpyxl
import pandas as pd
import pytest
from frictionless.resources import TableResource

from giikit.build import build_dataset, load_dataset
from giikit.cli import main
from giikit.errors import GiikitError
from giikit.tables import (
    COLUMNS,
    TABLES,
    make_dataset,
    make_table,
    workbook,
    write_workbook,
)

ROOT = Path(__file__).parent.parent
DISCLAIMER = (
    "The Secretariat of WIPO assumes no liability or responsibility with regard to the "
    "transformation or translation of the original content."
)


@pytest.fixture
def ds(built):
    return load_dataset(built / "data")


@pytest.fixture(scope="module")
def processed(built, tmp_path_factory):
    """The tables with their workbook; not to be changed."""
    folder = tmp_path_factory.mktemp("export") / "processed"
    build_dataset(built / "data" / "raw", folder, xlsx=True)
    return folder


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


def write_names(path, *names):
    """Write a workbook of organizations; return the cells of their names, as read."""
    rows = [(2024, "a", "patent", n, name, 1, 0.5) for n, name in enumerate(names, 1)]
    ds = replace(make_dataset([]), organizations=make_table("organizations", rows))
    write_workbook(ds, path)
    sheet = openpyxl.load_workbook(path)["organizations"]
    return [cell for (cell,) in sheet["E2" : f"E{1 + len(names)}"]]


def test_text_stays_text_in_the_workbook(tmp_path):
    texts = ["=1+1", "+1", "-1", "@SUM(1)", "http://a", "12", "{=1}"]
    cells = write_names(tmp_path / "x.xlsx", *texts)
    assert [(c.value, c.hyperlink) for c in cells] == [(text, None) for text in texts]
    with ZipFile(tmp_path / "x.xlsx") as parts:
        written = parts.read("xl/worksheets/sheet2.xml").decode()
    assert "<f>" not in written
    assert len(re.findall(r'<c r="E[2-8]"[^>]* t="inlineStr">', written)) == 7


def test_text_longer_than_a_cell_says_that_it_is_cut(tmp_path):
    (cell,) = write_names(tmp_path / "x.xlsx", "x" * 40_000)
    assert len(cell.value) == 32_767
    assert cell.value.endswith("x…")


def test_more_rows_than_a_sheet_has_are_refused(ds, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "_MOST_ROWS", 30)
    with pytest.raises(GiikitError, match="rankings has 34 rows, too many"):
        write_workbook(ds, tmp_path / "x.xlsx")


def test_the_same_tables_give_the_same_workbook(ds, tmp_path):
    write_workbook(ds, tmp_path / "one.xlsx")
    write_workbook(ds, tmp_path / "two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    # Nor does it tell a time that would differ in a later run.
    with ZipFile(tmp_path / "one.xlsx") as parts:
        assert {part.date_time[0] for part in parts.infolist()} == {1980}
    told = openpyxl.load_workbook(tmp_path / "one.xlsx").properties
    assert {told.created, told.modified} == {datetime(2000, 1, 1)}


def test_a_workbook_that_stands_there_is_never_older_than_the_tables(study):
    assert not (study / "data/processed/giikit.xlsx").exists()
    assert main(["build", "--xlsx"]) == 0
    fresh = (study / "data/processed/giikit.xlsx").read_bytes()
    (study / "data/processed/giikit.xlsx").write_bytes(b"old")
    assert main(["build"]) == 0
    assert (study / "data/processed/giikit.xlsx").read_bytes() == fresh


def test_the_data_package_is_valid(processed):
    assert frictionless.validate(processed / "datapackage.json").valid


def find_faults(folder, table):
    """Return the kinds of faults that are found in one table of a data package."""
    package = frictionless.Package(folder / "datapackage.json")
    (resource,) = [r for r in package.resources if r.path == f"{table}.csv"]
    return {error[0] for error in resource.validate().flatten(["type"])}


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
def test_a_spoiled_cell_fails_the_data_package(
    processed, tmp_path, table, old, new, fault
):
    folder = shutil.copytree(processed, tmp_path / "spoiled")
    path = folder / f"{table}.csv"
    text, times = re.subn(old, new, path.read_text(encoding="utf-8"), count=2)
    assert times
    path.write_text(text, encoding="utf-8", newline="\n")
    assert find_faults(folder, table) >= {"hash-count"}
    # Whoever mends the digest too is still found out.
    package = json.loads((folder / "datapackage.json").read_text())
    (resource,) = [r for r in package["resources"] if r["path"] == f"{table}.csv"]
    resource["hash"] = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    resource["bytes"] = path.stat().st_size
    (folder / "datapackage.json").write_text(json.dumps(package))
    assert fault in find_faults(folder, table)


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
