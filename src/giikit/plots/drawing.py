"""What the plots are drawn with: rows chosen, names as printed, labels, marks.

Page text is drawn as it is: a ``$`` starts no formula, and no glyph is missing.
Sizes, colours of text and grid, and fonts are those of matplotlib's rcParams, so
that a theme set before is obeyed. What needs the size of the axes (which labels find
room, where a long name is cut) is decided whenever the axes are drawn.
"""

from __future__ import annotations

import textwrap
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, wraps
from inspect import signature
from types import SimpleNamespace
from typing import Any, NamedTuple, ParamSpec, cast
from weakref import WeakKeyDictionary

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from anyascii import anyascii
from matplotlib import ticker
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.transforms import IdentityTransform
from PIL import ImageFont

from giikit.errors import GiikitError
from giikit.names import find_cluster_id
from giikit.tables import Dataset, list_rows, select_cluster, select_edition
from giikit.vocabulary import (
    DOCUMENTS,
    LABELS,
    OUTPUTS,
    RATES,
    format_bound,
    format_value,
    name_output,
)

P = ParamSpec("P")
Tables = Dataset | pd.DataFrame
Names = str | Iterable[str]
Style = dict[str, Any]
Array = np.ndarray[Any, np.dtype[Any]]

# How text is written: small, at points off a place, and never as a formula.
PLAIN: Style = {"fontsize": "small", "va": "center", "textcoords": "offset points"}
PLAIN |= {"annotation_clip": False, "parse_math": False}
GREY = "0.6"  # seen on white and on black
# The first of seaborn's palette "colorblind", which takes a third of a second to load.
BLUE, ORANGE, GREEN, RED, PINK = "#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc"
# One look for each output everywhere ("": all together); it is told apart in grey.
COLORS = {"patent": BLUE, "publication": ORANGE, "venture_capital": PINK, "": GREEN}
NAMES = {output: name_output(output) for output in COLORS}
LOOKS: dict[str, Style] = {
    output: {"color": COLORS[output], "marker": marker, "label": NAMES[output]}
    for output, marker in zip(DOCUMENTS, "os^", strict=True)
}
LOOKS |= {rate: LOOKS[output] for output, rate in RATES.items()}
SHARES = {output: f"{output}_collaboration_share" for output in OUTPUTS}
RANKS = ("size_rank", "intensity_rank")
MEASURES = (*RANKS, *RATES.values(), *SHARES.values())
# The factor to the unit that is drawn, the decimals of bounds (None: three digits as
# a whole), and the unit.
QUANTITIES: dict[str, tuple[float, int | None, str]] = {
    "total": (1, 0, ""),
    "population": (1e-6, 2, " (million)"),
    "top3_share": (100, 0, " (%)"),
    "hhi": (1, 3, ""),
    "collaborative_documents": (1, 0, ""),
    "patents_per_100_articles": (1, None, ""),
    "intensity_score": (1, None, ""),
}
UNITS = QUANTITIES | dict.fromkeys(SHARES.values(), QUANTITIES["top3_share"])
ALLOWED: dict[str, Collection[str | None]] = {"output": OUTPUTS, "quantity": QUANTITIES}
ALLOWED |= dict.fromkeys(("measure", "x", "y"), MEASURES)
ALLOWED["hue"] = (None, "economy", "economy_code")
# What is given to a plot, a dataset by its annotation: the types, and in words.
EXPECTED: dict[str, tuple[Any, str]] = {
    "Dataset": (Dataset, "a dataset"),
    "Tables": (Tables, "a dataset or its table"),
    "cluster": (str, "one cluster"),
    "clusters": (Iterable, "a list of names"),
    "editions": (Iterable, "a list of years"),
    "ax": (Axes | None, "one matplotlib Axes"),
}
# As many rows, of so many inches, as a printed page has room for.
ROWS, ROW = 36, 0.2
# Inches that two pictures side by side have each, in a report.
HALF = 5.04


