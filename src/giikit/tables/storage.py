"""How tables lie on disk: CSV text, whole files only, and their description."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from giikit.errors import GiikitError
from giikit.tables.frames import COLUMNS, TABLES, Column
from giikit.vocabulary import LICENCE, NOTICE, WIPO

_FRICTIONLESS_TYPES = {
    "str": "string",
    "Int64": "integer",
    "float64": "number",
    "bool": "boolean",
}


def _format_float(value: Any) -> str:
    """Write a float as the shortest text that reads back the same."""
    return repr(float(value)).removesuffix(".0")


def format_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV: LF, empty for missing, shortest exact numbers."""
    text: str = frame.to_csv(
        index=False, lineterminator="\n", float_format=_format_float
    )
    return text


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV in UTF-8."""
    path.write_bytes(format_csv(frame).encode())


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
    path = raw / "sources.csv"
    rows = pd.DataFrame(dtype=str)
    if path.is_file():
        try:
            rows = pd.read_csv(
                path, dtype=str, keep_default_na=False, encoding_errors="replace"
            )
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
    columns = COLUMNS[name]
    key = [column.name for column in columns if column.required == "key"]
    return {
        "name": name.replace("_", "-"),
        "path": f"{name}.csv",
        "description": f"one row per {TABLES[name]}",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {
            "fields": [_describe_field(column) for column in columns],
            "missingValues": [""],
            **({"primaryKey": key} if key else {}),
        },
    }


def _describe_field(column: Column) -> dict[str, Any]:
    """Turn a column's declaration into a field with its constraints."""
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    constraints |= {"minimum": float(column.low)} if column.low else {}
    constraints |= {"maximum": float(column.high)} if column.high else {}
    constraints |= {"enum": column.among.split("|")} if column.among else {}
    field = {
        "name": column.name,
        "type": _FRICTIONLESS_TYPES[column.type],
        "description": column.description,
        "unit": column.unit,
        "constraints": constraints,
    }
    return {k: v for k, v in field.items() if v}
