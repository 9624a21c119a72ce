"""Every label, heading, unit and number format that a person reads, said once.

The words stand in vocabulary.csv. ``kind`` says of what they are: a ``label`` of a
column or an estimated quantity, the ``documents`` of an output and the heading of
their ``list``, the column of its ``rate``, the ``notice`` that WIPO's licence asks
for, or what may ``change`` from one edition to another. ``form`` is how the values of
a column are written (``share`` as a percentage, ``year`` without separators; empty: as
they are, numbers with separators).
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from math import ceil, floor, log10
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from unicodedata import category

if TYPE_CHECKING:
    import jinja2

Output = Literal["patent", "publication", "venture_capital"]
# The outputs of which a profile lists organizations and partners.
OUTPUTS: tuple[Output, Output] = ("patent", "publication")


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file that giikit comes with."""
    text = files("giikit").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


_ROWS = read_rows("vocabulary.csv")
_FORMS = {row["name"]: row["form"] for row in _ROWS if row["kind"] == "label"}


def _list_words(kind: str) -> dict[Any, str]:
    return {row["name"]: row["text"] for row in _ROWS if row["kind"] == kind}


DOCUMENTS: dict[Output, str] = _list_words("documents")
LISTS: dict[Output, str] = _list_words("list")
RATES: dict[Output, str] = _list_words("rate")
# What WIPO's licence (its own words in the GII 2021 report) asks of whoever passes on
# what is made from its pages: an acknowledgement, a mark of changes, a disclaimer.
NOTICE = tuple(_list_words("notice").values())
LICENCE = ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/")
WIPO = "https://www.wipo.int/gii-ranking/"
EDITION_CHANGES: dict[str, str] = _list_words("change")


class _Labels(dict[str, str]):
    """Labels by name; a name without its own row reads as it stands."""

    def __missing__(self, name: str) -> str:
        return name.replace("_", " ").capitalize()


LABELS: dict[str, str] = _Labels(_list_words("label"))

MISSING = "not given"


def name_output(output: Any) -> str:
    """Return the label of an output: its documents; without one, of all together."""
    words = str(DOCUMENTS.get(output, output)) if output else "all together"
    return words[:1].upper() + words[1:]


# Controls, invisible formatting (direction overrides), surrogates, line separators.
_OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def make_printable(text: str) -> str:
    """Replace control characters, which a terminal would obey: pages are untrusted."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if category(c) in _OBEYED else c for c in text
    )


def format_value(value: object, column: str = "", missing: str = MISSING) -> str:
    """Write a value as people read it: the table of a notebook, a card, the index.

    Parameters
    ----------
    value
        A text, a number, a truth value, or what is missing (None, NaN, pandas.NA).
    column
        The column or quantity that it is a value of; empty: written as it is.
    missing
        What stands in the place of a missing value.

    Examples
    --------
    >>> format_value(0.23, "share"), format_value(2024, "edition")
    ('23%', '2024')
    >>> format_value(40881.0), format_value(None)
    ('40,881', 'not given')
    """
    if isinstance(value, str):
        return value
    if value is None or str(value) in {"<NA>", "nan"}:
        return missing
    if str(value) in {"True", "False"}:
        return "yes" if value else "no"
    number, form = float(str(value)), _FORMS.get(column)
    if form == "share":
        return f"{number * 100:.6g}%"
    return f"{number:.0f}" if form == "year" else f"{number:,.15g}"


def format_bound(
    value: float, *, up: bool, places: int | None = None, digits: int = 4
) -> str:
    """Write a bound rounded outward, so that what is written still holds the truth.

    To ``places`` decimals; without them, to ``digits`` digits or to a whole number.

    Examples
    --------
    >>> format_bound(34.211, up=False, digits=2), format_bound(35.74, up=True, digits=2)
    ('34', '36')
    >>> format_bound(19_509_709.2, up=True, places=0)
    '19,509,710'
    """
    if places is None:
        places = max(0, digits - 1 - floor(log10(abs(value)))) if value else 0
    # What is off by the error of a float alone is not rounded outward.
    steps = (ceil if up else floor)(round(value * 10**places, 6))
    return f"{steps / 10**places:,.{places}f}"


@cache
def load_templates(folder: Path) -> jinja2.Environment:
    """Return the templates of a folder; text that fills an HTML one is escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=lambda name: name is None or not name.endswith(".txt.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"printable": make_printable, "value": format_value}
    environment.globals |= {"labels": LABELS, "documents": DOCUMENTS, "lists": LISTS}
    environment.globals["licence"] = NOTICE
    return environment
