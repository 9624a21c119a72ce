"""What a researcher knows better than a page: misprints, and clusters renamed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.errors

from giikit.errors import GiikitError
from giikit.findings import Finding, make_finding
from giikit.names import find_economy_code, make_cluster_id
from giikit.tables.frames import COLUMNS, KEY, SCHEMAS, Dataset, make_table

_CORRECTION = "edition cluster_id column output position printed corrected reason"
_ALIAS = "edition old new"
# The lists of a page, each with the column that names what a row is of.
_LISTS = {
    "organizations": "organization",
    "collaborations": "partner",
    "technology_fields": "field",
}
# What follows from a corrected text.
_DERIVED: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "economy": ("economy_code", find_economy_code),
    "partner": ("partner_id", make_cluster_id),
}


def apply_corrections(ds: Dataset, folder: Path) -> Dataset:
    """Apply ``corrections.csv`` and ``aliases.csv`` of a data folder, where they are.

    Raw files stay as they are. Each row that is applied gives an info finding, each
    that fits nothing an error, and nothing else. ``observations`` keep the printed
    text, beside the corrected value. Estimates and checks must be made afterwards.
    """
    found: list[Finding] = []
    for name, columns, apply in (
        ("corrections.csv", _CORRECTION, _correct),
        ("aliases.csv", _ALIAS, _rename),
    ):
        for number, row in enumerate(_read_rows(folder / name), 2):
            try:
                if missing := [k for k in columns.split() if row.get(k) is None]:
                    message = f"there is no {', '.join(missing)} in the row"
                    raise GiikitError(message)
                ds, finding = apply(ds, {k: row[k].strip() for k in columns.split()})
                found.append(finding)
            except GiikitError as error:
                why, place = {"reason": str(error)}, (number,)
                unused = make_finding(
                    "correction-unused", why, source=name, place=place
                )
                found.append(unused)
    findings = pd.concat([ds.findings, make_table("findings", found)])
    return replace(ds, findings=findings)


def _read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV; of a file that is none, one without columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
    except FileNotFoundError:
        pass
    except (OSError, UnicodeError, csv.Error):
        yield {}


def _correct(ds: Dataset, row: dict[str, str]) -> tuple[Dataset, Finding]:
    """Put the corrected value into its table, and beside what is printed."""
    column, what = row["column"], f"{row['column']} of {row['cluster_id']}"
    names = list(_LISTS) if row["output"] else ["clusters", "rankings"]
    cells = [*filter(None, (_find_cell(ds, name, row) for name in names))]
    seen = ds.observations
    if len(cells) != 1:
        texts = seen[_find_key(seen, row) & (seen["indicator"] == column)]["text"]
        there = ", ".join(map(repr, dict.fromkeys(texts))) or "nothing"
        expected = f"expected {row['printed']!r} to be printed once, got {there}"
        message = f"{what}, {row['edition']}: {expected} on the page; not corrected"
        raise GiikitError(message)
    name, cell, places = cells[0]
    table, value = getattr(ds, name).copy(), _convert(name, column, row["corrected"])
    table.loc[cell, column] = value
    if column in _DERIVED:
        other, derive = _DERIVED[column]
        table.loc[cell, other] = derive(row["corrected"])
    try:
        SCHEMAS[name].validate(table)
    except pandera.errors.SchemaError as error:
        message = f"{what}: {row['corrected']!r} is no value of it; not corrected"
        raise GiikitError(message) from error
    about: dict[str, Any] = {}
    findings = ds.findings
    if places.any():
        first = seen[places].iloc[0]
        at = ["source", "line", "start", "end"]
        place = [None if pd.isna(value) else value for value in first[at]]
        about = {"source": place[0], "place": place[1:]}
        # What reading found at fault there is settled.
        settled = (findings[at] == first[at]).all(axis=1).fillna(False)
        findings = findings[~settled]
        if not isinstance(value, str):
            seen = seen.copy()
            seen.loc[places, "value"] = float(value)
    key = int(row["edition"]), make_cluster_id(row["cluster_id"])
    finding = make_finding("corrected", row, key=key, **about)
    tables: dict[str, Any] = {name: table, "observations": seen, "findings": findings}
    return replace(ds, **tables), finding


def _find_cell(
    ds: Dataset, name: str, row: dict[str, str]
) -> tuple[str, pd.Series[bool], pd.Series[bool]] | None:
    """Return the table, its row, and the observations that a correction is about."""
    table, seen = getattr(ds, name), ds.observations
    if row["column"] not in table:
        return None
    own = _find_key(table, row)
    places = _find_key(seen, row) & (seen["indicator"] == row["column"])
    if name in _LISTS:
        own &= table["output"] == row["output"]
        position = table.groupby([*KEY, "output"]).cumcount() + 1
        own &= position.astype("str") == row["position"]
        places &= seen["output"] == row["output"]
        places &= seen["entity"].isin(table.loc[own, _LISTS[name]])
        places &= seen["position"].astype("str") == row["position"]
    places = (places & (seen["text"] == row["printed"])).fillna(False)
    if name == "rankings":
        with suppress(GiikitError):
            own &= table[row["column"]] == _convert(name, row["column"], row["printed"])
    elif not places.any():
        return None
    own = own.fillna(False)
    return (name, own, places) if own.any() else None


def _convert(name: str, column: str, text: str) -> Any:
    """Return a printed text as a value of its column; percentages as fractions."""
    declared = next(c for c in COLUMNS[name] if c.name == column)
    if declared.type == "str":
        return text
    percent = text.endswith("%") or (name == "rankings" and column.endswith("_share"))
    try:
        number = Decimal(text.rstrip("% ").replace(",", "").replace("−", "-"))
    except InvalidOperation:
        message = f"{column}: {text!r} is no number; not corrected"
        raise GiikitError(message) from None
    number = number / 100 if percent else number
    return int(number) if declared.type == "Int64" else float(number)


def _rename(ds: Dataset, row: dict[str, str]) -> tuple[Dataset, Finding]:
    """Rename a cluster of an edition to the cluster_id that it has in others."""
    old, new = make_cluster_id(row["old"]), make_cluster_id(row["new"])
    tables = dict(ds.items())
    where = f"edition {row['edition']}" if row["edition"] else "any edition"
    keys = pd.concat([tables["clusters"], tables["rankings"]])[KEY]
    if row["edition"]:
        keys = keys[keys["edition"].astype("str") == row["edition"]]
    editions = keys.loc[keys["cluster_id"] == old, "edition"]
    taken = set(ds.clusters.loc[ds.clusters["cluster_id"] == new, "edition"])
    if editions.empty or not new or taken & set(editions):
        reason = f"there is no cluster {old!r} in {where}"
        if not editions.empty:
            reason = f"{old!r} cannot be named {new!r}, which {where} has beside it"
        reason += "; not matched"
        raise GiikitError(reason)
    for name, table in tables.items():
        renamed = table.copy()
        for column in {"cluster_id", "partner_id"} & {*table}:
            own = table["edition"].isin(editions) & (table[column] == old)
            renamed.loc[own.fillna(False), column] = new
        if name not in ("rankings", "sources", "findings"):
            renamed = renamed.sort_values(KEY, kind="stable", ignore_index=True)
        tables[name] = renamed
    key = int(editions.iloc[0]), new
    return Dataset(**tables), make_finding("matched-name", row, key=key)


def _find_key(table: pd.DataFrame, row: dict[str, str]) -> pd.Series[bool]:
    """Tell which rows are of a correction's edition and cluster."""
    same = table["edition"].astype("str") == row["edition"]
    return same & (table["cluster_id"] == make_cluster_id(row["cluster_id"]))
