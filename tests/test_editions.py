"""Two editions are compared cluster by cluster, with what else has changed."""

from dataclasses import replace

import pandas as pd
import pytest
from generator.profiles import make_profile

from giikit.errors import GiikitError
from giikit.inference import compare_editions, list_changes
from giikit.model import Observation
from giikit.names import make_cluster_id
from giikit.tables import make_dataset


def make_page(edition, name, size_rank, *, listed=3, **more):
    """Return a page of an edition that lists three clusters."""
    slug = make_cluster_id(name)
    page = make_profile(slug, edition=edition, size_rank=size_rank, **more)
    row = (edition, slug, "clusters_listed", None, None, None, listed, str(listed))
    seen = Observation(*row, None, 0.0, page.source, 1, 0, 1)
    return replace(page, cluster=name, observations=(seen,))


def rank(edition, name, rank, *, kind="size", method=0, previous=None):
    """Return a row of a ranking."""
    key = (edition, make_cluster_id(name), kind, method or edition, name, "CN", rank)
    return (*key, *[None] * 7, previous, None)


OLD = [
    make_page(2024, "Shanghai", 1, intensity_rank=9, pct_per_million=100),
    make_page(2024, "Xi’an", 2),
    make_page(2024, "Lyon", 3, economy_code="FR"),
]
NEW = [
    make_page(2025, "Xi'an", 1, intensity_rank=4),
    make_page(2025, "Shanghai–Suzhou", 2, pct_per_million=90),
    make_page(2025, "Lyon–Geneva", 3, economy_code="CH/FR"),
]


def compare(pages, *editions, rankings=()):
    table = compare_editions(make_dataset(pages, rankings=rankings), editions)
    return table.set_index("cluster_id")


def test_each_cluster_of_two_editions_stays_enters_or_leaves():
    table = compare(OLD + NEW)
    assert table["status"].to_dict() == {
        "xian": "stayed",
        "shanghai-suzhou": "entered",
        "lyon-geneva": "entered",
        "shanghai": "left",
        "lyon": "left",
    }
    assert table["shares_city_with"].to_dict() == {
        "xian": "",
        "shanghai-suzhou": "Shanghai",
        "lyon-geneva": "Lyon",
        "shanghai": "Shanghai–Suzhou",
        "lyon": "Lyon–Geneva",
    }
    assert set(table["edition"]) == {2025}
    assert set(table["edition_before"]) == {2024}
    assert table.loc["xian", ["size_rank_before", "size_rank_change"]].tolist() == [
        2,
        1,
    ]
    assert table.loc["shanghai", ["size_rank", "size_rank_change"]].isna().all()
    assert table.loc["shanghai", "cluster"] == "Shanghai"


def test_cities_of_one_name_in_two_economies_are_not_shared():
    old = make_page(2024, "Boston–Cambridge, MA", 1, economy_code="US")
    new = make_page(2025, "Cambridge", 1, economy_code="GB")
    assert set(compare([old, new])["shares_city_with"]) == {""}


def test_who_is_missing_from_a_few_pages_has_not_left():
    table = compare([*OLD, NEW[0], *NEW[2:]])
    assert table["status"].to_dict() == {
        "xian": "stayed",
        "lyon-geneva": "entered",
        "shanghai": "not known",
        "lyon": "not known",
    }


def test_rankings_fill_what_no_page_says():
    rows = [
        *(rank(2023, "Lyon", 7), rank(2023, "Lyon", 2, kind="intensity")),
        *(rank(2024, "Lyon", 8, method=2023), rank(2024, "Lyon", 9)),
    ]
    table = compare([OLD[2], make_page(2022, "Lyon", 5)], rankings=rows)
    assert table["edition"].tolist() == [2023, 2024]
    assert table["size_rank"].tolist() == [7, 3]
    assert table["size_rank_change"].tolist() == [-2, 4]
    assert table["intensity_rank"].fillna(0).tolist() == [2, 0]


def test_rates_are_compared_where_both_editions_have_them():
    rows = [
        make_page(y, "Lyon", 1, pct_per_million=n) for y, n in [(2023, 90), (2024, 99)]
    ]
    assert compare(rows).loc["lyon", "pct_per_million_change"] == 9
    assert pd.isna(compare(OLD + NEW).loc["xian", "pct_per_million_change"])


def test_the_editions_compared_are_those_that_are_named():
    pages = [make_page(year, "Lyon", year - 2000) for year in (2022, 2023, 2025)]
    table = compare(pages, 2025, 2022)
    assert table[["edition_before", "edition"]].to_numpy().tolist() == [[2022, 2025]]


@pytest.mark.parametrize("editions", [(2024,), (2024, 2020)])
def test_what_cannot_be_compared_is_refused_naming_what_can(editions):
    with pytest.raises(GiikitError, match="expected two or more of 2024, 2025"):
        compare(OLD + NEW, *editions)


def test_one_edition_alone_gives_no_row_but_all_columns():
    alone = compare(OLD)
    assert alone.empty
    assert list(alone.columns) == list(compare(OLD + NEW).columns)


@pytest.mark.parametrize(
    ("windows", "rankings", "sentences"),
    [
        ((None, 5), [], ["locates inventors", "From 2025 on, venture capital deals"]),
        ((5, 5), [], ["locates", "5 years: 4 of them are the same", "From 2025 on"]),
        ((3, 5), [], ["locates", "of 2024 count 3 years, those of 2025 5", "From"]),
        (
            (None, None),
            [
                *(rank(2024, "Lyon", 3), rank(2025, "Lyon", 4, previous=5)),
                rank(2025, "Lyon", 6, method=2024, previous=3),
            ],
            [
                *(
                    "locates",
                    "From 2025 on",
                    "ranks the clusters of 2025 by the method of",
                ),
                "(Lyon: 5, in 2024 3)",
            ],
        ),
        (
            (None, None),
            [rank(2024, "Lyon", 3), rank(2025, "Lyon", 4, previous=3)],
            ["locates", "From 2025 on"],
        ),
    ],
)
def test_what_else_may_have_changed_is_said_in_sentences(windows, rankings, sentences):
    pages = [
        make_page(year, "Lyon", 3, window_years=years)
        for year, years in zip((2024, 2025), windows, strict=True)
    ]
    changes = list_changes(make_dataset(pages, rankings=rankings), 2024, 2025)
    assert len(changes) == len(sentences)
    for change, sentence in zip(changes, sentences, strict=True):
        assert sentence in change


def test_the_outputs_are_the_same_before_venture_capital_and_after():
    ds = make_dataset(OLD)
    assert len(list_changes(ds, 2022, 2024)) == 1
    assert len(list_changes(ds, 2025, 2026)) == 1
