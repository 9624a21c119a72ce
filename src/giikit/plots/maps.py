"""The map of the world: clusters, and the partners of one."""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from giikit.names import make_cluster_id
from giikit.plots import drawing as draw
from giikit.plots.drawing import GREY, Names, Style, Tables
from giikit.vocabulary import DOCUMENTS

_DASH = re.compile("[-\u2010\u2011–—]")
Cities = dict[str, list[Any]]


@cache
def _load_map() -> tuple[Any, Cities, Cities]:
    """Return coastlines, and cities by the id of the whole name and of their part."""
    folder = files("giikit.plots")
    coast = json.loads(folder.joinpath("coastline.json").read_text("utf-8"))
    text = folder.joinpath("places.csv").read_text("utf-8")
    whole: Cities = {}
    parts: Cities = {}
    for row in csv.DictReader(text.splitlines()):
        city = (row["country"], (float(row["longitude"]), float(row["latitude"])))
        whole.setdefault(make_cluster_id(row["cluster"]), []).append(city)
        same = parts.setdefault(make_cluster_id(row["part"]), [])
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


@draw.axes_level("Map")
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
        single one to its partners.
    edition
        Year; 0: the newest.
    ax
        The axes to draw on; None: the current ones.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    view = draw.choose(ds, clusters, edition, "where the clusters are")
    view.height, view.credit = 6.7 * 138 / 360, "places: GeoNames; coast: Natural Earth"
    ax, rows = view.start(ax), view.rows.set_index("cluster_id", drop=False)
    style: Style = {"colors": GREY, "lw": 0.5, "alpha": 0.7, "zorder": 0}
    ax.add_collection(LineCollection(_load_map()[0], **style), autolim=False)
    ax.set(xlim=(-180, 180), ylim=(-58, 80), xticks=[], yticks=[], aspect="equal")
    ax.grid(False)
    partners = draw.get_rows(ds, "collaborations", view) if len(view.ids) == 1 else []
    # Those to highlight first, then the partners, then all others by size.
    near = dict.fromkeys(view.ids) | {r["partner_id"]: r["partner"] for r in partners}
    names = near | rows["cluster"].to_dict()
    codes = rows["economy_code"].to_dict()
    places = {i: find_places(name, codes.get(i)) for i, name in names.items()}
    for row in partners:
        ends = places[row["cluster_id"]][:1] + places[row["partner_id"]][:1]
        style = {"color": draw.COLORS[row["output"]], "lw": 1.2}
        style["ls"] = "-" if row["output"] == "patent" else "--"
        if len(ends) == 2:
            told = f"partners in {DOCUMENTS[row['output']]}"
            ax.plot(*np.transpose(ends), label=told, **style)
    if ax.lines:
        draw.draw_legend(ax, loc="lower left")
    placed = [i for i in names if places[i]]
    levels = [(i not in view.ids) + (i not in near) for i in placed for _ in places[i]]
    dots = np.array([at for i in placed for at in places[i]]).reshape(-1, 2)
    colors = np.array([draw.RED, draw.GREEN, draw.BLUE])[levels]
    sizes = np.array([40, 16, 8 if view.ids else 16])[levels]
    ax.scatter(dots[:, 0], dots[:, 1], sizes, colors, linewidths=0, zorder=3)
    drawn = rows.loc[[i for i in placed if i in rows.index]]
    spans = [np.r_[np.min(places[i], 0), np.max(places[i], 0)] for i in drawn.index]
    view.mark(drawn, draw.tell_rows(drawn, draw.RANKS), spans)
    first, bold = (len({*placed} & {*known}) for known in (near, view.ids))
    texts = [(*places[i][0], names[i]) for i in placed[:45]]
    draw.label_points(ax, texts, dots, first=first, bold=bold)
    words = f"{len(drawn)} of {len(rows)} clusters on the map"
    if lacking := ", ".join(names[i] for i in names if not places[i]):
        words += f"; without a known place: {lacking}"
    view.parts = [words, *view.marks["title"]]
    lines, below = len(words) // 85 + 1, {"xycoords": "axes fraction", "va": "top"}
    draw.write(ax, (0, 0), words, off=(0, -8), lines=lines, **below)
    view.bottom = 0.2 + 0.16 * lines
    return ax
