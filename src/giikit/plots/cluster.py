"""Figures of one cluster and across clusters, made from the tidy tables.

Every figure has units on its axes, a source line, and an alternative text made from
the data (``ax.figure.alt``), which goes with the picture into a notebook. ``cluster``
and ``edition`` are those of `giikit.selection.select_cluster`: a cluster_id or a
printed name, and a year or 0 for the newest.
"""

from __future__ import annotations

import textwrap

from matplotlib.axes import Axes

from giikit.inference import find_published
from giikit.plots import drawing as figures
from giikit.plots.across import (
    COLORS,
    DOCUMENTS,
    MEASURES,
    SOURCES,
    index_estimates,
    make_interval,
    set_ranks,
    tell_all,
)
from giikit.plots.drawing import GREY, INK, RED, Interval, write
from giikit.tables import Dataset, list_rows, select_cluster, select_edition
from giikit.vocabulary import (
    LABELS,
    LISTS,
    OUTPUTS,
    Output,
    format_number,
    format_share,
)

PUBLISHED: dict[Output, str] = {
    "patent": "pct_applications",
    "publication": "scientific_publications",
}


def organizations(
    ds: Dataset, cluster: str = "", *, edition: int = 0, output: Output | None = None
) -> Axes:
    """Draw a cluster's listed applicants and publishers as bars of their shares.

    Names stand above their bars, so that a long one needs no margin.
    """
    key = select_cluster(ds, cluster, edition)
    outputs = (output,) if output else OUTPUTS
    listed = list_rows(ds.organizations, *key)
    # A share such as <1% has no value, but it is printed.
    printed = {
        (r["output"], r["entity"]): r["text"]
        for r in list_rows(ds.observations, *key)
        if r["indicator"] == "share" and r["value"] is None
    }
    rows = {kind: [r for r in listed if r["output"] == kind] for kind in outputs}
    height = sum(1.1 + 1.2 * len(group) for group in rows.values())
    title = f"{_name(ds, key)}: top organizations"
    (ax,) = figures.make_panels(title, key[0], [0.31 * height], grid=False)
    y, parts = 0.0, []
    for kind, group in rows.items():
        heading = LISTS[kind] + (":" if group else ": none listed")
        write(ax, 0, y, heading, weight="bold", color=COLORS[kind])
        for row in group:
            y += 1.2
            percent = 100 * (row["share"] or 0)
            share = printed.get((kind, row["organization"]), format_share(row["share"]))
            said = f"{format_number(row['documents'])} · {share}"
            write(ax, 0, y - 0.2, row["organization"])
            ax.barh(y + 0.27, percent, height=0.4, color=COLORS[kind])
            write(ax, percent, y + 0.27, said, dx=4, fontsize=8)
            heading += f" {row['organization']} {said},"
        parts.append(heading.removesuffix(","))
        y += 1.4
    longest = max((r["share"] or 0 for r in listed if r["output"] in rows), default=0)
    ax.set(xlim=(0, 130 * longest or 100), ylim=(y - 0.8, -0.5))
    ax.set_xlabel("Number, and share of the cluster's documents (%)")
    figures.describe(ax, "Bar chart", parts)
    return ax


def partners(ds: Dataset, cluster: str = "", *, edition: int = 0) -> Axes:
    """Draw how much a cluster does with others, among all clusters, and with whom."""
    key = select_cluster(ds, cluster, edition)
    everyone = select_edition(ds, key[0])
    rows = list_rows(ds.collaborations, *key)
    title = f"{_name(ds, key)}: work with others"
    (ax,) = figures.make_panels(title, key[0], [1.9], grid=False)
    parts = []
    for y, kind in enumerate(OUTPUTS):
        shares = 100 * everyone[f"{kind}_collaboration_share"]
        own = shares[everyone["cluster_id"] == key[1]]
        ax.plot(shares, [y] * len(shares), "|", color=GREY, ms=12, mew=1.2)
        ax.plot(own, [y], "o", color=COLORS[kind], ms=10)
        heading = f"{own.iloc[0]:.6g}% of {DOCUMENTS[kind]}"
        if own.isna().all():
            heading = f"{DOCUMENTS[kind]}: share not given"
        write(ax, 0, y, heading, dy=18, weight="bold", color=COLORS[kind])
        names = [r["partner"] for r in rows if r["output"] == kind]
        whom = f"most with {', '.join(names)}" if names else "no partner listed"
        for i, line in enumerate(textwrap.wrap(whom, 95)[:2]):
            write(ax, 0, y, line, dy=-16 - 12 * i, fontsize=8)
        parts.append(f"{heading}, {whom}")
    ax.set(xlim=(-1, 101), ylim=(1.6, -0.5))
    ax.set_xlabel("Documents made with others (%); grey: all clusters in the data")
    figures.describe(ax, "Dot chart", parts)
    return ax


