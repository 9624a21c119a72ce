"""Compare the tables that two versions of giikit build of the same pages.

    python benchmarks/compare_tables.py OTHER_CHECKOUT [--pages 100]

The pages are the two real ones, the ranking, and generated ones. Prints of each table
what differs: columns that one version lacks, and in the columns of both the cells that
are not the same text. Messages of findings may read otherwise and are not compared.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from generator.rendering import make_clusters, write_pages  # noqa: E402

BUILD = "import sys, giikit; giikit.build_dataset(*sys.argv[1:])"


def build(source: Path, raw: Path, out: Path) -> dict[str, pd.DataFrame]:
    """Return the tables that the version in ``source`` builds, every cell as text."""
    subprocess.run(
        [sys.executable, "-c", BUILD, raw, out],
        env=os.environ | {"PYTHONPATH": str(source)},
        cwd=raw,
        check=True,
    )
    return {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in sorted(out.glob("*.csv"))
    }


def compare(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """Return what differs between two states of a table, in words."""
    gone = [name for name in old if name not in new]
    added = [name for name in new if name not in old]
    said = [f"without {', '.join(gone)}"] if gone else []
    said += [f"with {', '.join(added)}"] if added else []
    both = [name for name in old if name in new and name != "message"]
    if len(old) != len(new):
        rows = pd.concat([old[both].assign(v="old"), new[both].assign(v="new")])
        odd = rows[~rows.duplicated(both, keep=False)]
        return [*said, f"{len(old)} rows, now {len(new)}", odd.head(10).to_string()]
    for name in both:
        differs = old[name] != new[name]
        if differs.any():
            first = differs.idxmax()
            example = f"{old[name][first]!r}, now {new[name][first]!r}"
            said.append(f"{differs.sum()} cells of {name}, as {example}")
    return said


def main() -> int:
    """Build and compare; return 1 if a cell differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("other", type=Path)
    parser.add_argument("--pages", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        shutil.copytree(ROOT / "tests/pages/real/data/raw", raw)
        write_pages(raw, make_clusters(11, options.pages, edition=2023))
        other, own = Path(folder) / "old", Path(folder) / "new"
        old = build(options.other / "src", raw, other)
        new = build(ROOT / "src", raw, own)
        status = 0
        for name, table in new.items():
            said = compare(old[name], table) if name in old else ["new"]
            status |= any("cells" in text or "rows" in text for text in said)
            content = [(place / f"{name}.csv").read_bytes() for place in (other, own)]
            same = "the same bytes" if content[0] == content[1] else "the same cells"
            print(f"{name:<20}{len(table):>7} rows  {'; '.join(said) or same}")
    return status


if __name__ == "__main__":
    sys.exit(main())
