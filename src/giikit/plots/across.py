"""Figures across the clusters of an edition; `giikit.plots` has their public names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns  # type: ignore[import-untyped]
from matplotlib import ticker
from matplotlib.axes import Axes

from giikit.plots.drawing import (
    COLORS,
    GREY,
    MARKERS,
    MEASURES,
    RANKS,
    RATES,
    RED,
    Array,
    Chosen,
    Note,
    Style,
    Tables,
    check_name,
    choose_clusters,
    draw_legend,
    get_values,
    label_points,
    mark,
    measure_names,
    say,
    scale_axis,
    secure_legend,
    start,
    tell_row,
    write,
)
from giikit.plots.intervals import (
    draw_intervals,
    draw_rows,
    find_interval,
    mark_rows,
    name_colors,
    name_ticks,
    read_estimates,
    tell_all,
)
from giikit.tables import Dataset
from giikit.vocabulary import DOCUMENTS, LABELS, OUTPUTS

Names = str | Iterable[str]
HUES = ("economy", "economy_code")


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
    check_name("measure", x, MEASURES)
    check_name("measure", y, MEASURES)
    if hue is not None:
        check_name("hue", hue, HUES)
    found = choose_clusters(ds, clusters, edition)
    title = f"{LABELS[y]} against {LABELS[x][:1].lower()}{LABELS[x][1:]}"
    known = found.rows.dropna(subset=[x, y]).reset_index(drop=True)
    lack = len(found.rows) - len(known)
    if known.empty:
        words = f"No cluster has both values: {LABELS[x]}, {LABELS[y]}"
        return say(ax, words, found.subject, title, found.edition)
    told = [tell_row(row, [x, y]) for row in known.itertuples()]
    parts = told + [f"not shown: {lack} without both values"] * bool(lack)
    note = Note("Scatter chart", found.subject, title, [found.edition], parts, 4.6)
    note.left, ax = 0.75, start(ax, note)
    dots = np.c_[get_values(known, x), get_values(known, y)]
    own = known["cluster_id"].isin(found.ids).to_numpy(bool)
    style: Style = {"s": 30, "linewidth": 0, "alpha": 0.85, "ax": ax}
    if hue is None:
        style["color"] = GREY if own.any() else COLORS["patent"]
    else:
        counts = known[hue].value_counts().sort_index()
        most = counts.sort_values(ascending=False, kind="stable").index[:6]
        kinds = known[hue].where(known[hue].isin(most), "other").fillna("other")
        order = [*most, *["other"] * bool((kinds == "other").any())]
        colors = [*sns.color_palette("colorblind", len(most)), GREY][: len(order)]
        style |= {"hue": kinds, "style": kinds, "hue_order": order}
        style |= {"style_order": order, "palette": colors}
    sns.scatterplot(x=dots[:, 0], y=dots[:, 1], **style | kwargs)
    if legend := ax.get_legend():
        secure_legend(legend)
    ax.scatter(
        dots[own, 0], dots[own, 1], s=90, facecolor="none", edgecolor=RED, linewidths=2
    )
    scale_axis(ax, "x", x, dots[:, 0])
    scale_axis(ax, "y", y, dots[:, 1])
    if lack:
        ax.set_xlabel(f"{ax.get_xlabel()} (not shown: {lack} without both values)")
    if x in RANKS and y in RANKS:
        ax.axline((1, 1), slope=1, color=GREY, lw=1, zorder=0)
        style = {"xycoords": "axes fraction", "style": "italic", "color": GREY}
        for where, measure in ((0, y), (1, x)):
            words = f"higher by {measure.removesuffix('_rank')}"
            side: Style = {"dx": 4, "dy": -9} if where == 0 else {"dx": -4, "dy": 9}
            side["ha"] = ("left", "right")[where]
            write(ax, where, 1 - where, words, **side, **style)
    for row, text, (a, b) in zip(known.itertuples(), told, dots, strict=True):
        mark(ax, row, text, (a, b, a, b))
    names = known["cluster"]
    texts = [(*dots[i], names[i]) for i in _order_labels(dots, own)]
    first = int(own.sum()) + 8
    label_points(ax, texts, dots, first=first, bold=set(names[own]))
    return ax


def _order_labels(dots: Array, own: Array) -> list[int]:
    """Order dots: those chosen, the ends, the first five, then the loneliest."""
    ends = [*dots.argmin(axis=0), *dots.argmax(axis=0)]
    spread = (dots - dots.mean(axis=0)) / np.maximum(dots.std(axis=0), 1e-9)
    apart = ((spread[:, None] - spread[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    lonely = np.argsort(-apart.min(axis=1), kind="stable")
    order = [*np.flatnonzero(own), *ends, *range(min(5, len(dots))), *lonely]
    return list(dict.fromkeys(int(i) for i in order))


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
    found = choose_clusters(ds, clusters, edition)
    title = "output balance"
    rates = np.c_[*(get_values(found.rows, column) for column in RATES.values())]
    given = ~np.isnan(rates).all(axis=0)
    if len(found.rows) < 2 or not given.any():
        words = "Fewer than two clusters with rates: there is nothing to compare"
        return say(ax, words, found.subject, title, found.edition)
    outputs = [o for o, known in zip(RATES, given, strict=True) if known]
    rates = rates[:, given]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = rates / np.nanmedian(rates, axis=0)
        skew = np.nan_to_num(np.log(ratios[:, 0] / ratios[:, -1 - (len(outputs) > 2)]))
    order = np.argsort(-skew, kind="stable")
    rows, ratios = found.rows.iloc[order], ratios[order]
    told = [tell_row(row, [RATES[o] for o in outputs]) for row in rows.itertuples()]
    note = Note("Dot chart", found.subject, title, [found.edition], told)
    ax = start(ax, note)
    draw_rows(ax, list(rows["cluster"]), _find_rows(rows, found))
    seen = ratios[np.isfinite(ratios) & (ratios > 0)]
    low, high = 0.7 * min(seen, default=1), 1.4 * max(seen, default=1)
    drawn = np.clip(np.where(np.isfinite(ratios), ratios, np.nan), low, None)
    y = np.arange(len(rows))
    several = (~np.isnan(drawn)).sum(axis=1) > 1
    ends = np.nanmin(drawn[several], axis=1), np.nanmax(drawn[several], axis=1)
    ax.hlines(y[several], *ends, GREY, lw=1.5)
    for number, output in enumerate(outputs):
        style: Style = {"s": 26, "marker": MARKERS[output], "color": COLORS[output]}
        ax.scatter(drawn[:, number], y, zorder=3, label=DOCUMENTS[output], **style)
    ax.axvline(1, color=GREY, lw=1, zorder=0)
    ax.set(xscale="log", xlim=(low, high))
    subs = (1, 2, 5) if high < 300 * low else (1,)
    ax.xaxis.set_major_locator(ticker.LogLocator(subs=subs))
    ax.xaxis.set_minor_locator(ticker.NullLocator())
    ax.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}\u00d7"))
    none = "; at the left edge: none at all" if (rates == 0).any() else ""
    ax.set_xlabel(f"Documents per inhabitant, times the clusters' median{none}")
    draw_legend(ax)
    mark_rows(ax, rows, told)
    return ax


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
    found = choose_clusters(ds, (), edition)
    title = "clusters per economy"
    rows = found.rows.dropna(subset=["economy"])
    if rows.empty:
        return say(ax, "No cluster to count", found.subject, title, found.edition)
    codes = rows["economy_code"].fillna(rows["economy"])
    rows = rows.assign(first=[str(code).partition("/")[0] for code in codes])
    # The shortest name is that of the economy alone, if any of its clusters has it.
    rows = rows.sort_values("economy", key=lambda names: names.str.len())
    groups = rows.groupby("first").agg(
        {"economy": "first", "clusters_in_economy": "max"}
    )
    groups["count"] = rows["first"].value_counts()
    groups = groups.sort_values(["count", "economy"], ascending=[False, True])
    counts = groups["count"].to_numpy("int64")
    printed = groups["clusters_in_economy"].to_numpy("float64", na_value=np.nan)
    printed = np.fmax(printed, counts)
    names = list(groups["economy"])
    pairs = list(zip(names, counts, printed, strict=True))
    told = [f"{n} of {of:.0f}" if of > n else f"{n}" for _, n, of in pairs]
    parts = [f"{pair[0]} {text}" for pair, text in zip(pairs, told, strict=True)]
    note = Note("Bar chart", found.subject, title, [found.edition], parts)
    ax = start(ax, note)
    draw_rows(ax, names)
    y = np.arange(len(counts))
    if (printed > counts).any():
        ax.barh(y, printed, height=0.6, color=GREY, alpha=0.35, label="on the pages")
        ax.barh(y, counts, height=0.6, color=COLORS["patent"], label="in the data")
        draw_legend(ax)
    else:
        ax.barh(y, counts, height=0.6, color=COLORS["patent"])
    for place, text, pair in zip(y, told, pairs, strict=True):
        write(ax, float(pair[2]), float(place), text, dx=4)
    ax.set_xlim(0, 1.15 * printed.max())
    ax.xaxis.set_major_locator(ticker.MaxNLocator(6, integer=True))
    across = (
        "; one across borders counts in its first"
        if codes.str.contains("/").any()
        else ""
    )
    ax.set_xlabel(f"Number of clusters{across}")
    return ax


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
    label = "Share of the three largest in the cluster's documents (%)"
    return _compare(ds, clusters, edition, ax, "top3_share", OUTPUTS, label)


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
    label = "Inhabitants implied by the printed numbers (million)"
    kinds = tuple(COLORS)
    return _compare(ds, clusters, edition, ax, "population", kinds, label)


def _compare(
    ds: Dataset,
    clusters: Names,
    edition: int,
    ax: Axes | None,
    quantity: str,
    outputs: Sequence[Any],
    label: str,
) -> Axes:
    """Draw the bounds of every cluster, a colour for each output."""
    form, factor = {"population": ("{:.2f}", 1e-6)}.get(quantity, ("{:.0f}", 100))
    found = choose_clusters(ds, clusters, edition)
    title = label.partition(" (")[0]
    known = read_estimates(ds, found.edition, quantity, factor)
    rows = found.rows
    ids = set(rows["cluster_id"])
    made = {output for cluster_id, output in known if cluster_id in ids}
    if not made:
        words = f"{title}: no bounds, for the pages have too few numbers"
        return say(ax, words, found.subject, title, found.edition)
    kinds = [o for o in outputs if o in made or o in OUTPUTS]
    names = {o: DOCUMENTS[o] if o else "all together" for o in kinds}
    table = [
        [find_interval(known, i, o, name) for o, name in names.items()]
        for i in rows["cluster_id"]
    ]
    pairs = zip(rows["cluster"], table, strict=True)
    told = [f"{name}: {tell_all(row, form)}" for name, row in pairs]
    note = Note("Interval chart", found.subject, title, [found.edition], told)
    ax = start(ax, note)
    draw_rows(ax, list(rows["cluster"]), _find_rows(rows, found))
    last = None in names
    draw_intervals(ax, table, form, last=last, start=True)
    ax.set_xlabel(label)
    name_colors(ax, table[0])
    mark_rows(ax, rows, told)
    return ax


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
    found = choose_clusters(ds, clusters, edition)
    rows, title, most = found.rows, "who works with whom", 40
    row = {cluster_id: y for y, cluster_id in enumerate(rows["cluster_id"])}
    named = ds.collaborations[ds.collaborations["cluster_id"].isin(row)]
    named = named[named["edition"] == found.edition]
    if named.empty:
        words = "No page names a partner"
        return say(ax, words, found.subject, title, found.edition)
    times = named["partner_id"].value_counts().sort_index()
    times = times.sort_values(ascending=False, kind="stable")
    names = dict(zip(named["partner_id"], named["partner"], strict=True))
    column = {partner_id: min(x, most) for x, partner_id in enumerate(times.index)}
    heads = [f"{names[i]} ({n})" for i, n in times[:most].items()]
    said = f"most named: {', '.join(heads[:12])}"
    if len(times) > most:
        heads.append(f"{len(times) - most} others ({times[most:].sum()})")
    note = Note("Dot matrix", found.subject, title, [found.edition], [said])
    ax = start(ax, note)
    draw_rows(ax, list(rows["cluster"]), _find_rows(rows, found))
    note.top = measure_names(heads) + 0.05
    style: Style = {"rotation": 90, "va": "bottom"}
    if len(heads) <= 12:
        style = {"rotation": 40, "ha": "left", "rotation_mode": "anchor"}
        note.right, note.top = 0.7 * note.top, 0.65 * note.top
    ax.xaxis.tick_top()
    name_ticks(ax.xaxis, heads, 2.4, **style)
    for kind, shift in zip(OUTPUTS, (-0.17, 0.17), strict=True):
        part = named[named["output"] == kind]
        x = [column[partner_id] + shift for partner_id in part["partner_id"]]
        y = [row[cluster_id] for cluster_id in part["cluster_id"]]
        look: Style = {"s": 16, "color": COLORS[kind], "marker": MARKERS[kind]}
        ax.scatter(x, y, linewidths=0, label=DOCUMENTS[kind], **look)
    ax.set_xlim(-0.6, max(len(heads), 12) - 0.4)
    ax.grid(False)
    ax.set_xlabel("Partner location (how often it is named)")
    draw_legend(ax)
    groups = named.groupby("cluster_id")["partner"].agg(
        lambda p: ", ".join(dict.fromkeys(p))
    )
    told = [
        f"{r.cluster}: {groups.get(r.cluster_id, 'no partner')}"
        for r in rows.itertuples()
    ]
    mark_rows(ax, rows, told)
    return ax


def _find_rows(rows: pd.DataFrame, found: Chosen) -> list[int]:
    """Return which rows are of the clusters to highlight."""
    return [int(i) for i in np.flatnonzero(rows["cluster_id"].isin(found.ids))]
