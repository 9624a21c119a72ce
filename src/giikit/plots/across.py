"""Figures across the clusters of an edition; `giikit.plots` has their public names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from giikit import vocabulary
from giikit.plots import drawing as figures
from giikit.plots.drawing import (
    BESIDE,
    GREY,
    INK,
    NAME,
    RED,
    Interval,
    Style,
    measure_text,
    write,
)
from giikit.tables import Dataset, list_rows, select_edition
from giikit.vocabulary import LABELS, OUTPUTS, Output

COLORS: dict[Output | None, str] = {
    "patent": figures.BLUE,
    "publication": figures.ORANGE,
    None: figures.GREEN,
}
DOCUMENTS: dict[Output, str] = {
    output: vocabulary.DOCUMENTS[output] for output in OUTPUTS
}
SOURCES: dict[Output | None, str] = {**dict(DOCUMENTS.items()), None: "both"}
_MEASURES = ("size_rank", "intensity_rank", "pct_per_million", "articles_per_million")
MEASURES = {name: LABELS[name] for name in _MEASURES}


def size_against_intensity(ds: Dataset, *, edition: int = 0) -> Axes:
    """Draw the two world ranks of every cluster against each other."""
    clusters = select_edition(ds, edition)
    x, y = "size_rank", "intensity_rank"
    ax = _start(clusters, "size rank against intensity rank", 5, y_axis=True, left=0.7)
    for which in ("x", "y"):
        last = set_ranks(ax, which, clusters[[x, y]].max())
    ax.plot([1, last], [1, last], color=GREY, lw=1, zorder=0)
    style: Style = {"color": "0.45", "fontsize": 8, "xycoords": "axes fraction"}
    write(ax, 0, 1, "more intense than large", 4, -14, **style)
    write(ax, 1, 0, "larger than intense", -4, 14, ha="right", **style)
    return _draw_scatter(ax, clusters, x, y)


def rates(ds: Dataset, *, edition: int = 0) -> Axes:
    """Draw every cluster's PCT applications against its articles, per million."""
    clusters = select_edition(ds, edition)
    x, y = "articles_per_million", "pct_per_million"
    what = "PCT applications against articles"
    ax = _start(clusters, what, 4.5, y_axis=True, left=0.8)
    figures.scale_axis(ax, "x", clusters[x].dropna())
    figures.scale_axis(ax, "y", clusters[y].dropna())
    ax.margins(0.12)
    return _draw_scatter(ax, clusters, x, y)


def top_shares(ds: Dataset, *, edition: int = 0) -> Axes:
    """Draw the share of every cluster's three largest applicants and publishers."""
    label = "Share of the three largest in the cluster's documents (%)"
    return _compare(ds, edition, "top3_share", DOCUMENTS, label, "{:.0f}", 100)


def populations(ds: Dataset, *, edition: int = 0) -> Axes:
    """Draw the population that every cluster's printed numbers imply."""
    label = "Inhabitants implied by the printed numbers (million)"
    return _compare(ds, edition, "population", SOURCES, label, "{:.2f}", 1e-6)


