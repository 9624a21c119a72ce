"""The map of the world: clusters, and the partners of one."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from giikit.names import make_cluster_id
from giikit.plots import drawing as draw
from giikit.plots.drawing import GREY, Names, Tables
from giikit.vocabulary import DOCUMENTS, read_rows

_DASH = re.compile("[-\u2010\u2011–—]")
Cities = dict[str, list[Any]]


@cache
def _load_map() -> tuple[Any, Cities, Cities]:
    """Return coastlines, and cities by the id of the whole name and of their part."""
    path = files("giikit").joinpath("plots/coastline.json")
    coast = json.loads(path.read_text("utf-8"))
    whole: Cities = defaultdict(list)
    parts: Cities = defaultdict(list)
    for row in read_rows("plots/places.csv"):
        city = (row["country"], (float(row["longitude"]), float(row["latitude"])))
        whole[make_cluster_id(row["cluster"])].append(city)
        same = parts[make_cluster_id(row["part"])]
        same += [city] * (city not in same)
    return coast, whole, parts


def find_places(name: str, codes: Any = None) -> list[tuple[float, float]]:
    """Return longitude and latitude of the cities in a name, none if one is unknown.

    Parameters
    ----------
    name
        A cluster or a partner, as printed.
    codes
        Its economies; a city of another economy is not meant. None: any.

    Examples
    --------
    >>> find_places("Tokyo-Yokohama")
    [(139.69, 35.69), (139.65, 35.43)]
    >>> find_places("Cambridge", "US"), find_places("Atlantis")
    ([(-71.11, 42.38)], [])
    """
    _, whole, parts = _load_map()

    def know(cities: Cities, name: str) -> list[tuple[float, float]]:
        found = cities.get(make_cluster_id(name), [])
        return [at for code, at in found if pd.isna(codes) or code in codes.split("/")]

    split = [know(parts, part) for part in _DASH.split(name)]
    sure = all(len(places) == 1 for places in split)
    return know(whole, name) or [at for places in split for at in places if sure]


@draw.axes_level
def world_map(
    ds: Tables, clusters: Names = (), *, edition: int = 0, ax: Axes | None = None
) -> Axes:
    """Draw the cities of all clusters on a map; of one cluster, its partners too.

    A cluster is an area whose outline no page has: a dot stands at each city of its
    name. Names that have no known place are listed below the map.

    Parameters
    ----------
    ds
        A dataset, or its table ``clusters``, which has no partners.
    clusters
        The clusters to highlight: cluster_ids or printed names; lines lead from a
        single one to its partners, the shorter way round.
    edition
        Year; 0: the newest that has the clusters named.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Notes
    -----
    **Source:** coastlines of Natural Earth 4.1 (1:110m land, public domain), places of
    GeoNames (CC BY 4.0), as `giikit/plots/README.md` tells.
    """
    view = draw.choose("Map", ds, clusters, edition, "Where they are")
    view.height, view.credit = 6.7 * 138 / 360, "places: GeoNames; coast: Natural Earth"
    ax, rows = view.start(ax), view.rows.set_index("cluster_id", drop=False)
    coast = LineCollection(_load_map()[0], colors=GREY, lw=0.5, alpha=0.7, zorder=0)
    ax.add_collection(coast, autolim=False)
    ax.set(xlim=(-180, 180), ylim=(-58, 80), xticks=[], yticks=[], aspect="equal")
    ax.grid(False)
    partners = draw.get_rows(ds, "collaborations", view) if len(view.ids) == 1 else []
    # Those to highlight first, then the partners, then all others by size.
    near = dict.fromkeys(view.ids) | {r["partner_id"]: r["partner"] for r in partners}
    names, codes = near | rows["cluster"].to_dict(), rows["economy_code"].to_dict()
    found = {i: find_places(name, codes.get(i)) for i, name in names.items()}
    places = {i: cities for i, cities in found.items() if cities}
    led: list[Any] = []
    for row in partners:
        subject = f"{names[row['cluster_id']]} and its partners"
        view.subject = f"{subject}, GII {view.years[0]}"
        ends = [*found[row["cluster_id"]][:1], *found[row["partner_id"]][:1]]
        led += _lead(ax, ends, row)
    draw.draw_legend(ax, loc="lower left")
    dots = np.array([at for cities in places.values() for at in cities]).reshape(-1, 2)
    ids = [i for i, cities in places.items() for _ in cities]
    levels = [(i not in view.ids) + (i not in near) for i in ids]
    colors = np.array([draw.RED, draw.GREEN, draw.BLUE])[levels]
    sizes = np.array([40, 16, 8 if view.ids else 16])[levels]
    ax.scatter(dots[:, 0], dots[:, 1], sizes, colors, linewidths=0, zorder=3)
    drawn = rows[rows.index.isin(ids)]
    spans = [np.r_[np.min(places[i], 0), np.max(places[i], 0)] for i in drawn.index]
    view.mark(drawn, draw.tell_rows(drawn, draw.RANKS), spans)
    first, bold = (sum(i in known for i in places) for known in (near, view.ids))
    texts = [(*cities[0], names[i]) for i, cities in [*places.items()][:45]]
    draw.label_points(ax, texts, [*dots, *led], first=max(first, 12), bold=bold)
    # Of a cluster and its partners, only what has no place is worth saying.
    meant = near if partners else names
    shown = f"{len(drawn)} of {view.subject.partition(',')[0]} on the map"
    words = [] if partners else [shown]
    if lacking := ", ".join(names[i] for i in meant if i not in places):
        words.append(f"No place is known of {lacking}")
    view.parts, told = [*words, *view.titles], ". ".join(words)
    lines, below = -(-len(told) // 85), {"xycoords": "axes fraction", "va": "top"}
    if told:
        draw.write(ax, (0, 0), told, (0, -8), 2 * lines, **below)
    view.bottom = 0.2 + 0.16 * lines
    return ax


def _lead(ax: Axes, places: list[Any], row: dict[str, Any]) -> list[Any]:
    """Draw the line to a partner the shorter way, maybe over the edge of the map.

    Return points on it, which no label covers.
    """
    if len(places) < 2:
        return []
    (x, y), (far_x, far_y) = places
    turn = 360 * np.sign(far_x - x) * (abs(far_x - x) > 180)
    xs, ys = [x, far_x - turn, np.nan, x + turn, far_x], [y, far_y, np.nan, y, far_y]
    color = draw.COLORS[row["output"]]
    line = "-" if row["output"] == "patent" else "--"
    told = f"partners in {DOCUMENTS[row['output']]}"
    ax.plot(xs, ys, line, color=color, lw=1.2, label=told)
    parts = [((x, y), (xs[1], far_y)), ((xs[3], y), (far_x, far_y))]
    parts = parts[: 2 if turn else 1]  # the same line, unless it goes over the edge
    return [at for ends in parts for at in np.linspace(*ends, 16)[1:]]
