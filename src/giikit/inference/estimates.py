"""What the printed numbers of a profile imply about those it does not print."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from giikit.inference import bounds, world
from giikit.inference.bounds import Array, Interval, Shares, stack
from giikit.inference.world import COUNTS, RATES
from giikit.model import ClusterProfile
from giikit.tables import KEY, SCHEMAS, Dataset, make_dataset
from giikit.vocabulary import OUTPUTS


def estimate_quantities(ds: Dataset | ClusterProfile) -> pd.DataFrame:
    """Estimate what the printed numbers of each profile imply.

    Parameters
    ----------
    ds
        The tables, or one profile.

    Returns
    -------
    pandas.DataFrame
        The table ``estimates``: one row per edition, cluster_id, quantity and output,
        in this order. ``high`` is missing where there is no upper bound; a quantity
        of which nothing is known, or that rests on an empty interval, has no row.
    """
    if isinstance(ds, ClusterProfile):
        ds = make_dataset([ds])
    clusters = ds.clusters.sort_values(KEY, ignore_index=True)
    total, first, listed = _sum_listed(ds, clusters)
    empty = total[0] > total[1]
    sure = np.where(empty, np.nan, total[0]), np.where(empty, np.nan, total[1])
    rates = bound_rates(ds, clusters)
    population = _find_population(sure, rates, find_counts(ds, clusters))
    low, high = np.fmax.reduce(population[0]), np.fmin.reduce(population[1])
    several = (~np.isnan(population[0])).sum(axis=0) > 1
    overlap = np.where(several, low, np.nan), high
    people = np.where(low > high, np.nan, low), high
    # No page lists who got the deals: their total follows from all inhabitants.
    deals = bounds.bound_counted(people, (rates[0][2], rates[1][2], rates[2][2]))
    by_total, by_rate = bounds.bound_ratio(*sure), bounds.bound_ratio(*rates[:2])
    ratio = np.fmax(by_total[0], by_rate[0]), np.fmin(by_total[1], by_rate[1])
    made = _find_collaboration(ds, clusters)
    collaborative = bounds.bound_collaborative((sure[0][:2], sure[1][:2]), made)
    totals = world.find_world(ds.rankings, clusters["edition"])
    counted = clusters["edition"].to_numpy(dtype=int) >= [[0], [0], [world.DEALS_SINCE]]
    intensity = bounds.bound_intensity(rates, totals, counted)
    rows = [
        _make_rows(0, "total", "documents", total),
        _make_rows(0, "total", "deals", deals, 2),
        _make_rows(1, "population", "inhabitants", population),
        _make_rows(1, "population", "inhabitants", overlap),
        _make_rows(2, "top3_share", "fraction", bounds.bound_top3(sure, *first)),
        _make_rows(3, "hhi", "fraction", bounds.bound_hhi(sure, *listed)),
        _make_rows(4, "collaborative_documents", "documents", collaborative),
        _make_rows(5, "patents_per_100_articles", "patents / 100 articles", ratio),
        _make_rows(6, "intensity_score", "percent / million inhabitants", intensity),
    ]
    order = ["cluster", "place", "output"]
    table = pd.concat(rows).sort_values(order, ignore_index=True)
    table["output"] = table["output"].map(dict(enumerate(COUNTS))).astype("str")
    table["consistent"] = ~(table["low"] > table["high"])
    table["high"] = table["high"].replace(np.inf, np.nan)
    key = clusters[KEY].iloc[table["cluster"]].reset_index(drop=True)
    table = pd.concat([key, table.drop(columns=["cluster", "place"])], axis=1)
    return SCHEMAS["estimates"].validate(table)


def bound_listed(ds: Dataset) -> pd.DataFrame:
    """Return the listed organizations with the bounds of their share and its total."""
    key = [*KEY, "output", "organization"]
    printed = ds.observations[ds.observations["indicator"] == "share"]
    texts = printed.rename(columns={"entity": "organization"})
    # An organization listed twice meets its texts in their order.
    again = [t.groupby(key, dropna=False).cumcount() for t in (ds.organizations, texts)]
    texts = texts.assign(again=again[1])[[*key, "again", "text", "resolution"]]
    listed = ds.organizations.assign(again=again[0])
    listed = listed.merge(texts, "left", [*key, "again"])
    shares = _read_shares(listed, "share")
    low, high = bounds.bound_total(stack(listed, ["documents"])[0], shares)
    least, most = shares[0] / shares[2], shares[1] / shares[2]
    listed = listed.assign(low=low, high=high, share_low=least, share_high=most)
    unknown = {"high": np.inf, "share_low": 0, "share_high": 1, "text": "?"}
    return listed.fillna(unknown)


def _sum_listed(ds: Dataset, clusters: pd.DataFrame) -> tuple[Interval, Any, Any]:
    """Combine the listed organizations of each output (first axis) and cluster."""
    listed = bound_listed(ds)
    documents = stack(listed, ["documents"])[0]
    listed = listed.assign(n=documents, n2=documents**2)
    listed = listed.merge(clusters[KEY].assign(cluster=clusters.index), on=KEY)
    groups = listed.sort_values("n", ascending=False).groupby(["output", "cluster"])
    sums = groups.agg(
        low=("low", "max"),
        high=("high", "min"),
        n=("n", "sum"),
        n2=("n2", "sum"),
        smallest=("n", "min"),
        rows=("n", "size"),
        known=("n", "count"),
        last=("rank", "max"),
    )
    sums["first"] = groups.head(3).groupby(["output", "cluster"])["n"].sum()
    sums["unlisted"] = sums["smallest"] * (3 - sums["rows"]).clip(lower=0)
    # Above the last rank, a row that is missing may be larger than those listed.
    gap = (sums["known"] < sums["rows"]) | (sums["last"] > sums["rows"]).fillna(False)
    sums.loc[gap, ["n", "first"]] = np.nan
    full = sums.reindex(pd.MultiIndex.from_product([list(COUNTS), clusters.index]))

    def take(*names: str) -> Any:
        return tuple(full[name].to_numpy().reshape(len(COUNTS), -1) for name in names)

    return take("low", "high"), take("first", "unlisted"), take("n", "n2", "smallest")


def bound_rates(ds: Dataset, clusters: pd.DataFrame) -> Shares:
    """Bound the rates per million of each output (first axis) and cluster."""
    value = stack(clusters, list(RATES.values()))
    step = np.ones_like(value)
    printed = stack(_add_texts(ds, clusters, RATES["venture_capital"]), ["resolution"])
    step[2] = np.where(printed > 0, printed, bounds.infer_step(value[2], 1.0))
    return bounds.bound_printed(value, step)


def _find_population(total: Interval, rates: Shares, counts: Array) -> Interval:
    """Bound the population by each output (first axis): its total, and its count.

    A published count that the page's total does not allow is reported, and left out.
    """
    own, also = (bounds.bound_population(t, rates) for t in (total, (counts, counts)))
    low, high = np.fmax(own[0], also[0]), np.fmin(own[1], also[1])
    apart = (low > high) & (own[0] <= own[1])
    return np.where(apart, own[0], low), np.where(apart, own[1], high)


def find_counts(ds: Dataset, clusters: pd.DataFrame) -> Array:
    """Return what the ranking of their edition counts, of each output and cluster."""
    columns = list(COUNTS.values())
    rows = world.find_published(ds.rankings)[[*KEY, *columns]].drop_duplicates(KEY)
    return stack(clusters[KEY].merge(rows, "left", KEY), columns)


def _find_collaboration(ds: Dataset, clusters: pd.DataFrame) -> Shares:
    """Bound the collaboration shares of each output (first axis) and cluster."""
    columns = [f"{output}_collaboration_share" for output in OUTPUTS]
    bounds = [_read_shares(_add_texts(ds, clusters, c), c) for c in columns]
    low, high, unit = (np.stack(part) for part in zip(*bounds, strict=True))
    return low, high, unit


def _add_texts(ds: Dataset, clusters: pd.DataFrame, column: str) -> pd.DataFrame:
    """Add how a column is printed, and to which resolution."""
    printed = ds.observations[ds.observations["indicator"] == column]
    texts = printed[[*KEY, "text", "resolution"]].drop_duplicates(KEY)
    return clusters.merge(texts, "left", KEY)


def _read_shares(printed: pd.DataFrame, column: str) -> Shares:
    """Bound shares by their resolution, or if printed like ``<1%``, by their text."""
    value, step = stack(printed, [column, "resolution"])
    step = np.where(step > 0, step, bounds.infer_step(value))
    # Without a resolution the text could not be read, whatever it begins with; with a
    # value it was corrected.
    unread = printed["resolution"].notna() & printed[column].isna()
    texts = printed["text"].where(unread)
    below = texts.str.extract(r"^[<≤] ?([0-9.]+)", expand=False)
    return bounds.bound_shares(value, step, below.to_numpy(dtype=float) / 100)


def _make_rows(
    place: int, quantity: str, unit: str, bounds: Interval, output: int = len(COUNTS)
) -> pd.DataFrame:
    """Turn the known bounds into rows; the first of two axes is the output."""
    *outputs, cluster = np.nonzero(~np.isnan(bounds[0]))
    key = {"cluster": cluster, "place": place, "output": (*outputs, output)[0]}
    low, high = (end[(*outputs, cluster)] for end in bounds)
    return pd.DataFrame(
        key | {"quantity": quantity, "low": low, "high": high, "unit": unit}
    )
