"""The figure-level layer: an axes-level plot as a picture of a report.

It adds what reports need: a title, a source line, an alternative text, a size that
fits what is drawn, and the places of the marks, over which a report lays its links.
The layout is in inches: to measure every text again would double the time.
"""

from __future__ import annotations

import json
from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from io import BytesIO
from typing import Any

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image, ImageDraw

from giikit.plots import drawing as draw
from giikit.plots.drawing import Style, Tables, View

DPI, CSS_DPI = 150, 96  # pixels per inch made, and shown
_INK, _GREY = "#262626", "#666666"
_STYLE = str(files("giikit") / "plots" / "report.mplstyle")
_THEME: Any = mpl.style.library["seaborn-v0_8-whitegrid"] | mpl.rc_params_from_file(
    _STYLE, use_default_template=False
)


@dataclass(frozen=True)
class Picture:
    """A figure as a notebook shows it: one PNG, its text, and where its marks are."""

    png: bytes = field(repr=False)
    alt: str
    width: int  # in CSS pixels
    marks: list[dict[str, Any]] = field(repr=False)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """Return the picture with its metadata, as IPython's own Image does."""
        picture = b2a_base64(self.png, newline=False).decode()
        # One text: a notebook is copied and checked value by value, several times.
        marks = json.dumps(self.marks, ensure_ascii=False)
        shown = {"alt": self.alt, "width": self.width, "marks": marks}
        data = {"image/png": picture, "text/plain": self.alt}
        return data, {"image/png": shown}


def show_figure(
    plot: Callable[..., Axes],
    ds: Tables,
    *args: Any,
    panels: Mapping[str, Sequence[Any]] = {},
    **options: Any,
) -> None:
    """Show a plot as a picture for a report.

    Parameters
    ----------
    plot
        A function of `giikit.plots`.
    ds
        What it draws.
    *args
        The cluster or clusters.
    panels
        One of the plot's keywords and several values, such as
        ``{"output": ["patent", "publication"]}``: a picture for each, which a report
        puts side by side where there is room.
    **options
        Passed to the plot, but for two. ``title`` stands above the picture instead of
        what the plot says of itself. ``height`` is that of the axes in inches, instead
        of what they need.
    """
    from IPython.display import display

    values = [{name: v} for name, several in panels.items() for v in several] or [{}]
    for value in values:
        picture = make_picture(plot, ds, *args, **options | value)
        display(picture)  # type: ignore[no-untyped-call]


def make_picture(
    plot: Callable[..., Axes],
    ds: Tables,
    *args: Any,
    title: str = "",
    height: float | None = None,
    **options: Any,
) -> Picture:
    """Return the picture that `show_figure` shows; parameters are the same."""
    # A figure made without pyplot, which would show it a second time.
    figure = Figure(dpi=DPI, facecolor="white")
    with mpl.rc_context(_THEME):
        ax = figure.add_axes((0, 0, 1, 1))
        plot(ds, *args, **options, ax=ax)
        view = draw.VIEWS[ax]
        view.height = height or view.height
        heads = [title] if title else [view.title, view.subject]
        png = _draw_png(figure, _arrange(figure, ax, view, heads))
    title = title or f"{view.subject}: {view.title}"
    kind = f"{view.kind} of " if view.kind else ""
    parts = view.parts or view.titles
    words = draw.tell_some(parts, view.more * (not view.parts), "; ")
    alt = f"{kind}{title}. {words}. {view.note}".strip()
    return Picture(png, alt, round(view.width * CSS_DPI), _find_places(figure, view))


def _arrange(figure: Figure, ax: Axes, view: View, heads: Sequence[str]) -> list[Any]:
    """Size the axes as they need; return the lines of text above and below them.

    Each is a text, the inches from the top to its baseline, its font, and its colour.
    """
    if legend := ax.get_legend():
        labels = [text.get_text() for text in legend.get_texts()]
        columns = len(labels) if sum(len(label) + 7 for label in labels) < 95 else 3
        place: Style = {"bbox_to_anchor": (0, 1 + view.top / view.height)}
        place |= {"loc": "lower left", "ncols": columns, "borderaxespad": 0}
        draw.draw_legend(ax, frameon=False, **place)
        view.top += 0.2 * -(-len(labels) // columns)
    width, small = view.width, FontProperties(size=7.5)
    note = view.note and draw.make_drawable(view.note, small, width - 0.24, lines=8)
    notes = note.splitlines()
    above, below = 0.2 + 0.2 * len(heads), 0.28 + 0.13 * len(notes)
    total = above + view.top + view.height + view.bottom + below
    figure.set_size_inches(width, total)
    left, y = view.left / width, (view.bottom + below) / total
    ax.set_position((left, y, 1 - left - 0.25 / width, view.height / total))
    ax.xaxis.set_label_coords(0.5, (0.27 - view.bottom) / view.height)
    for axis in (ax.xaxis, ax.yaxis):
        # To lay out what has nothing to show takes as long as to draw it.
        axis.set_visible(bool(axis.get_label_text() or len(axis.get_ticklocs())))
    if not ax.get_ylabel():
        # To look for its place takes as long as drawing the ticks.
        ax.yaxis.set_label_coords(0, 0.5)
    years = ", ".join(map(str, view.years))
    source = f"Source: WIPO, Global Innovation Index {years}".strip()
    source = "; ".join(filter(None, [source, "giikit", view.credit]))
    fonts = FontProperties(size=11, weight="bold"), FontProperties(size=9)
    looks = zip(heads, (0.24, 0.43), fonts, (_INK, _GREY), strict=False)
    ends = enumerate([source, *reversed(notes)])
    lines = [
        *looks,
        *((text, total - 0.1 - 0.13 * n, small, _GREY) for n, text in ends),
    ]
    return [
        (draw.make_drawable(t, font, width - 0.24), y, font, ink)
        for t, y, font, ink in lines
    ]


def _find_places(figure: Figure, view: View) -> list[dict[str, Any]]:
    """Return the boxes of marks as fractions of the picture, from its upper left."""
    if not view.marks:
        return []
    corners = view.where.transform(view.boxes.reshape(-1, 2)).reshape(-1, 2, 2)
    pads = np.array(view.pads) * figure.dpi / 72
    low = np.clip((corners.min(axis=1) - pads) / figure.bbox.size, 0, 1)
    high = np.clip((corners.max(axis=1) + pads[1]) / figure.bbox.size, 0, 1)
    places = np.c_[low[:, 0], 1 - high[:, 1], high - low].round(4)
    names = "left", "top", "width", "height"
    return [
        mark | dict(zip(names, place, strict=True))
        for mark, place in zip(view.marks, places.tolist(), strict=True)
        if min(place[2:]) > 0
    ]


def _draw_png(figure: Figure, lines: Sequence[Any]) -> bytes:
    """Draw a figure of few colours, as a chart has, and the lines of text around it."""
    raw, png = BytesIO(), BytesIO()
    figure.savefig(raw, format="rgba")
    size = (int(figure.bbox.width), int(figure.bbox.height))
    pixels = Image.frombuffer("RGBA", size, raw.getvalue()).convert("RGB")
    # Pillow draws text several times as fast as matplotlib.
    for text, y, font, ink in lines:
        drawn = draw.load_font(findfont(font), font.get_size_in_points() * DPI / 72)
        ImageDraw.Draw(pixels).text((0.12 * DPI, y * DPI), text, ink, drawn, "ls")
    # With a palette the file is a third as large.
    chart = pixels.quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    chart.putpalette([255 if c > 252 else c for c in chart.getpalette() or ()])
    chart.save(png, "png", compress_level=4)
    return png.getvalue()
