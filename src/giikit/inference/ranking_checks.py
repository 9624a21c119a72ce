"""What cannot be true of a published ranking, and of a page beside its own row."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd

from giikit.inference import faults, world
from giikit.inference.bounds import Array, stack
from giikit.inference.faults import RANKING, Fault, report_rows
from giikit.inference.world import COUNTS, TABLE
from giikit.tables import KEY, Dataset


def check_rankings(ds: Dataset) -> Iterator[Fault]:
    """Find rows of a ranking that disagree with their counts or with other rows."""
    rows = ds.rankings.reset_index(drop=True)
    yield from faults.report_repeated(rows, "rank", "kind", "method", at=RANKING)
    change = rows["previous_rank"] - rows["rank"]
    wrong = (change != rows["rank_change"]).fillna(False)
    # A row may lack both, being new; none may lack one of them, or its rank.
    known = rows[["rank", "previous_rank", "rank_change"]].notna()
    has = known.groupby([rows[name] for name in TABLE]).transform("any")
    wrong |= has["rank_change"] & (known["previous_rank"] != known["rank_change"])
    wrong |= has["rank"] & ~known["rank"]
    yield from report_rows("rank-change-mismatch", rows[wrong], RANKING)
    low, high = world.bound_world(rows)
    rows["half_step"] = world.find_step(rows) / 2 + 1e-9
    for _, table in rows.groupby(TABLE):
        ends = np.stack([low[:, table.index], high[:, table.index]])
        common = np.array([find_common(*ends[:, j]) for j in range(len(COUNTS))])
        yield from _check_shares(table, ends, common)
        common = common[: 2 if table["method"].iloc[0] < world.DEALS_SINCE else 3]
        if not np.isnan(common).any():
            yield from _check_scores(table, common)


def _check_shares(rows: pd.DataFrame, ends: Array, common: Array) -> Iterator[Fault]:
    """Find rows whose count and share imply another world total than most do."""
    for j, column in enumerate(COUNTS.values()):
        (low, high), (least, most) = ends[:, j], common[j]
        wrong = rows.assign(low=low, high=high)[(low > most) | (high < least)]
        wrong = wrong.assign(count=wrong[column], least=least, most=most)
        yield from report_rows("ranking-share-mismatch", wrong, RANKING, column=column)


def _check_scores(rows: pd.DataFrame, common: Array) -> Iterator[Fault]:
    """Find rows whose total share or rank is not that of their counts."""
    # The score at the corners of the world totals; the order hangs on their ratios,
    # so it must fail at all corners.
    counts = stack(rows, list(COUNTS.values())[: len(common)]).T
    half = np.where(rows["kind"] == "intensity", 0.5, 0)[:, np.newaxis]
    low, high = (
        np.stack([(n / corner).sum(axis=1) for corner in itertools.product(*common)])
        for n in (counts - half, counts + half)
    )
    own = rows.assign(low=low.min(axis=0), high=high.max(axis=0))
    below = own["total_share"] + own["half_step"] < own["low"]
    above = own["total_share"] - own["half_step"] > own["high"]
    yield from report_rows("ranking-total-mismatch", own[below | above], RANKING)
    yield from faults.report_overtaken("ranking-order", rows, RANKING, low, high)


def find_common(low: Array, high: Array) -> tuple[float, float]:
    """Return the interval that most of the given ones have in common."""
    high = np.where(np.isnan(high), np.inf, high)
    known = low <= high
    low, high = low[known], high[known]
    if not low.size:
        return np.nan, np.nan
    begun = np.searchsorted(np.sort(low), low, "right")
    deepest = low[(begun - np.searchsorted(np.sort(high), low, "left")).argmax()]
    return deepest, high[(low <= deepest) & (high >= deepest)].min()


def check_published(ds: Dataset) -> Iterator[Fault]:
    """Find pages that say otherwise than the ranking of their own edition."""
    rows = world.find_published(ds.rankings)[[*KEY, "rank", *COUNTS.values()]]
    both = ds.clusters.merge(rows, on=KEY)
    other = (both["size_rank"] != both["rank"]).fillna(False)
    both = both.assign(ranking=both["rank"])
    both["page"] = "has " + both["size_rank"].astype("str")
    # Only a warning: WIPO corrects its tables, and says of no page how it counts.
    at = "size_rank"
    yield from report_rows("ranking-differs", both[other], at, column=at)
    totals = ds.estimates[ds.estimates["quantity"] == "total"].fillna({"high": np.inf})
    for output, column in COUNTS.items():
        both = totals[totals["output"].eq(output) & totals["consistent"]].merge(rows)
        outside = ~both[column].between(both["low"], both["high"]).fillna(True)
        odd = both[outside]
        spans = map(faults.write_span, odd["low"], odd["high"])
        page = [f"implies {span}" for span in spans]
        odd = odd.assign(page=page, ranking=odd[column].map("{:,}".format))
        yield from report_rows("ranking-differs", odd, "documents", column=column)
