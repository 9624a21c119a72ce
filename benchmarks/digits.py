"""Count the digits of the two real pages whose loss or replacement goes unnoticed.

    python benchmarks/digits.py

Takes some minutes: each of 154 losses and 1,386 replacements is read, built together
with the other page and the ranking, and checked. docs/method.md has the figures.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path


def main():
    """Print the figures, and where replacements go unnoticed."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from test_checks import PAGES, check_pages

    def is_noticed(name, page):
        """Tell if anything but a remark of kind info is found on the changed page."""
        return bool((check_pages(**PAGES | {name: page})["severity"] != "info").any())

    for what, others in (("lost", [""]), ("replaced", list("0123456789"))):
        tried = silent = 0
        for name, page in PAGES.items():
            for digit in re.finditer("[0-9]", page):
                start, end = digit.span()
                changed = [page[:start] + new + page[end:] for new in others]
                noticed = [is_noticed(name, p) for p in changed if p != page]
                tried += len(noticed)
                silent += noticed.count(False)
                if not all(noticed):
                    line = page[page.rfind("\n", 0, start) + 1 : start][-30:]
                    place = f"{line}[{digit[0]}]{page[end : end + 10]!r}"
                    print(f"{noticed.count(False)} of {len(noticed)}  {name}: {place}")
        print(f"{what}: {tried - silent} of {tried} noticed, {1 - silent / tried:.1%}")


if __name__ == "__main__":
    main()
