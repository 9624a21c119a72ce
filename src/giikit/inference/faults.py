"""Contradictions: how they are found in rows, worded, and placed on a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import ceil, floor
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from giikit.findings import Finding, make_finding
from giikit.inference.bounds import Array, Interval, stack
from giikit.names import read_ranking_name
from giikit.tables import KEY, Dataset

RANKING = "ranking"


class Fault(NamedTuple):
    """A contradiction on the page ``key``, at the printed value ``indicator``.

    ``details`` fill the message that findings.csv has for the code. One in a ranking
    has its edition, kind and method as ``table``.
    """

    code: str
    details: dict[str, Any]
    key: Any
    indicator: str
    output: Any = None
    entity: Any = None
    table: Any = None


def report_rows(
    code: str, rows: pd.DataFrame, wrong: Any, indicator: str, **details: Any
) -> Iterator[Fault]:
    """Report the rows that are wrong; what fills the message are their columns.

    Of ``details``, an array has a value for each of all rows.
    """
    places = np.flatnonzero(wrong)
    if not places.size:
        return
    for place, row in zip(places, rows.iloc[places].to_dict("records"), strict=True):
        filled = {str(column): value for column, value in row.items()}
        for name, value in details.items():
            filled[name] = value[place] if isinstance(value, np.ndarray) else value
        key = row["edition"], row["cluster_id"]
        table = key[0], row.get("kind"), row.get("method")
        yield Fault(code, filled, key, indicator, table=table)


def write_span(low: Any, high: Any) -> str:
    """Write an interval of whole numbers."""
    end = "or more" if np.isinf(high) else f"to {floor(high):,}"
    return f"{ceil(low):,} {end}"


def report_repeated(
    rows: pd.DataFrame, column: str, *by: str, at: str = ""
) -> Iterator[Fault]:
    """Report each row of which the rank is another's too."""
    known = rows.dropna(subset=[column, *by])
    same = known[known.duplicated(["edition", *by, column], keep=False)]
    if same.empty:
        return
    names = same.groupby(["edition", *by, column])["cluster"]
    other = names.transform("first")
    other = other.where(other != same["cluster"], names.transform("last"))
    about = {"column": column, "rank": same[column].to_numpy()}
    same, all_ = same.assign(other=other), np.ones(len(same))
    yield from report_rows("rank-duplicate", same, all_, at or column, **about)


def report_overtaken(
    code: str, rows: pd.DataFrame, at: str, known: Interval
) -> Iterator[Fault]:
    """Report rows that are surely higher, in each of the bounds, than one before."""
    column = "rank" if at == RANKING else at
    ranks, names = stack(rows, [column])[0], rows["cluster"].to_numpy()
    others = np.full(len(rows), "", dtype=object)
    for row, lower in find_overtaken(ranks, *known).items():
        more = f" and {len(lower) - 1} more" if lower[1:] else ""
        others[row] = f"{ranks[lower[0]]:.0f} of {names[lower[0]]}{more}"
    about = {"column": column, "others": others, "rank": ranks}
    yield from report_rows(code, rows, others != "", at, **about)


def find_overtaken(rank: Array, low: Array, high: Array) -> dict[int, list[int]]:
    """Find those that are higher in each bound than others of a smaller rank.

    Each of the others is listed once, under the last ranked that is higher. Those
    without a rank or a value are left out.
    """
    overtaken: dict[int, list[int]] = {}
    known = np.flatnonzero(~np.isnan(rank) & ~np.isnan(low + high).any(axis=0))
    # From the last rank on, only those that none of a larger rank exceeds: few.
    front = np.empty(0, dtype=int)
    for row in known[np.argsort(-rank[known], kind="stable")]:
        after = front[rank[front] > rank[row]]
        over = after[(low[:, after] > high[:, [row]]).all(axis=0)]
        if over.size:
            overtaken.setdefault(int(over[0]), []).append(int(row))
        if not (low[:, front] >= low[:, [row]]).all(axis=0).any():
            kept = front[(low[:, front] > low[:, [row]]).any(axis=0)]
            front = np.append(kept, row)
    return overtaken


def locate_faults(ds: Dataset, faults: list[Fault]) -> Iterator[Finding]:
    """Return the faults as findings, each with its file and its place there."""
    pages = ds.clusters.set_index(KEY)["source"].to_dict()
    tables = ds.sources.loc[ds.sources["format"] == "csv", "source"]
    named = [(read_ranking_name(PurePosixPath(name).stem), name) for name in tables]
    # Which of two files of one ranking has the row is not known.
    several = Counter(name for name, _ in named)
    files = {name: source for name, source in named if several[name] == 1}
    wanted = ds.observations["indicator"].isin({fault.indicator for fault in faults})
    rows = ds.observations[wanted].astype(object)
    places: dict[Any, Any] = {}
    for row in rows.where(rows.notna(), None).itertuples():
        entity = row.text if row.indicator == "partner" else row.entity
        key = row.edition, row.cluster_id, row.indicator, row.output, entity
        places.setdefault(key, (row.line, row.start, row.end))
    for fault in faults:
        ranking = fault.indicator == RANKING
        source = files.get(fault.table) if ranking else pages.get(fault.key)
        place = places.get((*fault.key, *fault[3:6]), ())
        about = fault.code, fault.details
        yield make_finding(*about, key=fault.key, source=source, place=place)
