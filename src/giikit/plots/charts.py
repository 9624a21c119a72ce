"""Charts of one cluster, across clusters, and over editions.

`giikit.plots` has their public names.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns  # type: ignore[import-untyped]
from matplotlib import ticker
from matplotlib.axes import Axes

from giikit.inference import compare_editions, list_standings
from giikit.plots import drawing as draw
from giikit.plots.drawing import COLORS, GREY, LOOKS, Array, Names, Style, Tables, View
from giikit.tables import Dataset
from giikit.vocabulary import (
    DOCUMENTS,
    LABELS,
    LISTS,
    MISSING,
    OUTPUTS,
    Output,
    format_value,
)

# The columns of rankings that have an output's number of documents.
_COUNTS = ("pct_applications", "scientific_publications", "vc_deals")
# Colour, line and end of each kind of change.
CHANGES: dict[str, Style] = {
    "entered": {"color": draw.GREEN, "marker": ">"},
    "left": {"color": draw.PINK, "marker": "x"},
    "up": {"color": draw.BLUE, "marker": "."},
    "down": {"color": draw.ORANGE, "marker": ".", "ls": "--"},
    "unchanged": {"color": GREY, "marker": "."},
}


@draw.axes_level("Bar chart")
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
    view = draw.choose(ds, cluster, edition, LISTS[output], one=True)
    rows = draw.get_rows(ds, "organizations", view, output)
    view.require(rows, f"{view.title}: none listed")
    # A share such as <1% has no value, but it is printed.
    seen = draw.get_rows(ds, "observations", view, output)
    printed = {
        row["entity"]: row["text"] for row in seen if row["indicator"] == "share"
    }
    view.height, ax = 0.4 * len(rows) + 0.05, view.start(ax)
    percent = np.array([100 * (row["share"] or 0) for row in rows])
    style: Style = {"height": 0.36, "color": COLORS[output]} | kwargs
    ax.barh(np.arange(len(rows)) + 0.2, percent, **style)
    for y, row in enumerate(rows):
        share = format_value(
            row["share"], "share", printed.get(row["organization"], MISSING)
        )
        told = f"{format_value(row['documents'])} · {share}"
        draw.write(ax, (0, y - 0.22), row["organization"])
        draw.write(ax, (percent[y], y + 0.2), told, off=(4, 0))
        view.parts.append(f"{row['organization']} {told}")
    ax.set(xlim=(0, 1.4 * percent.max() or 100), ylim=(len(rows) - 0.5, -0.5))
    ax.set(xlabel=f"Number, and share of the cluster's {DOCUMENTS[output]}")
    ax.set(xticks=[], yticks=[])
    return ax


@draw.axes_level("Dot plot")
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
    view = draw.choose(ds, cluster, edition, "work with others", one=True)
    view.height, ax = 1.9, view.start(ax)
    for y, (output, column) in enumerate(draw.SHARES.items()):
        shares, color = draw.get_values(view.rows, column), COLORS[output]
        ax.plot(shares, 0 * shares + y, "|", color=GREY, ms=12, mew=1.2)
        ax.plot(shares[view.own], [y], "o", color=color, ms=10)
        share = format_value(view.rows[column][view.own].iloc[0], column)
        heading = f"{share} of {DOCUMENTS[output]}"
        if share == MISSING:
            heading = f"{DOCUMENTS[output]}: share {MISSING}"
        style: Style = {"xycoords": ("axes fraction", "data"), "va": "top"}
        bold: Style = {"weight": "bold", "color": color} | style
        draw.write(ax, (0.01, y), heading, off=(0, 24), **bold)
        listed = draw.get_rows(ds, "collaborations", view, output)
        names = ", ".join(row["partner"] for row in listed)
        whom = f"most with {names}" if names else "no partner listed"
        draw.write(ax, (0.01, y), whom, off=(0, -9), lines=2, **style)
        view.parts.append(f"{heading}, {whom}")
    ax.set(xlim=(-1, 101), ylim=(1.6, -0.5), yticks=[])
    ax.set_xlabel("Documents made with others (%); grey: all clusters in the data")
    return ax


@draw.axes_level("Dot plot")
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
    view = draw.choose(ds, cluster, edition, LABELS[measure], one=True)
    own = format_value(view.rows[measure][view.own].iloc[0], measure)
    view.rows = view.rows.dropna(subset=[measure])
    view.require(len(view.rows), f"{view.title}: {own} for any cluster")
    view.parts = [f"{view.title}: {own}, among {len(view.rows)} clusters"]
    view.height, ax = 0.5, view.start(ax)
    values = draw.get_values(view.rows, measure)
    dots = np.c_[values, 0 * values]
    view.mark(view.rows, draw.tell_rows(view.rows, [measure]), np.c_[dots, dots])
    ax.axvline(float(np.median(values)), 0, 0.4, color=GREY, lw=1, zorder=0)
    ax.plot(values, dots[:, 1], "o", color=GREY, alpha=0.6, ms=6, mew=0)
    ax.plot(values[view.own], dots[view.own, 1], "o", color=draw.RED, ms=9, mew=0)
    draw.scale_axis(ax, "x", measure, values)
    ax.set(ylim=(-0.5, 1.5), yticks=[])
    names = (
        view.rows["cluster"]
        + " "
        + [format_value(v, measure) for v in view.rows[measure]]
    )
    ends = dict.fromkeys([*np.flatnonzero(view.own), values.argmin(), values.argmax()])
    texts = [(*dots[i], names.iloc[i]) for i in ends]
    places = [(0, 12), (4, 12), (-4, 12)], ()
    draw.label_points(ax, texts, dots, places, bold=int(view.own.sum()))
    return ax


@draw.axes_level("Chart of intervals")
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
    view = draw.choose(ds, cluster, edition, draw.label(quantity), one=True)
    bounds = draw.read_estimates(ds, view, quantity, view.ids)
    if quantity == "total":
        bounds = _add_published(
            bounds, ds.rankings[ds.rankings["cluster_id"].isin(view.ids)]
        )
    bounds, ax = bounds.assign(y=range(len(bounds))), view.start(ax)
    view.parts = list(bounds["label"] + " " + bounds["told"])
    draw.draw_rows(ax, bounds["label"])
    title, ends = view.title, ["low", "high"]
    if draw.QUANTITIES[quantity] == draw.QUANTITIES["total"]:
        title += ": distance from the middle of what is implied (%)"
        middle = bounds.groupby("output")[ends].transform("first").mean(axis=1)
        bounds[ends] = 100 * (bounds[ends].div(middle.replace(0, np.nan), axis=0) - 1)
    draw.draw_intervals(ax, bounds, zero=quantity in ("top3_share", "hhi"))
    ax.set_xlabel(title)
    return ax


def _add_published(bounds: Any, rankings: Any) -> Any:
    """Put below the bounds of each output what rankings publish of the cluster."""
    columns = dict(zip(_COUNTS, DOCUMENTS, strict=True))
    counts = rankings.rename(columns=columns).melt(
        "edition", set(bounds["output"]), "output", "low"
    )
    counts = counts.dropna().drop_duplicates().astype({"low": "float64"})
    counts["label"] = counts["edition"].map("published, GII {}".format)
    counts["told"] = counts["low"].map("{:,.0f}".format)
    counts = counts.assign(high=counts["low"], color=GREY)
    both = pd.concat([bounds, counts])
    return both.sort_values(
        "output", key=lambda o: o.map([*COLORS].index), kind="stable"
    )


@draw.axes_level("Scatter plot")
def scatter(
    ds: Tables,
    clusters: Names = (),
    *,
    x: str = "size_rank",
    y: str = "intensity_rank",
    hue: str | None = None,
    edition: int = 0,
    ax: Axes | None = None,
    **kwargs: Any,
) -> Axes:
    """Draw two measures of every cluster of an edition against each other.

    Labels go first to the clusters named, then to the first by size and to those
    that are farthest from the others, then to all that find room.

    Parameters
    ----------
    ds
        A dataset, or its table ``clusters``.
    clusters
        The clusters to highlight: cluster_ids or printed names.
    x, y
        ``"size_rank"``, ``"intensity_rank"``, ``"pct_per_million"``,
        ``"articles_per_million"``, ``"vc_deals_per_million"``,
        ``"patent_collaboration_share"`` or ``"publication_collaboration_share"``.
    hue
        ``"economy"`` or ``"economy_code"`` colours the six economies that have the
        most clusters; None: no colours.
    edition
        Year; 0: the newest.
    ax
        The axes to draw on; None: the current ones.
    **kwargs
        Passed to `seaborn.scatterplot`, and so to the dots.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    title = f"{LABELS[y]} against {draw.lower(LABELS[x])}"
    title = title.replace(" per million inhabitants", "", title.count("million") - 1)
    view = draw.choose(ds, clusters, edition, title)
    # Those to highlight come first, in labels and in words.
    rows = view.rows.assign(other=~view.own).sort_values("other", kind="stable")
    view.rows = rows.dropna(subset=[x, y]).reset_index(drop=True)
    view.require(len(view.rows), f"No cluster has both: {LABELS[x]}, {LABELS[y]}")
    view.height, view.left, ax = 4.6, 0.75, view.start(ax)
    dots = np.c_[draw.get_values(view.rows, x), draw.get_values(view.rows, y)]
    view.mark(view.rows, draw.tell_rows(view.rows, [x, y]), np.c_[dots, dots])
    style: Style = {"s": 30, "linewidth": 0, "alpha": 0.85, "ax": ax}
    style |= (
        {"color": GREY if view.ids else draw.BLUE}
        if hue is None
        else _color_by(view.rows[hue])
    )
    sns.scatterplot(x=dots[:, 0], y=dots[:, 1], **style | kwargs)
    if hue is not None:
        draw.draw_legend(ax)
    ring: Style = {"facecolor": "none", "edgecolor": draw.RED, "linewidths": 2}
    ax.scatter(dots[view.own, 0], dots[view.own, 1], 90, **ring)
    for axis, measure, values in zip("xy", (x, y), dots.T, strict=True):
        draw.scale_axis(ax, axis, measure, values)
    if lack := len(rows) - len(view.rows):
        ax.set_xlabel(f"{ax.get_xlabel()} (not shown: {lack} without both values)")
    line = _divide_ranks(ax, x, y) if {x, y} == {*draw.RANKS} else dots[:0]
    own = int(view.own.sum())
    labels = [(*dots[i], view.rows["cluster"][i]) for i in _order_labels(dots, own)]
    draw.label_points(ax, labels, [*dots, *line], first=own + 8, bold=own)
    return ax


