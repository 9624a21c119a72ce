"""Editions side by side: who moved, entered and left, and what else has changed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pandas as pd

from giikit.errors import GiikitError
from giikit.inference.world import DEALS_SINCE, find_published
from giikit.names import make_cluster_id
from giikit.tables import KEY, Dataset
from giikit.vocabulary import EDITION_CHANGES, RATES

_RANKS = ["size_rank", "intensity_rank"]
_NAMES = ["cluster", "economy_code"]
_RATES = list(RATES.values())
# How many clusters an edition lists, where its pages do not say.
_LISTED = 100


def compare_editions(ds: Dataset, editions: Iterable[int] = ()) -> pd.DataFrame:
    """Compare each edition with the one before it.

    Ranks are those of the pages, or else of the rankings by the edition's own method.
    `list_changes` says what may have changed besides the clusters.

    Parameters
    ----------
    ds
        The tables; clusters are matched by cluster_id (see docs/corrections.md for
        those that changed their name).
    editions
        At least two years; empty: all.

    Returns
    -------
    pandas.DataFrame
        One row per edition (but the first) and cluster, of it or of the one before
        (``edition_before``). Each rank and rate stands beside that of the edition
        before (``size_rank_before``) and the change (``size_rank_change``: places
        gained; of a rate, later less earlier). ``status`` is ``stayed``, ``entered``,
        ``left``, or ``not known`` where too few clusters of the other edition are known
        to say. ``shares_city_with`` names clusters of the other edition: one that
        entered or left shares a city with them, and may be one of them, renamed.
        No rows where there is but one edition.

    Raises
    ------
    GiikitError
        If there are not two such editions.
    """
    standings = list_standings(ds)
    known = sorted({int(year) for year in standings["edition"]})
    years = sorted(set(editions) or known)
    if len(known) == 1 and not set(editions):
        # No rows, but all columns.
        return _compare_two(ds, standings, known[0], known[0]).head(0)
    if len(years) < 2 or not set(years) <= set(known):
        there = ", ".join(map(str, known)) or "none"
        message = f"cannot compare editions {years}: expected two or more of {there}"
        raise GiikitError(message)
    return pd.concat(
        [_compare_two(ds, standings, *pair) for pair in pairwise(years)],
        ignore_index=True,
    )


def list_standings(ds: Dataset) -> pd.DataFrame:
    """List ranks and rates of every edition: those of its pages, or of its rankings.

    Returns
    -------
    pandas.DataFrame
        One row per edition and cluster, with its name, its economy's code, its two
        ranks and its rates; those of a ranking are by the edition's own method, and
        without rates.
    """
    own = ds.rankings[ds.rankings["method"] == ds.rankings["edition"]]
    standings = ds.clusters.set_index(KEY)[[*_NAMES, *_RANKS, *_RATES]]
    for kind, rank in zip(("size", "intensity"), _RANKS, strict=True):
        ranked = own[own["kind"] == kind].drop_duplicates(KEY).set_index(KEY)
        ranked = ranked.rename(columns={"rank": rank})[[*_NAMES, rank]]
        standings = standings.combine_first(ranked)
    return standings.reset_index()


def _compare_two(
    ds: Dataset, standings: pd.DataFrame, earlier: int, later: int
) -> pd.DataFrame:
    before, after = (
        standings[standings["edition"] == year].drop(columns="edition")
        for year in (earlier, later)
    )
    both = before.merge(
        after, "outer", "cluster_id", suffixes=("_before", ""), indicator="found"
    ).assign(
        edition=later, edition_before=earlier, status="stayed", shares_city_with=""
    )
    for column in _NAMES:
        both[column] = both[column].fillna(both[f"{column}_before"])
    columns = [*KEY, *_NAMES, "edition_before", "status", "shares_city_with"]
    for measure in (*_RANKS, *_RATES):
        change = both[measure] - both[f"{measure}_before"]
        both[f"{measure}_change"] = -change if measure in _RANKS else change
        columns += [f"{measure}_before", measure, f"{measure}_change"]
    for found, status, others, year in (
        ("left_only", "left", after, later),
        ("right_only", "entered", before, earlier),
    ):
        moved = both["found"] == found
        known = len(others) >= _count_listed(ds, year)
        both.loc[moved, "status"] = status if known else "not known"
        both.loc[moved, "shares_city_with"] = [
            "; ".join(
                str(o.cluster) for o in others.itertuples() if _share_city(row, o)
            )
            for row in both[moved].itertuples()
        ]
    order = ["size_rank", "size_rank_before", "cluster_id"]
    return both[columns].sort_values(order, ignore_index=True)


def _count_listed(ds: Dataset, year: int) -> float:
    """Return how many clusters an edition lists, as its pages say."""
    printed = ds.observations[ds.observations["indicator"] == "clusters_listed"]
    listed = printed.loc[printed["edition"] == year, "value"].max()
    return _LISTED if pd.isna(listed) else float(listed)


def _share_city(one: Any, other: Any) -> bool:
    """Tell if two clusters, of which the names join cities by dashes, share one."""
    codes = [c.economy_code for c in (one, other) if not pd.isna(c.economy_code)]
    if len(codes) == 2 and not {*codes[0].split("/")} & {*codes[1].split("/")}:
        return False
    names = [re.split("[-–—]", str(c.cluster)) for c in (one, other)]
    return bool(set.intersection(*({*map(make_cluster_id, name)} for name in names)))


def list_changes(ds: Dataset, earlier: int, later: int) -> list[str]:
    """List in sentences what may have changed between editions besides the clusters."""
    said: dict[Any, Any] = {"earlier": earlier, "later": later, "since": DEALS_SINCE}
    codes = ["geocoding"]
    windows = ds.clusters.groupby("edition")["window_years"].max()
    was, years = (windows.get(year, pd.NA) for year in (earlier, later))
    if not (pd.isna(was) or pd.isna(years)):
        said |= {"was": was, "years": years, "shared": years - later + earlier}
        codes += ["window"] * bool(was != years)
        codes += ["overlap"] * bool(was == years > later - earlier)
    codes += ["outputs"] * bool(earlier < DEALS_SINCE <= later)
    ranked = ds.rankings[ds.rankings["edition"] == later]
    methods = sorted(set(ranked["method"]) - {later})
    said["methods"] = " and ".join(map(str, methods))
    codes += ["method"] * bool(methods)
    published = find_published(ds.rankings).drop_duplicates(KEY).set_index("cluster_id")
    then = published.loc[published["edition"] == earlier, "rank"]
    now = published[published["edition"] == later].assign(then=then)
    other = now[(now["previous_rank"] != now["then"]).fillna(False)]
    if later - earlier == 1 and len(other):
        said |= {"count": len(other)} | other.iloc[0].to_dict()
        codes.append("previous")
    return [EDITION_CHANGES[code].format_map(said) for code in codes]
