"""Charts of one cluster, across clusters, and over editions.

`giikit.plots` has their public names.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import lazy_loader  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
from matplotlib import ticker
from matplotlib.axes import Axes

from giikit.inference import COUNTS, compare_editions, list_changes, list_standings
from giikit.plots import drawing as draw
from giikit.plots.drawing import COLORS, GREY, LOOKS, Array, Names, Style, Tables, View
from giikit.tables import Dataset
from giikit.vocabulary import DOCUMENTS, LABELS, LISTS, RATES, Output, format_value

# Loaded by the first chart that it draws: a bar chart goes without.
sns: Any = lazy_loader.load("seaborn")

# Colour, line and end of each kind of change.
CHANGES: dict[str, Style] = {
    "entered": {"color": draw.GREEN, "marker": ">", "ms": 5, "lw": 2.5},
    "left": {"color": draw.PINK, "marker": "x", "ms": 5, "lw": 2.5},
    "up": {"color": draw.BLUE, "marker": ".", "ms": 5, "lw": 2.5},
    "down": {"color": draw.ORANGE, "marker": ".", "ms": 5, "lw": 2.5, "ls": "--"},
    "unchanged": {"color": GREY, "marker": ".", "ms": 5, "lw": 2.5},
}


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
    view = draw.choose("Bar chart", ds, cluster, edition, LISTS[output], one=True)
    rows = draw.get_rows(ds, "organizations", view, output)
    view.require(rows, f"{view.title}: none listed")
    # A share such as <1% has no value, but it is printed.
    seen = draw.get_rows(ds, "observations", view, output)
    printed = {r["entity"]: r["text"] for r in seen if r["indicator"] == "share"}
    view.height, view.bottom, ax = 0.36 * len(rows), 0.4, view.start(ax)
    percent = np.array([100 * (row["share"] or 0) for row in rows])
    style: Style = {"height": 0.36, "color": COLORS[output]} | kwargs
    ax.barh(np.arange(len(rows)) + 0.2, percent, **style)
    for y, row in enumerate(rows):
        share = row["share"] or printed.get(row["organization"])
        told = f"{format_value(row['documents'])} · {format_value(share, 'share')}"
        draw.write(ax, (0, y - 0.22), row["organization"])
        draw.write(ax, (percent[y], y + 0.2), told, off=(4, 0))
        view.parts.append(f"{row['organization']} {told}")
    ax.set(xlim=(0, 1.4 * percent.max() or 100), ylim=(len(rows) - 0.45, -0.5))
    ax.set(xticks=[], yticks=[])
    ax.set_xlabel(f"Number and share of {DOCUMENTS[output]}")
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
    view = draw.choose("Dot plot", ds, cluster, edition, "Work with others", one=True)
    view.width, view.height, ax = 7.2, 1.9, view.start(ax)
    for y, (output, column) in enumerate(draw.SHARES.items()):
        shares, color = draw.get_values(view.rows, column), COLORS[output]
        ax.plot(shares, 0 * shares + y, "|", color=GREY, ms=12, mew=1.2)
        ax.plot(shares[view.own], [y], "o", color=color, ms=10)
        share = format_value(view.rows[column][view.own].iloc[0], column)
        listed = draw.get_rows(ds, "collaborations", view, output)
        names = ", ".join(row["partner"] for row in listed)
        whom = f"most with {names}" if names else "no partner listed"
        told = f"{LABELS[column]}: {share}", whom
        style: Style = {"xycoords": ("axes fraction", "data"), "va": "top"}
        draw.write(ax, (0.02, y), told[0], (0, 24), weight="bold", color=color, **style)
        draw.write(ax, (0.02, y), told[1], (0, -9), lines=2, **style)
        view.parts.append(", ".join(told))
    ax.set(xlim=(-1, 101), ylim=(1.6, -0.5), yticks=[])
    ax.set_xlabel("Made with others (%); grey: all clusters in the data")
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
        ``"size_rank"`` or ``"intensity_rank"`` (world ranks, 1 is the first);
        ``"pct_per_million"``, ``"articles_per_million"`` or
        ``"vc_deals_per_million"`` (documents or deals per million inhabitants);
        ``"patent_collaboration_share"`` or ``"publication_collaboration_share"``
        (drawn in percent).
    edition
        Year; 0: the newest edition that has the cluster.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    view = draw.choose("Dot plot", ds, cluster, edition, LABELS[measure], one=True)
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
    ax.set(ylim=(-0.5, 1.5), yticks=[], xlabel=f"{ax.get_xlabel()}; line: median")
    told = view.rows[measure].map(lambda value: format_value(value, measure))
    names = list(view.rows["cluster"] + " " + told)
    ends = dict.fromkeys([*np.flatnonzero(view.own), values.argmin(), values.argmax()])
    texts = [(*dots[i], names[i]) for i in ends]
    places = [(0, 12), (4, 12), (-4, 12)], ()
    draw.label_points(ax, texts, dots, places, bold=int(view.own.sum()))
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

    Numbers of documents of two outputs differ tenfold: each output has a scale of its
    own, without ticks, and the numbers stand at the right. Totals that rankings publish
    stand below the implied ones.

    Parameters
    ----------
    ds
        A dataset.
    cluster
        A cluster_id or a printed name; empty: the first by size rank.
    quantity
        ``"total"`` or ``"collaborative_documents"`` (documents or deals),
        ``"population"`` (million inhabitants), ``"top3_share"`` (percent), ``"hhi"``
        (0 to 1), ``"patents_per_100_articles"`` or ``"intensity_score"`` (percent of
        the world's documents per million inhabitants).
    edition
        Year; 0: the newest edition that has the cluster.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    title = draw.label(quantity)
    view = draw.choose("Chart of intervals", ds, cluster, edition, title, one=True)
    known = draw.read_estimates(ds, view, quantity, view.ids[0])
    counts = quantity in ("total", "collaborative_documents")
    rows: list[draw.Interval] = []
    drawn: list[list[draw.Interval]] = []
    for output in COLORS:
        group = [known[key]] if (key := (*view.ids, output)) in known else []
        if group and quantity == "total":
            published = _list_published(ds.rankings, view.ids[0], COUNTS[output])
            group += [interval for _, interval in published]
            view.years = sorted({*view.years, *(year for year, _ in published)})
        # Counts of two outputs differ tenfold: each has a scale of its own.
        bounds = group[0].bounds if group and counts else []
        middle = sum(bounds) / len(bounds) if any(bounds) else 1
        rows, drawn = rows + group, drawn + [[row.divide(middle)] for row in group]
    view.require(rows, f"{view.title}: too few numbers are printed for bounds")
    view.parts, ax = [f"{row.label} {row.told}" for row in rows], view.start(ax)
    draw.draw_rows(ax, [row.label for row in rows])
    zero = quantity in ("top3_share", "hhi")
    draw.draw_intervals(ax, drawn, last=True, zero=zero)
    ax.set_xlabel(f"{title}, each on its own scale" if counts else title)
    if counts:
        ax.set_xticks([])
    return ax


def _list_published(
    rankings: Any, cluster_id: str, column: str
) -> list[tuple[int, draw.Interval]]:
    """Return the numbers of documents that rankings publish of a cluster, by year."""
    counts = rankings.loc[rankings["cluster_id"] == cluster_id, ["edition", column]]
    counts = counts.dropna().drop_duplicates().astype(int)
    return [
        (year, draw.Interval(f"published, GII {year}", n, n, GREY, f"{n:,}"))
        for year, n in counts.itertuples(index=False)
    ]


@draw.axes_level
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
        ``"size_rank"`` or ``"intensity_rank"`` (world ranks, 1 is the first);
        ``"pct_per_million"``, ``"articles_per_million"`` or
        ``"vc_deals_per_million"`` (documents or deals per million inhabitants);
        ``"patent_collaboration_share"`` or ``"publication_collaboration_share"``
        (drawn in percent).
    hue
        ``"economy"`` or ``"economy_code"`` colours the six economies that have the
        most clusters; None: no colours.
    edition
        Year; 0: the newest that has the clusters named.
    ax
        The axes to draw on; None: the current ones.
    **kwargs
        Passed to `matplotlib.axes.Axes.scatter`, or `seaborn.scatterplot` with
        ``hue``, such as ``palette``.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    title = f"{LABELS[y]} against {draw.lower(LABELS[x])}"
    title = title.replace(" per million inhabitants", "")
    view = draw.choose("Scatter plot", ds, clusters, edition, title)
    # Those to highlight come first, in labels and in words.
    rows = view.rows.assign(other=~view.own).sort_values("other", kind="stable")
    view.rows = rows.dropna(subset=[x, y]).reset_index(drop=True)
    view.require(len(view.rows), f"No cluster has both: {LABELS[x]}, {LABELS[y]}")
    view.height, view.left, ax = 4.6, 0.85, view.start(ax)
    dots = np.c_[draw.get_values(view.rows, x), draw.get_values(view.rows, y)]
    view.mark(view.rows, draw.tell_rows(view.rows, [x, y]), np.c_[dots, dots])
    style: Style = {"s": 30, "linewidth": 0, "alpha": 0.85}
    if hue:
        style |= {"ax": ax} | _color_by(view.rows[hue]) | kwargs
        sns.scatterplot(x=dots[:, 0], y=dots[:, 1], **style)
    else:
        # In one colour, which seaborn draws more slowly.
        style |= {"color": GREY if view.ids else draw.BLUE} | kwargs
        ax.scatter(*dots.T, **style)
    draw.draw_legend(ax)
    ring: Style = {"facecolor": "none", "edgecolor": draw.RED, "linewidths": 2}
    ax.scatter(dots[view.own, 0], dots[view.own, 1], 90, **ring)
    for axis, measure, values in zip("xy", (x, y), dots.T, strict=True):
        draw.scale_axis(ax, axis, measure, values)
    if lack := len(rows) - len(view.rows):
        ax.set_xlabel(f"{ax.get_xlabel()} (not shown: {lack} without both values)")
    line: list[Any] = []
    if {x, y} == {*draw.RANKS}:
        ax.axline((1, 1), slope=1, color=GREY, lw=1, zorder=0)
        ax.set_xlabel(f"{ax.get_xlabel()}; above the line: higher by {y[:-5]}")
        line = [(rank, rank) for rank in np.linspace(*ax.get_xlim(), 60)]
    own, names = int(view.own.sum()), view.rows["cluster"]
    texts = [(*dots[i], names[i]) for i in _order_labels(dots, own)]
    first = own + max(8, 30 - len(dots))
    draw.label_points(ax, texts, [*dots, *line], first=first, bold=own)
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


def _order_labels(dots: Array, own: int) -> list[int]:
    """Return the dots to label: the first, the ends, the largest, the loneliest."""
    spread = (dots - dots.mean(axis=0)) / np.maximum(dots.std(axis=0), 1e-9)
    apart = ((spread[:, None] - spread) ** 2).sum(axis=2)
    # The nearest other dot; the dot itself is the nearest of all.
    lonely = np.argsort(-np.sort(apart, axis=1)[:, :2].max(axis=1), kind="stable")
    ends = [*range(own), *dots.argmin(axis=0), *dots.argmax(axis=0)]
    return [*dict.fromkeys([*ends, *range(len(dots))[:5], *lonely])][:45]


def _count(values: Any) -> Any:
    """Count values, the most frequent first, equal ones in their order."""
    return values.groupby(values).size().sort_values(ascending=False, kind="stable")


@draw.axes_level
def balance(
    ds: Tables, clusters: Names = (), *, edition: int = 0, ax: Axes | None = None
) -> Axes:
    """Draw each output's rate against the median of the clusters of the edition.

    A cluster whose marks lie far apart is skewed to one output. Those most skewed to
    patents stand first, those most skewed to articles last.
    Of more than 36 clusters those to highlight and those most skewed are drawn.

    Parameters
    ----------
    ds
        A dataset, or its table ``clusters``.
    clusters
        The clusters to highlight: cluster_ids or printed names.
    edition
        Year; 0: the newest that has the clusters named.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    view = draw.choose("Dot plot", ds, clusters, edition, "Output balance")
    rates = {rate: draw.get_values(view.rows, rate) for rate in RATES.values()}
    table = pd.DataFrame(rates)
    table = table.loc[:, table.sum() > 0]
    several = len(table) > 1 and table.size
    view.require(several, "Fewer than two clusters have rates: nothing to compare")
    table = (table / table.median()).replace(np.inf, np.nan)
    first, second = table.iloc[:, 0], table.iloc[:, :2].iloc[:, -1]
    skew = ((first - second) / (first + second)).fillna(0)
    order = skew.sort_values(ascending=False, kind="stable").index
    view.rows, view.rest = view.rows.loc[order], "less skewed"
    # Those that lean most to one side or to the other are drawn.
    view.cut(np.c_[: len(order), len(order) - 1 : -1 : -1].flat)
    table, ax = table.loc[view.rows.index], view.start(ax)
    draw.draw_rows(ax, view.rows["cluster"], draw.tell_rows(view.rows, [*table]))
    positive = table.to_numpy()[table.to_numpy() > 0]
    # Spread as far as is drawn on a logarithmic scale.
    draw.scale_axis(ax, "x", "balance", np.append(positive, (0.25, 4)))
    # A rate of zero has no logarithm: it is drawn at the left edge.
    ax.set_xlim(0.7 * positive.min(), 1.4 * positive.max())
    drawn, y = table.clip(lower=ax.get_xlim()[0]), range(len(table))
    ax.hlines(y, drawn.min(axis=1), drawn.max(axis=1), GREY, lw=1.5)
    for rate in drawn:
        ax.scatter(drawn[rate], y, 26, zorder=3, **LOOKS[rate])
    ax.axvline(1, color=GREY, lw=1, zorder=0)
    none = "; at the left edge: none at all" * bool((table == 0).any(axis=None))
    ax.set_xlabel(f"Documents per inhabitant, times the median{none}")
    draw.draw_legend(ax)
    return ax


