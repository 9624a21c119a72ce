"""Every label, heading, unit and number format that a person reads, said once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from unicodedata import category

if TYPE_CHECKING:
    import jinja2

Output = Literal["patent", "publication"]
OUTPUTS: tuple[Output, Output] = ("patent", "publication")

MISSING = "not given"
# Controls, invisible formatting (direction overrides), surrogates, line separators.
_OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def make_printable(text: str) -> str:
    """Replace what a terminal would obey, not show: a page is untrusted text."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if category(c) in _OBEYED else c for c in text
    )


def format_number(value: float | None) -> str:
    """Write a number with thousands separators."""
    return MISSING if value is None else f"{value:,}"


def format_share(share: float | None, printed: str = MISSING) -> str:
    """Write a fraction as a percentage; a missing one as what is printed."""
    return printed if share is None else f"{share * 100:.6g}%"


@cache
def load_templates(folder: Path) -> jinja2.Environment:
    """Return the templates of a folder; what fills one that is HTML comes out escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=lambda name: name is None or not name.endswith(".txt.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "number": format_number,
        "share": format_share,
        "printable": make_printable,
    }
    return environment