@dataclass
class View:
    """What a plot shows, and what the layer that makes report figures must know."""

    rows: Any  # the clusters of an edition, by size
    ids: list[str]  # of those that are meant
    subject: str
    title: str
    years: list[int]
    kind: str  # of chart; empty where nothing can be shown
    parts: list[str] = field(default_factory=list)  # in words; empty: its marks
    more: int = 0  # how many rows are not shown, and what they are called
    rest: str = "more"
    marks: list[dict[str, Any]] = field(default_factory=list)  # a cluster each
    boxes: Any = ()  # where they are drawn
    pads: tuple[float, float] = (5, 5)  # points left of a box, and above and below
    where: Any = None  # the transform of the boxes
    width: float = 7.2  # inches of the picture
    height: float = 4.0  # inches that the axes need, and the room around them
    left: float = 0.25
    top: float = 0.1
    bottom: float = 0.5
    note: str = ""  # what the reader of the picture must know
    credit: str = ""

    @property
    def own(self) -> Array:
        """Which rows are meant."""
        return cast(Array, self.rows["cluster_id"].isin(self.ids).to_numpy(bool))

    @property
    def titles(self) -> list[str]:
        """The titles of the marks."""
        return [mark["title"] for mark in self.marks]

    def start(self, ax: Axes | None) -> Axes:
        """Return the axes to draw on, the current ones if none."""
        ax = plt.gca() if ax is None else ax
        VIEWS[ax], self.where = self, ax.transData
        return ax

    def cut(self, order: Iterable[int] = ()) -> None:
        """Keep those that are meant and the first in an order, a page of them."""
        ranked = [*np.flatnonzero(self.own), *order, *range(len(self.rows))]
        kept = [*dict.fromkeys(ranked)][: max(ROWS, self.own.sum())]
        self.more = len(self.rows) - len(kept)
        self.rows = self.rows.iloc[sorted(kept)]

    def mark(self, rows: Any, titles: Iterable[str], boxes: Any) -> None:
        """Note where clusters are drawn, for tooltips and links."""
        keys = zip(rows["edition"].tolist(), rows["cluster_id"], titles, strict=True)
        names = "edition", "cluster_id", "title"
        self.marks = [dict(zip(names, key, strict=True)) for key in keys]
        self.boxes = np.asarray(boxes, float)

    def require(self, something: object, words: str) -> None:
        """Show words in place of the plot, unless there is something to show."""
        if not something:
            raise NothingToShowError(self, words)


VIEWS: WeakKeyDictionary[Axes, View] = WeakKeyDictionary()


class NothingToShowError(Exception):
    """Raised with a view and the words to show in its place."""


def axes_level(plot: Callable[P, Axes]) -> Callable[P, Axes]:
    """Check what is given to a plot; write on its axes that nothing can be shown."""
    form = signature(plot)

    @wraps(plot)
    def checked(*args: P.args, **options: P.kwargs) -> Axes:
        try:
            given = form.bind(*args, **options).arguments
        except TypeError as error:
            message = f"{plot.__name__}: {error}; it takes {', '.join(form.parameters)}"
            raise GiikitError(message) from None
        _check_given(given, form.parameters["ds"].annotation)
        try:
            drawn = plot(*args, **options)
            _wrap_labels(drawn)
            return drawn
        except KeyError as error:
            if isinstance(given["ds"], Dataset):
                raise
            message = f"{plot.__name__} needs {error.args[0]!r}, which is no column of"
            message += f" the table: it has {', '.join(map(str, given['ds'].columns))}"
            raise GiikitError(message) from error
        except NothingToShowError as nothing:
            view, words = nothing.args
            view.kind, view.note, view.parts = "", "", [words]
            view.height, view.bottom = 0.6, 0.1
            ax: Axes = view.start(given.get("ax"))
            ax.set(xticks=[], yticks=[])
            write(ax, (0.5, 0.5), words, lines=4, ha="center", xycoords="axes fraction")
            return ax

    return checked


def _wrap_labels(ax: Axes) -> None:
    """Break a label that is longer than its axis in two lines, and cut it there."""
    for axis, length in ((ax.xaxis, ax.bbox.width), (ax.yaxis, ax.bbox.height)):
        text, font = axis.label.get_text(), axis.label.get_fontproperties()
        room = length / ax.figure.dpi
        axis.label.set_text(make_drawable(text, font, room, 2))


