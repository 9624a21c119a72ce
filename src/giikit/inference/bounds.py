"""Interval arithmetic on printed numbers: each bound surely holds the truth.

A printed value v with resolution r stands for any true value from v - r/2 to v + r/2,
both included; counts are exact. docs/method.md derives the formulas.

A share or rate is kept as two whole numerators over a whole unit (9% with resolution
1% is 17/200 to 19/200), so that bounds of whole quantities are divisions of whole
numbers. These are exact in float64 below 2**53, where NaN stands for unknown and inf
for unbounded; larger ones count as unbounded.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """Bounds of unknown numbers, both reached; NaN where nothing is known."""

    low: Array
    high: Array

    def __and__(self, other: Interval) -> Interval:
        """Return what both allow; where one knows nothing, what the other allows."""
        return Interval(np.fmax(self.low, other.low), np.fmin(self.high, other.high))

    def take(self, *at: Any) -> Interval:
        """Return the bounds of some of the numbers."""
        return Interval(self.low[at], self.high[at])

    def keep(self, sure: Any) -> Interval:
        """Return the same bounds, unknown where they are not sure."""
        low, high = (np.where(sure, end, np.nan) for end in (self.low, self.high))
        return Interval(low, high)

    def meet(self) -> Interval:
        """Return what all along the first axis allow."""
        return Interval(np.fmax.reduce(self.low), np.fmin.reduce(self.high))

    @property
    def is_empty(self) -> npt.NDArray[np.bool_]:
        """Where no number is left: printed numbers contradict each other."""
        return np.asarray(self.low > self.high)


class Shares(NamedTuple):
    """Bounds of shares or rates, as whole numerators over a whole unit."""

    low: Array
    high: Array
    unit: Array


def divide_down(dividend: Array, divisor: Array) -> Array:
    """Return the quotient of whole numbers rounded down, inf where it has no bound."""
    with np.errstate(all="ignore"):
        quotient = np.floor_divide(dividend, divisor)
    return np.where((divisor <= 0) | (abs(dividend) >= 2**53), np.inf, quotient)


def divide_up(dividend: Array, divisor: Array) -> Array:
    """Return the quotient of whole numbers rounded up, 0 where it has no bound."""
    return np.maximum(-divide_down(-dividend, divisor), 0.0)


def bound_printed(value: Array, step: Array) -> Shares:
    """Return numerators of both ends of printed values, and their unit."""
    unit = 2 * np.rint(1 / step)
    middle = np.rint(value * unit)
    return Shares(np.maximum(middle - 1, 0), middle + 1, unit)


def bound_shares(value: Array, step: Array, below: Array) -> Shares:
    """Bound shares printed as ``value``, or as less than ``below``, from 0 to 1."""
    low, high, unit = bound_printed(value, step)
    low = np.where(np.isnan(below), low, 0.0)
    high = np.where(np.isnan(below), high, np.rint(below * unit))
    return Shares(low, np.minimum(high, unit), unit)


def bound_total(
    documents: Array, shares: Shares, spread: Array | float = 0.0
) -> Interval:
    """Bound the total by one organization: documents / (share ± resolution / 2).

    In documents, whole. Assumes that both numbers count the same documents, of which
    no organization has more than there are. ``spread`` is 0.5 where the documents are
    themselves rounded to whole numbers, as rates are.
    """
    least, most = documents - spread, documents + spread
    low = np.fmax(divide_up(least * shares.unit, shares.high), np.ceil(least))
    high = divide_down(most * shares.unit, shares.low)
    return Interval(np.maximum(low, 1.0), high)


def bound_population(total: Interval, rates: Shares) -> Interval:
    """Bound the population: 10⁶ · total / (rate per million ± resolution / 2).

    In inhabitants, whole. Assumes that the rate is the total over one population.
    """
    low = divide_up(total.low * rates.unit * 1e6, rates.high)
    high = divide_down(total.high * rates.unit * 1e6, rates.low)
    return Interval(np.maximum(low, 1.0), high)


def bound_part(whole: Interval, shares: Shares, per: float = 1) -> Interval:
    """Bound what is counted of a whole: whole · (share ± resolution / 2), whole.

    The documents made with others, of all; the deals ``per`` million inhabitants.
    Assumes that the share is one of the same documents or inhabitants.
    """
    low = divide_up(whole.low * shares.low, shares.unit * per)
    return Interval(low, divide_down(whole.high * shares.high, shares.unit * per))


def bound_top3(total: Interval, documents: Array, unlisted: Array) -> Interval:
    """Bound the share of the top three: their documents / total, a fraction.

    ``unlisted`` is the most that those of the three can have that are not listed.
    Assumes that each document counts for one organization.
    """
    low, high = documents / total.high, (documents + unlisted) / total.low
    return _widen(low, high, at_most=1.0)


def bound_hhi(
    total: Interval, documents: Array, squares: Array, smallest: Array
) -> Interval:
    """Bound the Herfindahl-Hirschman index, the sum of squared shares, 0 to 1.

    The listed give sum(n²) / total². The others add at least 0 and at most their
    share times the smallest share listed, as none of them is larger. Assumes that
    each document counts for one organization: the total is at least the listed.
    """
    least, most = (np.maximum(end, documents) for end in (total.low, total.high))
    ceiling = (squares + (least - documents) * smallest) / least**2
    return _widen(squares / most**2, ceiling, at_most=1.0)


def bound_ratio(low: Array, high: Array) -> Interval:
    """Bound patents per 100 articles: 100 · patents / articles.

    From both outputs' totals, or from their rates, assumed to be per one population.
    """
    with np.errstate(divide="ignore"):
        return _widen(100 * low[0] / high[1], 100 * high[0] / low[1])


def bound_intensity(rates: Shares, world: Interval, counted: Any) -> Interval:
    """Bound the intensity score: the sum of 100 · (rate ± resolution / 2) / world.

    In percent of the world total per million inhabitants. Assumes world totals of
    the same edition, and outputs (first axis) of equal weight, as in WIPO's score;
    ``counted`` says which of them the score of the edition has.
    """
    ends = (rates.low / rates.unit / world.high, rates.high / rates.unit / world.low)
    low, high = (np.where(counted, 100 * end, 0).sum(axis=0) for end in ends)
    return _widen(low, high)


def infer_step(value: Array, coarse: float = 0.01) -> Array:
    """Return the step of values whose text is not at hand: 1%, 0.1% or 0.01%."""
    step = np.full(value.shape, coarse)
    for finer in (coarse / 10, coarse / 100):
        inexact = np.abs(np.rint(value / step) * step - value) > 1e-7 * coarse
        step = np.where(inexact, finer, step)
    return step


def find_common(low: Array, high: Array) -> Interval:
    """Return the interval that most of the given ones have in common."""
    high = np.where(np.isnan(high), np.inf, high)
    known = low <= high
    low, high = low[known], high[known]
    if not low.size:
        return Interval(np.array(np.nan), np.array(np.nan))
    begun = np.searchsorted(np.sort(low), low, "right")
    deepest = low[(begun - np.searchsorted(np.sort(high), low, "left")).argmax()]
    return Interval(deepest, high[(low <= deepest) & (high >= deepest)].min())


def _widen(low: Array, high: Array, at_most: float = np.inf) -> Interval:
    """Move ends outward by more than rounding errors, by far less than is printed."""
    ends = low * (1 - 1e-12), high * (1 + 1e-12)
    return Interval(*(np.minimum(end, at_most) for end in ends))


def stack(frame: pd.DataFrame, columns: list[str]) -> Array:
    """Return columns as the rows of a float array, NaN where a value is missing."""
    # One at a time: to bring all to one type first takes ten times as long.
    return np.array([frame[c].to_numpy(float, na_value=np.nan) for c in columns])
