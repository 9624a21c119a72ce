"""What the printed numbers imply about those not printed, as intervals.

A printed value v with resolution r stands for any true value from v - r/2 to v + r/2,
both included; counts are exact. Under that reading each interval surely holds the
truth. docs/method.md derives the formulas and works one example by hand.

A share is kept as two whole numerators over a whole unit (9% with resolution 1% is
17/200 to 19/200), so that bounds of whole quantities are divisions of whole numbers.
These are exact in float64 below 2**53, where NaN stands for unknown and inf for
unbounded; larger ones count as unbounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from giikit.profile import OUTPUTS
from giikit.tables import SCHEMAS, Dataset

Array = npt.NDArray[np.float64]
Interval = tuple[Array, Array]
Shares = tuple[Array, Array, Array]

_KEY = ["edition", "cluster_id"]
_RATES = ["pct_per_million", "articles_per_million"]
_COUNTS = ["pct_applications", "scientific_publications"]
_WORLD_SHARES = ["pct_share", "publication_share"]


def divide_down(dividend: Array, divisor: Array) -> Array:
    """Return the quotient of whole numbers rounded down, inf where it has no bound."""
    with np.errstate(all="ignore"):
        quotient = np.floor_divide(dividend, divisor)
    return np.where((divisor <= 0) | (abs(dividend) >= 2**53), np.inf, quotient)


def divide_up(dividend: Array, divisor: Array) -> Array:
    """Return the quotient of whole numbers rounded up, 0 where it has no bound."""
    return np.maximum(-divide_down(-dividend, divisor), 0.0)


def bound_shares(value: Array, step: Array, below: Array) -> Shares:
    """Bound shares printed as ``value``, or as less than ``below``, from 0 to 1.

    Returns the numerators of both ends and their unit. A share printed as 0% or
    ``<1%`` begins at 0.
    """
    unit = 2 * np.rint(1 / step)
    low = np.where(np.isnan(below), np.maximum(np.rint(value * unit) - 1, 0), 0.0)
    high = np.rint(np.where(np.isnan(below), value * unit + 1, below * unit))
    return low, np.minimum(high, unit), unit


def bound_total(documents: Array, shares: Shares) -> Interval:
    """Bound the total by one organization: documents / (share ± resolution / 2).

    In documents, whole. Assumes that both numbers count the same documents, of which
    no organization has more than there are.
    """
    low = np.fmax(divide_up(documents * shares[2], shares[1]), documents)
    return np.maximum(low, 1.0), divide_down(documents * shares[2], shares[0])


def bound_population(total: Interval, rate: Array) -> Interval:
    """Bound the population: 10⁶ · total / (documents per million inhabitants ± 0.5).

    In inhabitants, whole. Assumes that the rate is the total over one population.
    """
    low = divide_up(2_000_000 * total[0], 2 * rate + 1)
    return low, divide_down(2_000_000 * total[1], 2 * rate - 1)


def bound_top3(total: Interval, documents: Array, unlisted: Array) -> Interval:
    """Bound the share of the top three: their documents / total, a fraction.

    ``unlisted`` is the most that those of the three can have that are not listed.
    Assumes that each document counts for one organization.
    """
    low, high = _widen(documents / total[1], (documents + unlisted) / total[0])
    return np.minimum(low, 1.0), np.minimum(high, 1.0)


def bound_hhi(
    total: Interval, documents: Array, squares: Array, smallest: Array
) -> Interval:
    """Bound the Herfindahl-Hirschman index, the sum of squared shares, 0 to 1.

    The listed give sum(n²) / total². The others add at least 0 and at most their
    share times the smallest share listed, as none of them is larger. Assumes that
    each document counts for one organization: the total is at least the listed.
    """
    least, most = (np.maximum(end, documents) for end in total)
    ceiling = (squares + (least - documents) * smallest) / least**2
    low, high = _widen(squares / most**2, ceiling)
    return np.minimum(low, 1.0), np.minimum(high, 1.0)


def bound_collaborative(total: Interval, shares: Shares) -> Interval:
    """Bound the documents made with others: total · (share ± resolution / 2), whole.

    Assumes that the share is one of the same documents as the total.
    """
    low = divide_up(total[0] * shares[0], shares[2])
    return low, divide_down(total[1] * shares[1], shares[2])


def bound_ratio(low: Array, high: Array) -> Interval:
    """Bound patents per 100 articles: 100 · patents / articles.

    From both outputs' totals, or from their rates, assumed to be per one population.
    """
    with np.errstate(divide="ignore"):
        return _widen(100 * low[0] / high[1], 100 * high[0] / low[1])


def bound_intensity(rates: Array, world: Interval) -> Interval:
    """Bound the intensity score: the sum of 100 · (rate ± 0.5) / world total.

    In percent of the world total per million inhabitants. Assumes world totals of
    the same edition, and two outputs of equal weight, as in WIPO's score.
    """
    low = (100 * np.maximum(rates - 0.5, 0) / world[1]).sum(axis=0)
    return _widen(low, (100 * (rates + 0.5) / world[0]).sum(axis=0))


def estimate_quantities(ds: Dataset) -> pd.DataFrame:
    """Estimate what the printed numbers of each profile imply.

    Returns
    -------
    pandas.DataFrame
        The table ``estimates``: one row per edition, cluster_id, quantity and output,
        in this order. ``high`` is missing where there is no upper bound; a quantity
        of which nothing is known, or that rests on an empty interval, has no row.
    """
    clusters = ds.clusters.sort_values(_KEY, ignore_index=True)
    total, first, listed = _sum_listed(ds, clusters)
    empty = total[0] > total[1]
    sure = np.where(empty, np.nan, total[0]), np.where(empty, np.nan, total[1])
    rates = _stack(clusters, _RATES)
    population = bound_population(sure, rates)
    overlap = population[0].max(axis=0), population[1].min(axis=0)
    by_total = bound_ratio(*sure)
    by_rate = bound_ratio(np.maximum(2 * rates - 1, 0), 2 * rates + 1)
    ratio = np.fmax(by_total[0], by_rate[0]), np.fmin(by_total[1], by_rate[1])
    collaborative = bound_collaborative(sure, _find_collaboration(ds, clusters))
    # With venture capital the score has a third measure, of an unknown world total.
    deals = clusters["vc_deals_per_million"].notna().groupby(clusters["edition"])
    rates[:, deals.transform("any").to_numpy(dtype=bool)] = np.nan
    intensity = bound_intensity(rates, find_world(ds.rankings, clusters["edition"]))
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
    key = clusters[_KEY].iloc[table["cluster"]].reset_index(drop=True)
    table = pd.concat([key, table.drop(columns=["cluster", "place"])], axis=1)
    return SCHEMAS["estimates"].validate(table)


def bound_world(rankings: pd.DataFrame) -> Interval:
    """Bound the world totals of each output (first axis) by each ranking row alone."""
    shares = _stack(rankings, _WORLD_SHARES)
    # A table prints all its shares with the same decimals, so 9.0 counts like 10.1.
    step = pd.Series(_infer_step(shares).min(axis=0), rankings.index)
    finest = step.groupby(rankings["edition"]).transform("min").to_numpy()
    printed = bound_shares(shares, finest, np.full(shares.shape, np.nan))
    return bound_total(_stack(rankings, _COUNTS), printed)


def estimate_world_totals(rankings: pd.DataFrame) -> pd.DataFrame:
    """Estimate the world's documents from all rows of each published ranking together.

    One row per edition and output; low and high are missing where no total fits all.
    """
    edition = rankings["edition"].reset_index(drop=True)
    columns = zip(OUTPUTS, *bound_world(rankings), strict=True)
    rows = [
        pd.DataFrame({"edition": edition, "output": output, "low": low, "high": high})
        for output, low, high in columns
    ]
    groups = pd.concat(rows).groupby(["edition", "output"], as_index=False)
    totals = groups.agg({"low": "max", "high": "min"})
    totals.loc[totals["low"] > totals["high"], ["low", "high"]] = np.nan
    return totals


def find_world(rankings: pd.DataFrame, edition: pd.Series[int]) -> Interval:
    """Give each of the editions its world totals, of each output (first axis)."""
    totals = estimate_world_totals(rankings).set_index(["output", "edition"])
    keys = pd.MultiIndex.from_product([OUTPUTS, edition])
    low, high = totals.reindex(keys).to_numpy().T.reshape(2, len(OUTPUTS), -1)
    return low, high


def estimate_size_scores(rankings: pd.DataFrame) -> pd.DataFrame:
    """Estimate WIPO's size score, the sum of a cluster's two unrounded world shares.

    One row per ranking row; low and high are fractions of the world total.
    """
    low, high = find_world(rankings, rankings["edition"])
    scores = [(_stack(rankings, _COUNTS) / end).sum(axis=0) for end in (high, low)]
    return rankings[_KEY].assign(low=scores[0], high=scores[1])


def _sum_listed(ds: Dataset, clusters: pd.DataFrame) -> tuple[Interval, Any, Any]:
    """Combine the listed organizations of each output (first axis) and cluster."""
    key = [*_KEY, "output", "organization"]
    printed = ds.observations[ds.observations["indicator"] == "share"]
    texts = printed.rename(columns={"entity": "organization"})
    # An organization listed twice meets its texts in their order.
    again = [t.groupby(key, dropna=False).cumcount() for t in (ds.organizations, texts)]
    texts = texts.assign(again=again[1])[[*key, "again", "text", "resolution"]]
    listed = ds.organizations.assign(again=again[0]).merge(
        texts, "left", [*key, "again"]
    )
    listed = listed.merge(clusters[_KEY].assign(cluster=clusters.index), on=_KEY)
    documents = _stack(listed, ["documents"])[0]
    low, high = bound_total(documents, _read_shares(listed, "share"))
    listed = listed.assign(n=documents, n2=documents**2, low=low, high=high)
    groups = listed.sort_values("n", ascending=False).groupby(["output", "cluster"])
    sums = groups.agg(
        low=("low", "max"),
        high=("high", "min"),
        n=("n", "sum"),
        n2=("n2", "sum"),
        smallest=("n", "min"),
        rows=("n", "size"),
        known=("n", "count"),
    )
    sums["first"] = groups.head(3).groupby(["output", "cluster"])["n"].sum()
    sums["unlisted"] = sums["smallest"] * (3 - sums["rows"]).clip(lower=0)
    sums.loc[sums["known"] < sums["rows"], ["n", "first"]] = np.nan
    full = sums.reindex(pd.MultiIndex.from_product([OUTPUTS, clusters.index]))

    def take(*names: str) -> Any:
        return tuple(full[name].to_numpy().reshape(len(OUTPUTS), -1) for name in names)

    return take("low", "high"), take("first", "unlisted"), take("n", "n2", "smallest")


def _find_collaboration(ds: Dataset, clusters: pd.DataFrame) -> Shares:
    """Bound the collaboration shares of each output (first axis) and cluster."""
    bounds = []
    for column in (f"{output}_collaboration_share" for output in OUTPUTS):
        printed = ds.observations[ds.observations["indicator"] == column]
        texts = printed[[*_KEY, "text", "resolution"]].drop_duplicates(_KEY)
        bounds.append(_read_shares(clusters.merge(texts, "left", _KEY), column))
    low, high, unit = (np.stack(part) for part in zip(*bounds, strict=True))
    return low, high, unit


def _read_shares(printed: pd.DataFrame, column: str) -> Shares:
    """Bound shares by their resolution, or if printed like ``<1%``, by their text."""
    value, step = _stack(printed, [column, "resolution"])
    step = np.where(step > 0, step, _infer_step(value))
    below = printed["text"].str.extract(r"^<\s*([0-9.]+)\s*%", expand=False)
    return bound_shares(value, step, below.to_numpy(dtype=float) / 100)


def _infer_step(share: Array) -> Array:
    """Return the step of shares whose text is not at hand: 1%, 0.1% or 0.01%."""
    step = np.full(share.shape, 0.01)
    for finer in (1e-3, 1e-4):
        inexact = np.abs(np.rint(share / step) * step - share) > 1e-9
        step = np.where(inexact, finer, step)
    return step


def _make_rows(place: int, quantity: str, unit: str, bounds: Interval) -> pd.DataFrame:
    """Turn the known bounds into rows; a first axis of two is the output."""
    where = np.nonzero(~np.isnan(bounds[0]))
    output = where[0] if len(where) == 2 else len(OUTPUTS)
    key = {"cluster": where[-1], "place": place, "output": output}
    ends = {"low": bounds[0][where], "high": bounds[1][where]}
    return pd.DataFrame(key | {"quantity": quantity} | ends | {"unit": unit})


def _stack(frame: pd.DataFrame, columns: list[str]) -> Array:
    """Return columns as the rows of a float array, NaN where a value is missing."""
    return frame[columns].astype("Float64").to_numpy(dtype=float, na_value=np.nan).T


def _widen(low: Array, high: Array) -> Interval:
    """Move ends outward by more than rounding errors, by far less than is printed."""
    return low * (1 - 1e-12), high * (1 + 1e-12)
