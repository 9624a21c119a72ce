"""What the printed numbers of a profile imply about those it does not print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from giikit.inference import bounds, world
from giikit.inference.bounds import Array, Interval, Shares, stack
from giikit.inference.world import COUNTS
from giikit.model import ClusterProfile
from giikit.tables import KEY, Dataset, fit_table, make_dataset
from giikit.vocabulary import OUTPUTS, RATES

# Which of the outputs (first axis) is venture capital.
_DEALS = np.array([[False], [False], [True]])


@dataclass(frozen=True)
class Implied:
    """What pages imply of totals and inhabitants; the axes are output and cluster.

    ``listed`` are their organizations, each with its ``cluster`` (a row of
    ``clusters``) and the bounds of its share and of the total that it implies.
    ``total`` is what all organizations of a list allow, and of the deals, what the
    population allows.
    ``published`` are the rows of the clusters in the ranking of their own edition, of
    which ``counts`` are the numbers of documents and deals.
    """

    clusters: pd.DataFrame
    listed: pd.DataFrame
    published: pd.DataFrame
    rates: Shares
    counts: Array
    total: Interval
    population: Interval


def imply(ds: Dataset) -> Implied:
    """Combine what the pages print of organizations, rates and ranking rows."""
    clusters = ds.clusters.sort_values(KEY, ignore_index=True)
    listed = _bound_listed(ds, clusters)
    each = listed.groupby(["output", "cluster"]).agg({"low": "max", "high": "min"})
    total = Interval(*_spread(each, clusters))
    rates = _bound_rates(ds, clusters)
    rows = world.find_published(ds.rankings).drop_duplicates(KEY)
    published = clusters[KEY].merge(rows, "left", KEY)
    counts = stack(published, list(COUNTS.values()))
    own = bounds.bound_population(total.keep(~total.is_empty), rates)
    also = bounds.bound_population(Interval(counts, counts), rates)
    # A published count that the page's total does not allow is reported, and left out.
    population = own & also.keep(own.is_empty | ~(own & also).is_empty)
    people = population.meet()
    # No page lists who got the deals: their total follows from all inhabitants.
    rate = Shares(*(part[2] for part in rates))
    deals = bounds.bound_part(people.keep(~people.is_empty), rate, 1e6)
    total &= deals.keep(_DEALS)
    return Implied(clusters, listed, published, rates, counts, total, population)


def estimate_quantities(
    ds: Dataset | ClusterProfile, implied: Implied | None = None
) -> pd.DataFrame:
    """Estimate what the printed numbers of each profile imply.

    Parameters
    ----------
    ds
        The tables, or one profile.
    implied
        What `imply` returns of the tables, where it is at hand.

    Returns
    -------
    pandas.DataFrame
        The table ``estimates``: one row per edition, cluster_id, quantity and output,
        in this order. ``high`` is missing where there is no upper bound; a quantity
        of which nothing is known, or that rests on an empty interval, has no row.
    """
    if isinstance(ds, ClusterProfile):
        ds = make_dataset([ds])
    implied = implied or imply(ds)
    clusters, total, rates = implied.clusters, implied.total, implied.rates
    people, sure = implied.population, total.keep(~total.is_empty)
    several = (~np.isnan(people.low)).sum(axis=0) > 1
    first, listed = _sum_listed(implied)
    ratio = bounds.bound_ratio(*sure) & bounds.bound_ratio(rates.low, rates.high)
    made = bounds.bound_part(sure.take(slice(2)), _bound_collaboration(ds, clusters))
    totals = world.find_world(ds.rankings, clusters["edition"])
    counted = ~_DEALS | (clusters["edition"] >= world.DEALS_SINCE).to_numpy(dtype=bool)
    score = bounds.bound_intensity(rates, totals, counted)
    rows = [
        ("total", "documents", total.keep(~_DEALS)),
        ("total", "deals", total.keep(_DEALS)),
        ("population", "inhabitants", people),
        ("population", "inhabitants", people.meet().keep(several)),
        ("top3_share", "fraction", bounds.bound_top3(sure, *first)),
        ("hhi", "fraction", bounds.bound_hhi(sure, *listed)),
        ("collaborative_documents", "documents", made),
        ("patents_per_100_articles", "patents / 100 articles", ratio),
        ("intensity_score", "percent / million inhabitants", score),
    ]
    made_rows = [_make_rows(place, *row) for place, row in enumerate(rows)]
    order = ["cluster", "place", "output"]
    table = pd.concat(made_rows).sort_values(order, ignore_index=True)
    table["output"] = table["output"].map(dict(enumerate(COUNTS))).astype("str")
    table["consistent"] = ~(table["low"] > table["high"])
    table["high"] = table["high"].replace(np.inf, np.nan)
    key = clusters[KEY].iloc[table["cluster"]].reset_index(drop=True)
    table = pd.concat([key, table.drop(columns=["cluster", "place"])], axis=1)
    return fit_table("estimates", table)


def _make_rows(place: int, quantity: str, unit: str, known: Interval) -> pd.DataFrame:
    """Turn the known bounds into rows; the first of two axes is the output."""
    *outputs, cluster = at = np.nonzero(~np.isnan(known.low))
    output = outputs[0] if outputs else len(COUNTS)
    key = {"cluster": cluster, "place": place, "output": output, "quantity": quantity}
    low, high = known.take(*at)
    return pd.DataFrame(key | {"low": low, "high": high, "unit": unit})


def _bound_listed(ds: Dataset, clusters: pd.DataFrame) -> pd.DataFrame:
    """Return the listed organizations with the bounds of their share and its total."""
    key = [*KEY, "output", "position", "organization"]
    printed = ds.observations[ds.observations["indicator"] == "share"]
    texts = printed.rename(columns={"entity": "organization"}).drop_duplicates(key)
    place = ds.organizations.groupby([*KEY, "output"]).cumcount() + 1
    listed = ds.organizations.assign(position=place)
    listed = listed.merge(texts[[*key, "text", "resolution"]], "left", key)
    shares = _read_shares(listed, "share")
    low, high = bounds.bound_total(stack(listed, ["documents"])[0], shares)
    least, most = shares.low / shares.unit, shares.high / shares.unit
    listed = listed.assign(low=low, high=high, share_low=least, share_high=most)
    unknown = {"high": np.inf, "share_low": 0, "share_high": 1, "text": "?"}
    rows = clusters[KEY].assign(cluster=clusters.index)
    return listed.fillna(unknown).merge(rows, on=KEY)


def _spread(sums: pd.DataFrame, clusters: pd.DataFrame) -> Iterator[Array]:
    """Yield each column of sums by output and cluster as an array of these two axes."""
    full = sums.reindex(pd.MultiIndex.from_product([list(COUNTS), clusters.index]))
    for name in full:
        yield full[name].to_numpy(dtype=float, na_value=np.nan).reshape(len(COUNTS), -1)


def _sum_listed(implied: Implied) -> tuple[list[Array], list[Array]]:
    """Return what `bound_top3` and `bound_hhi` take of the listed organizations."""
    documents = stack(implied.listed, ["documents"])[0]
    listed = implied.listed.assign(n=documents, n2=documents**2)
    groups = listed.sort_values("n", ascending=False).groupby(["output", "cluster"])
    sums = groups.agg(
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
    names = ["first", "unlisted", "n", "n2", "smallest"]
    first, unlisted, *three = _spread(sums[names], implied.clusters)
    return [first, unlisted], three


def _bound_rates(ds: Dataset, clusters: pd.DataFrame) -> Shares:
    """Bound the rates per million of each output (first axis) and cluster."""
    value = stack(clusters, list(RATES.values()))
    step = np.ones_like(value)
    printed = stack(_add_texts(ds, clusters, RATES["venture_capital"]), ["resolution"])
    step[2] = np.where(printed > 0, printed, bounds.infer_step(value[2], 1.0))
    return bounds.bound_printed(value, step)


def _bound_collaboration(ds: Dataset, clusters: pd.DataFrame) -> Shares:
    """Bound the collaboration shares of each output (first axis) and cluster."""
    columns = [f"{output}_collaboration_share" for output in OUTPUTS]
    shares = [_read_shares(_add_texts(ds, clusters, c), c) for c in columns]
    return Shares(*map(np.stack, zip(*shares, strict=True)))


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
