"""What a notebook shows: a table, the page as read, a cluster in brief.

Each is a text that Jupyter shows as HTML; both forms come from the same templates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from giikit.build import load_dataset
from giikit.errors import GiikitError
from giikit.files import find_data_dir
from giikit.model import ClusterProfile
from giikit.pages import Page, make_page, read_page
from giikit.parsing import mark_lines, parse_page
from giikit.tables import Dataset, list_rows, select_cluster, select_profile
from giikit.vocabulary import (
    DOCUMENTS,
    LABELS,
    RATES,
    format_bound,
    format_value,
    load_templates,
    make_printable,
    name_output,
)

_ENTITIES = ("organization", "partner", "field")
_CHANGED = "The saved page was changed since the tables were built: build them anew."


class Shown(str):
    """A text, safe to print in a terminal, that Jupyter shows as HTML."""

    html: str

    def __new__(cls, text: str, html: str) -> Shown:
        """Return ``text`` with its other form; ``html`` comes from the template."""
        lines = map(make_printable, text.expandtabs().split("\n"))
        shown = super().__new__(cls, "\n".join(lines).strip("\n"))
        shown.html = html.strip()
        return shown

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.html


def render(kind: str, *, suffix: str = "html", **values: Any) -> Any:
    """Return a part of the template, filled; in HTML every value comes out escaped."""
    templates = load_templates(Path(__file__).parent)
    templates.filters |= {"ordinal": format_ordinal, "interval": format_interval}
    templates.globals["make_anchor"] = make_anchor
    return getattr(templates.get_template(f"show.{suffix}.j2").module, kind)(**values)


def make_anchor(
    edition: Any, cluster_id: Any, indicator: str, output: Any = None, position: Any = 0
) -> str:
    """Return the id under which a printed value stands in the page as read.

    Only listed values have a position; of the others there is one on each page.
    """
    place = f"-{output}-{position}" if position else ""
    return f"{edition}-{cluster_id}-{indicator}{place}"


def format_ordinal(rank: int | None) -> str:
    """Write a rank: 1st, 2nd, 3rd, 11th."""
    if rank is None:
        return "–"
    end = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10 * (rank // 10 % 10 != 1), "th")
    return f"{rank:,}{end}"


def format_interval(row: Mapping[str, Any] | None, digits: int = 4) -> str:
    """Write the bounds of an estimate, rounded outward; without any, nothing."""
    if row is None or not row["consistent"]:
        return ""
    low, high, unit = row["low"], row["high"], row["unit"]
    sign = "%" if unit == "fraction" else ""
    if unit == "inhabitants" and low >= 1e6:
        low, high, unit, sign = low / 1e6, high and high / 1e6, "", " million"
    least = _write_bound(low, unit, up=False, digits=digits)
    if high is None:
        return f"at least {least}{sign}"
    most = _write_bound(high, unit, up=True, digits=digits)
    return f"{least} to {most}{sign}" if most != least else f"{least}{sign}"


def _write_bound(value: float, unit: str, *, up: bool, digits: int = 4) -> str:
    """Write a bound: what is counted as a whole number, a fraction in per cent."""
    places = 0 if unit in ("documents", "deals", "inhabitants") else None
    scaled = 100 * value if unit == "fraction" else value
    return format_bound(scaled, up=up, places=places, digits=digits)


def show_table(
    frame: pd.DataFrame,
    *,
    columns: Sequence[str] | Mapping[str, str] | None = None,
    limit: int | None = 25,
    caption: str = "",
    empty: str = "nothing to show",
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
    empty
        What stands in the place of a table without rows.
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
    note = f"and {more:,} more" if more else "" if rows else empty
    text = pd.DataFrame(texts, columns=labels).to_string(index=False) if rows else ""
    head = list(zip(labels, numeric, chosen, strict=True))
    html = render("table", head=head, rows=rows, note=note, caption=caption)
    return Shown("\n".join(filter(None, (caption, text, note))), html)


def _format_cell(row: Mapping[str, Any], column: str) -> str:
    """Write a value in words; a bound or value in its row's unit."""
    value = row[column]
    if column == "output" and (value or "quantity" in row):
        return name_output(value)
    if value is None:
        return "–"
    if column == "quantity":
        return LABELS[value]
    if column in ("low", "high"):
        # An index from 0 to 1 is a fraction, but no percentage.
        unit = "" if row.get("quantity") == "hhi" else row.get("unit", "")
        written = _write_bound(value, unit, up=column == "high")
        return f"{written}%" if unit == "fraction" else written
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


