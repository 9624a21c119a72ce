"""What the plots are drawn with: a described figure, text as printed, a few charts.

Page text is drawn as it is: a ``$`` starts no formula, and no glyph is missing.
The layout is fixed, in inches: to measure every text again would double the time.
"""

from __future__ import annotations

from binascii import b2a_base64
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple, cast

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns  # type: ignore[import-untyped]
from anyascii import anyascii
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox
from PIL import Image

Style = dict[str, Any]
# One font, which matplotlib ships: the same pixels on every machine.
FONT = "DejaVu Sans"
WIDTH, DPI, CSS_DPI = 7.2, 150, 96  # inches; pixels per inch made, and shown
BOTTOM, GAP, LABEL, NAME = 0.8, 0.7, 0.23, 2.4  # inches; room for a name
INK, GREY = "0.15", "0.72"
BLUE, ORANGE, GREEN, RED = sns.color_palette("colorblind").as_hex()[:4]
_THEME = sns.axes_style("whitegrid") | {
    "font.family": FONT,
    "axes.labelsize": 9,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "grid.color": "0.9",
}
BESIDE: Style = {"xycoords": ("axes fraction", "data")}


class DescribedFigure(Figure):
    """A figure that shows itself in a notebook with its alternative text, ``alt``."""

    alt: str = ""

    def _ipython_display_(self) -> None:
        """Send one PNG of fixed size, with ``alt`` where IPython's own Image has it."""
        from IPython.display import display

        picture = b2a_base64(draw_png(self), newline=False).decode()
        shown = {"alt": self.alt, "width": round(self.get_figwidth() * CSS_DPI)}
        data = {"image/png": picture, "text/plain": self.alt}
        metadata = {"image/png": shown}
        display(data, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]


def draw_png(figure: Figure) -> bytes:
    """Draw a figure of few colours, as a chart has."""
    raw, png = BytesIO(), BytesIO()
    # At this resolution hinting cannot be seen, and costs a third of drawing.
    with mpl.rc_context({"text.hinting": "none"}):
        figure.savefig(raw, format="rgba")
    size = (int(figure.bbox.width), int(figure.bbox.height))
    pixels = Image.frombuffer("RGBA", size, raw.getvalue()).convert("RGB")
    # With a palette the file is a third as large.
    chart = pixels.quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    chart.putpalette([255 if c > 252 else c for c in chart.getpalette() or ()])
    chart.save(png, "png", compress_level=4)
    return png.getvalue()


class Interval(NamedTuple):
    """A row of an interval chart; None where there is no bound."""

    label: str
    low: float | None
    high: float | None
    color: str
    consistent: bool = True

    @property
    def bounds(self) -> list[float]:
        """The bounds that can be drawn."""
        known = [b for b in (self.low, self.high) if b is not None]
        return known if self.consistent else []

    def tell(self, form: str) -> str:
        """Write the interval in words."""
        printed = list(dict.fromkeys(form.format(b) for b in self.bounds))
        if not printed:
            return "no bounds" if self.consistent else "contradiction"
        bound = {self.low is None: "at most ", self.high is None: "at least "}
        return bound.get(True, "") + " – ".join(printed)


@cache
def _load_charmap() -> frozenset[int]:
    return frozenset(get_font(findfont(FONT)).get_charmap())


def make_drawable(text: str, size: float = 8.5, room: float = WIDTH - 0.5) -> str:
    """Return text in characters that the font has, cut to ``room`` inches."""
    known = _load_charmap()
    text = " ".join(text.split())[:500]
    text = "".join(c if ord(c) in known else anyascii(c) for c in text)
    # No character is wider than the size of the font.
    if len(text) * size / 72 <= room or _measure(text, size) <= room:
        return text
    ends = range(len(text))
    end = bisect_right(ends, room, key=lambda n: _measure(text[:n] + "…", size)) - 1
    return text[: max(end, 0)] + "…"


def _measure(drawn: str, size: float) -> float:
    font = FontProperties(family=FONT, size=size)
    return float(text_to_path.get_text_width_height_descent(drawn, font, False)[0]) / 72


def measure_text(text: str, size: float, room: float = WIDTH) -> float:
    """Return the width of a drawn text in inches."""
    return _measure(make_drawable(text, size, room), size)


def write(
    ax: Axes, x: float, y: float, text: str, dx: float = 0, dy: float = 0, **style: Any
) -> None:
    """Write text at a point of the data, ``dx, dy`` typographic points off."""
    default: Style = {"fontsize": 8.5, "va": "center", "color": INK, "family": FONT}
    style = default | style | {"annotation_clip": False, "parse_math": False}
    drawn = make_drawable(text, style["fontsize"], style.pop("room", WIDTH - 0.5))
    ax.annotate(drawn, (x, y), (dx, dy), textcoords="offset points", **style)


