"""Printed numbers: what each wording stands for, exactly, or why it cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple


class Reading(NamedTuple):
    """A number as read; ``fault`` is the code of the finding that it calls for."""

    value: float | None
    resolution: float | None
    fault: str | None = None


Reader = Callable[[str], Reading]

UNREADABLE = Reading(None, None, "unreadable-number")
IMPOSSIBLE = Reading(None, None, "impossible-value")
_GROUPING = Reading(None, None, "wrong-grouping")
_SUFFIX = Reading(None, None, "wrong-suffix")

# One kind of separator throughout; a leading zero is no way to print a count.
_COUNT = re.compile("0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+)")
_DIGITS = re.compile("[0-9][0-9, ]*")
_DECIMAL = re.compile("(?:0|[1-9][0-9]{0,14})[.]([0-9]{1,9})")
_ORDINAL = re.compile("([0-9]+)(st|nd|rd|th)", re.IGNORECASE)
_SHARE = re.compile("([<>≤≥~])? ?((?:0|[1-9][0-9]{0,5})(?:[.]([0-9]{1,6}))?) ?%")
_MILLION = frozenset({"1 million", "one million", "a million", "million", "1m"})
_MOST_DIGITS = 18  # a nullable integer column holds no more for certain

_ONES = [
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def _spell_cardinals() -> dict[str, int]:
    words = dict(zip(_ONES, range(1, 20), strict=True))
    for ten, tens in enumerate(_TENS, start=2):
        words[tens] = 10 * ten
        words |= {f"{tens}-{w}": 10 * ten + n for n, w in enumerate(_ONES[:9], start=1)}
    return words | {"hundred": 100, "one hundred": 100, "a hundred": 100}


def _make_ordinal(cardinal: str) -> str:
    head, dash, last = cardinal.rpartition("-")
    if last.endswith("y"):
        return f"{head}{dash}{last[:-1]}ieth"
    return f"{head}{dash}{_IRREGULAR.get(last, last + 'th')}"


_CARDINALS = _spell_cardinals()
_ORDINALS = {_make_ordinal(word): n for word, n in _CARDINALS.items()}
# "the top-ranked cluster", "the only cluster", "the largest cluster".
_ORDINALS |= dict.fromkeys(("top", "highest", "best", "only", "largest"), 1)


def _find_word(words: dict[str, int], text: str) -> int | None:
    word = text.lower()
    return words.get(word) or words.get(word.replace(" ", "-"))


def read_count(text: str) -> Reading:
    """Read a whole number: in figures, grouped by commas or spaces, or as a word.

    Examples
    --------
    >>> read_count("9,607"), read_count("twenty-six").value, read_count("9,07").fault
    (Reading(value=9607, resolution=0, fault=None), 26, 'wrong-grouping')
    """
    if _COUNT.fullmatch(text):
        figures = text.replace(",", "").replace(" ", "")
        return Reading(int(figures), 0) if len(figures) <= _MOST_DIGITS else IMPOSSIBLE
    if _DIGITS.fullmatch(text):
        return _GROUPING
    number = _find_word(_CARDINALS, text)
    return UNREADABLE if number is None else Reading(number, 0)


def read_positive(text: str) -> Reading:
    """Read a count that is at least one: a rank cell, a number of years."""
    reading = read_count(text)
    return IMPOSSIBLE if reading.value == 0 else reading


def read_year(text: str) -> Reading:
    """Read a year of four figures."""
    if len(text) == 4 and _COUNT.fullmatch(text):
        return Reading(int(text), 0)
    return UNREADABLE


def read_ordinal(text: str) -> Reading:
    """Read a rank: ``third``, ``3rd``, ``twenty-sixth``, ``top``.

    Examples
    --------
    >>> read_ordinal("23rd").value, read_ordinal("1th").fault
    (23, 'wrong-suffix')
    """
    found = _ORDINAL.fullmatch(text)
    if not found:
        rank = _find_word(_ORDINALS, text)
        return UNREADABLE if rank is None else Reading(rank, 0)
    figures, suffix = found.groups()
    reading = read_positive(figures)
    if reading.value is not None and suffix.lower() != _choose_suffix(figures):
        return _SUFFIX
    return reading


def _choose_suffix(figures: str) -> str:
    if figures[-2:-1] == "1":
        return "th"
    return {"1": "st", "2": "nd", "3": "rd"}.get(figures[-1], "th")


def read_rate(text: str) -> Reading:
    """Read a whole number of documents per million: rounded to 1."""
    value, resolution, fault = read_count(text)
    return Reading(value, None if resolution is None else 1, fault)


def read_decimal(text: str) -> Reading:
    """Read a rate that may have decimals, rounded to the last one printed."""
    found = _DECIMAL.fullmatch(text)
    if not found:
        return read_rate(text)
    return Reading(float(text), float(f"1e-{len(found[1])}"))


def read_share(text: str) -> Reading:
    """Read a percentage as a fraction, exactly: ``10.1%`` is 0.101.

    A bound such as ``<1%`` has no value but keeps its resolution.

    Examples
    --------
    >>> read_share("10.1%")
    Reading(value=0.101, resolution=0.001, fault=None)
    >>> read_share("<1%")
    Reading(value=None, resolution=0.01, fault='share-bound')
    """
    found = _SHARE.fullmatch(text)
    if not found:
        return UNREADABLE
    sign, figures, decimals = found.groups()
    value = float(f"{figures}e-2")
    resolution = float(f"1e-{2 + len(decimals or '')}")
    if value > 1:
        return IMPOSSIBLE
    if sign:
        return Reading(None, resolution, "share-bound")
    return Reading(value, resolution)


def read_base(text: str) -> Reading:
    """Read the number of inhabitants that rates refer to."""
    if text.lower() in _MILLION:
        return Reading(1_000_000, 0)
    return read_positive(text)
