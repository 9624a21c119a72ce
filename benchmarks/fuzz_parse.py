"""Read damaged pages for some minutes; nothing but PageError may come of it.

Run by hand: ``.venv/bin/python benchmarks/fuzz_parse.py --minutes 10``. Prints how many
pages were read, how long it took, and every other exception by type with the first
page that raised it; the exit status is 1 if there was any.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from generator.mutating import mutate
from generator.rendering import (
    ENCODINGS,
    HTML_FORMATS,
    TEXT_FORMATS,
    Wording,
    encode_page,
    make_clusters,
    render,
)

import giikit

RAW = Path(__file__).parents[1] / "tests/pages/real/data/raw" / "2024"


def make_seeds() -> list[tuple[str, bytes]]:
    """Give the real pages and one of every format and encoding, with their suffix."""
    seeds = [(".txt", path.read_bytes()) for path in sorted(RAW.glob("*.txt"))]
    clusters = iter(make_clusters(1, 100, 2025))
    for form in (*TEXT_FORMATS, *HTML_FORMATS):
        suffix = {"markdown": ".md"}.get(form, ".html" if "html" in form else ".txt")
        for menus in (False, True):
            page = render(next(clusters), form, Wording(menus=menus))
            seeds.append((suffix, page.encode()))
    for encoding in ENCODINGS:
        page = render(next(clusters), "tabs").encode("cp1252", "ignore")
        seeds.append((".txt", encode_page(page.decode("cp1252"), encoding, "\r\n")))
    return seeds


def fuzz(minutes: float, seed: int, folder: Path) -> int:
    """Read damaged pages until the time is over; give the number of faults."""
    seeds = make_seeds()
    results: Counter[str] = Counter()
    slowest = 0.0
    begin = time.monotonic()
    count = 0
    while time.monotonic() - begin < 60 * minutes:
        rng = random.Random(f"{seed}/{count}")
        count += 1
        suffix, page = rng.choice(seeds)
        content = mutate(rng, page, rng.choice(seeds)[1])
        path = folder / f"page{suffix}"
        path.write_bytes(content)
        started = time.process_time()
        try:
            giikit.read_profile(path)
            results["profile"] += 1
        except giikit.PageError:
            results["PageError"] += 1
        except Exception as error:
            name = type(error).__name__
            results[name] += 1
            if results[name] == 1:
                kept = Path(tempfile.gettempdir()) / f"giikit-fuzz-{name}{suffix}"
                kept.write_bytes(content)
                traceback.print_exc()
                print(f"page {count} (seed {seed}) is kept as {kept}")
        slowest = max(slowest, time.process_time() - started)
    elapsed = time.monotonic() - begin
    print(f"{count:,} damaged pages in {elapsed:.0f} s, slowest {slowest:.3f} s of CPU")
    for name, number in results.most_common():
        print(f"  {name:<24} {number:>10,}")
    return count - results["profile"] - results["PageError"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        faults = fuzz(arguments.minutes, arguments.seed, Path(folder))
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
