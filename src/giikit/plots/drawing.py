"""What the plots are drawn with: rows chosen, names as printed, labels, marks.

Page text is drawn as it is: a ``$`` starts no formula, and no glyph is missing.
Sizes, colours of text and grid, and fonts are those of matplotlib's rcParams, so
that a theme set before is obeyed. What needs the size of the axes (which labels find
room, where a long name is cut) is decided whenever the axes are drawn.
"""

from __future__ import annotations

import textwrap
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns  # type: ignore[import-untyped]
from anyascii import anyascii
from matplotlib import ticker
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.legend import Legend
from matplotlib.textpath import text_to_path
from matplotlib.transforms import IdentityTransform, Transform

from giikit.errors import GiikitError
from giikit.names import find_cluster_id
from giikit.tables import Dataset, select_cluster
from giikit.vocabulary import DOCUMENTS, LABELS, OUTPUTS, Output, format_value

Tables = Dataset | pd.DataFrame
Style = dict[str, Any]
Array = np.ndarray[Any, np.dtype[Any]]

GREY = "0.6"  # seen on white and on black
BLUE, ORANGE, GREEN, RED, PINK = sns.color_palette("colorblind").as_hex()[:5]
# One look for each output everywhere; markers and dashes tell them apart in grey.
COLORS = dict(zip((*DOCUMENTS, None), (BLUE, ORANGE, PINK, GREEN), strict=True))
MARKERS = dict(zip((*DOCUMENTS, None), "os^D", strict=True))
RATES: dict[Output, str] = {
    "patent": "pct_per_million",
    "publication": "articles_per_million",
    "venture_capital": "vc_deals_per_million",
}
SHARES = {output: f"{output}_collaboration_share" for output in OUTPUTS}
RANKS = ("size_rank", "intensity_rank")
MEASURES = (*RANKS, *RATES.values(), *SHARES.values())


class Mark(NamedTuple):
    """Where a cluster is drawn: a box in ``transform``, and points around it."""

    transform: Transform
    box: tuple[float, float, float, float]
    pads: tuple[float, float]  # at the left, and on the other sides
    title: str
    edition: int
    cluster_id: str


@dataclass
class Note:
    """What the layer that makes report figures must know of the axes of a plot."""

    kind: str  # of chart, as a reader calls it
    subject: str  # which clusters, and of which editions
    title: str
    years: Sequence[int]
    parts: Sequence[str] = ()  # what is shown, in words
    height: float = 3.0  # inches that the axes need, and the room around them
    left: float = 0.25
    right: float = 0.25
    top: float = 0.1
    bottom: float = 0.5
    credit: str = ""
    marks: list[Mark] = field(default_factory=list)


NOTES: WeakKeyDictionary[Axes, Note] = WeakKeyDictionary()


class Chosen(NamedTuple):
    """The rows of one edition, and which of their clusters are meant."""

    rows: pd.DataFrame
    edition: int
    ids: list[str]

    @property
    def subject(self) -> str:
        """Which clusters these are, as a title names them."""
        count = f"{len(self.rows)} cluster{'s' * (len(self.rows) != 1)}"
        return f"{count}, GII {self.edition}" if self.edition else count


def check_name(what: str, value: object, allowed: Collection[object]) -> None:
    """Raise a GiikitError that lists what is allowed, if a value is not."""
    if value not in allowed:
        names = ", ".join(str(name) for name in allowed)
        message = f"no {what} {value!r}; there is {names}"
        raise GiikitError(message)


def get_table(ds: Tables, name: str = "clusters") -> pd.DataFrame:
    """Return a table of a dataset, or the frame that was given in its place."""
    return ds if isinstance(ds, pd.DataFrame) else cast(pd.DataFrame, getattr(ds, name))


def choose_clusters(ds: Tables, names: str | Iterable[str], edition: int) -> Chosen:
    """Return the clusters of an edition by size, and the ids of those named."""
    table = get_table(ds)
    years = sorted({int(year) for year in table["edition"]})
    if edition and years:
        check_name("edition", edition, years)
    year = edition or max(years, default=0)
    rows = table[table["edition"] == year]
    rows = rows.sort_values(["size_rank", "cluster_id"], ignore_index=True)
    return Chosen(rows, year, find_ids(rows, names, f" of edition {year}"))


