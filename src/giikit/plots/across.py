"""Figures across the clusters of an edition; `giikit.plots` has their public names."""

from __future__ import annotations

from typing import Any

import numpy as np
import seaborn as sns  # type: ignore[import-untyped]
from matplotlib import ticker
from matplotlib.axes import Axes

from giikit.plots import drawing as draw
from giikit.plots.drawing import GREY, Names, Style, Tables
from giikit.tables import Dataset
from giikit.vocabulary import DOCUMENTS, LABELS, OUTPUTS


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
    style: Style = {"color": GREY if view.ids else draw.BLUE}
    if hue is not None:
        kinds = view.rows[hue].map(draw.make_drawable, na_action="ignore")
        # Labels that begin with an underscore stand in no legend.
        kinds = kinds.str.replace("^_", " _", regex=True)
        largest = _count(kinds).index[:6]
        kinds = kinds.where(kinds.isin(largest), "other")
        order = [*largest, *{"other"}.intersection(kinds)]
        colors = [*sns.color_palette("colorblind")[: len(largest)], GREY]
        style = {"hue": kinds, "hue_order": order, "palette": colors[: len(order)]}
        style |= {"style": kinds, "style_order": order}
    style |= {"s": 30, "linewidth": 0, "alpha": 0.85, "ax": ax} | kwargs
    sns.scatterplot(x=dots[:, 0], y=dots[:, 1], **style)
    if hue is not None:
        draw.draw_legend(ax)
    ring: Style = {"facecolor": "none", "edgecolor": draw.RED, "linewidths": 2}
    ax.scatter(dots[view.own, 0], dots[view.own, 1], 90, **ring)
    for axis, measure, values in zip("xy", (x, y), dots.T, strict=True):
        draw.scale_axis(ax, axis, measure, values)
    if lack := len(rows) - len(view.rows):
        ax.set_xlabel(f"{ax.get_xlabel()} (not shown: {lack} without both values)")
    if {x, y} == {*draw.RANKS}:
        ax.axline((1, 1), slope=1, color=GREY, lw=1, zorder=0)
        style = {"xycoords": "axes fraction", "style": "italic", "color": GREY}
        better = [f"higher by {measure.removesuffix('_rank')}" for measure in (y, x)]
        draw.write(ax, (0, 1), better[0], off=(4, -9), **style)
        draw.write(ax, (1, 0), better[1], off=(-4, 9), ha="right", **style)
    for row, dot in zip(view.rows.itertuples(), dots, strict=True):
        view.mark(row, draw.tell_row(row, [x, y]), (*dot, *dot))
    # Labels: those to highlight, the ends, the first five, then the loneliest dots.
    spread = (dots - dots.mean(axis=0)) / np.maximum(dots.std(axis=0), 1e-9)
    apart = ((spread[:, None] - spread) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    lonely, own = np.argsort(-apart.min(axis=1), kind="stable"), int(view.own.sum())
    ends = [*range(own), *dots.argmin(axis=0), *dots.argmax(axis=0)]
    labels = dict.fromkeys([*ends, *range(len(dots))[:5], *lonely])
    texts = [(*dots[i], view.rows["cluster"][i]) for i in [*labels][:45]]
    draw.label_points(ax, texts, dots, first=own + 8, bold=own)
    return ax


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
    rates = {o: draw.get_values(view.rows, rate) for o, rate in draw.RATES.items()}
    rates = {o: rate for o, rate in rates.items() if np.nansum(rate) > 0}
    several = len(view.rows) > 1 and rates
    view.require(several, "Fewer than two clusters have rates: nothing to compare")
    with np.errstate(divide="ignore", invalid="ignore"):
        table = np.column_stack([v / np.nanmedian(v) for v in rates.values()])
        skew = np.nan_to_num(np.log(table[:, 0] / table[:, min(1, len(rates) - 1)]))
    order = np.argsort(-skew, kind="stable")
    view.rows, table, ax = view.rows.iloc[order], table[order], view.start(ax)
    columns = [draw.RATES[output] for output in rates]
    told = [draw.tell_row(row, columns) for row in view.rows.itertuples()]
    draw.draw_rows(ax, view.rows["cluster"], told, view.rows)
    positive = table[np.isfinite(table) & (table > 0)]
    # Spread as far as is drawn on a logarithmic scale.
    draw.scale_axis(ax, "x", "balance", np.append(positive, (0.25, 4)))
    # A rate of zero has no logarithm: it is drawn at the left edge.
    ax.set_xlim(0.7 * positive.min(), 1.4 * positive.max())
    drawn = np.ma.masked_invalid(table).clip(ax.get_xlim()[0])
    y = np.arange(len(table))
    ax.hlines(y, drawn.min(axis=1), drawn.max(axis=1), GREY, lw=1.5)
    for values, output in zip(drawn.T, rates, strict=True):
        style: Style = {"color": draw.COLORS[output], "marker": draw.MARKERS[output]}
        ax.scatter(values, y, 26, label=DOCUMENTS[output], zorder=3, **style)
    ax.axvline(1, color=GREY, lw=1, zorder=0)
    none = "; at the left edge: none at all" * bool((table == 0).any())
    ax.set_xlabel(f"Documents per inhabitant, as a multiple of the median{none}")
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
    table["of"] = np.fmax(table["of"].astype("float64"), table["n"])
    table = table.sort_values(["n", "name"], ascending=[False, True])
    rest = table["of"].map(" of {:.0f}".format).where(table["of"] > table["n"], "")
    told = table["n"].map(str) + rest
    view.parts, ax = list(table["name"] + " " + told), view.start(ax)
    draw.draw_rows(ax, table["name"])
    y = np.arange(len(table))
    ax.barh(y, table["of"], 0.6, color=GREY, alpha=0.35, label="on the pages")
    ax.barh(y, table["n"], 0.6, color=draw.BLUE, label="in the data")
    if any(rest):
        draw.draw_legend(ax)
    for at in zip(table["of"], y, strict=True):
        draw.write(ax, at, told.iloc[at[1]], off=(4, 0))
    ax.set_xlim(0, 1.15 * table["of"].max())
    ax.xaxis.set_major_locator(ticker.MaxNLocator(6, integer=True))
    several = bool(codes.str.contains("/").any())
    across = "; one across borders counts in its first economy" * several
    ax.set_xlabel(f"Number of clusters{across}")
    return ax


@draw.axes_level
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


@draw.axes_level
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
    known, ids = draw.read_estimates(ds, view, quantity), view.rows["cluster_id"]
    made = {o: i for (_, o), i in known.items()}
    none = {
        o: made[o]._replace(low=None, high=None, told="no bounds")
        for o in draw.COLORS
        if o in made
    }
    has = {i for i, _ in known} & {*ids}
    view.require(has, f"{view.title}: too few numbers are printed for bounds")
    table = [[known.get((i, o), none[o]) for o in none] for i in ids]
    told = [", ".join(f"{i.label} {i.told}" for i in row) for row in table]
    ax, names = view.start(on), view.rows["cluster"]
    draw.draw_rows(ax, names, names + ": " + told, view.rows)
    zero = quantity == "top3_share"
    draw.draw_intervals(ax, table, last=None in none, zero=zero)
    ax.set_xlabel(f"{draw.label(quantity)}, as the printed numbers imply")
    return ax


@draw.axes_level
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
    times = _count(named["partner_id"])
    names = dict(zip(named["partner_id"], named["partner"], strict=True))
    heads = [f"{names[i]} ({n})" for i, n in times[:most].items()]
    view.parts, ax = [f"most named: {', '.join(heads[:12])}"], view.start(ax)
    if len(times) > most:
        heads.append(f"{len(times) - most} others ({times[most:].sum()})")
    partners = named.drop_duplicates(["cluster_id", "partner_id"])
    whom = partners.groupby("cluster_id")["partner"].agg(", ".join).to_dict()
    rows = list(zip(view.rows["cluster"], view.rows["cluster_id"], strict=True))
    titles = [f"{name}: {whom.get(i, 'no partner')}" for name, i in rows]
    draw.draw_rows(ax, view.rows["cluster"], titles, view.rows)
    ax.xaxis.tick_top()
    view.top = 0.1 + draw.name_ticks(ax.xaxis, heads, rotation=90)
    row = {cluster_id: y for y, cluster_id in enumerate(view.rows["cluster_id"])}
    column = {partner_id: min(x, most) for x, partner_id in enumerate(times.index)}
    for output, shift in zip(OUTPUTS, (-0.17, 0.17), strict=True):
        part = named[named["output"] == output]
        x = [column[i] + shift for i in part["partner_id"]]
        y = [row[i] for i in part["cluster_id"]]
        style: Style = {"color": draw.COLORS[output], "marker": draw.MARKERS[output]}
        ax.scatter(x, y, 16, label=DOCUMENTS[output], linewidths=0, **style)
    ax.set_xlim(-0.6, max(len(heads), 12) - 0.4)
    ax.grid(False)
    ax.set_xlabel("Partner location (how often it is named)")
    draw.draw_legend(ax)
    return ax
