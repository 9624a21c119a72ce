"""What becomes of every page with one thing damaged: `python benchmarks/damage.py`.

Prints, for docs/method.md: how many damages of each kind tests/test_damage.py makes,
how many change a value, and how many of these have no finding on its line or column.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import test_damage

from giikit.errors import PageError
from giikit.parsing import parse_profile


def main() -> None:
    """Print how many damages of each kind there are, and what becomes of them."""
    print("kind       pages  damages  a value changed  silent")
    for kind in test_damage.KINDS:
        cases = [
            (p, *case)
            for p in test_damage.PAGES.values()
            for case in test_damage.damage(p.split("\n"), kind)
        ]
        changed = silent = 0
        for page, number, text in cases:
            silent += bool(test_damage.find_silent(page, number, text, kind))
            try:
                same = test_damage.list_values(
                    parse_profile(text)
                ) == test_damage.list_values(parse_profile(page))
            except PageError:
                same = False
            changed += not same
        print(
            f"{kind:<9}{len(test_damage.PAGES):>7}{len(cases):>9}{changed:>17}{silent:>8}"
        )


if __name__ == "__main__":
    main()
