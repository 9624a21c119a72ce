from __future__ import annotations

import csv
from decimal import Decimal
from importlib.resources import files

import pytest

from giikit.parsing.numbers import (
    read_count,
    read_decimal,
    read_million,
    read_ordinal,
    read_rank,
    read_rate,
    read_share,
    read_year,
)

WORDS = files("giikit.parsing") / "numbers.csv"


@pytest.mark.parametrize(
    ("reader", "text", "value", "resolution"),
    [
        (read_count, "9,607", 9607, 0),
        (read_count, "9 607", 9607, 0),
        (read_count, "9607", 9607, 0),
        (read_count, "1,234,567", 1234567, 0),
        (read_count, "0", 0, 0),
        (read_count, "Twenty-six", 26, 0),
        (read_count, "one hundred", 100, 0),
        (read_rate, "2,189", 2189, 1),
        (read_decimal, "12.5", 12.5, 0.1),
        (read_decimal, "0.04", 0.04, 0.01),
        (read_decimal, "12", 12, 1),
        (read_ordinal, "1st", 1, 0),
        (read_ordinal, "2ND", 2, 0),
        (read_ordinal, "11th", 11, 0),
        (read_ordinal, "23rd", 23, 0),
        (read_ordinal, "112th", 112, 0),
        (read_ordinal, "twenty-sixth", 26, 0),
        (read_ordinal, "twenty sixth", 26, 0),
        (read_ordinal, "one hundredth", 100, 0),
        (read_ordinal, "top", 1, 0),
        (read_rank, "1.", 1, 0),
        (read_rank, "1st", 1, 0),
        (read_share, "23%", 0.23, 0.01),
        (read_share, "23 %", 0.23, 0.01),
        (read_share, "0.4%", 0.004, 0.001),
        (read_share, "0%", 0, 0.01),
        (read_share, "100%", 1, 0.01),
        (read_year, "2024", 2024, 0),
        (read_million, "1 million", 1_000_000, 0),
        (read_million, "Million", 1_000_000, 0),
    ],
)
def test_a_number_is_read_exactly(reader, text, value, resolution):
    assert reader(text) == (value, resolution, None)


@pytest.mark.parametrize(
    ("reader", "text", "fault"),
    [
        (read_count, "9,07", "wrong-grouping"),
        (read_count, "9,607 123", "wrong-grouping"),
        (read_count, "0,607", "wrong-grouping"),
        (read_count, "007", "wrong-grouping"),
        (read_count, "9.607", "unreadable-number"),
        (read_count, "9,6x7", "unreadable-number"),
        (read_count, "٣", "unreadable-number"),
        (read_count, "9" * 19, "impossible-value"),
        (read_count, "9" * 5000, "impossible-value"),
        (read_ordinal, "1th", "wrong-suffix"),
        (read_ordinal, "11st", "wrong-suffix"),
        (read_ordinal, "12nd", "wrong-suffix"),
        (read_ordinal, "1xth", "unreadable-number"),
        (read_ordinal, "xrd", "unreadable-number"),
        (read_ordinal, "0th", "impossible-value"),
        (read_rank, "0", "impossible-value"),
        (read_rank, "x", "unreadable-number"),
        (read_share, "23", "unreadable-number"),
        (read_share, "-1%", "unreadable-number"),
        (read_share, "230%", "impossible-value"),
        (read_share, "100.1%", "impossible-value"),
        (read_year, "20245", "unreadable-number"),
        (read_year, "202", "unreadable-number"),
        (read_million, "1 billion", "unreadable-number"),
        (read_million, "100,000", "unreadable-number"),
        (read_decimal, "1.2.3", "unreadable-number"),
    ],
)
def test_what_cannot_be_read_has_no_value_and_says_why(reader, text, fault):
    assert reader(text) == (None, None, fault)


def test_a_bound_has_no_value_but_a_resolution():
    assert read_share("<1%") == (None, 0.01, "share-bound")
    assert read_share("< 0.1 %") == (None, 0.001, "share-bound")


def test_a_percentage_becomes_the_nearest_float_of_its_decimal_fraction():
    for tenths in range(1001):
        text = f"{tenths / 10:.1f}"
        assert read_share(f"{text}%")[0] == float(Decimal(text) / 100)


def test_every_number_to_one_hundred_has_its_words():
    rows = list(csv.DictReader(WORDS.read_text(encoding="utf-8").splitlines()))
    assert {int(row["value"]) for row in rows} == set(range(1, 101))
    for row in rows:
        assert read_count(row["cardinal"])[0] == int(row["value"])
        assert read_ordinal(row["ordinal"])[0] == int(row["value"])
