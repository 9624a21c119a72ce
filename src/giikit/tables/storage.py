"""How tables lie on disk: CSV text, whole files only, and their description."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from giikit.errors import GiikitError
from giikit.tables.frames import COLUMNS, TABLES, Column, Dataset, list_key
from giikit.tables.workbook import write_workbook
from giikit.vocabulary import LICENCE, NOTICE, WIPO

_TYPES = dict(str="string", Int64="integer", float64="number", bool="boolean")


def _format_float(value: Any) -> str:
    """Write a float as the shortest text that reads back the same."""
    return repr(float(value)).removesuffix(".0")


def format_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV: LF, empty for missing, shortest exact numbers."""
    options: Any = {"lineterminator": "\n", "float_format": _format_float}
    return str(frame.to_csv(index=False, **options))


def write_tables(ds: Dataset, folder: Path, *, xlsx: bool) -> None:
    """Write each table as CSV in UTF-8 and as Parquet, and all as a workbook."""
    for name, table in ds.items():
        (folder / f"{name}.csv").write_bytes(format_csv(table).encode())
        table.to_parquet(folder / f"{name}.parquet", index=False)
    if xlsx:
        write_workbook(ds, folder / "giikit.xlsx")


def read_origins(raw: Path) -> pd.DataFrame:
    """Return ``sources.csv``: where the files below ``raw`` are from.

    Returns
    -------
    pandas.DataFrame
        One row per file that was added; columns source, origin, retrieved, sha256 and
        a researcher's own, all text. Without ``sources.csv``, no row.

    Raises
    ------
    GiikitError
        If ``sources.csv`` is no table.
    """
    path, rows = raw / "sources.csv", pd.DataFrame(dtype=str)
    options: Any = {"dtype": str, "keep_default_na": False}
    try:
        if path.is_file():
            rows = pd.read_csv(path, encoding_errors="replace", **options)
    except ValueError as error:
        message = f"{path} cannot be read ({error}): mend it, or remove it"
        raise GiikitError(message) from error
    columns = dict.fromkeys(["source", "origin", "retrieved", "sha256", *rows.columns])
    return rows.reindex(columns=list(columns), fill_value="")


def describe_package(folder: Path, sources: pd.DataFrame) -> dict[str, Any]:
    """Describe the CSV files of ``folder``, made of ``sources``, as a data package."""
    licence, address = LICENCE
    made_by = f"giikit {version('giikit')}"
    named = zip(sources["source"], sources["sha256"], strict=True)
    files = [{"title": name, "hash": f"sha256:{digest}"} for name, digest in named]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "giikit",
        "title": "Science and technology clusters of the Global Innovation Index",
        "description": " ".join(NOTICE),
        "licenses": [{"name": licence, "path": address}],
        "contributors": [{"title": made_by, "roles": ["wrangler"]}],
        "sources": [{"title": "WIPO, Global Innovation Index", "path": WIPO}, *files],
        "resources": [_describe_resource(folder, name) for name in TABLES],
    }


def _describe_resource(folder: Path, name: str) -> dict[str, Any]:
    content = (folder / f"{name}.csv").read_bytes()
    key = {"primaryKey": list_key(name)} if list_key(name) else {}
    fields = [_describe_field(column) for column in COLUMNS[name]]
    return {
        "name": name.replace("_", "-"),
        "path": f"{name}.csv",
        "description": f"one row per {TABLES[name]}",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{sha256(content).hexdigest()}",
        "schema": {"fields": fields, "missingValues": [""], **key},
    }


def _describe_field(column: Column) -> dict[str, Any]:
    """Turn a column's declaration into a field with its constraints."""
    field = {
        "name": column.name,
        "type": _TYPES[column.type],
        "description": column.description,
        "unit": column.unit,
        "constraints": column.constraints,
    }
    return {name: value for name, value in field.items() if value}