def show_source(
    source: ClusterProfile | Page | Path | str,
    ds: Dataset | None = None,
    *,
    data: str | Path | None = None,
) -> Shown:
    """Show a saved page as it was read: each value in its place, unread lines marked.

    The page is read again for this. Where it is not the one that the tables were
    built from, a note says so.

    Parameters
    ----------
    source
        A profile, whose page is looked up below ``data/raw``; a page that was read;
        the path of one; or its text, of more than one line.
    ds
        The tables that a profile is from; None: those of the data folder.
    data
        The data folder; None or empty: found from here upward.

    Returns
    -------
    Shown
        The page as text with values in brackets, which Jupyter shows as HTML.

    Raises
    ------
    PageError
        If the page cannot be read.
    GiikitError
        If the profile was read from a text, which is not kept, or there is no data
        folder to find its page in.
    """
    page, note = _read_source(source, ds, data)
    lines = mark_lines(page)
    kinds = Counter(mark.kind for line in lines for mark in line.marks)
    unread = sum(line.state == "unread" for line in lines)
    missed = f", {_count(unread, 'line')} not read" * bool(unread)
    values: dict[str, Any] = {
        "profile": source if isinstance(source, ClusterProfile) else parse_page(page),
        "name": page.source or "text",
        "note": note,
        "title": f"{_count(kinds.total(), 'value')} read{missed}",
        "legend": [(kind, _count(n, kind)) for kind, n in kinds.most_common()],
        "blocks": [list(b) for _, b in groupby(lines, lambda x: x.state == "outside")],
    }
    forms = (render("source", suffix=s, seen=set(), **values) for s in ("txt", "html"))
    return Shown(*forms)


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def _read_source(
    source: ClusterProfile | Page | Path | str,
    ds: Dataset | None,
    data: str | Path | None,
) -> tuple[Page, str]:
    """Read the page, with a note if it is not the one that the tables are from."""
    if isinstance(source, Page):
        return source, ""
    if isinstance(source, str) and "\n" in source:
        return make_page(source, ""), ""
    if not isinstance(source, ClusterProfile):
        return read_page(Path(source), Path(source).name), ""
    if not source.source:
        msg = "this profile was read from a text, which it does not keep: show the text"
        raise GiikitError(msg)
    page = read_page(find_data_dir(data) / "raw" / source.source, source.source)
    known = (ds or load_dataset(data)).sources.set_index("source")["sha256"]
    return page, "" if known.get(page.source) == page.sha256 else _CHANGED


def write_brief(ds: Dataset, cluster: str = "", edition: int = 0) -> Shown:
    """Write some five sentences on a cluster, every number of them from the tables.

    Ranks, the change since the edition before, rates against the median of the
    clusters read, what the printed numbers imply, the largest organizations, and the
    partners. What a page lacks is left out, and bounds are rounded outward.

    Parameters
    ----------
    ds
        All tables, since other clusters and editions are compared with.
    cluster, edition
        The cluster and the year, see `select_cluster`.

    Returns
    -------
    Shown
        The sentences as text; in Jupyter below the cluster's name and key figures.
    """
    edition, cluster_id = select_cluster(ds, cluster, edition)
    profile = select_profile(ds, cluster_id, edition)
    mine = ds.clusters.loc[ds.clusters["cluster_id"] == cluster_id, "edition"]
    earlier = max((int(year) for year in mine if year < edition), default=None)
    with_deals = set(ds.clusters.dropna(subset=[RATES["venture_capital"]])["edition"])
    rows = list_rows(ds.estimates, edition, cluster_id)
    estimates = {(row["quantity"], row["output"]): row for row in rows}
    names: dict[Any, str] = {("total", output): of for output, of in DOCUMENTS.items()}
    names["population", None] = "inhabitants"
    implied = [(estimates[key], of) for key, of in names.items() if key in estimates]
    peers = ds.clusters[ds.clusters["edition"] == edition]
    rates = [(c, DOCUMENTS[o], getattr(profile, c)) for o, c in RATES.items()]
    rates = [rate for rate in rates if rate[2] is not None]
    sentences = render(
        "sentences",
        profile=profile,
        before=earlier and list_rows(ds.clusters, earlier, cluster_id)[0],
        deals_count=edition in with_deals and earlier not in with_deals,
        rates=[f"{format_value(value)} {of}" for _, of, value in rates],
        medians=[format_value(peers[c].median()) for c, *_ in rates if len(peers) > 2],
        estimates=estimates,
        implied=[f"{format_interval(e)} {of}" for e, of in implied if e["consistent"]],
        contradicted=[of for row, of in implied if not row["consistent"]],
        # A share such as <1% is a bound, which no table of values can hold.
        printed={
            (o.indicator, o.output, o.entity): o.text
            for o in profile.observations
            if o.resolution
        },
    )
    people = format_interval(estimates.get(("population", None)))
    html = render("brief", profile=profile, sentences=sentences, people=people)
    return Shown(sentences.striptags(), html)