def standing(ds: Dataset, cluster: str = "", *, edition: int = 0) -> list[Axes]:
    """Draw a cluster's ranks and rates among those of all clusters of its edition."""
    key = select_cluster(ds, cluster, edition)
    everyone = select_edition(ds, key[0])
    title = f"{_name(ds, key)}: among {len(everyone)} clusters in the data"
    # Printed from the 2025 edition.
    deals = {"vc_deals_per_million": LABELS["vc_deals_per_million"]}
    has_deals = everyone["vc_deals_per_million"].notna().any()
    measures = MEASURES | deals if has_deals else MEASURES
    panels = figures.make_panels(title, key[0], [0.4] * len(measures))
    parts = []
    for ax, (column, label) in zip(panels, measures.items(), strict=True):
        known = everyone[everyone[column].notna()].reset_index(drop=True)
        values = known[column].astype("float64")
        own = known["cluster_id"] == key[1]
        ax.plot(values, 0 * values, "o", color=GREY, ms=6, alpha=0.6, mew=0)
        ax.plot(values[own], 0 * values[own], "o", color=RED, ms=9)
        figures.scale_axis(ax, "x", () if column.endswith("rank") else values)
        if column.endswith("rank"):
            set_ranks(ax, "x", values)
        ax.set(xlabel=label, ylim=(-0.4, 1))
        ends = [values.idxmin(), values.idxmax()] if len(values) else []
        order = dict.fromkeys([*known.index[own], *ends])
        texts = [
            (values[i], 0, f"{known['cluster'][i]} {values[i]:,.10g}") for i in order
        ]
        figures.label_points(ax, texts, [], [(0, 11), (4, 11), (-4, 11)])
        printed = [f"{v:,.10g}" for v in values[own]] or ["not given"]
        parts.append(f"{label}: {printed[0]}")
    figures.describe(panels[0], "Dot charts", parts)
    return panels


def implied_quantities(
    ds: Dataset, cluster: str = "", *, edition: int = 0
) -> list[Axes]:
    """Draw the totals, population and concentration that the rounded numbers imply.

    Where rankings have the cluster, their published totals stand below the implied.
    """
    key = select_cluster(ds, cluster, edition)
    rows = index_estimates(ds, *key)
    ranked = find_published(ds.rankings).set_index("edition")
    ranked = ranked[ranked["cluster_id"] == key[1]]
    charts: list[tuple[str, str, list[Interval]]] = []
    for kind, name in DOCUMENTS.items():
        chart = [make_interval(rows, key[1], "total", kind, f"implied, {key[0]}")]
        for year, count in ranked[PUBLISHED[kind]].dropna().astype("float64").items():
            chart.append(Interval(f"published, {year}", count, count, INK))
        charts.append((f"Number of {name}", "{:,.0f}", chart))
    people = [
        make_interval(rows, key[1], "population", kind, f"from {name}", 1e-6)
        for kind, name in SOURCES.items()
    ]
    shares = [
        make_interval(rows, key[1], quantity, kind, f"{label}, {name}")
        for quantity, label in (("top3_share", "top three"), ("hhi", "HHI"))
        for kind, name in DOCUMENTS.items()
    ]
    charts.append(("Inhabitants (million)", "{:,.2f}", people))
    label = "Share of the top three, and Herfindahl–Hirschman index (0 to 1)"
    charts.append((label, "{:.3f}", shares))
    title = f"{_name(ds, key)}: what the numbers imply"
    heights = [0.28 * len(chart) + 0.1 for _, _, chart in charts]
    panels = figures.make_panels(title, key[0], heights, left=2.2)
    for ax, (label, form, chart) in zip(panels, charts, strict=True):
        figures.draw_intervals(ax, chart, form, start=0 if chart is shares else None)
        ax.set_xlabel(label)
    parts = [f"{label}: {tell_all(chart, form)}" for label, form, chart in charts]
    figures.describe(panels[0], "Interval charts", parts)
    return panels


def _name(ds: Dataset, key: tuple[int, str]) -> str:
    """Return a cluster's name as printed, with the edition."""
    (row,) = list_rows(ds.clusters, *key)
    return f"{figures.make_drawable(row['cluster'], 12, 3.5)}, GII {key[0]}"