def collaborations(ds: Dataset, *, edition: int = 0, most: int = 40) -> Axes:
    """Draw who names whom: clusters by size, partners by how often they are named.

    ``most`` partners have a column of their own, the others share the last one.
    """
    clusters = select_edition(ds, edition)
    row = {cluster_id: y for y, cluster_id in enumerate(clusters["cluster_id"])}
    named = ds.collaborations[ds.collaborations["cluster_id"].isin(row)]
    named = named[named["edition"] == clusters["edition"][0]]
    times = named["partner_id"].value_counts().sort_index()
    times = times.sort_values(ascending=False, kind="stable")
    names = dict(zip(named["partner_id"], named["partner"], strict=True))
    size, _, width = _fit_rows(list(clusters["cluster"]))
    most = min(most, int((figures.WIDTH - width - 0.6) * 72 / size / 1.25))
    column = {partner_id: min(x, most) for x, partner_id in enumerate(times.index)}
    heads = [f"{names[i]} ({n})" for i, n in times[:most].items()]
    if len(times) > most:
        heads.append(f"{len(times) - most} others ({times[most:].sum()})")
    turned: Style = {"va": "bottom", "xycoords": ("data", "axes fraction")}
    turned |= {"rotation": 90, "ha": "center"}
    right, top = 0.25, max((measure_text(h, size, NAME) for h in heads), default=0)
    if len(heads) <= 12:
        turned |= {"rotation": 40, "ha": "left", "rotation_mode": "anchor"}
        right, top = 0.7 * top, 0.65 * top
    top += 0.8
    ax = _start_rows(clusters, "who works with whom", right=right, top=top)
    for kind, shift in zip(OUTPUTS, (-0.17, 0.17), strict=True):
        part = named[named["output"] == kind]
        x = [column[partner_id] + shift for partner_id in part["partner_id"]]
        y = [row[cluster_id] for cluster_id in part["cluster_id"]]
        ax.scatter(x, y, s=size * 2.2, color=COLORS[kind], linewidths=0)
    for place, head in enumerate(heads):
        write(ax, place, 1, head, dy=4, fontsize=size, room=NAME, **turned)
    ax.set(xlim=(-0.6, max(len(heads), 12) - 0.4), xticks=[])
    ax.set_xlabel("Partner location (how often it is named)")
    entries = [(DOCUMENTS[kind], COLORS[kind]) for kind in OUTPUTS]
    figures.write_legend(ax, entries, 72 * top - 40)
    said = f"most named: {', '.join(heads[:12])}" if heads else "no partner is named"
    figures.describe(ax, "Dot matrix", [said])
    return ax


def _start(clusters: pd.DataFrame, what: str, height: float, **options: Any) -> Axes:
    edition = int(clusters["edition"][0])
    title = f"{len(clusters)} clusters, GII {edition}: {what}"
    return figures.make_panels(title, edition, [height], **options)[0]


def _start_rows(clusters: pd.DataFrame, what: str, **margins: float) -> Axes:
    """Return axes with a row for every cluster, its name at the left."""
    names = list(clusters["cluster"])
    size, step, width = _fit_rows(names)
    height = (len(names) + 0.2) * step
    ax = _start(clusters, what, height, left=width + 0.25, **margins)
    for y, name in enumerate(names):
        write(ax, 0, y, name, dx=-5, ha="right", fontsize=size, room=NAME, **BESIDE)
    lines = ax.get_yaxis_transform()
    ax.hlines(range(len(names)), 0, 1, "0.9", lw=0.8, zorder=0, transform=lines)
    ax.set_ylim(len(names) - 0.4, -0.6)
    return ax


def _fit_rows(names: Sequence[str]) -> tuple[float, float, float]:
    """Return font size, row height and width of the names of a chart of many rows."""
    size, step = (8.5, 0.25) if len(names) <= 30 else (6.5, 0.16)
    return size, step, max(measure_text(name, size, NAME) for name in names)


def _draw_table(
    ax: Axes, table: Sequence[Sequence[Interval]], form: str, last: bool
) -> None:
    """Draw the intervals of every row, and as numbers all of them or the last."""
    size, _, _ = _fit_rows([""] * len(table))
    bounds = []
    for y, row in enumerate(table):
        told = row[-1:] if last else row
        # Where the outputs have no common bounds, those of each are in view.
        bounds += [b for i in (told if told[0].bounds else row) for b in i.bounds]
        if last and row[-1].consistent and not row[-1].bounds:
            told = [i for i in row if i.bounds] or told
        for interval, shift in zip(row, (-0.2, 0.2, 0), strict=False):
            known = interval.bounds
            # Projecting ends keep an interval of no width visible.
            style: Style = {"color": interval.color, "solid_capstyle": "projecting"}
            ax.plot(known, [y + shift] * len(known), lw=2.5, **style)
        text = " · ".join(interval.tell(form) for interval in told)
        color = INK if all(interval.consistent for interval in row) else RED
        write(ax, 1, y, text, dx=6, fontsize=size, color=color, **BESIDE)
    figures.scale_axis(ax, "x", bounds if last else ())
    low, high = min(bounds, default=0), max(bounds, default=1)
    ax.set_xlim(0.9 * low if last else 0, 1.1 * high)
    figures.write_legend(ax, [interval[::3] for interval in table[0]], 9)