def _check_given(given: Mapping[str, Any], kind: str) -> None:
    """Raise a GiikitError that says what is expected, if something else is given."""
    for name in given.keys() & {"ds", *EXPECTED}:
        types, words = EXPECTED[kind if name == "ds" else name]
        if not isinstance(value := given[name], types):
            told = repr(value) if len(repr(value)) < 60 else f"a {type(value).__name__}"
            message = f"{name}: {words} is expected, not {told}"
            raise GiikitError(message)
    for name in given.keys() & ALLOWED.keys():
        check_name(name, given[name], ALLOWED[name])


def check_name(what: str, value: object, allowed: Collection[object]) -> None:
    """Raise a GiikitError that lists what is allowed, if a value is not."""
    if value not in allowed:
        message = f"no {what} {value!r}; there is {', '.join(map(str, allowed))}"
        raise GiikitError(message)


def get_table(ds: Tables, name: str = "clusters") -> Any:
    """Return a table of a dataset, or the frame that was given in its place."""
    return ds if isinstance(ds, pd.DataFrame) else getattr(ds, name)


def get_rows(ds: Tables, name: str, view: View, output: str = "") -> list[Any]:
    """Return a table's rows of a view's one cluster; of a mere frame only its own."""
    if isinstance(ds, pd.DataFrame) and name != "organizations":
        return []
    rows = list_rows(get_table(ds, name), view.years[0], view.ids[0])
    return [row for row in rows if not output or row["output"] == output]


def choose(
    kind: str, ds: Tables, names: Any, edition: int, title: str, one: bool = False
) -> View:
    """Return the clusters of an edition (0: the newest that has those meant).

    Of ``one`` cluster (empty: the largest) 0 is the newest edition that has it.
    """
    table = get_table(ds)
    if "size_rank" not in table:
        table = table.assign(size_rank=0, cluster=table["cluster_id"])
    view = View(table, [], "No cluster", title, [], kind)
    view.require(len(table), "No cluster to show")
    known: Any = SimpleNamespace(clusters=table)
    names = names if isinstance(names, str) else list(names)
    if one:
        view.width = HALF
        edition, names = select_cluster(known, names, edition)
    elif (ids := find_ids(table, names)) and not edition:
        has = table[table["cluster_id"].isin(ids)].groupby("edition").size()
        edition = int(has[has == has.max()].index.max())
    view.rows = select_edition(known, edition)
    year, count = int(view.rows["edition"].iloc[0]), len(view.rows)
    view.ids = find_ids(view.rows, names, f" of edition {year}")
    subject = f"{count} cluster{'s' * (count > 1)}"
    if one:
        subject = view.rows["cluster"][view.own].iloc[0]
    view.years, view.subject = [year], f"{subject}, GII {year}"
    return view


def find_ids(rows: Any, names: Names, where: str = "") -> list[str]:
    """Return the cluster_ids of names; a wrong one says what is near."""
    known = set(rows["cluster_id"])
    names = [names] if isinstance(names, str) else names
    return [find_cluster_id(name, known, where) for name in names if name]


def get_values(rows: Any, measure: str) -> Array:
    """Return a measure as floats in its unit, NaN where missing."""
    values: Array = rows[measure].to_numpy("float64", na_value=np.nan)
    return values * UNITS.get(measure, (1,))[0]


def label(measure: str) -> str:
    """Return the label of a measure or a quantity, with its unit."""
    return LABELS[measure] + UNITS.get(measure, ("", "", ""))[2]


