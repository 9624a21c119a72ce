"""Rows with a name at the left, and intervals in them, told as numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
import pandas as pd
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D

from giikit.plots.drawing import (
    COLORS,
    NOTES,
    RED,
    Tables,
    arrange_when_drawn,
    draw_legend,
    get_table,
    make_drawable,
    mark,
    measure_names,
    update,
    write,
)


class Interval(NamedTuple):
    """An interval that is drawn as ``(bound - zero) / unit``; None: no bound."""

    label: str
    low: float | None
    high: float | None
    color: str
    consistent: bool = True
    zero: float = 0
    unit: float = 1

    @property
    def bounds(self) -> list[float]:
        """The bounds that can be drawn."""
        known = [b for b in (self.low, self.high) if b is not None]
        return known if self.consistent else []

    @property
    def places(self) -> list[float]:
        """Where on the axis the bounds are."""
        return [(bound - self.zero) / self.unit for bound in self.bounds]

    def tell(self, form: str) -> str:
        """Write the interval in words."""
        printed = list(dict.fromkeys(form.format(b) for b in self.bounds))
        if not printed:
            return "no bounds" if self.consistent else "contradiction"
        bound = {self.low is None: "at most ", self.high is None: "at least "}
        return bound.get(True, "") + " – ".join(printed)


Key = tuple[str, str | None]


def read_estimates(
    ds: Tables, edition: int, quantity: str, factor: float = 1
) -> dict[Key, Interval]:
    """Return the intervals of a quantity by cluster_id and output."""
    table = get_table(ds, "estimates")
    table = table[(table["edition"] == edition) & (table["quantity"] == quantity)]
    names = ["cluster_id", "output", "low", "high", "consistent"]
    found: dict[Key, Interval] = {}
    for cluster_id, output, *bounds, consistent in table[names].itertuples(index=False):
        low, high = (None if pd.isna(b) else float(b) * factor for b in bounds)
        kind: Any = None if pd.isna(output) else output
        found[cluster_id, kind] = Interval(
            "", low, high, COLORS[kind], bool(consistent)
        )
    return found


def find_interval(
    known: dict[Key, Interval], cluster_id: str, output: Any, label: str
) -> Interval:
    """Return an interval with its label; without bounds if it was not made."""
    none = Interval(label, None, None, COLORS[output])
    return known.get((cluster_id, output), none)._replace(label=label)


def tell_all(intervals: Iterable[Interval], form: str) -> str:
    """Write intervals in words."""
    return ", ".join(f"{row.label} {row.tell(form)}" for row in intervals)


def draw_rows(ax: Axes, names: Sequence[str], bold: Collection[int] = ()) -> None:
    """Make a row for every name, and the room that they need."""
    note, count = NOTES[ax], len(names)
    note.height = (count + 0.2) * (0.25 if count <= 30 else 0.165)
    note.left = measure_names(names) + 0.25
    name_ticks(ax.yaxis, names, 2.4)
    for row in bold:
        ax.yaxis.majorTicks[row].label1.set_fontweight("bold")
    ax.grid(False, axis="y")
    style = {"colors": mpl.rcParams["grid.color"], "lw": 0.8, "zorder": 0}
    ax.hlines(range(count), 0, 1, transform=ax.get_yaxis_transform(), **style)
    ax.set_ylim(count - 0.4, -0.6)


def name_ticks(axis: Axis, names: Sequence[str], most: float, **style: Any) -> None:
    """Set the names of rows or columns; where they do not fit, smaller or fewer."""
    font = axis.get_major_ticks(1)[0].label1.get_fontproperties()
    drawn = [make_drawable(name, font, most) for name in names]
    axis.set_ticks(range(len(names)), drawn, parse_math=False, **style)
    axis.set_tick_params(length=0)
    usual, ax = font.get_size_in_points(), axis.axes
    which = "x" if axis is ax.xaxis else "y"

    def fit() -> None:
        length = ax.bbox.height if which == "y" else ax.bbox.width
        low, high = sorted(getattr(ax, f"get_{which}lim")())
        size = length / ax.figure.dpi * 72 / (high - low) / 1.2
        every = max(1, round(5 / size))
        for number, tick in enumerate(axis.majorTicks[: len(names)]):
            update(tick.label1, fontsize=min(usual, size * every))
            update(tick.label1, visible=number % every == 0)

    arrange_when_drawn(ax, fit)


def draw_intervals(
    ax: Axes, table: Sequence[Sequence[Interval]], form: str, last: bool, start: bool
) -> None:
    """Draw the intervals of every row, and as numbers all of them or the last.

    The axis begins at zero (``start``) or a little before the lowest bound.
    """
    bounds: list[float] = []
    width = 3.0
    shifts: tuple[float, ...] = (0.0,)
    if len(table[0]) > 1:
        outer = len(table[0]) - last
        shifts = tuple(0.5 * (i - (outer - 1) / 2) / outer for i in range(outer))
        shifts += (0.0,) * last
    for y, row in enumerate(table):
        told = row[-1:] if last else row
        # Where the outputs have no common bounds, those of each are in view.
        bounds += [b for i in (told if told[0].bounds else row) for b in i.places]
        if last and row[-1].consistent and not row[-1].bounds:
            told = [i for i in row if i.bounds] or told
        color = None if all(interval.consistent for interval in row) else RED
        text = " · ".join(interval.tell(form) for interval in told)
        beside = ("axes fraction", "data")
        write(ax, 1, y, text, dx=-2, ha="right", xycoords=beside, color=color)
    for number, shift in enumerate(shifts):
        column = [(y + shift, row[number]) for y, row in enumerate(table)]
        known = [(y, i.places[0], i.places[-1], i) for y, i in column if i.bounds]
        if known:
            ys, lows, highs, intervals = zip(*known, strict=True)
            style: Any = {"lw": width, "capstyle": "projecting"}
            ax.hlines(ys, lows, highs, [i.color for i in intervals], **style)
        for place, _, end, i in known:
            if i.low is None or i.high is None:
                ax.plot(end, place, "<" if i.low is None else ">", color=i.color)
    low, high = min(bounds, default=0.0), max(bounds, default=1.0)
    low = min(0.0, low) if start else low
    span = high - low or abs(high) / 5 or 1
    low -= 0 if start else 0.05 * span
    # Room for the numbers at the right, without ticks.
    ax.set_xlim(low, high + 0.65 * span)
    ticks = ticker.MaxNLocator(5).tick_values(low, high)
    ax.set_xticks([t for t in ticks if low <= t <= high + 0.05 * span])
    ax.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:,.10g}"))


def name_colors(ax: Axes, intervals: Sequence[Interval]) -> None:
    """Draw a legend of the colours of intervals."""
    handles = [Line2D([], [], color=i.color, lw=3, label=i.label) for i in intervals]
    draw_legend(ax, handles=handles)


def mark_rows(ax: Axes, rows: pd.DataFrame, titles: Sequence[str]) -> None:
    """Mark every row, its name included, as the place of its cluster."""
    where, left = ax.get_yaxis_transform(), 72 * NOTES[ax].left - 8
    for y, (row, title) in enumerate(zip(rows.itertuples(), titles, strict=True)):
        mark(ax, row, title, (0, y - 0.5, 1, y + 0.5), (left, 0), where)