@draw.axes_level
def economies(ds: Tables, *, edition: int = 0, ax: Axes | None = None) -> Axes:
    """Draw how many clusters each economy has; one across borders counts in its first.

    Parameters
    ----------
    ds
        A dataset, or its table ``clusters``.
    edition
        Year; 0: the newest that has the clusters named.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    view = draw.choose("Bar chart", ds, (), edition, "Clusters per economy")
    rows = view.rows.dropna(subset=["economy"])
    view.require(len(rows), "No cluster has an economy")
    codes = rows["economy_code"].fillna(rows["economy"])
    groups = rows.groupby(codes.str.split("/").str[0])
    # The first name is that of the economy alone, if any of its clusters has it.
    table = groups.agg(name=("economy", "min"), of=("clusters_in_economy", "max"))
    table = table.assign(n=groups.size()).sort_values("name")
    table = table.sort_values("n", ascending=False, kind="stable")
    of, y = np.fmax(table["of"].astype("float64"), table["n"]), range(len(table))
    rest = of.map(" of {:.0f}".format).where(of > table["n"], "")
    told = table["n"].map(str) + rest
    view.parts, ax = list(table["name"] + " " + told), view.start(ax)
    draw.draw_rows(ax, table["name"])
    ax.grid(False, axis="y")
    bars = ax.barh(y, of, 0.6, color=GREY, alpha=0.35, label="on the pages")
    ax.barh(y, table["n"], 0.6, color=draw.BLUE, label="in the data")
    ax.bar_label(bars, told, padding=4, fontsize="small", parse_math=False)
    if any(rest):
        draw.draw_legend(ax)
    ax.set_xlim(0, 1.15 * of.max())
    ax.xaxis.set_major_locator(ticker.MaxNLocator(6, integer=True))
    across = "; across borders in its first economy"
    ax.set_xlabel(f"Number of clusters{across * any(codes.str.contains('/'))}")
    return ax


@draw.axes_level
def concentration(
    ds: Dataset, clusters: Names = (), *, edition: int = 0, ax: Axes | None = None
) -> Axes:
    """Draw bounds on the share of each cluster's three largest organizations.

    Of more than 36 clusters those to highlight and the first by size are drawn.

    Parameters
    ----------
    ds
        A dataset.
    clusters
        The clusters to highlight: cluster_ids or printed names.
    edition
        Year; 0: the newest that has the clusters named.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    return _compare(ds, clusters, edition, ax, "top3_share")