def lower(text: str) -> str:
    """Return a label as it stands within a sentence."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def tell_rows(rows: Any, measures: Sequence[str]) -> list[str]:
    """Write the name of every cluster and its values in words."""
    told = [[f"{LABELS[m]} {format_value(v, m)}" for v in rows[m]] for m in measures]
    values = [", ".join(row) for row in zip(*told, strict=True)]
    return [f"{n}: {v}" for n, v in zip(rows["cluster"], values, strict=True)]


def tell_some(parts: Sequence[str], more: int = 0, between: str = ", ") -> str:
    """Join the first twelve parts, and say how many there are more."""
    more += max(len(parts) - 12, 0)
    return between.join([*parts[:12], *[f"and {more:,} more"] * (more > 0)])


class Layout(Artist):
    """Drawn before all else in its axes: puts in place what depends on their size."""

    zorder = -10

    def __init__(self, ax: Axes, arrange: Callable[[], None]) -> None:
        super().__init__()
        self._arrange = arrange
        self.set_in_layout(False)
        ax.add_artist(self)

    def draw(self, renderer: Any) -> None:
        """Arrange, and draw nothing."""
        self._arrange()


def update(artist: Artist, **properties: Any) -> None:
    """Set what differs: what is only set again makes no window draw again."""
    for name, value in properties.items():
        if getattr(artist, f"get_{name}")() != value:
            artist.set(**{name: value})


@cache
def _load_charmap(path: str) -> frozenset[int]:
    return frozenset(get_font(path).get_charmap())


@cache
def load_font(path: str, size: float) -> ImageFont.FreeTypeFont:
    """Return a font for Pillow, which lays text out ten times as fast as matplotlib."""
    return ImageFont.truetype(path, size)


def measure_text(drawn: str, font: FontProperties) -> float:
    """Return the width of a drawn text in inches."""
    width = load_font(findfont(font), 100).getlength(drawn)
    return width * font.get_size_in_points() / 7200


def make_drawable(
    text: str, font: FontProperties | None = None, room: float = np.inf, lines: int = 1
) -> str:
    """Return text in characters that the font has, cut to lines of ``room`` inches."""
    font = font or FontProperties()
    known = _load_charmap(findfont(font))
    text = " ".join(text.split())[: 500 * lines]
    text = "".join(c if ord(c) in known else anyascii(c) for c in text)
    # No character is wider than the size of the font.
    width = len(text) * font.get_size_in_points() / 72
    if width <= room or (width := measure_text(text, font)) <= room:
        return text
    if lines > 1:
        letters = max(int(0.95 * room * len(text) / width), 1)
        broken = textwrap.wrap(text, letters, max_lines=lines, placeholder="…")
        return "\n".join(make_drawable(line, font, room) for line in broken)
    ends = range(len(text))
    end = bisect_right(ends, room, key=lambda n: measure_text(text[:n] + "…", font))
    return text[: max(end - 1, 0)] + "…"


def write(
    ax: Axes, at: Any, text: str, off: Any = (0, 0), lines: int = 1, **style: Any
) -> Artist:
    """Write text at a point, typographic points ``off`` it, cut to the axes."""
    shown = ax.annotate(make_drawable(text), at, off, **PLAIN | style)
    where = ax.transAxes if "xycoords" in style else ax.transData

    def fit() -> None:
        x = (where.transform(at)[0] - ax.bbox.x0) / ax.figure.dpi + off[0] / 72
        rooms = {"left": ax.bbox.width / ax.figure.dpi - x, "right": x}
        room = rooms.get(shown.get_horizontalalignment(), 2 * min(rooms.values()))
        room, font = max(0.96 * room, 0.2), shown.get_fontproperties()
        update(shown, text=make_drawable(text, font, room, lines))

    # What stands in the axes asks for no room around them; several lines may not.
    shown.set_in_layout(lines > 1)
    if lines > 1:
        fit()
    Layout(ax, fit)
    return shown


def draw_legend(ax: Axes, **style: Any) -> None:
    """Draw a legend of what has a label, small; the names in it are no formulas."""
    known = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    if known:
        legend = ax.legend(known.values(), known, **{"fontsize": "small"} | style)
        for text in legend.get_texts():
            text.set(parse_math=False, text=make_drawable(text.get_text()))


def scale_axis(ax: Axes, xy: str, measure: str, values: Any) -> None:
    """Set an axis for a measure: ranks down to the first, rates by their spread.

    Rates that spread widely are drawn on a logarithmic scale, with plain numbers.
    """
    low, high, axis = np.nanmin(values), np.nanmax(values), getattr(ax, f"{xy}axis")
    ax.set(**{f"{xy}label": label(measure)})
    if measure in RANKS:
        high = max(high, 2)
        steps = ticker.MaxNLocator(5, integer=True).tick_values(1, high)
        ax.set(**{f"{xy}ticks": [1, *(t for t in steps if 1 < t <= high)]})
        ax.set(**{f"{xy}lim": (high + 0.02 * high, 1 - 0.02 * high)})
    elif 0 < 15 * low < high:
        ax.set(**{f"{xy}scale": "log"})
        subs = (1, 2, 5) if high < 1000 * low else (1,)
        axis.set_major_locator(ticker.LogLocator(subs=subs))
        axis.set_minor_locator(ticker.NullLocator())
    else:
        axis.set_major_locator(ticker.MaxNLocator(6))
    axis.set_major_formatter(ticker.StrMethodFormatter("{x:,.10g}"))


# Offsets in typographic points: beside a dot, and farther off, at the end of a line.
_BESIDE = ((6, 0), (-6, 0), (0, 9), (0, -9), (5, 7), (-5, 7), (5, -7), (-5, -7))
_RINGS = [(r, a) for r in (20, 34, 50, 70) for a in np.arange(0.35, 6.5, 0.52)]
AROUND = (_BESIDE, [(r * np.cos(a), r * np.sin(a)) for r, a in _RINGS])
MOST = 35  # labels in an axes
_MANY = 10**6  # overlaps: outside of the axes


def label_points(
    ax: Axes,
    points: Any,
    dots: Any,
    at: Any = AROUND,
    first: int = 0,
    bold: int = 0,
    colors: Sequence[Any] = (),
) -> None:
    """Write the labels (x, y, text) that find room at their points, in this order.

    A label beside its dot is nearer to it than to any other; the ``first`` labels that
    find no such place are led to by a line. None covers a dot (``dots`` are rows of
    x, y) or another label. A label to the left ends there, one to neither side is
    centred. The first of all are ``bold``.
    """
    style = PLAIN | {"xytext": (0, 0), "visible": False, "in_layout": False}
    # No line strikes a label through.
    style["bbox"] = {"facecolor": ax.get_facecolor(), "alpha": 0.8, "lw": 0, "pad": 0}
    labels = [ax.annotate(make_drawable(t), xy, **style) for *xy, t in points]
    for shown in labels[:bold]:
        shown.set_fontweight("bold")
    for shown, color in zip(labels, colors, strict=False):
        shown.set_color(color)
    leaders = LineCollection([], colors=GREY, lw=0.7, transform=IdentityTransform())
    leaders.set_in_layout(False)
    ax.add_collection(leaders, autolim=False)
    near, offsets = len(at[0]), np.array([*at[0], *at[1]], float)
    # Which part of a label lies to the left of its offset.
    part = (1 - np.sign(offsets[:, 0])) / 2
    # Another dot that is as near as the own leaves a doubt.
    reach = np.repeat([2.5, 0], [near, len(offsets) - near])[:, None] * (-1, -1, 1, 1)

    def place() -> None:
        px, seen = ax.figure.dpi / 72, ax.transData.transform(np.reshape(dots, (-1, 2)))
        taken, lines = np.hstack([seen - 3.5 * px, seen + 3.5 * px]), []
        if legend := ax.get_legend():
            taken = np.vstack([taken, legend.get_window_extent().extents])
        full = len(taken) + MOST + first
        for number, shown in enumerate(labels):
            dot = ax.transData.transform(shown.xy)
            font = shown.get_fontproperties()
            width = measure_text(shown.get_text(), font) * 72 + 3
            # Only the first labels may stand farther off.
            tried = slice(None if number < first else near)
            corner = np.c_[part * width, 0 * part + 0.63 * font.get_size()]
            low = (offsets - corner)[tried]
            high = low + np.array([width, 1.26 * font.get_size()])
            boxes = np.tile(dot, 2) + px * np.c_[low, high]
            inside = (boxes[:, :2] >= ax.bbox.min) & (boxes[:, 2:] <= ax.bbox.max)
            over = _count_overlaps(boxes + px * reach[tried], taken, dot)
            over[~inside.all(axis=1)] = _MANY
            # Those that matter stand where they cover least, if there is no free place.
            free = over <= (min(over.min(), _MANY - 1) if number < bold else 0)
            found = int(free.argmax())
            update(shown, visible=bool(free[found]) and len(taken) < full)
            if shown.get_visible():
                left = low[found, 0] + 3 * part[found]
                update(shown, position=(left, offsets[found, 1]))
                taken = np.vstack([taken, boxes[found]])
                end = np.clip(dot, boxes[found, :2], boxes[found, 2:])
                lines += [[dot, end]] * (found >= near)
        leaders.set_segments(lines)

    Layout(ax, place)


def _count_overlaps(boxes: Array, taken: Array, own: Array) -> Array:
    """Count the taken boxes that each overlaps, other than the dot it belongs to."""
    others = taken[np.abs((taken[:, :2] + taken[:, 2:]) / 2 - own).max(axis=1) > 0.5]
    a, b = boxes[:, None], others[None]
    apart = (a[..., :2] >= b[..., 2:]) | (a[..., 2:] <= b[..., :2])
    return cast(Array, (~apart.any(axis=2)).sum(axis=1))


def name_ticks(
    axis: Any, names: Sequence[str], size: str | float = "", **style: Any
) -> float:
    """Name rows or columns; return the width of the names in inches."""
    font = FontProperties(size=size or plt.rcParams["ytick.labelsize"], weight="bold")
    room = 0.28 * font.get_size_in_points()
    drawn = [make_drawable(name, font, room) for name in names]
    axis.set_ticks(range(len(names)), drawn, parse_math=False, **style)
    axis.set_tick_params(length=0)
    ax = axis.axes

    def fit() -> None:
        for number, tick in enumerate(axis.majorTicks[: len(names)]):
            # With the name of a row, what is written in it; columns are named above.
            row = [tick.label1, *ax.texts[number : number + 1]]
            fit_rows(axis, number, [tick.label2] if axis is ax.xaxis else row, font)

    Layout(ax, fit)
    return max(measure_text(name, font) for name in drawn)


def fit_rows(axis: Any, number: int, texts: Iterable[Any], font: Any = None) -> None:
    """Make the texts of a row or a column smaller, or hide them, for want of room."""
    font = font or FontProperties(size=plt.rcParams["ytick.labelsize"])
    low, high = sorted(axis.get_view_interval())
    length = axis.axes.bbox.size[int(axis is axis.axes.yaxis)]
    room = 60 * length / axis.axes.figure.dpi / (high - low)
    every = max(1, round(5 / room))
    for text in texts:
        update(text, visible=number % every == 0)
        update(text, fontsize=min(font.get_size_in_points(), room * every))


def draw_rows(ax: Axes, names: Iterable[str], titles: Any = ()) -> None:
    """Make a row for every name; with titles, as the places of the view's clusters."""
    view, names = VIEWS[ax], list(names)
    names += [f"and {view.more:,} {view.rest}"] * (view.more > 0)
    view.height = ROW * len(names) + 0.1
    view.left = name_ticks(ax.yaxis, names) + 0.25
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_axisbelow(True)
    ax.grid(True, axis="y")
    if len(titles):
        view.where, view.pads = ax.get_yaxis_transform(), (72 * view.left - 8, 0)
        y = np.arange(len(titles))
        view.mark(view.rows, titles, np.c_[0 * y, y - 0.5, 0 * y + 1, y + 0.5])
        for number in np.flatnonzero(view.own):
            ax.yaxis.majorTicks[number].label1.set_fontweight("bold")


