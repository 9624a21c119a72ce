"""Figures over editions: series of a measure, and how ranks changed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import seaborn as sns  # type: ignore[import-untyped]
from matplotlib.axes import Axes

from giikit.plots import drawing as draw
from giikit.plots.drawing import Names, Style, Tables, View
from giikit.vocabulary import LABELS

# Colour, line and end of each kind of change.
LOOKS = {
    "entered": (draw.GREEN, "-", ">"),
    "left": (draw.PINK, "-", "x"),
    "up": (draw.BLUE, "-", "."),
    "down": (draw.ORANGE, "--", "."),
    "unchanged": (draw.GREY, "-", "."),
}


def _choose(ds: Tables, clusters: Names, measure: str, editions: Sequence[int]) -> View:
    """Return the rows that have a measure, of several editions."""
    table = draw.get_table(ds)
    known = table[table[measure].notna()].sort_values(["edition", measure])
    found = sorted({int(year) for year in known["edition"]})
    for year in editions:
        draw.check_name("edition", year, found)
    ids, years = draw.find_ids(table, clusters), sorted({*editions}) or found
    view = View(known, ids, "Over editions", LABELS[measure], years)
    only = f"Only edition {years[0]} has" if years else "No edition has"
    view.require(len(years) > 1, f"{only} values: there is nothing to compare")
    view.rows = known[known["edition"].isin(years)]
    view.rows = view.rows.assign(value=draw.get_values(view.rows, measure))
    view.subject = f"GII {years[0]} to {years[-1]}"
    return view


@draw.axes_level
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
    view = _choose(ds, clusters, measure, ())
    years, known, span = view.years, view.rows, view.years[-1] - view.years[0]
    ids = view.ids or list(known["cluster_id"][known["edition"] == years[-1]][:5])
    colors = dict(zip(ids, sns.color_palette("colorblind", len(ids)), strict=True))
    view.left, ax = 0.75, view.start(ax)
    lines = known.pivot_table("value", "cluster_id", "edition")
    for cluster_id, line in zip(lines.index, lines.to_numpy(), strict=True):
        style: Style = {"color": draw.GREY, "lw": 0.8, "ms": 2, "alpha": 0.5}
        if cluster_id in colors:
            style = {"color": colors[cluster_id], "lw": 2, "ms": 5, "zorder": 3}
        ax.plot(years, line, marker="o", **style)
    points = {}
    for row in known.itertuples():
        told = f"{draw.tell_row(row, [measure])} ({row.edition})"
        view.mark(row, told, 2 * (row.edition, row.value))
        points[row.cluster_id] = (row.edition, row.value, row.cluster)
    order = dict.fromkeys([*ids, *sorted(points, key=lambda i: points[i][1])])
    told = known["value"].map("{:,.10g}".format).groupby(known["cluster_id"])
    told = told.agg(", ".join)
    view.parts = [f"{points[i][2]} {told[i]}" for i in order if i in points]
    draw.scale_axis(ax, "y", measure, known["value"].to_numpy(), last=2)
    ax.set(xlim=(years[0] - span / 20, years[-1] + 0.45 * span), xlabel="Edition")
    ax.set_xticks(years, [str(year) for year in years])
    texts, own = [points[i] for i in order if i in points], len(ids)
    steps = sorted(range(-77, 78, 11), key=abs)
    farther = [(x, y) for x in (22, 40) for y in steps]
    places = [(8, 0), (8, 5), (8, -5)], farther
    draw.label_points(ax, texts, [], places, first=own, bold=own)
    return ax


@draw.axes_level
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
    draw.check_name("measure", measure, draw.RANKS)
    view = _choose(ds, clusters, measure, editions)
    if not editions:
        view = _choose(ds, clusters, measure, view.years[-2:])
    ax, years, last = view.start(ax), view.years, len(view.years) - 1
    values = sorted(set(view.rows["value"]))
    known = view.rows.assign(y=view.rows["value"].map(values.index))
    known["x"] = known["edition"].map(years.index)
    view.height = (len(values) + 0.5) * (0.25 if len(values) <= 30 else 0.165)
    names = dict(zip(known["cluster_id"], known["cluster"], strict=True))
    table = known.pivot_table("y", "cluster_id", "x")
    for x in range(last):
        pair = table[[x, x + 1]].dropna(how="all")
        a, b = pair[x], pair[x + 1]
        kinds = np.select([a.isna(), b.isna(), a > b, a < b], [*LOOKS][:4], "unchanged")
        for kind, (color, dash, marker) in LOOKS.items():
            drawn = pair[kinds == kind]
            style: Style = {"color": color, "ls": dash, "marker": marker, "ms": 5}
            faint = 0.3 if view.ids else 1
            lines = ax.plot([x, x + 1], drawn.T, lw=1.4, alpha=faint, **style)
            ax.plot([x, x + 1], drawn[drawn.index.isin(view.ids)].T, lw=2.5, **style)
            told = ", ".join(
                f"{names[i]} {values[int(a)]:.0f} to {values[int(b)]:.0f}"
                if a == a and b == b and a != b
                else names[i]
                for i, (a, b) in zip(drawn.index, drawn.to_numpy(), strict=True)
            )
            view.parts += [f"{kind}: {told}"] * bool(lines)
            for line in lines[:1]:
                line.set_label(f"{kind} ({len(drawn)})")
    for (x, y), group in known[known["x"].isin([0, last])].groupby(["x", "y"]):
        style = {"ha": "left" if x else "right", "off": (8 if x else -8, 0)}
        style["weight"] = "bold" if {*view.ids} & {*group["cluster_id"]} else None
        text = f"{values[y]:.0f} {', '.join(group['cluster'])}"
        draw.write(ax, (x, y), text, **style)
    for row in known.itertuples():
        told = f"{draw.tell_row(row, [measure])} ({row.edition})"
        left, right = row.x - last * (row.x == 0), row.x + last * (row.x == last)
        box = (left, row.y - 0.5, right, row.y + 0.5)
        view.mark(row, told, box, left=4)
    ax.set(xlim=(-1.1 * last, 2.1 * last), ylim=(len(values) - 0.4, -0.6), yticks=[])
    ax.set_xticks(range(last + 1), [str(year) for year in years])
    ax.set_xlabel(f"Edition; {draw.lower(LABELS[measure])}")
    draw.draw_legend(ax, loc="lower center")
    return ax
