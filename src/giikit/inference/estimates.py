"""What the printed numbers of a profile imply about those it does not print."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from giikit.inference.bounds import (
    Interval,
    Shares,
    bound_collaborative,
    bound_hhi,
    bound_intensity,
    bound_population,
    bound_ratio,
    bound_shares,
    bound_top3,
    bound_total,
    infer_step,
    stack,
)
from giikit.inference.world import find_world
from giikit.model import ClusterProfile
from giikit.tables import KEY, SCHEMAS, Dataset, make_dataset
from giikit.vocabulary import OUTPUTS

_RATES = ["pct_per_million", "articles_per_million"]


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
    rates = stack(clusters, _RATES)
    population = bound_population(sure, rates)
    overlap = population[0].max(axis=0), population[1].min(axis=0)
    by_total = bound_ratio(*sure)
    by_rate = bound_ratio(np.maximum(2 * rates - 1, 0), 2 * rates + 1)
    ratio = np.fmax(by_total[0], by_rate[0]), np.fmin(by_total[1], by_rate[1])
    collaborative = bound_collaborative(sure, _find_collaboration(ds, clusters))
    # With venture capital the score has a third measure, of an unknown world total.
    deals = clusters["vc_deals_per_million"].notna().groupby(clusters["edition"])
    rates[:, deals.transform("any").to_numpy(dtype=bool)] = np.nan
    world = find_world(ds.rankings, clusters["edition"])
    intensity = bound_intensity(rates, (world[0][:2], world[1][:2]))
    rows = [
        _make_rows(0, "total", "documents", total),
        _make_rows(1, "population", "inhabitants", population),
        _make_rows(1, "population", "inhabitants", overlap),
        _make_rows(2, "top3_share", "fraction", bound_top3(sure, *first)),
        _make_rows(3, "hhi", "fraction", bound_hhi(sure, *listed)),
        _make_rows(4, "collaborative_documents", "documents", collaborative),
        _make_rows(5, "patents_per_100_articles", "patents / 100 articles", ratio),
        _make_rows(6, "intensity_score", "percent / million inhabitants", intensity),
    ]
    order = ["cluster", "place", "output"]
    table = pd.concat(rows).sort_values(order, ignore_index=True)
    table["output"] = table["output"].map(dict(enumerate(OUTPUTS))).astype("str")
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
    low, high = bound_total(stack(listed, ["documents"])[0], shares)
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
    full = sums.reindex(pd.MultiIndex.from_product([OUTPUTS, clusters.index]))

    def take(*names: str) -> Any:
        return tuple(full[name].to_numpy().reshape(len(OUTPUTS), -1) for name in names)

    return take("low", "high"), take("first", "unlisted"), take("n", "n2", "smallest")


def _find_collaboration(ds: Dataset, clusters: pd.DataFrame) -> Shares:
    """Bound the collaboration shares of each output (first axis) and cluster."""
    bounds = []
    for column in (f"{output}_collaboration_share" for output in OUTPUTS):
        printed = ds.observations[ds.observations["indicator"] == column]
        texts = printed[[*KEY, "text", "resolution"]].drop_duplicates(KEY)
        bounds.append(_read_shares(clusters.merge(texts, "left", KEY), column))
    low, high, unit = (np.stack(part) for part in zip(*bounds, strict=True))
    return low, high, unit


def _read_shares(printed: pd.DataFrame, column: str) -> Shares:
    """Bound shares by their resolution, or if printed like ``<1%``, by their text."""
    value, step = stack(printed, [column, "resolution"])
    step = np.where(step > 0, step, infer_step(value))
    # Without a resolution the text could not be read, whatever it begins with.
    texts = printed["text"].where(printed["resolution"].notna())
    below = texts.str.extract(r"^[<≤] ?([0-9.]+)", expand=False)
    return bound_shares(value, step, below.to_numpy(dtype=float) / 100)


def _make_rows(place: int, quantity: str, unit: str, bounds: Interval) -> pd.DataFrame:
    """Turn the known bounds into rows; a first axis of two is the output."""
    where = np.nonzero(~np.isnan(bounds[0]))
    output = where[0] if len(where) == 2 else len(OUTPUTS)
    key = {"cluster": where[-1], "place": place, "output": output}
    ends = {"low": bounds[0][where], "high": bounds[1][where]}
    return pd.DataFrame(key | {"quantity": quantity} | ends | {"unit": unit})
