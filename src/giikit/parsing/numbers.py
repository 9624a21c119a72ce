"""Printed numbers: what each wording stands for, exactly, or why it cannot be read.

A reader takes the printed text and gives ``(value, resolution, fault)``: the step the
value was rounded to, 0 where it is exact, and the code of the finding it calls for.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files

Reading = tuple[float | None, float | None, str | None]
Reader = Callable[[str], Reading]

_UNREADABLE: Reading = (None, None, "unreadable-number")
_IMPOSSIBLE: Reading = (None, None, "impossible-value")
_GROUPING: Reading = (None, None, "wrong-grouping")
_SUFFIX: Reading = (None, None, "wrong-suffix")

# One kind of separator throughout; a leading zero is no way to print a count.
_COUNT = re.compile(r"0|[1-9][0-9]{0,2}(?:([, '])[0-9]{3}(?:\1[0-9]{3})*)?|[1-9][0-9]*")
_BEFORE_RANK = re.compile("^#?0?(?=[1-9])")
_TWICE = re.compile(r"([0-9]+) \1")
_FIGURES = re.compile("[0-9][0-9, ']*")
_DECIMAL = re.compile("(?:0|[1-9][0-9]{0,14})[.]([0-9]{1,9})")
_ORDINAL = re.compile("([0-9]+) ?(st|nd|rd|th)", re.IGNORECASE)
_SHARE = re.compile(
    "([<>≤≥~])? ?((?:0|[1-9][0-9]{0,5})(?:[.]([0-9]{1,6}))?) ?(?:%|per ?cent)"
)
_YEAR = re.compile("[12][0-9]{3}")
_MILLION = {"1 million", "one million", "a million", "million", "1,000,000"}
_MOST_DIGITS = 18  # an Int64 column holds every such number


def _load_words(column: str) -> dict[str, int]:
    text = files("giikit.parsing").joinpath("numbers.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row[column]: int(row["value"]) for row in rows}


_CARDINALS = _load_words("cardinal")
# "the top-ranked cluster", "the only cluster", "the largest cluster".
_FIRST = dict.fromkeys(["top", "highest", "best", "leading", "only", "largest"], 1)
_ORDINALS = _load_words("ordinal") | _FIRST


def _read_word(text: str, words: dict[str, int]) -> Reading:
    word = text.lower()
    number = words.get(word) or words.get(word.replace(" ", "-"))
    return (number, 0, None) if number else _UNREADABLE


def read_count(text: str) -> Reading:
    """Read a whole number: in figures, grouped by commas or spaces, or as a word."""
    if _COUNT.fullmatch(text) and not _TWICE.fullmatch(text):
        figures = re.sub("[, ']", "", text)
        return (int(figures), 0, None) if len(figures) <= _MOST_DIGITS else _IMPOSSIBLE
    return _GROUPING if _FIGURES.fullmatch(text) else _read_word(text, _CARDINALS)


def read_positive(text: str) -> Reading:
    """Read a count that is at least one."""
    reading = read_count(text)
    return reading if reading[0] != 0 else _IMPOSSIBLE


def read_year(text: str) -> Reading:
    """Read a year of four figures."""
    return (int(text), 0, None) if _YEAR.fullmatch(text) else _UNREADABLE


def read_ordinal(text: str) -> Reading:
    """Read a rank: ``third``, ``3rd``, ``twenty-sixth``, ``top``."""
    found = _ORDINAL.fullmatch(text)
    if not found:
        return _read_word(text, _ORDINALS)
    figures, suffix = found.groups()
    teen = figures[-2:-1] == "1"
    proper = {"1": "st", "2": "nd", "3": "rd"}.get("" if teen else figures[-1], "th")
    return read_positive(figures) if suffix.lower() == proper else _SUFFIX


def read_rank(text: str) -> Reading:
    """Read the rank cell of a row: ``1``, ``01``, ``#1``, ``1.``, ``1st``."""
    reading = read_positive(_BEFORE_RANK.sub("", text.rstrip(".)")))
    return reading if reading[2] != "unreadable-number" else read_ordinal(text)


def read_rate(text: str) -> Reading:
    """Read documents per million inhabitants, rounded to 1; no cluster has none."""
    value, _, fault = read_positive(text)
    return value, None if fault else 1, fault


def read_decimal(text: str) -> Reading:
    """Read a rate that may have decimals, rounded to the last one printed."""
    if found := _DECIMAL.fullmatch(text):
        return float(text), float(f"1e-{len(found[1])}"), None
    value, _, fault = read_count(text)
    return value, None if fault else 1, fault


def read_share(text: str) -> Reading:
    """Read a percentage as a fraction, exactly.

    A bound such as ``<1%`` has no value but keeps its resolution.

    Examples
    --------
    >>> read_share("10.1%"), read_share("<1%")
    ((0.101, 0.001, None), (None, 0.01, 'share-bound'))
    """
    found = _SHARE.fullmatch(text)
    if not found:
        return _UNREADABLE
    sign, figures, decimals = found.groups()
    value, resolution = float(f"{figures}e-2"), float(f"1e-{2 + len(decimals or '')}")
    if value > 1:
        return _IMPOSSIBLE
    return (None, resolution, "share-bound") if sign else (value, resolution, None)


def read_million(text: str) -> Reading:
    """Read the number of inhabitants that rates refer to: a million, nothing else."""
    return (1_000_000, 0, None) if text.lower() in _MILLION else _UNREADABLE


_ALL = (read_count, read_positive, read_year, read_ordinal, read_rank, read_rate)
# Pages print the same few ranks, years and shares.
READERS: dict[str, Reader] = {
    reader.__name__.removeprefix("read_"): lru_cache(maxsize=1024)(reader)
    for reader in (*_ALL, read_decimal, read_share, read_million)
}