@draw.axes_level
def populations(
    ds: Dataset, clusters: Names = (), *, edition: int = 0, ax: Axes | None = None
) -> Axes:
    """Draw the population of each cluster that its printed numbers imply.

    Of more than 36 clusters those to highlight and the first by size are drawn.

    Parameters
    ----------
    ds
        A dataset.
    clusters
        The clusters to highlight: cluster_ids or printed names.
    edition
        Year; 0: the newest that has the clusters named.
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
    view = draw.choose("Chart of intervals", ds, clusters, edition, LABELS[quantity])
    view.cut()
    known, ids = draw.read_estimates(ds, view, quantity), view.rows["cluster_id"]
    outputs = {output for _, output in known}
    none = {
        output: draw.Interval(draw.NAMES[output], None, None, COLORS[output])
        for output in COLORS
        if output in outputs
    }
    has = {cluster_id for cluster_id, _ in known} & {*ids}
    view.require(has, f"{view.title}: too few numbers are printed for bounds")
    table = [[known.get((i, output), none[output]) for output in none] for i in ids]
    told = [", ".join(f"{i.label} {i.told}" for i in row) for row in table]
    ax, names = view.start(on), view.rows["cluster"]
    draw.draw_rows(ax, names, names + ": " + told)
    draw.draw_intervals(ax, table, last="" in none, zero=quantity == "top3_share")
    ax.set_xlabel(f"{draw.label(quantity)}, as the printed numbers imply")
    return ax


@draw.axes_level
def collaborations(
    ds: Dataset, clusters: Names = (), *, edition: int = 0, ax: Axes | None = None
) -> Axes:
    """Draw who names whom: clusters by size, partners by how often they are named.

    The forty partners named most have a column of their own, all others the last one.
    Of more than 36 clusters those to highlight and the first by size are drawn.

    Parameters
    ----------
    ds
        A dataset.
    clusters
        The clusters to highlight: cluster_ids or printed names.
    edition
        Year; 0: the newest that has the clusters named.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    title, most = "Who works with whom", 40
    view = draw.choose("Matrix of dots", ds, clusters, edition, title)
    named: Any = ds.collaborations[ds.collaborations["edition"] == view.years[0]]
    named = named[named["cluster_id"].isin(view.rows["cluster_id"])]
    view.require(len(named), "No page names a partner")
    view.cut()
    times, names = _count(named["partner_id"]), view.rows["cluster"]
    printed = dict(zip(named["partner_id"], named["partner"], strict=True))
    heads = [f"{printed[i]} ({n})" for i, n in times.items()]
    view.parts, ax = [f"most named: {draw.tell_some(heads)}"], view.start(ax)
    if len(times) > most:
        heads[most:] = [f"{len(times) - most} others ({times[most:].sum()})"]
    once = named.drop_duplicates(["cluster_id", "partner_id"]).groupby("cluster_id")
    whom = view.rows["cluster_id"].map(once["partner"].agg(", ".join))
    draw.draw_rows(ax, names, names + ": " + whom.fillna("no partner"))
    ax.xaxis.tick_top()
    view.top = 0.1 + draw.name_ticks(ax.xaxis, heads, "x-small", rotation=90)
    column = {partner_id: min(x, most) for x, partner_id in enumerate(times.index)}
    row = {cluster_id: y for y, cluster_id in enumerate(view.rows["cluster_id"])}
    x, y = named["partner_id"].map(column), named["cluster_id"].map(row)
    for output, shift in zip(LISTS, (-0.17, 0.17), strict=True):
        own = named["output"] == output
        ax.scatter(x[own] + shift, y[own], 16, linewidths=0, **LOOKS[output])
    ax.set_xlim(-0.6, max(len(heads), 12) - 0.4)
    ax.grid(False, axis="x")
    ax.set_xlabel("Partner location (how often it is named)")
    draw.draw_legend(ax)
    return ax


