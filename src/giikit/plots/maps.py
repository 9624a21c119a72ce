"""The map of the world: clusters, and the partners of one."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from giikit.names import make_cluster_id
from giikit.plots.drawing import (
    COLORS,
    GREY,
    RANKS,
    RED,
    Array,
    Chosen,
    Note,
    Style,
    Tables,
    choose_clusters,
    draw_legend,
    label_points,
    mark,
    say,
    start,
    tell_row,
    write,
)
from giikit.tables import Dataset
from giikit.vocabulary import DOCUMENTS, OUTPUTS

_DASH = re.compile("[-\u2010\u2011–—]")
DASHES = {"patent": "-", "publication": "--"}
Places = list[tuple[float, float]]
Partner = tuple[str, str, str, Places]
INK = COLORS[None]


@cache
def _load_coast() -> list[Array]:
    text = files("giikit.plots").joinpath("coastline.json").read_text("utf-8")
    return [np.array(line) for line in json.loads(text)]


@cache
def _load_places() -> tuple[dict[str, list[dict[str, str]]], ...]:
    """Return the rows by the id of the whole name, and by that of a part."""
    text = files("giikit.plots").joinpath("places.csv").read_text("utf-8")
    whole: dict[str, list[dict[str, str]]] = {}
    parts: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        whole.setdefault(make_cluster_id(row["cluster"]), []).append(row)
        parts.setdefault(make_cluster_id(row["part"]), []).append(row)
    return whole, parts


def find_places(name: str, codes: str | None = None) -> Places:
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
    allowed = codes.split("/") if codes else None

    def know(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
        return [row for row in rows if not allowed or row["country"] in allowed]

    whole, parts = _load_places()
    found = know(whole.get(make_cluster_id(name), ()))
    if not found:
        for part in _DASH.split(name):
            known = {
                r["geonameid"]: r for r in know(parts.get(make_cluster_id(part), ()))
            }
            if len(known) != 1:
                return []
            found += known.values()
    return [(float(row["longitude"]), float(row["latitude"])) for row in found]


def world_map(
    ds: Tables,
    clusters: str | Iterable[str] = (),
    *,
    edition: int = 0,
    ax: Axes | None = None,
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
    found = choose_clusters(ds, clusters, edition)
    title = "where the clusters are"
    if found.rows.empty:
        return say(ax, "No cluster to show", found.subject, title)
    note = Note("Map", found.subject, title, [found.edition])
    note.height, note.credit = 6.7 * 138 / 360, "places: GeoNames; coast: Natural Earth"
    ax = start(ax, note)
    coast = LineCollection(_load_coast(), colors=GREY, lw=0.5, alpha=0.7, zorder=0)
    ax.add_collection(coast, autolim=False)
    ax.set(xlim=(-180, 180), ylim=(-58, 80), xticks=[], yticks=[], aspect="equal")
    ax.grid(False)
    partners = _find_partners(ds, found)
    linked = {partner_id for _, partner_id, *_ in partners}
    spots: list[tuple[int, str, Places, Any]] = []
    row: Any
    for row in found.rows.itertuples():
        level = 2 * (row.cluster_id not in found.ids) - (row.cluster_id in linked)
        code = None if pd.isna(row.economy_code) else row.economy_code
        spots.append((level, row.cluster, find_places(row.cluster, code), row))
    known = set(found.rows["cluster_id"])
    elsewhere = {i: (1, name, at, None) for _, i, name, at in partners}
    spots += [spot for i, spot in elsewhere.items() if i not in known]
    spots.sort(key=lambda spot: spot[0])
    placed = [spot for spot in spots if spot[2]]
    dots = [(x, y, level) for level, _, at, _ in placed for x, y in at]
    x, y, levels = np.array(dots).reshape(-1, 3).T
    shades = np.where(levels == 0, RED, np.where(levels == 1, INK, COLORS["patent"]))
    sizes = np.choose(levels.astype(int), (40, 16, 8 if found.ids else 16))
    ax.scatter(x, y, sizes, shades, alpha=0.85, linewidths=0, zorder=3)
    _draw_lines(ax, [at[0] for level, _, at, _ in placed if level == 0], partners)
    for _, _, at, row in placed:
        if row is not None:
            box = (*np.min(at, axis=0), *np.max(at, axis=0))
            mark(ax, row, tell_row(row, RANKS), box)
    names = {name for level, name, *_ in spots if level == 0}
    texts = [(*at[0], name) for _, name, at, _ in placed]
    first = sum(level < 2 for level, *_ in placed)
    label_points(ax, texts, np.c_[x, y], first=first, most=25, bold=names)
    words = f"{sum(s[3] is not None for s in placed)} of {len(found.rows)} clusters"
    lacking = [name for _, name, at, _ in spots if not at]
    if lacking:
        words += f"; without a known place: {', '.join(lacking)}"
    note.parts = [words, *(tell_row(spot[3], RANKS[:1]) for spot in placed if spot[3])]
    lines = len(words) // 100 + 1
    write(ax, 0, 0, words, dy=-8, lines=lines, xycoords="axes fraction", va="top")
    note.bottom = 0.2 + 0.16 * lines
    return ax


def _draw_lines(ax: Axes, home: Places, partners: Sequence[Partner]) -> None:
    """Draw a line from a cluster to each of its partners, by output."""
    for output in OUTPUTS:
        ends = [at[0] for kind, _, _, at in partners if kind == output and at]
        style: Style = {"color": COLORS[output], "ls": DASHES[output], "lw": 1.2}
        for number, (x, y) in enumerate(ends if home else ()):
            label = f"partners in {DOCUMENTS[output]}" if number == 0 else None
            ax.plot((home[0][0], x), (home[0][1], y), label=label, **style)
    if ax.lines:
        draw_legend(ax, loc="lower left")


def _find_partners(ds: Tables, found: Chosen) -> list[Partner]:
    """Return output, id, name and places of the partners of a single cluster."""
    if len(found.ids) != 1 or not isinstance(ds, Dataset):
        return []
    table = ds.collaborations
    table = table[(table["edition"] == found.edition).to_numpy(bool)]
    table = table[(table["cluster_id"] == found.ids[0]).to_numpy(bool)]
    names = table[["output", "partner_id", "partner"]].itertuples(index=False)
    codes = found.rows.dropna(subset=["economy_code"]).set_index("cluster_id")
    known = codes["economy_code"].to_dict()
    return [(o, i, name, find_places(name, known.get(i))) for o, i, name in names]
