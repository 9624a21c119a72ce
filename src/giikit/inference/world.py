"""What the rows of published rankings imply about the world's documents."""

from __future__ import annotations

import numpy as np
import pandas as pd

from giikit.inference.bounds import (
    Array,
    Interval,
    bound_shares,
    bound_total,
    infer_step,
    stack,
)
from giikit.vocabulary import OUTPUTS

COUNTS = ["pct_applications", "scientific_publications"]
SHARES = ["pct_share", "publication_share"]


def bound_world(rankings: pd.DataFrame) -> Interval:
    """Bound the world totals of each output (first axis) by each ranking row alone."""
    shares = stack(rankings, SHARES)
    printed = bound_shares(shares, find_step(rankings), np.full(shares.shape, np.nan))
    return bound_total(stack(rankings, COUNTS), printed)


def find_step(rankings: pd.DataFrame) -> Array:
    """Return the step that each ranking row's shares are rounded to.

    A table prints all its shares with the same decimals, so 9.0 counts like 10.1.
    """
    steps = infer_step(stack(rankings, [*SHARES, "total_share"])).min(axis=0)
    by_edition = pd.Series(steps, rankings.index).groupby(rankings["edition"])
    return by_edition.transform("min").to_numpy()


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
