"""What a researcher knows better than a page: misprints, and clusters renamed."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from giikit.errors import GiikitError
from giikit.findings import Finding, make_finding
from giikit.names import find_economy_code, make_cluster_id
from giikit.tables.frames import COLUMNS, KEY, Dataset, fit_table, make_table
from giikit.tables.selection import list_rows, match_rows

_CORRECTION = "edition cluster_id column output position printed corrected reason"
_ALIAS = "edition old new"
_LISTS = ["organizations", "collaborations", "technology_fields"]
_NUMBERED = ["edition", "position"]
_PLACE = ["source", "line", "start", "end"]
# What follows from a corrected text.
_DERIVED: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "economy": ("economy_code", find_economy_code),
    "partner": ("partner_id", make_cluster_id),
}
_NUMBER = re.compile(r"([-−+]?[0-9][0-9,]*(?:\.[0-9]+)?)( ?%|st|nd|rd|th)?")


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
            except GiikitError as error:
                about: Any = {"source": name, "place": (number,)}
                reason = {"reason": str(error)}
                finding = make_finding("correction-unused", reason, **about)
            if finding.source is None:  # what was changed stands on no page
                finding = finding._replace(source=name, line=number)
            found.append(finding)
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
    from pandera.errors import SchemaError  # which takes long to load

    column, printed, seen = row["column"], row["printed"], ds.observations
    what = f"{column} of {row['cluster_id']}"
    number = {k: int(row[k]) if row[k].isdecimal() else 0 for k in _NUMBERED}
    edition, cluster_id = number["edition"], make_cluster_id(row["cluster_id"])
    key: dict[str, Any] = {"edition": edition, "cluster_id": cluster_id}
    texts = seen.loc[match_rows(seen, indicator=column, **key), "text"]
    if row["output"]:
        key |= {"output": row["output"], "position": number["position"]}
    places = match_rows(seen, indicator=column, text=printed, **key)
    cells = dict(_find_cells(ds, column, key, printed, is_seen=bool(places.any())))
    if len(cells) != 1:
        there = ", ".join(map(repr, dict.fromkeys(texts))) or "nothing"
        expected = f"expected {printed!r} to be printed once, got {there}"
        message = f"{what}, {row['edition']}: {expected} on the page; not corrected"
        raise GiikitError(message)
    [(name, cell)] = cells.items()
    table, value = getattr(ds, name).copy(), _convert(name, column, row["corrected"])
    refused = f"{what}: {row['corrected']!r} is no value of it; not corrected"
    if column in _DERIVED:
        other, derive = _DERIVED[column]
        if not (derived := derive(row["corrected"])):
            raise GiikitError(refused)
        table.loc[cell, other] = derived
    try:
        table.loc[cell, column] = value
        table = fit_table(name, table)
    except (TypeError, OverflowError, SchemaError) as error:
        raise GiikitError(refused) from error
    place = seen.loc[places, _PLACE].head(1)
    # What reading found at fault there is settled. On a page whose lines are not known
    # by their characters, that is what names the text.
    same = ds.findings[_PLACE].merge(place, "left", indicator=True)["_merge"] == "both"
    if place["start"].isna().any():
        same &= ds.findings["message"].str.contains(printed, regex=False)
    if not isinstance(value, str):
        seen = seen.assign(value=seen["value"].mask(places, float(value)))
    about = [*list_rows(place), dict.fromkeys(_PLACE)][0]
    source, *at = about.values()
    finding = make_finding(
        "corrected", row, key=(edition, cluster_id), source=source, place=tuple(at)
    )
    tables: dict[str, Any] = {name: table, "observations": seen}
    return replace(ds, **tables, findings=ds.findings[~same.to_numpy()]), finding


def _find_cells(
    ds: Dataset, column: str, key: dict[str, Any], printed: str, *, is_seen: bool
) -> Iterator[tuple[str, Any]]:
    """Yield the tables that have the cell, each with which rows it is in."""
    for name in _LISTS if "output" in key else ("clusters", "rankings"):
        table = getattr(ds, name)
        if column not in {*table} - {*KEY} or not (is_seen or name == "rankings"):
            continue
        if name in _LISTS:
            position = table.groupby([*KEY, "output"]).cumcount() + 1
            table = table.assign(position=position)
        rows = match_rows(table, **key)
        if name == "rankings":
            try:
                rows &= match_rows(table, **{column: _convert(name, column, printed)})
            except GiikitError:  # it is not read, so the cell is empty
                rows &= table[column].isna().to_numpy()
        if rows.any():
            yield name, rows


def _convert(name: str, column: str, text: str) -> Any:
    """Return a printed text as a value of its column; percentages as fractions."""
    [declared] = [c for c in COLUMNS[name] if c.name == column]
    if declared.type == "str":
        return text
    number = _NUMBER.fullmatch(text)
    suffix = number[2] or "" if number else ""
    if not number or (suffix.isalpha() and "rank" not in column):
        message = f"{column}: {text!r} is no number; not corrected"
        raise GiikitError(message)
    value = Decimal(number[1].replace(",", "").replace("−", "-"))
    if "%" in suffix or (name == "rankings" and column.endswith("_share")):
        value /= 100
    whole = declared.type == "Int64" and value == int(value)
    return int(value) if whole else float(value)


def _rename(ds: Dataset, row: dict[str, str]) -> tuple[Dataset, Finding]:
    """Rename a cluster of an edition to the cluster_id that it has in others."""
    old, new = make_cluster_id(row["old"]), make_cluster_id(row["new"])
    where = f"edition {row['edition']}" if row["edition"] else "any edition"
    table = ["edition", "kind", "method"]
    names = pd.concat([ds.clusters, ds.rankings])[["cluster_id", *table]]
    if row["edition"]:
        names = names[names["edition"].astype("str") == row["edition"]]
    own = names[match_rows(names, cluster_id=old)]
    if own.empty:
        message = f"there is no cluster {old!r} in {where}; not matched"
        raise GiikitError(message)
    if not new or len(own.merge(names[match_rows(names, cluster_id=new)], on=table)):
        message = f"{old!r} cannot be named {new!r}, which {where} has beside it"
        message = f"{message}; not matched"
        raise GiikitError(message)
    tables = {}
    for name, rows in ds.items():
        for column in {"cluster_id", "partner_id"} & {*rows}:
            same = rows["edition"].isin(own["edition"]) & match_rows(
                rows, **{column: old}
            )
            rows = rows.assign(**{column: rows[column].mask(same, new)})
        if name not in ("rankings", "sources", "findings"):
            rows = rows.sort_values(KEY, kind="stable", ignore_index=True)
        tables[name] = rows
    key = int(own["edition"].iloc[0]), new
    return Dataset(**tables), make_finding("matched-name", row, key=key)