def find_ids(
    rows: pd.DataFrame, names: str | Iterable[str], where: str = ""
) -> list[str]:
    """Return the cluster_ids of names; a wrong one says what is near."""
    known = set(rows["cluster_id"])
    names = [names] if isinstance(names, str) else names
    return [find_cluster_id(name, known, where) for name in names if name]


def choose_cluster(
    ds: Tables, name: str, edition: int, table: str = "clusters"
) -> Chosen:
    """Return a cluster's rows; empty: the largest, 0: its newest edition."""
    rows = get_table(ds, table)
    keys = get_table(ds)
    if "size_rank" not in keys:
        keys = keys.assign(size_rank=0)
    if keys.empty:
        return Chosen(rows[:0], edition, [])
    year, cluster_id = select_cluster(
        cast(Dataset, SimpleNamespace(clusters=keys)), name, edition
    )
    kept = (rows["edition"] == year) & (rows["cluster_id"] == cluster_id)
    return Chosen(rows[kept.to_numpy(bool)], year, [cluster_id])


def start(ax: Axes | None, note: Note) -> Axes:
    """Return the axes to draw on, the current ones if none; keep what is noted."""
    ax = plt.gca() if ax is None else ax
    NOTES[ax] = note
    return ax


def say(ax: Axes | None, words: str, subject: str, title: str, *years: int) -> Axes:
    """Write in the axes that there is nothing to show, and why."""
    ax = start(ax, Note("Remark", subject, title, years, [words], 0.6, bottom=0.1))
    ax.set(xticks=[], yticks=[])
    sns.despine(ax=ax, left=True, bottom=True)
    write(ax, 0.5, 0.5, words, ha="center", xycoords="axes fraction", lines=4)
    return ax


def get_values(rows: pd.DataFrame, measure: str) -> Array:
    """Return a measure as floats: NaN where missing, shares as percentages."""
    values: Array = rows[measure].to_numpy("float64", na_value=np.nan)
    return 100 * values if measure.endswith("_share") else values


def label_measure(measure: str) -> str:
    """Return a measure's label, with its unit."""
    return LABELS[measure] + (" (%)" if measure.endswith("_share") else "")


def tell_row(row: Any, measures: Iterable[str]) -> str:
    """Write a cluster's name and its values in words."""
    told = (f"{LABELS[m]} {format_value(getattr(row, m), m)}" for m in measures)
    return f"{row.cluster}: {', '.join(told)}"


def mark(
    ax: Axes,
    row: Any,
    title: str,
    box: tuple[float, float, float, float],
    pads: tuple[float, float] = (5, 5),
    transform: Transform | None = None,
) -> None:
    """Note where a cluster is drawn (x, y, x, y), for tooltips and links of reports."""
    transform = ax.transData if transform is None else transform
    found = Mark(transform, box, pads, title, int(row.edition), row.cluster_id)
    NOTES[ax].marks.append(found)


class _Layout(Artist):
    """Drawn before everything else in its axes: puts in place what needs their size."""

    zorder = -10

    def __init__(self, arrange: Callable[[], None]) -> None:
        super().__init__()
        self._arrange = arrange
        self.set_in_layout(False)

    def draw(self, renderer: Any) -> None:
        """Arrange, and draw nothing."""
        self._arrange()


def arrange_when_drawn(ax: Axes, arrange: Callable[[], None]) -> None:
    """Call ``arrange`` whenever the axes are drawn, when their size is known."""
    ax.add_artist(_Layout(arrange))


def update(artist: Artist, **properties: Any) -> None:
    """Set what differs: nothing else makes a window draw again."""
    for name, value in properties.items():
        if getattr(artist, f"get_{name}")() != value:
            artist.set(**{name: value})


@cache
def _load_charmap(path: str) -> frozenset[int]:
    return frozenset(get_font(path).get_charmap())


