"""What the functions of this room return: a text that Jupyter shows as HTML."""

from __future__ import annotations

from math import ceil, floor, log10
from pathlib import Path
from typing import Any

from giikit.vocabulary import load_templates, make_printable


class Shown(str):
    """A text, safe to print in a terminal, that Jupyter shows as HTML."""

    html: str

    def __new__(cls, text: str, kind: str, **values: Any) -> Shown:
        """Return ``text``, and for Jupyter the part ``kind`` of the template."""
        lines = text.expandtabs().split("\n")
        shown = super().__new__(cls, "\n".join(map(make_printable, lines)))
        template = load_templates(Path(__file__).parent).get_template("show.html.j2")
        shown.html = str(getattr(template.module, kind)(**values)).strip()
        return shown

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.html


def make_anchor(
    edition: Any, cluster_id: Any, indicator: str, output: Any = None, position: Any = 0
) -> str:
    """Return the id under which a printed value stands in the page as read.

    Only listed values have a position; of the others there is one on each page.
    """
    place = f"-{output}-{position}" if position else ""
    return f"{edition}-{cluster_id}-{indicator}{place}"


def format_bound(value: float, *, up: bool, unit: str = "", digits: int = 4) -> str:
    """Write a bound rounded outward, to ``digits`` digits or to a whole number.

    Examples
    --------
    >>> format_bound(0.34211, up=False, unit="fraction", digits=2)
    '34%'
    >>> format_bound(19_509_709.2, up=True)
    '19,509,710'
    """
    scaled, sign = (100 * value, "%") if unit == "fraction" else (value, "")
    places = max(0, digits - 1 - floor(log10(abs(scaled)))) if scaled else 0
    # What is off by the error of a float alone is not rounded outward.
    steps = (ceil if up else floor)(round(scaled * 10**places, 6))
    return f"{steps / 10**places:,.{places}f}{sign}"
