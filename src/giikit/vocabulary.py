"""Every label, heading, unit and number format that a person reads, said once.

The labels stand in vocabulary.csv: ``name`` is a column or an estimated quantity,
``label`` what people read, ``form`` how its values are written (``share`` as a
percentage, ``year`` without separators; empty: as it is, numbers with separators).
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from unicodedata import category

if TYPE_CHECKING:
    import jinja2

Output = Literal["patent", "publication", "venture_capital"]
# The outputs of which a profile lists organizations and partners.
OUTPUTS: tuple[Output, Output] = ("patent", "publication")
DOCUMENTS: dict[Output, str] = {
    "patent": "PCT applications",
    "publication": "scientific articles",
    "venture_capital": "venture capital deals",
}
LISTS: dict[Output, str] = {
    "patent": "Top PCT applicants",
    "publication": "Top publishing organizations",
}

# What WIPO's licence (its own words in the GII 2021 report) asks of whoever passes on
# what is made from its pages: an acknowledgement, a mark of changes, a disclaimer.
WIPO = "https://www.wipo.int/gii-ranking/"
LICENCE = ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/")
NOTICE = (
    "Source: World Intellectual Property Organization (WIPO), Global Innovation Index, "
    f"{WIPO}, licensed under CC BY 4.0.",
    "Changed: giikit has read WIPO's pages and rankings into tables, and derived "
    "quantities from them. WIPO does not endorse them.",
    "The Secretariat of WIPO assumes no liability or responsibility with regard to the "
    "transformation or translation of the original content.",
)

# What may have changed from one edition to another besides the clusters.
EDITION_CHANGES = {
    "geocoding": "WIPO locates inventors and authors anew for every edition, and may "
    "merge or rename clusters: a rank can change where no activity did.",
    "window": "The pages of {earlier} count {was} years, those of {later} {years}.",
    "overlap": "Counts are of {years} years: {shared} of them are the same in "
    "{earlier} and {later}.",
    "outputs": "From {since} on, venture capital deals count beside PCT applications "
    "and scientific articles: ranks of {earlier} are made without them.",
    "method": "WIPO also ranks the clusters of {later} by the method of {methods}: "
    "these ranks are in the table rankings.",
    "previous": "Of {count} clusters the ranking of {later} prints another previous "
    "rank than {earlier} had ({cluster}: {previous_rank}, in {earlier} {then}): WIPO "
    "computes previous ranks anew, by the new method.",
}

_ROWS = list(
    csv.DictReader(
        files("giikit")
        .joinpath("vocabulary.csv")
        .read_text(encoding="utf-8")
        .splitlines()
    )
)
_FORMS = {row["name"]: row["form"] for row in _ROWS}


class _Labels(dict[str, str]):
    """Labels by name; a name without its own row reads as it stands."""

    def __missing__(self, name: str) -> str:
        return name.replace("_", " ").capitalize()


LABELS: dict[str, str] = _Labels((row["name"], row["label"]) for row in _ROWS)

MISSING = "not given"
# Controls, invisible formatting (direction overrides), surrogates, line separators.
_OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def make_printable(text: str) -> str:
    """Replace control characters, which a terminal would obey: pages are untrusted."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if category(c) in _OBEYED else c for c in text
    )


def format_number(value: float | None) -> str:
    """Write a number with thousands separators."""
    return MISSING if value is None else f"{value:,}"


def format_share(share: float | None, printed: str = MISSING) -> str:
    """Write a fraction as a percentage; a missing one as what is printed."""
    return printed if share is None else f"{share * 100:.6g}%"


def format_value(value: object, column: str = "") -> str:
    """Write a value as people read it: the table of a notebook, a card, the index.

    Parameters
    ----------
    value
        A text, a number, a truth value, or what is missing (None, NaN, pandas.NA).
    column
        The column or quantity that it is a value of; empty: written as it is.

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
        return MISSING
    if str(value) in {"True", "False"}:
        return "yes" if value else "no"
    number = float(str(value))
    match _FORMS.get(column):
        case "share":
            return format_share(number)
        case "year":
            return f"{number:.0f}"
    return f"{number:,.15g}"


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
    environment.filters |= {
        "number": format_number,
        "share": format_share,
        "printable": make_printable,
        "value": format_value,
    }
    environment.globals |= {"labels": LABELS, "documents": DOCUMENTS, "lists": LISTS}
    environment.globals["licence"] = NOTICE
    return environment
