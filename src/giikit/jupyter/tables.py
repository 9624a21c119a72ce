"""A frame as a table for people: labels, units, percentages, links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from giikit.errors import GiikitError
from giikit.jupyter.showing import Shown, format_bound, make_anchor, render
from giikit.tables import list_rows
from giikit.vocabulary import DOCUMENTS, LABELS, format_value

_ENTITIES = ("organization", "partner", "field")


def show_table(
    frame: pd.DataFrame,
    *,
    columns: Sequence[str] | Mapping[str, str] | None = None,
    limit: int | None = 25,
    caption: str = "",
    places: pd.DataFrame | None = None,
) -> Shown:
    """Show a frame as people read it: with labels, units and percentages.

    A missing value is a dash. In a report the table can be sorted, and the names of
    clusters and partners lead to their reports.

    Parameters
    ----------
    frame
        The rows to show, in their order; one of giikit's tables, or made from them.
    columns
        The columns to show, in this order; with labels of your own as a mapping from
        column to label. None: all columns of the frame.
    limit
        The most rows to show; how many more there are stands below. None: all.
    caption
        A title above the table.
    places
        The table ``observations``: each value then leads to its place in the page as
        read, if that is in the same notebook.

    Returns
    -------
    Shown
        The table as text, which Jupyter shows as HTML.

    Raises
    ------
    GiikitError
        If the frame has not one of the columns.
    """
    chosen = list(frame.columns if columns is None else columns)
    if unknown := [c for c in chosen if c not in frame.columns]:
        msg = f"no column {unknown[0]!r} in the table: it has {list(frame.columns)}"
        raise GiikitError(msg)
    own = columns if isinstance(columns, Mapping) else {}
    labels = [own.get(c) or LABELS[c] for c in chosen]
    numeric = [frame[c].dtype.kind in "iuf" for c in chosen]
    anchors = {} if places is None else _index_places(places)
    rows = [
        [(_format_cell(row, c), *_find_link(row, c, anchors)) for c in chosen]
        for row in list_rows(frame.head(len(frame) if limit is None else limit))
    ]
    texts = [[cell[0] for cell in row] for row in rows]
    more = len(frame) - len(rows)
    note = f"and {more:,} more" if more else "" if rows else "nothing to show"
    text = pd.DataFrame(texts, columns=labels).to_string(index=False) if rows else ""
    head = list(zip(labels, numeric, chosen, strict=True))
    html = render("table", head=head, rows=rows, note=note, caption=caption)
    return Shown("\n".join(filter(None, (caption, text, note))), html)


def _format_cell(row: Mapping[str, Any], column: str) -> str:
    """Write a value in words; a bound or value in its row's unit."""
    value = row[column]
    if column == "output" and value is None and "quantity" in row:
        return "All together"
    if value is None:
        return "–"
    if column == "output":
        words = str(DOCUMENTS.get(value, value))
        return words[:1].upper() + words[1:]
    if column == "quantity":
        return LABELS[value]
    if column in ("low", "high"):
        return format_bound(value, up=column == "high", unit=row.get("unit", ""))
    return format_value(value, column)


def _index_places(places: pd.DataFrame) -> dict[tuple[Any, ...], str]:
    """Return the anchors of printed values by profile, column, output and entity."""
    anchors: dict[tuple[Any, ...], str] = {}
    for o in list_rows(places):
        output = o["output"] if o["position"] else None
        key = (o["edition"], o["cluster_id"], o["indicator"], output, o["entity"])
        anchors.setdefault(key, make_anchor(*key[:4], o["position"]))
    return anchors


def _find_link(
    row: Mapping[str, Any], column: str, anchors: Mapping[tuple[Any, ...], str]
) -> tuple[str, str]:
    """Return the anchor that a cell leads to, and the report that it is in."""
    edition, cluster_id = row.get("edition"), row.get("cluster_id")
    entity = next((row[e] for e in _ENTITIES if e in row), None)
    anchor = anchors.get((edition, cluster_id, column, row.get("output"), entity), "")
    if column == "line" and row[column]:
        anchor = make_anchor(edition, cluster_id, f"L{row[column]}")
    if column == "partner":
        anchor, cluster_id = "", row.get("partner_id")
    linked = anchor or column in ("cluster", "partner")
    return anchor, f"{edition}/{cluster_id}" if linked and cluster_id else ""