def measure_text(drawn: str, font: FontProperties) -> float:
    """Return the width of a drawn text in inches."""
    return float(text_to_path.get_text_width_height_descent(drawn, font, False)[0]) / 72


def make_drawable(
    text: str, font: FontProperties | None = None, room: float = np.inf, lines: int = 1
) -> str:
    """Return text in characters that the font has, cut to lines of ``room`` inches."""
    font = font or FontProperties()
    known = _load_charmap(findfont(font))
    text = " ".join(text.split())[: 500 * lines]
    text = "".join(c if ord(c) in known else anyascii(c) for c in text)
    # No character is wider than the size of the font.
    if len(text) * font.get_size_in_points() / 72 <= room or (
        room == np.inf or measure_text(text, font) <= room
    ):
        return text
    if lines > 1:
        letters = max(int(0.95 * room * len(text) / measure_text(text, font)), 1)
        broken = textwrap.wrap(text, letters, max_lines=lines, placeholder="…")
        return "\n".join(make_drawable(line, font, room) for line in broken)
    ends = range(len(text))
    end = bisect_right(ends, room, key=lambda n: measure_text(text[:n] + "…", font))
    return text[: max(end - 1, 0)] + "…"


def measure_names(names: Iterable[str], most: float = 2.4) -> float:
    """Return the width of the widest name of a row, at most ``most`` inches."""
    font = FontProperties(size=mpl.rcParams["ytick.labelsize"])
    drawn = (make_drawable(name, font, most) for name in names)
    return max((measure_text(name, font) for name in drawn), default=0)


def write(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    dx: float = 0,
    dy: float = 0,
    *,
    lines: int = 1,
    **style: Any,
) -> None:
    """Write text at a point, ``dx, dy`` typographic points off, cut to the axes."""
    default: Style = {"fontsize": "small", "va": "center", "annotation_clip": False}
    note: Any = ax.annotate(
        "",
        (x, y),
        (dx, dy),
        textcoords="offset points",
        parse_math=False,
        **default | style,
    )
    font = note.get_fontproperties()

    def fit() -> None:
        px = note.get_figure().dpi
        at = note._get_xy(None, (x, y), note.xycoords)[0] + dx * px / 72
        room = {"left": ax.bbox.x1 - at, "right": at - ax.bbox.x0}.get(
            note.get_ha(), 2 * min(ax.bbox.x1 - at, at - ax.bbox.x0)
        )
        update(note, text=make_drawable(text, font, max(room / px, 0.2), lines))

    note.set_text(make_drawable(text, font, lines=lines))
    arrange_when_drawn(ax, fit)


def draw_legend(ax: Axes, **style: Any) -> None:
    """Draw a legend, small."""
    secure_legend(ax.legend(**{"fontsize": "small"} | style))


def secure_legend(legend: Legend) -> None:
    """Let the names in a legend be no formulas, and drawable."""
    for text in legend.get_texts():
        text.set(parse_math=False, text=make_drawable(text.get_text()))


def scale_axis(ax: Axes, which: str, measure: str, values: Array) -> None:
    """Set an axis for a measure: ranks from the last to the first, rates by spread.

    Rates that spread widely are drawn on a logarithmic scale, with plain numbers.
    """
    axis = ax.xaxis if which == "x" else ax.yaxis
    known = values[np.isfinite(values)]
    low, high = min(known, default=1), max(known, default=1)
    ax.set(**{f"{which}label": label_measure(measure)})
    if measure in RANKS:
        last = int(max(100, high))
        step = max(20, round(last / 5, -1))
        ticks = [1, *np.arange(step, last + 1, step)]
        ax.set(**{f"{which}lim": (1.03 * last, -0.02 * last), f"{which}ticks": ticks})
    elif 0 < 15 * low < high:
        ax.set(**{f"{which}scale": "log"})
        subs = (1, 2, 5) if high < 1000 * low else (1,)
        axis.set_major_locator(ticker.LogLocator(subs=subs))
        axis.set_minor_locator(ticker.NullLocator())
    axis.set_major_formatter(ticker.StrMethodFormatter("{x:,.10g}"))


