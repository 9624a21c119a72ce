"""Figures of one cluster; `giikit.plots` has their public names."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from giikit.plots import drawing as draw
from giikit.plots.drawing import Style, Tables
from giikit.tables import Dataset
from giikit.vocabulary import DOCUMENTS, LABELS, LISTS, Output, format_value

PUBLISHED = ("pct_applications", "scientific_publications", "vc_deals", "")


@draw.axes_level
def organizations(
    ds: Tables,
    cluster: str = "",
    *,
    output: Output = "patent",
    edition: int = 0,
    ax: Axes | None = None,
    **kwargs: Any,
) -> Axes:
    """Draw a cluster's listed organizations as bars of their shares.

    Names stand above their bars, so that a long one needs no margin.

    Parameters
    ----------
    ds
        A dataset, or its table ``organizations``.
    cluster
        A cluster_id or a printed name; empty: the first by size rank.
    output
        ``"patent"`` for applicants, ``"publication"`` for publishing organizations.
    edition
        Year; 0: the newest edition that has the cluster.
    ax
        The axes to draw on; None: the current ones.
    **kwargs
        Passed to `matplotlib.axes.Axes.barh`.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    view = draw.choose_one(ds, cluster, edition, LISTS[output])
    listed = draw.get_rows(ds, "organizations", view)
    rows = [row for row in listed if row["output"] == output]
    view.require(rows, f"{view.title}: none listed")
    # A share such as <1% has no value, but it is printed.
    seen = draw.get_rows(ds, "observations", view)
    shares = [r for r in seen if r["output"] == output and r["indicator"] == "share"]
    printed = {row["entity"]: row["text"] for row in shares if row["value"] is None}
    view.height, ax = 0.4 * len(rows) + 0.05, view.start(ax)
    percent = np.array([100 * (row["share"] or 0) for row in rows])
    style: Style = {"height": 0.36, "color": draw.COLORS[output]} | kwargs
    ax.barh(np.arange(len(rows)) + 0.2, percent, **style)
    for y, row in enumerate(rows):
        share = printed.get(row["organization"]) or format_value(row["share"], "share")
        told = f"{format_value(row['documents'])} · {share}"
        draw.write(ax, (0, y - 0.22), row["organization"])
        draw.write(ax, (percent[y], y + 0.2), told, off=(4, 0))
        view.parts.append(f"{row['organization']} {told}")
    ax.set(xlim=(0, 1.4 * percent.max() or 100), ylim=(len(rows) - 0.5, -0.5))
    ax.set(xlabel=f"Number, and share of the cluster's {DOCUMENTS[output]}")
    ax.set(xticks=[], yticks=[])
    return ax


