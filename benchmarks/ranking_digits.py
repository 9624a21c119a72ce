"""Which single wrong digits in a published ranking giikit does not notice.

Every digit of a table is lost, and every one replaced by another, one at a time, in the
34 rows of 2023 and in drawn tables of 100 rows: two outputs, three, and by intensity.

    python benchmarks/ranking_digits.py [EVERY]

tries every digit (within half an hour), or only every EVERY-th of them.
"""

import csv
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from generator.ranking_tables import (  # noqa: E402
    find_unnoticed,
    lose_digits,
    make_table,
    replace_digits,
)

PUBLISHED = ROOT / "data" / "raw" / "rankings" / "gii-2023-size.csv"


def list_tables():
    """Yield name, header and rows, the kind, and the first edition of each table."""
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    yield "2023, 34 rows", header, rows, "size", 1000
    yield "100 rows, two outputs", *make_table(1, 100), "size", 1000
    yield "100 rows, three outputs", *make_table(1, 100, 3), "size", 2025
    table = make_table(1, 100, 3, "intensity", False)
    yield "100 rows, by intensity", *table, "intensity", 2025


def main() -> None:
    """Print, of each table and kind of error, what goes unnoticed."""
    every = int(sys.argv[1]) if sys.argv[1:] else 1
    print("| table | error | tried | unnoticed | of these in |\n|---|---|---|---|---|")
    for name, header, rows, kind, first in list_tables():
        for error, change in (("lost", lose_digits), ("replaced", replace_digits)):
            tried = list(change(rows))[::every]
            silent = []
            # Tables of two outputs are of editions below 2025.
            for start in range(0, len(tried), 900):
                some = tried[start : start + 900]
                silent += find_unnoticed(header, rows, some, first, kind)
            columns = Counter(column for column, _, _ in silent).most_common()
            where = ", ".join(f"{column} {count}" for column, count in columns)
            share = f"{len(silent)} ({len(silent) / len(tried):.1%})"
            print(
                f"| {name} | {error} | {len(tried)} | {share} | {where} |", flush=True
            )


if __name__ == "__main__":
    main()