class Interval(NamedTuple):
    """A labelled interval as drawn, None where it has no bound, and told in words."""

    label: str
    low: float | None
    high: float | None
    color: str
    told: str = "no bounds"

    @property
    def bounds(self) -> list[float]:
        """The bounds that there are."""
        return [bound for bound in (self.low, self.high) if bound is not None]

    def divide(self, by: float) -> Interval:
        """Return the interval drawn on another scale."""
        low, high = (b if b is None else b / by for b in (self.low, self.high))
        return self._replace(low=low, high=high)


def read_estimates(
    ds: Any, view: View, quantity: str, cluster_id: str | None = None
) -> dict[Any, Interval]:
    """Return the intervals of a quantity by cluster_id and output ("": of all)."""
    table = get_table(ds, "estimates")
    table = table[table["quantity"] == quantity]
    (factor, places, _), found = QUANTITIES[quantity], {}
    for row in list_rows(table, view.years[0], cluster_id):
        low, high = (b if b is None else b * factor for b in (row["low"], row["high"]))
        known = [
            format_bound(bound, up=up, places=places, digits=3)
            for bound, up in ((low, False), (high, True))
            if bound is not None
        ]
        side = {low is None: "at most ", high is None: "at least "}.get(True, "")
        told = side + " – ".join(dict.fromkeys(known)) if known else "no bounds"
        if not row["consistent"]:
            low, high, told = None, None, "contradiction"
        output = row["output"] or ""
        name, color = NAMES[output], COLORS[output]
        found[row["cluster_id"], output] = Interval(name, low, high, color, told)
    return found