def _choose(
    kind: str, ds: Tables, clusters: Names, measure: str, editions: Any, newest: int = 0
) -> View:
    """Return the rows that have a measure, of some, the newest, or all editions."""
    table = draw.get_table(ds)
    if isinstance(ds, Dataset) and measure in draw.RANKS:
        table = list_standings(ds)
    known = table.dropna(subset=[measure]).sort_values(
        ["edition", measure], ascending=[True, measure in draw.RANKS]
    )
    found = sorted({int(year) for year in known["edition"]})
    for year in editions:
        draw.check_name("edition", year, found)
    ids, years = draw.find_ids(table, clusters), sorted({*editions}) or found[-newest:]
    view = View(known, ids, "Over editions", LABELS[measure], years, kind)
    only = f"Only edition {years[0]} has" if years else "No edition has"
    view.require(len(years) > 1, f"{only} values: there is nothing to compare")
    known = known.assign(value=draw.get_values(known, measure))
    view.rows = known[known["edition"].isin(years)]
    view.subject = f"GII {years[0]} to {years[-1]}"
    if isinstance(ds, Dataset):
        said = [text for pair in pairwise(years) for text in list_changes(ds, *pair)]
        view.note = " ".join(dict.fromkeys(said))
    return view


def _mark(view: View, rows: Any, measure: str, boxes: Any) -> None:
    told = zip(draw.tell_rows(rows, [measure]), rows["edition"], strict=True)
    view.mark(rows, [f"{words} ({year})" for words, year in told], boxes)