def _color_by(kinds: Any) -> Style:
    """Return what colours and shapes dots by their six most frequent kinds."""
    kinds = kinds.map(draw.make_drawable, na_action="ignore")
    # Labels that begin with an underscore stand in no legend.
    kinds = kinds.str.replace("^_", " _", regex=True)
    largest = _count(kinds).index[:6]
    kinds = kinds.where(kinds.isin(largest), "other")
    order = [*largest, *{"other"}.intersection(kinds)]
    colors = [*sns.color_palette("colorblind")[: len(largest)], GREY][: len(order)]
    style: Style = {"hue": kinds, "hue_order": order, "palette": colors}
    return style | {"style": kinds, "style_order": order}


def _divide_ranks(ax: Axes, x: str, y: str) -> Array:
    """Draw where both ranks are equal; return points of it for labels to avoid."""
    ax.axline((1, 1), slope=1, color=GREY, lw=1, zorder=0)
    style: Style = {"xycoords": "axes fraction", "style": "italic", "color": GREY}
    better = [f"higher by {measure.removesuffix('_rank')}" for measure in (y, x)]
    draw.write(ax, (0, 1), better[0], off=(4, -18), **style)
    draw.write(ax, (1, 0), better[1], off=(-4, 18), ha="right", **style)
    return np.linspace((1, 1), 2 * (max(ax.get_xlim()),), 60)