def draw_intervals(
    ax: Axes, table: Sequence[Sequence[Interval]], last: bool, zero: bool
) -> None:
    """Draw the intervals of every row, and as numbers all of them or the last.

    The axis begins at zero, or a little before the lowest bound. Where a row has
    several intervals, a heading says of which the numbers are.
    """
    outer = max(len(table[0]) - last, 1)
    shifts: Any = [*np.linspace(-0.25, 0.25, 2 * outer + 1)[1::2], 0]
    drawn, seen = [], [0.0] * zero
    for y, row in enumerate(table):
        # Where there is none of all together, those of each output are told.
        told = row[-1:] if last and row[-1].told != "no bounds" else row
        seen += [bound for i in (told if told[0].bounds else row) for bound in i.bounds]
        looks: Style = {"ha": "right", "xycoords": ("axes fraction", "data")}
        # The line of the row does not strike the numbers through.
        looks["bbox"] = {"facecolor": ax.get_facecolor(), "lw": 0, "pad": 1}
        if any(i.told == "contradiction" for i in row):
            looks["color"] = RED
        write(ax, (1, y), " · ".join(i.told for i in told), (-2, 0), **looks)
        drawn += [(y + s, i) for s, i in zip(shifts, row, strict=False) if i.bounds]
    if len(table[0]) > 1:
        heads = [i.label for i in table[0]]
        looks = {"ha": "right", "weight": "bold", "xycoords": looks["xycoords"]}
        write(ax, (1, -1), " · ".join(heads[-1:] if last else heads), (-2, 0), **looks)
        ax.set_ylim(top=-1.6)
        VIEWS[ax].height += ROW
    for y, i in drawn:
        if len(set(i.bounds)) == 1:
            marker = "<" if i.low is None else ">" if i.high is None else "|"
            ax.plot(i.bounds[0], y, marker=marker, color=i.color, ms=5, mew=2)
    lines = [[(i.bounds[0], y), (i.bounds[-1], y)] for y, i in drawn]
    # Projecting ends keep an interval of no width visible.
    looks = {"colors": [i.color for _, i in drawn], "lw": 3, "capstyle": "projecting"}
    ax.add_collection(LineCollection(lines, **looks))
    ends = np.array([min(seen, default=0.0), max(seen, default=1.0)])
    scale_axis(ax, "x", "", ends)
    # Room for the numbers at the right, without ticks.
    scale = ax.xaxis.get_transform()
    low, high = scale.transform(ends)
    span = high - low or abs(high) / 5 or 1.0
    limits = np.array([low - 0.05 * span * (not zero), high + 0.7 * span])
    ax.set_xlim(*scale.inverted().transform(limits))
    ax.set_xticks([t for t in ax.get_xticks() if ends[0] <= t <= ends[1]])
    # Outputs that have colours alone to tell them apart stand in the legend.
    for i in table[0] if len(table[0]) > 1 else ():
        ax.plot([], [], color=i.color, lw=3, label=i.label)
    draw_legend(ax)
