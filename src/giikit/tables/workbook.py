"""All tables as one workbook, for those who read them in a spreadsheet."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from giikit.errors import GiikitError
from giikit.tables.frames import COLUMNS, Column, Dataset
from giikit.vocabulary import NOTICE

# What a spreadsheet can hold: rows of a sheet, characters of a cell.
_MOST_ROWS, _LONGEST = 1_048_576, 32_767
_WIDEST = 50
_FORMATS = {"year": "0", "fraction": "0.0%", "bytes": "#,##0"}


def write_workbook(ds: Dataset, path: Path) -> None:
    """Write a workbook: a sheet a table, a dictionary of their columns, the licence.

    The first row of a sheet holds the names of the columns, each with a note on its
    unit and meaning. Text is text, also where it begins like a formula. The same
    tables give the same bytes.
    """
    import xlsxwriter  # type: ignore[import-untyped]

    declared = [column for columns in COLUMNS.values() for column in columns]
    dictionary = pd.DataFrame(declared, columns=Column._fields)
    about = [f"Made by giikit {version('giikit')}.", *NOTICE]
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as workbook:
        workbook.set_properties({"created": datetime(2000, 1, 1)})
        for name, table in ds.items():
            _write_sheet(workbook, name, table, COLUMNS[name])
        _write_sheet(workbook, "dictionary", dictionary)
        _write_sheet(workbook, "about", pd.DataFrame({"about": about}))


def _write_sheet(
    workbook: Any,
    name: str,
    table: pd.DataFrame,
    columns: list[Column] | None = None,
) -> None:
    """Write a table with its names above, and filters, if ``columns`` declares it."""
    if len(table) >= _MOST_ROWS:
        message = (
            f"{name} has {len(table):,} rows, too many for a workbook: use the CSV"
        )
        raise GiikitError(message)
    cells = table.astype(object).where(table.notna(), None)
    sheet = workbook.add_worksheet(name)
    sheet.add_write_handler(str, _write_text)
    sheet.freeze_panes(1, 2 if columns else 0)
    sheet.autofilter(0, 0, len(table), table.shape[1] - 1)
    for i, label in enumerate(cells):
        form = _FORMATS.get(columns[i].unit if columns else "", "General")
        width = max([len(str(label)) + 3, *(len(str(v)) for v in cells[label] if v)])
        form = workbook.add_format({"num_format": form})
        sheet.set_column(i, i, min(width, _WIDEST), form)
    sheet.write_row(0, 0, list(cells), workbook.add_format({"bold": True, "bottom": 1}))
    for i, column in enumerate(columns or ()):
        unit = f" Unit: {column.unit}." if column.unit else ""
        sheet.write_comment(0, i, f"{column.description}.{unit}")
    for i, row in enumerate(cells.itertuples(index=False), start=1):
        sheet.write_row(i, 0, row)


def _write_text(sheet: Any, row: int, column: int, text: str, *form: Any) -> Any:
    """Write text as text, also where it looks like a formula or an address."""
    cut = f"{text[: _LONGEST - 1]}…" if len(text) > _LONGEST else text
    return sheet.write_string(row, column, cut, *form)