def _compare(
    ds: Dataset,
    edition: int,
    quantity: str,
    names: Mapping[Any, str],
    label: str,
    form: str,
    factor: float,
) -> Axes:
    """Draw an estimate of every cluster, a colour for each output."""
    clusters = select_edition(ds, edition)
    what, *_ = label.partition(" (")
    ax = _start_rows(clusters, what[:1].lower() + what[1:], right=1.55, top=0.75)
    rows = index_estimates(ds, int(clusters["edition"][0]))
    table = [
        [make_interval(rows, i, quantity, k, name, factor) for k, name in names.items()]
        for i in clusters["cluster_id"]
    ]
    _draw_table(ax, table, form, last=None in names)
    ax.set_xlabel(label)
    parts = zip(clusters["cluster"], table, strict=True)
    said = [f"{name}: {tell_all(row, form)}" for name, row in parts]
    figures.describe(ax, "Interval chart", said)
    return ax


def _draw_scatter(ax: Axes, clusters: pd.DataFrame, x: str, y: str) -> Axes:
    """Draw two measures of every cluster, and the labels that find room."""
    known = clusters.dropna(subset=[x, y]).reset_index(drop=True)
    dots, names = known[[x, y]].to_numpy("float64"), known["cluster"]
    ax.plot(dots[:, 0], dots[:, 1], "o", color=figures.BLUE, ms=5, alpha=0.8, mew=0)
    lack = len(clusters) - len(dots)
    note = f" (not shown: {lack} without both values)" if lack else ""
    ax.set(xlabel=MEASURES[x] + note, ylabel=MEASURES[y])
    ends = [*dots.argmin(axis=0), *dots.argmax(axis=0)] if len(dots) else []
    order = dict.fromkeys([*map(int, ends), *range(len(dots))])
    beside = [(6, 0), (-6, 0), (0, 9), (0, -9), (5, 7), (-5, 7)]
    figures.label_points(ax, [(*dots[i], names[i]) for i in order], dots, beside)
    parts = zip(names, dots, strict=True)
    said = [f"{name} {a:,.0f} and {b:,.0f}" for name, (a, b) in parts]
    figures.describe(ax, "Scatter chart", [*said, note.strip(" ()")] if lack else said)
    return ax


def set_ranks(ax: Axes, which: str, ranks: pd.Series) -> int:
    """Set an axis from the last rank, at least 100, to the first."""
    last = int(max([100, *ranks.dropna()]))
    ticks = [1, *range(20, last + 1, 20)]
    ax.set(**{f"{which}lim": (last + 2, -1), f"{which}ticks": ticks})
    return last


def index_estimates(ds: Dataset, edition: int, cluster_id: str | None = None) -> Any:
    """Return the estimates by cluster, quantity and output."""
    rows = list_rows(ds.estimates, edition, cluster_id)
    return {(r["cluster_id"], r["quantity"], r["output"]): r for r in rows}


def make_interval(
    rows: Any, cluster: str, quantity: str, kind: Any, label: str, factor: float = 1
) -> Interval:
    """Return an estimate as an interval in other units; without bounds if not made."""
    row = rows.get((cluster, quantity, kind), {"consistent": True})
    low, high = row.get("low"), row.get("high")
    return Interval(
        label,
        None if low is None else low * factor,
        None if high is None else high * factor,
        COLORS[kind],
        row["consistent"],
    )


def tell_all(intervals: Iterable[Interval], form: str) -> str:
    """Write intervals in words."""
    return ", ".join(f"{row.label} {row.tell(form)}" for row in intervals)
