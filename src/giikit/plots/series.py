"""Figures over editions: series of a measure, and how ranks changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd
import seaborn as sns  # type: ignore[import-untyped]
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from giikit.plots.drawing import (
    BLUE,
    GREEN,
    GREY,
    MEASURES,
    ORANGE,
    PINK,
    RANKS,
    Note,
    Style,
    Tables,
    check_name,
    draw_legend,
    find_ids,
    get_table,
    get_values,
    label_points,
    mark,
    say,
    scale_axis,
    start,
    tell_row,
    write,
)
from giikit.vocabulary import LABELS

Names = str | Iterable[str]


def ranks(
    ds: Tables,
    clusters: Names = (),
    *,
    measure: str = "size_rank",
    ax: Axes | None = None,
) -> Axes:
    """Draw a measure of each cluster over the editions.

    Clusters are followed by their cluster_id; a line breaks where an edition lacks one.

    Parameters
    ----------
    ds
        A dataset, or its table ``clusters``.
    clusters
        The clusters to highlight: cluster_ids or printed names; empty: the first
        five of the newest edition.
    measure
        ``"size_rank"``, ``"intensity_rank"``, ``"pct_per_million"``,
        ``"articles_per_million"``, ``"vc_deals_per_million"``,
        ``"patent_collaboration_share"`` or ``"publication_collaboration_share"``.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    check_name("measure", measure, MEASURES)
    table = get_table(ds)
    ids = find_ids(table, clusters)
    known = table.dropna(subset=[measure]).sort_values(["edition", measure])
    years = sorted({int(year) for year in known["edition"]})
    title, subject = f"{LABELS[measure]} over editions", _span(years)
    if len(years) < 2:
        words = f"{subject}: there is nothing to compare over editions"
        return say(ax, words, subject, title, *years)
    newest = known[known["edition"] == years[-1]]
    ids = ids or list(newest["cluster_id"][:5])
    note = Note("Line chart", subject, title, years, height=4.0)
    note.left, ax, texts, parts = 0.75, start(ax, note), [], []
    colors = dict(zip(ids, sns.color_palette("colorblind", len(ids)), strict=True))
    for cluster_id in sorted(set(known["cluster_id"])):
        rows = known[known["cluster_id"] == cluster_id]
        values = get_values(rows, measure)
        line = pd.Series(values, rows["edition"].astype(int)).reindex(years)
        own = cluster_id in colors
        style: Style = {"color": colors.get(cluster_id, GREY), "marker": "o"}
        style |= {"lw": 2, "ms": 5, "zorder": 3} if own else {"lw": 0.8, "ms": 2}
        ax.plot(years, line, alpha=1 if own else 0.5, **style)
        row: Any
        for row, value in zip(rows.itertuples(), values, strict=True):
            place = (row.edition, value, row.edition, value)
            mark(ax, row, f"{tell_row(row, [measure])} ({row.edition})", place)
        last = rows.iloc[-1]
        told = ", ".join(f"{value:,.10g}" for value in values)
        parts.append((not own, last["cluster"], told))
        texts.append((not own, int(last["edition"]), values[-1], last["cluster"]))
    texts.sort(key=lambda text: (text[0], text[2]))
    note.parts = [f"{name} {told}" for _, name, told in sorted(parts)]
    scale_axis(ax, "y", measure, get_values(known, measure))
    gap = (years[-1] - years[0]) / 20
    room = 0.45 * (years[-1] - years[0])
    ax.set(xlim=(years[0] - gap, years[-1] + room), xticks=years, xlabel="Edition")
    ax.set_xticks(years, [str(year) for year in years])
    beside = [(8, 0), (8, 5), (8, -5)]
    farther = [
        (dx, dy) for dx in (22, 40) for dy in (0, 8, -8, 16, -16, 24, -24, 36, -36)
    ]
    names = {text[3] for text in texts if not text[0]}
    points = [text[1:] for text in texts]
    label_points(ax, points, [], beside, farther, first=len(ids), most=40, bold=names)
    return ax