@draw.axes_level
def partners(
    ds: Tables, cluster: str = "", *, edition: int = 0, ax: Axes | None = None
) -> Axes:
    """Draw how much a cluster does with others, among all clusters, and with whom.

    Parameters
    ----------
    ds
        A dataset, or its table ``clusters``, which has no names of partners.
    cluster
        A cluster_id or a printed name; empty: the first by size rank.
    edition
        Year; 0: the newest edition that has the cluster.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    view = draw.choose_one(ds, cluster, edition, "work with others")
    listed = draw.get_rows(ds, "collaborations", view)
    view.height, ax = 1.9, view.start(ax)
    for y, (output, column) in enumerate(draw.SHARES.items()):
        shares, color = draw.get_values(view.rows, column), draw.COLORS[output]
        ax.plot(shares, 0 * shares + y, "|", color=draw.GREY, ms=12, mew=1.2)
        ax.plot(shares[view.own], [y], "o", color=color, ms=10)
        heading = f"{DOCUMENTS[output]}: share {format_value(None)}"
        if not np.isnan(shares[view.own][0]):
            heading = f"{shares[view.own][0]:.6g}% of {DOCUMENTS[output]}"
        style: Style = {"xycoords": ("axes fraction", "data"), "va": "top"}
        bold: Style = {"weight": "bold", "color": color} | style
        draw.write(ax, (0.01, y), heading, off=(0, 24), **bold)
        names = ", ".join(r["partner"] for r in listed if r["output"] == output)
        whom = f"most with {names}" if names else "no partner listed"
        draw.write(ax, (0.01, y), whom, off=(0, -9), lines=2, **style)
        view.parts.append(f"{heading}, {whom}")
    ax.set(xlim=(-1, 101), ylim=(1.6, -0.5), yticks=[])
    ax.set_xlabel("Documents made with others (%); grey: all clusters in the data")
    return ax


@draw.axes_level
def standing(
    ds: Tables,
    cluster: str = "",
    *,
    measure: str = "size_rank",
    edition: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw where a cluster stands in a measure among all clusters of its edition.

    Parameters
    ----------
    ds
        A dataset, or its table ``clusters``.
    cluster
        A cluster_id or a printed name; empty: the first by size rank.
    measure
        ``"size_rank"``, ``"intensity_rank"``, ``"pct_per_million"``,
        ``"articles_per_million"``, ``"vc_deals_per_million"``,
        ``"patent_collaboration_share"`` or ``"publication_collaboration_share"``.
    edition
        Year; 0: the newest edition that has the cluster.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    view = draw.choose_one(ds, cluster, edition, LABELS[measure])
    own = format_value(view.rows[measure][view.own].iloc[0], measure)
    view.rows = view.rows[view.rows[measure].notna()].reset_index(drop=True)
    view.require(len(view.rows), f"{view.title}: {own} for any cluster")
    view.parts = [f"{view.title}: {own}, among {len(view.rows)} clusters"]
    view.height, ax = 0.5, view.start(ax)
    values, names = draw.get_values(view.rows, measure), view.rows["cluster"]
    told = [format_value(value, measure) for value in view.rows[measure]]
    for value, row in zip(values, view.rows.itertuples(), strict=True):
        view.mark(row, draw.tell_row(row, [measure]), (value, 0, value, 0))
    ax.axvline(float(np.median(values)), 0, 0.4, color=draw.GREY, lw=1, zorder=0)
    ax.plot(values, 0 * values, "o", color=draw.GREY, alpha=0.6, ms=6, mew=0)
    ax.plot(values[view.own], 0 * values[view.own], "o", color=draw.RED, ms=9, mew=0)
    draw.scale_axis(ax, "x", measure, values)
    ax.set(ylim=(-0.5, 1.5), yticks=[])
    ends = dict.fromkeys([*np.flatnonzero(view.own), values.argmin(), values.argmax()])
    texts = [(values[i], 0, f"{names[i]} {told[i]}") for i in ends]
    places = [(0, 12), (4, 12), (-4, 12)], ()
    dots, bold = np.c_[values, 0 * values], int(view.own.sum())
    draw.label_points(ax, texts, dots, places, bold=bold)
    return ax


@draw.axes_level
def implied(
    ds: Dataset,
    cluster: str = "",
    *,
    quantity: str = "total",
    edition: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the bounds of a quantity that the rounded numbers of a cluster imply.

    Numbers of documents are drawn around the middle of the implied interval, since
    those of two outputs differ tenfold; totals that rankings publish stand below.

    Parameters
    ----------
    ds
        A dataset.
    cluster
        A cluster_id or a printed name; empty: the first by size rank.
    quantity
        ``"total"``, ``"population"``, ``"top3_share"``, ``"hhi"``,
        ``"collaborative_documents"``, ``"patents_per_100_articles"`` or
        ``"intensity_score"``.
    edition
        Year; 0: the newest edition that has the cluster.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    view = draw.choose_one(ds, cluster, edition, draw.label(quantity))
    known = draw.read_estimates(ds, view, quantity)
    published: Any = ds.rankings[ds.rankings["cluster_id"].isin(view.ids)]
    rows: list[draw.Interval] = []
    for output, column in zip(draw.COLORS, PUBLISHED, strict=True):
        row = known.get((*view.ids, output))
        rows += [row] if row else []
        if row and quantity == "total" and column in published:
            counts = published[["edition", column]].dropna().drop_duplicates()
            for year, n in counts.astype(int).itertuples(index=False):
                told = (f"published, GII {year}", n, n, draw.GREY, f"{n:,}")
                rows.append(draw.Interval(*told))
    view.require(rows, f"{view.title}: too few numbers are printed for bounds")
    view.parts, ax = [f"{row.label} {row.told}" for row in rows], view.start(ax)
    draw.draw_rows(ax, [row.label for row in rows])
    title = view.title
    if draw.QUANTITIES[quantity] == draw.QUANTITIES["total"]:
        title += ": distance from the middle of what is implied (%)"
        middle, drawn = 1.0, rows
        rows = []
        for row in drawn:
            if row.color != draw.GREY and row.bounds:
                middle = sum(row.bounds) / len(row.bounds) or 1
            low, high = (b if b is None else 100 * (b / middle - 1) for b in row[1:3])
            rows.append(row._replace(low=low, high=high))
    zero = quantity in ("top3_share", "hhi")
    draw.draw_intervals(ax, [[row] for row in rows], last=True, zero=zero)
    ax.set_xlabel(title)
    return ax
