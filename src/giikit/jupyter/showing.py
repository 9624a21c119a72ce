"""What the functions of this room return: a text that Jupyter shows as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

from giikit.vocabulary import load_templates, make_printable


class Shown(str):
    """A text, safe to print in a terminal, that Jupyter shows as HTML."""

    html: str

    def __new__(cls, text: str, html: str) -> Shown:
        """Return ``text`` with its other form; ``html`` comes from the template."""
        lines = map(make_printable, text.expandtabs().split("\n"))
        shown = super().__new__(cls, "\n".join(lines).strip("\n"))
        shown.html = html.strip()
        return shown

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.html


def render(kind: str, *, suffix: str = "html", **values: Any) -> Any:
    """Return a part of the template, filled; in HTML every value comes out escaped."""
    templates = load_templates(Path(__file__).parent)
    templates.filters |= {"ordinal": format_ordinal, "interval": format_interval}
    templates.globals |= {"make_anchor": make_anchor}
    return getattr(templates.get_template(f"show.{suffix}.j2").module, kind)(**values)


def make_anchor(
    edition: Any, cluster_id: Any, indicator: str, output: Any = None, position: Any = 0
) -> str:
    """Return the id under which a printed value stands in the page as read.

    Only listed values have a position; of the others there is one on each page.
    """
    place = f"-{output}-{position}" if position else ""
    return f"{edition}-{cluster_id}-{indicator}{place}"


def format_ordinal(rank: int | None) -> str:
    """Write a rank: 1st, 2nd, 3rd, 11th."""
    if rank is None:
        return "–"
    end = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10 * (rank // 10 % 10 != 1), "th")
    return f"{rank:,}{end}"


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
    counted = unit in ("documents", "deals", "inhabitants") or not scaled
    places = 0 if counted else max(0, digits - 1 - floor(log10(abs(scaled))))
    # What is off by the error of a float alone is not rounded outward.
    steps = (ceil if up else floor)(round(scaled * 10**places, 6))
    return f"{steps / 10**places:,.{places}f}{sign}"


def format_interval(row: Mapping[str, Any] | None, digits: int = 4) -> str:
    """Write the bounds of an estimate, rounded outward; without any, nothing."""
    if row is None or not row["consistent"]:
        return ""
    low, high, unit, million = row["low"], row["high"], row["unit"], ""
    if unit == "inhabitants" and low >= 1e6:
        low, high, unit, million = low / 1e6, high and high / 1e6, "", " million"
    least = format_bound(low, up=False, unit=unit, digits=digits)
    if high is None:
        return f"at least {least}{million}"
    most = format_bound(high, up=True, unit=unit, digits=digits)
    return (
        f"{least.rstrip('%')} to {most}{million}" if least != most else most + million
    )