def rank_changes(
    ds: Tables,
    clusters: Names = (),
    *,
    measure: str = "size_rank",
    editions: Sequence[int] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw how ranks changed between editions, and who entered and left.

    Every rank has a row, and equal ranks share one; a cluster is matched by its
    cluster_id.

    Parameters
    ----------
    ds
        A dataset, or its table ``clusters``.
    clusters
        The clusters to highlight: cluster_ids or printed names.
    measure
        ``"size_rank"`` or ``"intensity_rank"``.
    editions
        Two years or more; empty: the last two.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    check_name("measure", measure, RANKS)
    table = get_table(ds)
    known = table.dropna(subset=[measure]).sort_values(
        ["edition", measure, "cluster_id"]
    )
    found = sorted({int(year) for year in known["edition"]})
    for year in editions:
        check_name("edition", year, found)
    ids = set(find_ids(table, clusters))
    years = sorted({*editions}) or found[-2:]
    title, subject = (
        f"changes of {LABELS[measure][:1].lower()}{LABELS[measure][1:]}",
        _span(years),
    )
    if len(years) < 2:
        words = f"{subject}: there is nothing to compare over editions"
        return say(ax, words, subject, title, *years)
    known = known[known["edition"].isin(years)]
    places = {rank: y for y, rank in enumerate(sorted(set(known[measure])))}
    note = Note("Slope chart", subject, title, years)
    note.height = (len(places) + 0.5) * (0.25 if len(places) <= 30 else 0.165)
    ax = start(ax, note)
    columns = [known[known["edition"] == year] for year in years]
    kinds: dict[str, list[str]] = {kind: [] for kind in LOOKS}
    for x, (old, new) in enumerate(pairwise(columns)):
        before = dict(zip(old["cluster_id"], old[measure], strict=True))
        after = dict(zip(new["cluster_id"], new[measure], strict=True))
        names = dict(zip(old["cluster_id"], old["cluster"], strict=True))
        names |= dict(zip(new["cluster_id"], new["cluster"], strict=True))
        for cluster_id in [*after, *(i for i in before if i not in after)]:
            a, b = before.get(cluster_id), after.get(cluster_id)
            kind = _name_change(a, b)
            color, dash, marker = LOOKS[kind]
            style: Style = {"color": color, "ls": dash, "lw": 1.4, "ms": 4}
            if ids:
                style["alpha"] = 1 if cluster_id in ids else 0.3
                style["lw"] = 2.5 if cluster_id in ids else 1
            ends = [(x + i, places[r]) for i, r in enumerate((a, b)) if r is not None]
            ax.plot(*zip(*ends, strict=True), marker=marker, **style)
            change = f" {b - a:+d}".replace("-", "−") if a and b else ""
            kinds[kind].append(f"{names[cluster_id]}{change and f' {a} to {b}'}")
    for x, rows in ((0, columns[0]), (len(years) - 1, columns[-1])):
        side: Style = {"ha": "right", "dx": -8} if x == 0 else {"dx": 8}
        for rank, group in rows.groupby(measure):
            text = f"{rank} {', '.join(group['cluster'])}"
            weight = "bold" if ids & set(group["cluster_id"]) else None
            write(ax, x, places[rank], text, weight=weight, **side)
    margin = 0.75 * (len(years) - 1)
    ax.set(xlim=(-margin, len(years) - 1 + margin), ylim=(len(places) - 0.4, -0.6))
    ax.set_xticks(range(len(years)), [str(year) for year in years])
    ax.set(yticks=[], xlabel=f"Edition; {LABELS[measure]}")
    ax.grid(False, axis="y")
    handles = [
        Line2D(
            [], [], color=c, ls=ls, marker=m, ms=4, label=f"{kind} ({len(kinds[kind])})"
        )
        for kind, (c, ls, m) in LOOKS.items()
        if kinds[kind]
    ]
    draw_legend(ax, handles=handles, loc="lower center")
    note.parts = [
        f"{kind}: {', '.join(named)}" for kind, named in kinds.items() if named
    ]
    for x, rows in enumerate(columns):
        for row in rows.itertuples():
            y = places[getattr(row, measure)]
            wide = 0.7 if x in (0, len(years) - 1) else 0.05
            box = (x - wide * (x == 0), y - 0.5, x + wide * (x > 0), y + 0.5)
            mark(ax, row, f"{tell_row(row, [measure])} ({row.edition})", box, (5, 0))
    return ax


# Colour, line and end of each kind of change.
LOOKS: dict[str, tuple[str, str, str]] = {
    "up": (BLUE, "-", "."),
    "down": (ORANGE, "--", "."),
    "unchanged": (GREY, "-", "."),
    "entered": (GREEN, "-", ">"),
    "left": (PINK, "-", "x"),
}


def _name_change(before: Any, after: Any) -> str:
    if before is None:
        return "entered"
    if after is None:
        return "left"
    return "up" if after < before else "down" if after > before else "unchanged"


def _span(years: Sequence[int]) -> str:
    """Write editions as a title names them."""
    if len(years) == 1:
        return f"Only edition {years[0]} is in the data"
    return f"GII {years[0]} to {years[-1]}" if years else "No edition has such ranks"
