"""Figures of one cluster; `giikit.plots` has their public names."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes

from giikit.plots.drawing import (
    COLORS,
    GREY,
    MEASURES,
    RED,
    SHARES,
    Chosen,
    Note,
    Style,
    Tables,
    check_name,
    choose_cluster,
    choose_clusters,
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
from giikit.plots.intervals import (
    Interval,
    draw_intervals,
    draw_rows,
    find_interval,
    read_estimates,
    tell_all,
)
from giikit.tables import Dataset, list_rows
from giikit.vocabulary import (
    DOCUMENTS,
    LABELS,
    LISTS,
    OUTPUTS,
    Output,
    format_number,
    format_share,
    format_value,
)

Quantity = Literal[
    "total",
    "population",
    "top3_share",
    "hhi",
    "collaborative_documents",
    "patents_per_100_articles",
    "intensity_score",
]
# How bounds are written, and what they are multiplied by.
QUANTITIES: dict[str, tuple[str, float]] = {
    "total": ("{:,.0f}", 1),
    "population": ("{:,.2f}", 1e-6),
    "top3_share": ("{:.1f}", 100),
    "hhi": ("{:.3f}", 1),
    "collaborative_documents": ("{:,.0f}", 1),
    "patents_per_100_articles": ("{:,.3g}", 1),
    "intensity_score": ("{:,.3g}", 1),
}
UNITS = {"population": " (million)", "top3_share": " (%)"}
PUBLISHED = {
    "patent": "pct_applications",
    "publication": "scientific_publications",
    "venture_capital": "vc_deals",
}


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
    check_name("output", output, OUTPUTS)
    found = choose_cluster(ds, cluster, edition, "organizations")
    rows = list_rows(found.rows[found.rows["output"] == output])
    subject, title = _name(ds, found), LISTS[output]
    if not rows:
        return say(ax, f"{title}: none listed", subject, title, found.edition)
    printed: dict[Any, str] = {}
    if isinstance(ds, Dataset):
        # A share such as <1% has no value, but it is printed.
        printed = {
            r["entity"]: r["text"]
            for r in list_rows(ds.observations, found.edition, found.ids[0])
            if r["indicator"] == "share" and r["output"] == output
        }
    told = [
        f"{format_number(r['documents'])} · "
        + printed.get(r["organization"], format_share(r["share"]))
        for r in rows
    ]
    parts = [f"{r['organization']} {t}" for r, t in zip(rows, told, strict=True)]
    note = Note("Bar chart", subject, title, [found.edition], parts)
    note.height = 0.4 * len(rows) + 0.05
    ax = start(ax, note)
    shares = np.array([100 * (r["share"] or 0) for r in rows])
    places = np.arange(len(rows))
    style: Style = {"height": 0.36, "color": COLORS[output]} | kwargs
    ax.barh(places + 0.2, shares, **style)
    for y, (row, text) in enumerate(zip(rows, told, strict=True)):
        write(ax, 0, y - 0.22, row["organization"])
        write(ax, shares[y], y + 0.2, text, dx=4)
    ax.set(xlim=(0, 1.4 * shares.max() or 100), ylim=(len(rows) - 0.5, -0.5))
    ax.set_xlabel(f"Number, and share of the cluster's {DOCUMENTS[output]} (%)")
    ax.set_yticks([])
    return ax


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
    found = choose_cluster(ds, cluster, edition)
    subject, title = _name(ds, found), "work with others"
    if found.rows.empty:
        return say(ax, "No cluster to show", subject, title)
    everyone = choose_clusters(ds, (), found.edition).rows
    listed: list[dict[str, Any]] = []
    if isinstance(ds, Dataset):
        listed = list_rows(ds.collaborations, found.edition, found.ids[0])
    note = Note("Dot chart", subject, title, [found.edition], height=1.9)
    ax, parts = start(ax, note), []
    for y, (output, column) in enumerate(SHARES.items()):
        shares, own = get_values(everyone, column), get_values(found.rows, column)
        color = COLORS[output]
        ax.plot(shares, np.full(len(shares), y), "|", color=GREY, ms=12, mew=1.2)
        ax.plot(own, [y], "o", color=color, ms=10)
        heading = f"{own[0]:.6g}% of {DOCUMENTS[output]}"
        if np.isnan(own[0]):
            heading = f"{DOCUMENTS[output]}: share {format_value(None)}"
        style: Style = {"xycoords": ("axes fraction", "data"), "va": "top"}
        write(ax, 0.01, y, heading, dy=24, weight="bold", color=color, **style)
        names = [r["partner"] for r in listed if r["output"] == output]
        whom = f"most with {', '.join(names)}" if names else "no partner listed"
        write(ax, 0.01, y, whom, dy=-9, lines=2, **style)
        parts.append(f"{heading}, {whom}")
    note.parts = parts
    ax.set(xlim=(-1, 101), ylim=(1.6, -0.5), yticks=[])
    ax.set_xlabel("Documents made with others (%); grey: all clusters in the data")
    return ax


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
    check_name("measure", measure, MEASURES)
    found = choose_cluster(ds, cluster, edition)
    subject, title = _name(ds, found), LABELS[measure]
    everyone = choose_clusters(ds, (), found.edition).rows
    known = everyone[everyone[measure].notna().to_numpy(bool)].reset_index(drop=True)
    if known.empty:
        words = f"{title}: {format_value(None)} for any cluster"
        return say(ax, words, subject, title, found.edition)
    values = get_values(known, measure)
    own = (known["cluster_id"] == found.ids[0]).to_numpy(bool)
    told = [format_value(v, measure) for v in known[measure]]
    printed = [t for t, is_own in zip(told, own, strict=True) if is_own]
    among = f"{(printed or [format_value(None)])[0]}, among {len(known)} clusters"
    note = Note("Dot chart", subject, title, [found.edition], [f"{title}: {among}"])
    note.height, ax = 0.5, start(ax, note)
    where = zip(values, known.itertuples(), strict=True)
    for value, row in where:
        mark(ax, row, tell_row(row, [measure]), (value, 0, value, 0))
    ax.axvline(float(np.median(values)), 0, 0.4, color=GREY, lw=1, zorder=0)
    ax.scatter(values[~own], 0 * values[~own], 36, GREY, alpha=0.6, linewidths=0)
    ax.scatter(values[own], 0 * values[own], 80, RED, linewidths=0, zorder=3)
    scale_axis(ax, "x", measure, values)
    ax.set(ylim=(-0.5, 1.5), yticks=[])
    ends = [int(values.argmin()), int(values.argmax())]
    order = dict.fromkeys([*np.flatnonzero(own).tolist(), *ends])
    texts = [(values[i], 0.0, f"{known['cluster'][i]} {told[i]}") for i in order]
    above = [(0, 12), (4, 12), (-4, 12)]
    dots = np.c_[values, 0 * values]
    label_points(ax, texts, dots, above, bold=[texts[0][2]] if own.any() else ())
    return ax


def implied(
    ds: Dataset,
    cluster: str = "",
    *,
    quantity: Quantity = "total",
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
    check_name("quantity", quantity, QUANTITIES)
    found = choose_cluster(ds, cluster, edition)
    form, factor = QUANTITIES[quantity]
    subject, title = _name(ds, found), LABELS[quantity] + UNITS.get(quantity, "")
    cluster_id = found.ids[0] if found.ids else ""
    known = read_estimates(ds, found.edition, quantity, factor)
    counted = quantity in ("total", "collaborative_documents")
    rows = []
    for output in COLORS:
        if (cluster_id, output) not in known:
            continue
        name = DOCUMENTS.get(output, "all together") if output else "all together"
        row = find_interval(known, cluster_id, output, name)
        if counted and row.bounds:
            middle = sum(row.bounds) / len(row.bounds)
            row = row._replace(zero=middle, unit=middle / 100 or 1)
        rows.append(row)
        if quantity == "total" and output:
            rows += _find_published(ds, cluster_id, output, row)
    if not rows:
        words = f"{title}: no bounds, for the page has too few numbers"
        return say(ax, words, subject, title, found.edition)
    note = Note("Interval chart", subject, title, [found.edition])
    note.parts = [tell_all(rows, form)]
    ax = start(ax, note)
    draw_rows(ax, [row.label for row in rows])
    fraction = quantity in ("top3_share", "hhi")
    draw_intervals(ax, [[row] for row in rows], form, last=True, start=fraction)
    around = ": distance from the middle of the implied interval (%)"
    ax.set_xlabel(title + around * counted)
    return ax


def _find_published(
    ds: Dataset, cluster_id: str, output: Output, row: Interval
) -> list[Interval]:
    """Return the totals that rankings publish, each once."""
    published = ds.rankings[ds.rankings["cluster_id"] == cluster_id]
    column = PUBLISHED[output]
    if column not in published:
        return []
    counts = published[["edition", column]].dropna().drop_duplicates()
    pairs = zip(counts["edition"], counts[column].astype("float64"), strict=True)
    return [
        row._replace(label=f"published, GII {year}", low=count, high=count, color=GREY)
        for year, count in pairs
    ]


def _name(ds: Tables, found: Chosen) -> str:
    """Return a cluster's name as printed, with the edition."""
    if not found.ids:
        return "no cluster"
    rows = get_table(ds)
    rows = rows[(rows["cluster_id"] == found.ids[0]).to_numpy(bool)]
    rows = rows[(rows["edition"] == found.edition).to_numpy(bool)]
    name = rows["cluster"].iloc[0] if "cluster" in rows else found.ids[0]
    return f"{name}, GII {found.edition}"