def _join(x: Sequence[int], lines: Any) -> tuple[Array, Array]:
    """Return the points of many lines as those of one, with gaps between them."""
    y = np.pad(lines.to_numpy("float64"), ((0, 0), (0, 1)), constant_values=np.nan)
    return np.tile([*x, np.nan], len(y)), y.ravel()


@draw.axes_level
def ranks(
    ds: Tables,
    clusters: Names = (),
    *,
    measure: str = "size_rank",
    editions: Sequence[int] = (),
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
        The clusters to highlight: cluster_ids or printed names; empty: the five of the
        newest edition that rank first, or have the highest values.
    measure
        ``"size_rank"`` or ``"intensity_rank"`` (world ranks, 1 is the first);
        ``"pct_per_million"``, ``"articles_per_million"`` or
        ``"vc_deals_per_million"`` (documents or deals per million inhabitants);
        ``"patent_collaboration_share"`` or ``"publication_collaboration_share"``
        (drawn in percent).
    editions
        Two years or more; empty: all.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    view = _choose("Line chart", ds, clusters, measure, editions)
    years, known, span = view.years, view.rows, view.years[-1] - view.years[0]
    twice = known["cluster_id"].duplicated().any()
    view.require(twice, "No cluster has values of two editions: nothing to compare")
    newest = known["edition"] == years[-1]
    view.ids = view.ids or list(known["cluster_id"][newest][:5])
    view.left, ax = 0.85, view.start(ax)
    lines = known.pivot_table("value", "cluster_id", "edition")
    style: Style = {"color": GREY, "lw": 0.8, "ms": 2, "alpha": 0.5}
    ax.plot(*_join(years, lines), marker="o", **style)
    # Labels stand at the last points, those of leavers only where they are meant.
    ends = known[newest | view.own].drop_duplicates("cluster_id", keep="last")
    ends = ends.set_index("cluster_id")
    own = [cluster_id for cluster_id in ends.index if cluster_id in view.ids]
    colors = sns.color_palette("colorblind", len(own))
    for cluster_id, color in zip(own, colors, strict=True):
        ax.plot(years, lines.loc[cluster_id], "o-", color=color, lw=2, ms=5, zorder=3)
    ends = ends.loc[[*dict.fromkeys([*own, *ends.index])]]
    points = known[["edition", "value"]].astype("float64")
    _mark(view, known, measure, np.c_[points, points])
    told = known["value"].map("{:,.10g}".format).groupby(known["cluster_id"])
    view.parts = list(ends["cluster"] + " " + told.agg(", ".join)[ends.index])
    draw.scale_axis(ax, "y", measure, known["value"].to_numpy())
    ax.set(xlim=(years[0] - span / 20, years[-1] + 0.45 * span), xlabel="Edition")
    ax.set_xticks(years, [str(year) for year in years])
    texts = ends[["edition", "value", "cluster"]].itertuples(index=False)
    # A label stands at the height of its dot, or a line leads to it.
    steps = sorted(range(-165, 166, 11), key=abs)
    places = [(8, 0)], [(x, y) for x in (22, 40, 60) for y in steps]
    count = len(own)
    draw.label_points(ax, texts, [], places, first=count, bold=count, colors=colors)
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
    view = _choose("Slope chart", ds, clusters, measure, editions, newest=2)
    if isinstance(ds, Dataset):
        view.rows = _drop_unknown(ds, view, measure)
        view.require(len(view.rows), "No cluster is known to have moved, come or gone")
    years, last, ax = view.years, len(view.years) - 1, view.start(ax)
    names = dict(zip(view.rows["cluster_id"], view.rows["cluster"], strict=True))
    table = view.rows.pivot_table("value", "cluster_id", "edition")
    table = table.sort_values(years[::-1])
    kept, values = _cut(table, view.ids)
    view.more, places = len(table) - len(kept), {v: y for y, v in enumerate(values)}
    drawn = kept.replace(places)
    for x, pair in enumerate(pairwise(years)):
        for kind, group in _sort_changes(table[[*pair]]).items():
            lines = drawn.loc[drawn.index.isin(group.index), [*pair]]
            own = lines[lines.index.isin(view.ids)]
            faint: Style = {"alpha": 0.3 if view.ids else 1, "lw": 1.4}
            ax.plot(*_join([x, x + 1], lines), **CHANGES[kind] | faint)
            when = f" in {pair[1]}" * (last > 1)
            told = f"{kind}{when} ({len(group)})"
            ax.plot(*_join([x, x + 1], own), label=told, **CHANGES[kind])
            moved = kind in ("up", "down")
            words = [
                f"{names[i]} {a:.0f} to {b:.0f}" if moved else names[i]
                for i, a, b in group.itertuples()
            ]
            view.parts.append(f"{kind}{when}: {draw.tell_some(words)}")
    texts: list[Any] = []

    def fit() -> None:
        for text in texts:
            draw.fit_rows(ax.yaxis, text.xy[1], [text])

    draw.Layout(ax, fit)
    for x, side, off in ((0, "right", -8), (last, "left", 8)):
        for rank, ids in kept.groupby(years[x]).groups.items():
            bold = "bold" if {*view.ids} & {*ids} else None
            text = f"{rank:.0f} {', '.join(names[i] for i in ids)}"
            style: Style = {"ha": side, "weight": bold}
            texts.append(draw.write(ax, (x, places[rank]), text, (off, 0), **style))
    count = len(values) + (view.more > 0)
    if view.more:
        draw.write(ax, (last / 2, count - 1), f"and {view.more} more", ha="center")
    view.height, view.pads = draw.ROW * count + 0.1, (4, 0)
    shown = view.rows[view.rows["cluster_id"].isin(kept.index)]
    x, y = shown["edition"].map(years.index), shown["value"].map(places)
    left, right = x - last * (x == 0), x + last * (x == last)
    _mark(view, shown, measure, np.c_[left, y - 0.5, right, y + 0.5])
    ax.set(xlim=(-1.3 * last, 2.3 * last), ylim=(count - 0.4, -0.6), yticks=[])
    ax.set_xticks(range(last + 1), [str(year) for year in years])
    ax.set_xlabel(f"Edition; {draw.lower(LABELS[measure])}")
    draw.draw_legend(
        ax, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4, ncols=3
    )
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
