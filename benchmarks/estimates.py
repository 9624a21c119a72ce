"""Time the estimates and checks of many profiles beside the same sums in plain numpy.

    python benchmarks/estimates.py [profiles]

Prints medians of seven runs in processor time, on one core. The plain sums are given
ready arrays, so the ratio is what tables, missing values and one-sided bounds cost.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from giikit.inference import check_dataset, estimate_quantities
from giikit.parsing import parse_profile
from giikit.tables import make_dataset


def estimate_plainly(documents, shares, rates, together):
    """Do the arithmetic of `estimate_quantities` on complete arrays of whole percents.

    ``documents`` and ``shares`` have axes cluster, output and organization, ``rates``
    and ``together`` the first two.
    """
    with np.errstate(divide="ignore"):
        low = np.ceil(documents * 200 / (2 * shares + 1)).max(axis=2)
        high = np.floor(documents * 200 / np.maximum(2 * shares - 1, 0)).min(axis=2)
    least = np.ceil(low * 2e6 / (2 * rates + 1))
    most = np.floor(high * 2e6 / (2 * rates - 1))
    first, squares = documents.sum(axis=2), (documents**2).sum(axis=2)
    smallest = documents[:, :, -1]
    return (
        (low, high),
        (least, most),
        (least.max(axis=1), most.min(axis=1)),
        (first / high, first / low),
        (squares / high**2, (squares + (low - first) * smallest) / low**2),
        (
            np.ceil(low * (together - 0.5) / 100),
            np.floor(high * (together + 0.5) / 100),
        ),
        (
            np.maximum(
                low[:, 0] / high[:, 1], (rates[:, 0] - 0.5) / (rates[:, 1] + 0.5)
            ),
            np.minimum(
                high[:, 0] / low[:, 1], (rates[:, 0] + 0.5) / (rates[:, 1] - 0.5)
            ),
        ),
    )


def time_median(function, *arguments):
    """Return the median of seven runs, in seconds of processor time."""
    times = []
    for _ in range(7):
        start = time.process_time()
        function(*arguments)
        times.append(time.process_time() - start)
    return statistics.median(times)


def main():
    """Print the figures."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from generator.drawing import make_clusters
    from generator.rendering import render

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    clusters = make_clusters(1, size)
    pages = ((render(c), f"{c.edition}/{i}.txt") for i, c in enumerate(clusters))
    ds = make_dataset(parse_profile(*page) for page in pages)
    ds = replace(ds, estimates=estimate_quantities(ds))

    lists = [(c.applicants, c.publishers) for c in clusters]
    documents = np.array([[[o.documents for o in ls] for ls in both] for both in lists])
    totals = np.array([[c.truth.patents, c.truth.articles] for c in clusters])
    rates = np.array([[c.pct_per_million, c.articles_per_million] for c in clusters])
    shares = np.rint(100 * documents / totals[:, :, None])
    together = np.full(rates.shape, 20)

    tables = time_median(estimate_quantities, ds)
    plain = time_median(estimate_plainly, documents, shares, rates, together)
    checks = time_median(check_dataset, ds)
    print(f"{size:,} profiles, {len(ds.estimates):,} estimates, one core")
    print(f"estimate_quantities  {tables:8.3f} s")
    print(f"plain numpy          {plain:8.3f} s   ratio {tables / plain:.0f}")
    print(f"check_dataset        {checks:8.3f} s")


if __name__ == "__main__":
    main()