# Offsets in typographic points: beside a dot, and farther off, at the end of a line.
BESIDE = [(6, 0), (-6, 0), (0, 9), (0, -9), (5, 7), (-5, 7), (5, -7), (-5, -7)]
FARTHER = [
    (round(r * np.cos(a)), round(r * np.sin(a)))
    for r in (20, 34, 50, 70)
    for a in np.arange(0.35, 6.5, np.pi / 6)
]


def label_points(
    ax: Axes,
    points: Sequence[tuple[float, float, str]],
    dots: Any,
    beside: Sequence[tuple[float, float]] = BESIDE,
    farther: Sequence[tuple[float, float]] = FARTHER,
    *,
    first: int = 0,
    most: int = 30,
    bold: Collection[str] = (),
) -> None:
    """Write the labels that find room at their points, the first ones first.

    A label beside its dot is nearer to it than to any other; the ``first`` labels that
    find no such place are led to by a line. None covers a dot (``dots`` are rows of
    x, y) or another label. A label to the left ends there, one to neither side is
    centred.
    """
    notes = [
        ax.annotate(
            make_drawable(text),
            (x, y),
            (0, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
            parse_math=False,
            visible=False,
            weight="bold" if text in bold else None,
        )
        for x, y, text in points[: most + first]
    ]
    leaders = LineCollection([], colors=GREY, lw=0.7, transform=IdentityTransform())
    leaders.set_in_layout(False)
    ax.add_collection(leaders, autolim=False)
    for note in notes:
        note.set_in_layout(False)
    near, far = np.array(beside, float), np.array(farther, float).reshape(-1, 2)

    def place() -> None:
        px = ax.figure.dpi / 72
        seen = ax.transData.transform(np.array(dots, float).reshape(-1, 2))
        taken = np.hstack([seen - 3.5 * px, seen + 3.5 * px])
        lines: list[Any] = []
        full = len(taken) + most
        for number, note in enumerate(notes):
            font = note.get_fontproperties()
            size = (measure_text(note.get_text(), font) * 72 + 3, 10.5)
            at = ax.transData.transform(note.xy)
            places = np.vstack([near, far]) if number < first else near
            share = np.choose(
                np.sign(places[:, 0]).astype(int), (0.5, 0, 1), mode="wrap"
            )
            low = at + px * (places - np.c_[share * size[0], np.full(len(share), 5.2)])
            boxes = np.hstack([low, low + px * np.array(size)])
            # A dot of another that is as near as the own leaves a doubt.
            reach = np.where(np.arange(len(places)) < len(near), 2.5 * px, 0)[:, None]
            free = ~_overlap(boxes + reach * (-1, -1, 1, 1), taken, at, px)
            free &= (boxes[:, :2] >= ax.bbox.min).all(1) & (
                boxes[:, 2:] <= ax.bbox.max
            ).all(1)
            found = int(free.argmax())
            visible = bool(free.any()) and len(taken) < full
            update(note, visible=visible)
            if visible:
                side = ("center", "left", "right")[int(np.sign(places[found][0]))]
                update(note, position=tuple(places[found]), horizontalalignment=side)
                taken = np.vstack([taken, boxes[found]])
                if found >= len(near):
                    x, y = boxes[found].reshape(2, 2).T
                    lines.append([at, (np.clip(at[0], *x), np.clip(at[1], *y))])
        leaders.set_segments(lines)

    arrange_when_drawn(ax, place)


def _overlap(boxes: Array, taken: Array, own: Array, px: float) -> Array:
    """Tell which boxes overlap a taken one, other than the dot they belong to."""
    centre = (taken[:, :2] + taken[:, 2:]) / 2
    others = taken[np.abs(centre - own).max(axis=1) > 0.5]
    a, b = boxes[:, None], others[None]
    apart = (a[..., :2] >= b[..., 2:]) | (a[..., 2:] <= b[..., :2])
    return cast(Array, (~apart.any(2)).any(1))
