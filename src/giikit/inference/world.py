"""What the rows of published rankings imply about the world's documents."""

from __future__ import annotations

import numpy as np
import pandas as pd

from giikit.inference import bounds
from giikit.inference.bounds import Array, Interval, stack

# The columns of rankings that have an output's number of documents.
COUNTS: dict[str, str] = {
    "patent": "pct_applications",
    "publication": "scientific_publications",
    "venture_capital": "vc_deals",
}
SHARES = ["pct_share", "publication_share", "vc_share"]
TABLE = ["edition", "kind", "method"]
# Venture capital deals are the third output of the method of this edition.
DEALS_SINCE = 2025


def find_published(rankings: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of rankings by size that follow their own edition's method."""
    by_size = rankings["kind"] == "size"
    return rankings[by_size & (rankings["method"] == rankings["edition"])]


def bound_world(rankings: pd.DataFrame) -> Interval:
    """Bound the world totals of each output (first axis) by each ranking row alone.

    A ranking by intensity prints rates, rounded, and shares per million inhabitants:
    their quotient is the same total.
    """
    shares = stack(rankings, SHARES)
    unknown = np.full(shares.shape, np.nan)
    printed = bounds.bound_shares(shares, find_step(rankings), unknown)
    spread = np.where(rankings["kind"] == "intensity", 0.5, 0.0)
    return bounds.bound_total(stack(rankings, list(COUNTS.values())), printed, spread)


def find_step(rankings: pd.DataFrame) -> Array:
    """Return the step that each ranking row's shares are rounded to.

    A table prints all its shares with the same decimals, so 9.0 counts like 10.1.
    """
    steps = bounds.infer_step(stack(rankings, [*SHARES, "total_share"])).min(axis=0)
    by_table = rankings[TABLE].assign(step=steps).groupby(TABLE)["step"]
    return by_table.transform("min").to_numpy()


def estimate_world_totals(rankings: pd.DataFrame) -> pd.DataFrame:
    """Estimate the world's documents from all rows of each published ranking together.

    One row per edition and output that a ranking by size, by the edition's own method,
    counts; low and high are missing where no total fits all.
    """
    published = find_published(rankings).reset_index(drop=True)
    columns = zip(COUNTS, *bound_world(published), strict=True)
    rows = [
        published[["edition"]].assign(output=output, low=low, high=high)
        for output, low, high in columns
    ]
    known = pd.concat(rows).dropna(subset=["low"])
    groups = known.groupby(["edition", "output"], as_index=False)
    totals = groups.agg({"low": "max", "high": "min"})
    totals.loc[totals["low"] > totals["high"], ["low", "high"]] = np.nan
    return totals


def find_world(rankings: pd.DataFrame, edition: pd.Series[int]) -> Interval:
    """Return the world totals of each output (first axis) for each of the editions."""
    totals = estimate_world_totals(rankings).set_index(["output", "edition"])
    keys = pd.MultiIndex.from_product([list(COUNTS), edition])
    return Interval(*totals.reindex(keys).to_numpy(float).T.reshape(2, len(COUNTS), -1))
