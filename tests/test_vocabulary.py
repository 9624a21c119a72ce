"""What people read is said once, and written the same way everywhere."""

from __future__ import annotations

import pandas as pd
import pytest

from giikit.tables import COLUMNS
from giikit.vocabulary import (
    DOCUMENTS,
    LABELS,
    LISTS,
    OUTPUTS,
    format_bound,
    format_value,
)

QUANTITIES = (
    *("total", "population", "top3_share", "hhi", "collaborative_documents"),
    *("patents_per_100_articles", "intensity_score"),
)


@pytest.mark.parametrize("name", [*(c.name for c in COLUMNS["clusters"]), *QUANTITIES])
def test_every_column_of_a_profile_and_every_quantity_has_a_label(name):
    assert dict(LABELS)[name].strip()


def test_no_two_columns_of_a_table_have_the_same_label():
    for table, columns in COLUMNS.items():
        labels = [LABELS[column.name] for column in columns]
        assert len(set(labels)) == len(labels), table


def test_a_column_without_a_label_of_its_own_is_called_by_its_name():
    assert LABELS["design_registrations"] == "Design registrations"


def test_every_output_with_lists_has_its_words():
    assert set(LISTS) == set(OUTPUTS) < set(DOCUMENTS)


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        ("Xi'an", "cluster", "Xi'an"),
        (2189, "pct_per_million", "2,189"),
        (7.5, "vc_deals_per_million", "7.5"),
        (0.1 + 0.2, "", "0.3"),
        (320661.0, "high", "320,661"),
        (0.29, "patent_collaboration_share", "29%"),
        (0.004, "share", "0.4%"),
        (2024, "edition", "2024"),
        (True, "consistent", "yes"),
        (None, "size_rank", "not given"),
        (pd.NA, "size_rank", "not given"),
        (float("nan"), "share", "not given"),
    ],
)
def test_a_value_is_written_as_its_column_is_read(value, column, text):
    assert format_value(value, column) == text
    if text != "not given" and not isinstance(value, str):
        assert format_value(pd.Series([value])[0], column) == text


@pytest.mark.parametrize(
    ("value", "down", "up"),
    [
        (29.0, "29.00", "29.00"),
        (100 / 3, "33.33", "33.34"),
        (0.07 * 100, "7.000", "7.000"),
        (0.0, "0", "0"),
    ],
)
def test_a_bound_is_rounded_outward_but_not_by_the_error_of_a_float(value, down, up):
    assert format_bound(value, up=False) == down
    assert format_bound(value, up=True) == up