def _order_labels(dots: Array, own: int) -> list[int]:
    """Return the dots to label: the first, the ends, the largest, the loneliest."""
    spread = (dots - dots.mean(axis=0)) / np.maximum(dots.std(axis=0), 1e-9)
    apart = ((spread[:, None] - spread) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    lonely = np.argsort(-apart.min(axis=1), kind="stable")
    ends = [*range(own), *dots.argmin(axis=0), *dots.argmax(axis=0)]
    return [*dict.fromkeys([*ends, *range(len(dots))[:5], *lonely])][:45]


def _count(values: Any) -> Any:
    """Count values, the most frequent first, equal ones in their order."""
    return values.groupby(values).size().sort_values(ascending=False, kind="stable")


@draw.axes_level("Dot plot")
def balance(
    ds: Tables, clusters: Names = (), *, edition: int = 0, ax: Axes | None = None
) -> Axes:
    """Draw each output's rate against the median of the clusters of the edition.

    A cluster whose marks lie far apart is skewed to one output. Those most skewed to
    patents stand first, those most skewed to articles last.

    Parameters
    ----------
    ds
        A dataset, or its table ``clusters``.
    clusters
        The clusters to highlight: cluster_ids or printed names.
    edition
        Year; 0: the newest.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    view = draw.choose(ds, clusters, edition, "output balance")
    rates = pd.DataFrame(
        {o: draw.get_values(view.rows, r) for o, r in draw.RATES.items()}
    )
    rates = rates.loc[:, rates.sum() > 0]
    several = len(view.rows) > 1 and rates.size
    view.require(several, "Fewer than two clusters have rates: nothing to compare")
    table = (rates / rates.median()).replace(np.inf, np.nan)
    first, second = table.iloc[:, 0], table.iloc[:, min(1, len(table.columns) - 1)]
    skew = ((first - second) / (first + second)).fillna(0)
    order = np.argsort(-skew.to_numpy(), kind="stable")
    view.cut(np.c_[order, order[::-1]].flat)
    order = order[np.isin(order, view.rows.index)]
    view.rows, table, ax = view.rows.loc[order], table.loc[order], view.start(ax)
    view.rest = "less skewed"
    told = draw.tell_rows(
        view.rows, [rate for output, rate in draw.RATES.items() if output in rates]
    )
    draw.draw_rows(ax, view.rows["cluster"], told)
    positive = table.to_numpy()[table.to_numpy() > 0]
    # Spread as far as is drawn on a logarithmic scale.
    draw.scale_axis(ax, "x", "balance", np.append(positive, (0.25, 4)))
    # A rate of zero has no logarithm: it is drawn at the left edge.
    ax.set_xlim(0.7 * positive.min(), 1.4 * positive.max())
    drawn, y = table.clip(lower=ax.get_xlim()[0]), range(len(table))
    ax.hlines(y, drawn.min(axis=1), drawn.max(axis=1), GREY, lw=1.5)
    for output in rates:
        ax.scatter(drawn[output], y, 26, zorder=3, **LOOKS[output])
    ax.axvline(1, color=GREY, lw=1, zorder=0)
    none = "; at the left edge: none at all" * bool((table == 0).any(axis=None))
    ax.set_xlabel(f"Documents per inhabitant, as a multiple of the median{none}")
    draw.draw_legend(ax)
    return ax


@draw.axes_level("Bar chart")
def economies(ds: Tables, *, edition: int = 0, ax: Axes | None = None) -> Axes:
    """Draw how many clusters each economy has; one across borders counts in its first.

    Parameters
    ----------
    ds
        A dataset, or its table ``clusters``.
    edition
        Year; 0: the newest.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    view = draw.choose(ds, (), edition, "clusters per economy")
    rows = view.rows.dropna(subset=["economy"])
    view.require(len(rows), "No cluster has an economy")
    codes = rows["economy_code"].fillna(rows["economy"])
    # The shortest name is that of the economy alone, if any of its clusters has it.
    rows = rows.sort_values("economy", key=lambda names: names.str.len())
    groups = rows.groupby(codes.str.split("/").str[0])
    table = groups.agg(name=("economy", "first"), of=("clusters_in_economy", "max"))
    table["n"] = groups.size()
    table["of"] = table[["n", "of"]].astype("float64").max(axis=1)
    table = table.sort_values(["n", "name"], ascending=[False, True])
    rest = table["of"].map(" of {:.0f}".format).where(table["of"] > table["n"], "")
    told = table["n"].map(str) + rest
    view.parts, ax, y = (
        list(table["name"] + " " + told),
        view.start(ax),
        range(len(table)),
    )
    draw.draw_rows(ax, table["name"])
    bars = ax.barh(y, table["of"], 0.6, color=GREY, alpha=0.35, label="on the pages")
    ax.barh(y, table["n"], 0.6, color=draw.BLUE, label="in the data")
    ax.bar_label(bars, told, padding=4, fontsize="small", parse_math=False)
    if any(rest):
        draw.draw_legend(ax)
    ax.set_xlim(0, 1.15 * table["of"].max())
    ax.xaxis.set_major_locator(ticker.MaxNLocator(6, integer=True))
    several = bool(codes.str.contains("/").any())
    across = "; one across borders counts in its first economy" * several
    ax.set_xlabel(f"Number of clusters{across}")
    return ax


@draw.axes_level("Chart of intervals")
def concentration(
    ds: Dataset, clusters: Names = (), *, edition: int = 0, ax: Axes | None = None
) -> Axes:
    """Draw bounds on the share of each cluster's three largest organizations.

    Parameters
    ----------
    ds
        A dataset.
    clusters
        The clusters to highlight: cluster_ids or printed names.
    edition
        Year; 0: the newest.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    return _compare(ds, clusters, edition, ax, "top3_share")


@draw.axes_level("Chart of intervals")
def populations(
    ds: Dataset, clusters: Names = (), *, edition: int = 0, ax: Axes | None = None
) -> Axes:
    """Draw the population of each cluster that its printed numbers imply.

    Parameters
    ----------
    ds
        A dataset.
    clusters
        The clusters to highlight: cluster_ids or printed names.
    edition
        Year; 0: the newest.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    return _compare(ds, clusters, edition, ax, "population")


def _compare(ds: Any, clusters: Names, edition: int, on: Any, quantity: str) -> Axes:
    """Draw the bounds of every cluster, a colour for each output."""
    view = draw.choose(ds, clusters, edition, LABELS[quantity])
    view.cut()
    bounds = draw.read_estimates(ds, view, quantity, view.rows["cluster_id"])
    outputs, ax = list(dict.fromkeys(bounds["output"])), view.start(on)
    told = (bounds["label"] + " " + bounds["told"]).to_numpy().reshape(-1, len(outputs))
    draw.draw_rows(
        ax,
        view.rows["cluster"],
        view.rows["cluster"] + ": " + [", ".join(t) for t in told],
    )
    outer = max(len(outputs) - ("" in outputs), 1)
    # All together stand in the middle of the row.
    shifts = [*np.linspace(-0.25, 0.25, 2 * outer + 1)[1::2], 0][: len(outputs)]
    bounds["y"] = np.add.outer(range(len(view.rows)), shifts).ravel()
    draw.draw_intervals(ax, bounds, zero=quantity == "top3_share")
    for row in bounds[: len(outputs)].itertuples():
        ax.plot([], [], color=row.color, lw=3, label=row.label)
    draw.draw_legend(ax)
    ax.set_xlabel(f"{draw.label(quantity)}, as the printed numbers imply")
    return ax


@draw.axes_level("Matrix of dots")
def collaborations(
    ds: Dataset, clusters: Names = (), *, edition: int = 0, ax: Axes | None = None
) -> Axes:
    """Draw who names whom: clusters by size, partners by how often they are named.

    The forty partners named most have a column of their own, all others the last one.

    Parameters
    ----------
    ds
        A dataset.
    clusters
        The clusters to highlight: cluster_ids or printed names.
    edition
        Year; 0: the newest.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    view, most = draw.choose(ds, clusters, edition, "who works with whom"), 40
    named: Any = ds.collaborations[ds.collaborations["edition"] == view.years[0]]
    named = named[named["cluster_id"].isin(view.rows["cluster_id"])]
    view.require(len(named), "No page names a partner")
    view.cut()
    times = _count(named["partner_id"])
    names = dict(zip(named["partner_id"], named["partner"], strict=True))
    heads = [f"{names[i]} ({n})" for i, n in times.items()]
    view.parts, ax = [f"most named: {draw.tell_some(heads, 12)}"], view.start(ax)
    if len(times) > most:
        heads[most:] = [f"{len(times) - most} others ({times[most:].sum()})"]
    partners = named.drop_duplicates(["cluster_id", "partner_id"])
    whom = partners.groupby("cluster_id")["partner"].agg(", ".join)
    whom = view.rows["cluster_id"].map(whom).fillna("no partner")
    draw.draw_rows(ax, view.rows["cluster"], view.rows["cluster"] + ": " + whom)
    ax.xaxis.tick_top()
    view.top = 0.1 + draw.name_ticks(ax.xaxis, heads, rotation=90)
    column = {partner_id: min(x, most) for x, partner_id in enumerate(times.index)}
    row = {cluster_id: y for y, cluster_id in enumerate(view.rows["cluster_id"])}
    x, y = named["partner_id"].map(column), named["cluster_id"].map(row)
    for output, shift in zip(OUTPUTS, (-0.17, 0.17), strict=True):
        own = named["output"] == output
        ax.scatter(x[own] + shift, y[own], 16, linewidths=0, **LOOKS[output])
    ax.set_xlim(-0.6, max(len(heads), 12) - 0.4)
    ax.grid(False, axis="x")
    ax.set_xlabel("Partner location (how often it is named)")
    draw.draw_legend(ax)
    return ax


def _choose(
    ds: Tables, clusters: Names, measure: str, editions: Sequence[int], newest: int = 0
) -> View:
    """Return the rows that have a measure, of some, the newest, or all editions."""
    table = draw.get_table(ds)
    if isinstance(ds, Dataset) and measure in draw.RANKS:
        table = list_standings(ds)
    known = table.dropna(subset=[measure]).sort_values(["edition", measure])
    found = sorted({int(year) for year in known["edition"]})
    for year in editions:
        draw.check_name("edition", year, found)
    ids, years = draw.find_ids(table, clusters), sorted({*editions}) or found[-newest:]
    view = View(known, ids, "Over editions", LABELS[measure], years)
    only = f"Only edition {years[0]} has" if years else "No edition has"
    view.require(len(years) > 1, f"{only} values: there is nothing to compare")
    view.rows = known[known["edition"].isin(years)]
    view.rows = view.rows.assign(value=draw.get_values(view.rows, measure))
    view.subject = f"GII {years[0]} to {years[-1]}"
    return view


def _mark(view: View, rows: Any, measure: str, boxes: Any) -> None:
    told = zip(draw.tell_rows(rows, [measure]), rows["edition"], strict=True)
    view.mark(rows, [f"{words} ({year})" for words, year in told], boxes)


def _join(x: Sequence[int], lines: Any) -> tuple[Array, Array]:
    """Return the points of many lines as those of one, with gaps between them."""
    gaps = np.full((len(lines), 1), np.nan)
    return np.tile([*x, np.nan], len(lines)), np.hstack([lines, gaps]).ravel()


@draw.axes_level("Line chart")
def ranks(
    ds: Tables,
    clusters: Names = (),
    *,
    measure: str = "size_rank",
    ax: Axes | None = None,
) -> Axes:
    """Draw a measure of each cluster over the editions.

    Clusters are followed by their cluster_id; a line breaks where an edition lacks one.
    Ranks of a dataset are those of its pages, or else of its ranking tables, by each
    edition's own method. `giikit.list_changes` says what may have changed besides the
    clusters.

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
    newest = known["edition"] == years[-1]
    ids = view.ids or list(known["cluster_id"][newest][:5])
    view.left, ax = 0.75, view.start(ax)
    lines = known.pivot_table("value", "cluster_id", "edition")
    style: Style = {"color": GREY, "lw": 0.8, "ms": 2, "alpha": 0.5, "marker": "o"}
    ax.plot(*_join(years, lines), **style)
    own = [cluster_id for cluster_id in ids if cluster_id in lines.index]
    style = {"lw": 2, "ms": 5, "zorder": 3, "marker": "o"}
    for number, color in enumerate(sns.color_palette("colorblind", len(own))):
        ax.plot(years, lines.loc[own[number]], color=color, **style)
    points = known[["edition", "value"]].astype("float64")
    _mark(view, known, measure, np.c_[points, points])
    # Labels stand at the last points, those of leavers only where they are meant.
    ends = known[newest | known["cluster_id"].isin(own)]
    ends = ends.drop_duplicates("cluster_id", keep="last").sort_values("value")
    ends = ends.set_index("cluster_id").loc[
        [*dict.fromkeys([*own, *ends["cluster_id"]])]
    ]
    told = known["value"].map("{:,.10g}".format).groupby(known["cluster_id"])
    view.parts = list(ends["cluster"] + " " + told.agg(", ".join)[ends.index])
    draw.scale_axis(ax, "y", measure, known["value"].to_numpy(), last=2)
    ax.set(xlim=(years[0] - span / 20, years[-1] + 0.45 * span), xlabel="Edition")
    ax.set_xticks(years, [str(year) for year in years])
    texts = ends[["edition", "value", "cluster"]].itertuples(index=False)
    steps = sorted(range(-77, 78, 11), key=abs)
    places = [(8, 0), (8, 5), (8, -5)], [(x, y) for x in (22, 40) for y in steps]
    draw.label_points(ax, texts, [], places, first=len(own), bold=len(own))
    return ax


@draw.axes_level("Slope chart")
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
    cluster_id. Ranks of a dataset are those of its pages, or else of its ranking
    tables, by each edition's own method; clusters of which it is not known whether they
    entered or left are not drawn (see `giikit.compare_editions`). Where ranks need more
    than 36 rows, those to highlight are drawn, the first ten, those that entered or
    left, then the next by rank.

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
    view = _choose(ds, clusters, measure, editions, newest=2)
    if isinstance(ds, Dataset):
        view.rows = _drop_unknown(ds, view, measure)
        view.require(len(view.rows), "No cluster is known to have moved, come or gone")
    years, last, table = (
        view.years,
        len(view.years) - 1,
        view.rows.pivot_table("value", "cluster_id", "edition"),
    )
    names = dict(zip(view.rows["cluster_id"], view.rows["cluster"], strict=True))
    table, ax = table.sort_values(years[::-1]), view.start(ax)
    kept, values = _cut(table, view.ids)
    view.more = len(table) - len(kept)
    for x, pair in enumerate(pairwise(years)):
        for kind, group in _sort_changes(table[[*pair]]).items():
            drawn = group[group.index.isin(kept.index)].replace(
                {v: n for n, v in enumerate(values)}
            )
            own, at = drawn.index.isin(view.ids), (x, x + 1)
            ax.plot(
                *_join(at, drawn),
                lw=1.4,
                ms=5,
                alpha=0.3 if view.ids else 1,
                **CHANGES[kind],
            )
            ax.plot(*_join(at, drawn[own]), lw=2.5, ms=5, **CHANGES[kind])
            told = [
                f"{names[i]} {a:.0f} to {b:.0f}" if kind in ("up", "down") else names[i]
                for i, a, b in group.itertuples()
            ]
            when = f" in {pair[1]}" * (last > 1)
            view.parts.append(f"{kind}{when}: {draw.tell_some(told, 12)}")
            ax.lines[-1].set_label(f"{kind}{when} ({len(group)})")
    for x, align, off in ((0, "right", -8), (last, "left", 8)):
        for rank, ids in kept.groupby(years[x]).groups.items():
            style: Style = {"ha": align, "off": (off, 0)}
            style["weight"] = "bold" if {*view.ids} & {*ids} else None
            text = f"{rank:.0f} {', '.join(names[i] for i in ids)}"
            draw.write(ax, (x, values.index(rank)), text, **style)
    if view.more:
        draw.write(
            ax, (last / 2, len(values)), f"and {view.more} {view.rest}", ha="center"
        )
    count = len(values) + (view.more > 0)
    view.height, view.pads = draw.ROW * count + 0.1, (4, 0)
    shown = view.rows[view.rows["cluster_id"].isin(kept.index)]
    x, y = shown["edition"].map(years.index), shown["value"].map(values.index)
    left, right = x - last * (x == 0), x + last * (x == last)
    _mark(view, shown, measure, np.c_[left, y - 0.5, right, y + 0.5])
    ax.set(xlim=(-1.1 * last, 2.1 * last), ylim=(count - 0.4, -0.6), yticks=[])
    ax.set_xticks(range(last + 1), [str(year) for year in years])
    ax.set_xlabel(f"Edition; {draw.lower(LABELS[measure])}")
    draw.draw_legend(ax, loc="lower center")
    return ax


def _drop_unknown(ds: Dataset, view: View, measure: str) -> Any:
    """Leave out the clusters of which it is not known whether they entered or left."""
    changes = compare_editions(ds, view.years)
    known = changes["status"].isin(["entered", "left"])
    unknown = changes[~known & changes[f"{measure}_change"].isna()]
    return view.rows[~view.rows["cluster_id"].isin(unknown["cluster_id"])]


def _cut(table: pd.DataFrame, ids: Sequence[str]) -> tuple[pd.DataFrame, list[Any]]:
    """Return the clusters to draw and all of their ranks, as many as a page has rows.

    First come those that are meant, the first ten of the newest edition, and those
    that entered or left.
    """
    best, meant = table.min(axis=1), table.index.isin(ids)
    later = table.notna().all(axis=1) & (table.iloc[:, -1] > 10) & ~meant
    kept: list[int] = []
    ranks: set[Any] = set()
    for number in np.lexsort((best, later, ~meant)):
        wanted = ranks | set(table.iloc[number].dropna())
        if len(wanted) <= draw.ROWS or meant[number]:
            kept, ranks = [*kept, number], wanted
    return table.iloc[sorted(kept)], sorted(ranks)


def _sort_changes(pair: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the clusters of two editions by the kind of their change."""
    before, after = pair.iloc[:, 0], pair.iloc[:, 1]
    entered, left = before.isna(), after.isna()
    cases = [entered & left, entered, left, before > after, before < after]
    kinds = np.select(cases, ["", *CHANGES][:5], "unchanged")
    return {kind: pair[kinds == kind] for kind in CHANGES if kind in kinds}