def make_panels(
    title: str,
    edition: int,
    heights: Sequence[float],
    *,
    grid: bool = True,
    y_axis: bool = False,
    **margins: float,
) -> list[Axes]:
    """Return axes below each other, in a figure with a title and a source line."""
    margins = {"left": 0.25, "right": 0.25, "top": 0.45} | margins
    left, right, top = margins["left"], margins["right"], margins["top"]
    height = top + sum(heights) + GAP * (len(heights) - 1) + BOTTOM
    size = (WIDTH, height)
    figure = plt.figure(
        FigureClass=DescribedFigure, figsize=size, dpi=DPI, facecolor="white"
    )
    panels, y = [], height - top
    # pyplot chooses its backend with its first figure, so that one is not made
    # inside a context that would undo what the inline backend sets.
    with mpl.rc_context(_THEME | {"axes.grid": grid}):
        for h in heights:
            y -= h
            box = (left / WIDTH, y / height, 1 - (left + right) / WIDTH, h / height)
            ax = figure.add_axes(box)
            ax.xaxis.set_label_coords(0.5, -LABEL / h)
            ax.yaxis.set_visible(y_axis)
            panels.append(ax)
            y -= GAP
    source = f"Source: WIPO, Global Innovation Index {edition}; giikit"
    above: Style = {"size": 11, "weight": "bold", "va": "top"}
    below: Style = {"size": 7.5, "color": "0.4", "va": "bottom"}
    for text, y, style in ((title, height - 0.12, above), (source, 0.08, below)):
        style |= {"family": FONT, "parse_math": False}
        drawn = make_drawable(text, 1.15 * style["size"], WIDTH - 0.3)
        figure.text(0.12 / WIDTH, y / height, drawn, **style)
    return panels


def describe(ax: Axes, kind: str, parts: Sequence[str]) -> None:
    """Give the figure its alternative text: kind, title, and what it shows."""
    figure = cast(DescribedFigure, ax.get_figure())
    title = figure.texts[0].get_text()
    more = [f"and {len(parts) - 12} more"] if len(parts) > 12 else []
    figure.alt = f"{kind}. {title}. {'; '.join([*parts[:12], *more])}."
    # Finished: else pyplot would draw it at the end of the cell, before it is shown,
    # and throw the drawing away.
    figure.stale = False


def write_legend(ax: Axes, entries: Iterable[tuple[str, str]], dy: float) -> None:
    """Write the names of the colours in them, above the axes."""
    style: Style = {"fontsize": 8, "weight": "bold", "xycoords": "axes fraction"}
    x = 0.0
    for text, color in entries:
        write(ax, 0, 1, text, x, dy, color=color, **style)
        x += measure_text(text, 8) * 72 * 1.12 + 12


def scale_axis(ax: Axes, which: str, values: Iterable[float]) -> None:
    """Make an axis logarithmic where the values spread widely, with plain numbers."""
    low, high = min(values, default=1), max(values, default=1)
    axis = ax.xaxis if which == "x" else ax.yaxis
    if 0 < 15 * low < high:
        ax.set(**{f"{which}scale": "log"})
        subs = (1, 2, 5) if high < 1000 * low else (1,)
        axis.set_major_locator(ticker.LogLocator(subs=subs))
        axis.set_minor_locator(ticker.NullLocator())
    axis.set_major_formatter(ticker.StrMethodFormatter("{x:,.10g}"))


def draw_intervals(
    ax: Axes, rows: Sequence[Interval], form: str, start: float | None = None
) -> None:
    """Draw intervals below each other, names at the left, bounds as numbers behind.

    The axis begins at ``start``, or a little before the lowest bound.
    """
    bounds = [b for row in rows for b in row.bounds]
    low = min(bounds, default=0.0) if start is None else start
    inches = ax.get_position().width * WIDTH
    room = max(measure_text(row.tell(form), 8.5) for row in rows) + 0.4
    span = max(bounds, default=1.0) - low or 0.1 * abs(low) or 1
    span *= inches / max(inches - room, 1)
    ax.set(xlim=(low - (0.05 * span if start is None else 0), low + span))
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.xaxis.set_major_locator(ticker.MaxNLocator(5))
    scale_axis(ax, "x", ())
    for y, row in enumerate(rows):
        write(ax, 0, y, row.label, dx=-6, ha="right", **BESIDE)
        mark = ">" if row.high is None else "<" if row.low is None else "|"
        style: Style = {"color": row.color, "lw": 5, "marker": mark, "ms": 8, "mew": 2}
        known = row.bounds
        ax.plot(known, [y] * len(known), solid_capstyle="butt", **style)
        x = known[-1] if known else ax.get_xlim()[0]
        color = INK if row.consistent else RED
        write(ax, x, y, row.tell(form), dx=7, color=color)


def label_points(
    ax: Axes,
    points: Iterable[tuple[float, float, str]],
    dots: np.ndarray[Any, Any] | list[Any],
    places: Sequence[tuple[float, float]],
    limit: int = 30,
) -> None:
    """Write the labels that find room beside their points, the first ones first.

    They cover no ``dots`` (rows of x, y). ``places`` are offsets in typographic
    points; a label offset to the left ends there, one to neither side is centred.
    """
    px = cast(Figure, ax.get_figure()).dpi / 72
    ax.autoscale_view()
    seen: Any = ax.transData.transform(dots) if len(dots) else []
    taken = [Bbox([xy - 3 * px, xy + 3 * px]) for xy in seen]
    full = len(taken) + limit
    for x, y, text in points:
        cx, cy = ax.transData.transform((x, y))
        width = measure_text(text, 8) * 72 + 3
        for dx, dy in places:
            share, side = ((0.5, "center"), (0, "left"), (1, "right"))[int(np.sign(dx))]
            left, low = cx + (dx - share * width) * px, cy + (dy - 4.6) * px
            box = Bbox.from_bounds(left, low, width * px, 9.2 * px)
            inside = ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1
            inside &= ax.bbox.y0 <= box.y0
            if inside and len(taken) < full and not box.count_overlaps(taken):
                taken.append(box)
                write(ax, x, y, text, dx, dy, ha=side, fontsize=8)
                break
