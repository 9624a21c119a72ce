"""Compare the tables that two versions of giikit build of the same pages.

    python benchmarks/compare_tables.py OTHER_CHECKOUT [--pages 100]

The pages are the two real ones, the ranking, and generated ones. Prints of each table
what differs: columns that one version lacks, and rows that are not the same text in the
columns of both. Messages of findings may read otherwise and are not compared.
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
from generator.rendering import (  # noqa: E402
    HTML_FORMATS,
    TEXT_FORMATS,
    make_clusters,
    render,
)

BUILD = "import sys, giikit; giikit.build_dataset(*sys.argv[1:])"


FORMATS = [*TEXT_FORMATS, *HTML_FORMATS]
SUFFIXES = dict.fromkeys(TEXT_FORMATS, ".txt") | {"markdown": ".md"}


def write_pages(raw: Path, count: int) -> None:
    """Write pages of two editions, in all formats in turn."""
    clusters = make_clusters(11, count // 2, edition=2023)
    clusters += make_clusters(12, count - count // 2, edition=2025)
    for number, cluster in enumerate(clusters):
        form = FORMATS[number % len(FORMATS)]
        suffix = SUFFIXES.get(form, ".html")
        folder = raw / str(cluster.edition)
        folder.mkdir(exist_ok=True)
        page = render(cluster, form)
        (folder / f"{number:04}{suffix}").write_text(page, encoding="utf-8")


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
    rows = pd.concat([old[both].assign(version="old"), new[both].assign(version="new")])
    # Of rows that stand several times, each is a row of its own.
    rows["again"] = rows.groupby([*both, "version"]).cumcount()
    odd = rows[~rows.duplicated([*both, "again"], keep=False)].drop(columns="again")
    if len(odd):
        said.append(f"{len(odd)} rows differ:\n{odd.head(20).to_string()}\n")
    elif not old[both].equals(new[both]):
        said.append("the same rows in another order")
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
        write_pages(raw, options.pages)
        other, own = Path(folder) / "old", Path(folder) / "new"
        old = build(options.other / "src", raw, other)
        new = build(ROOT / "src", raw, own)
        status = 0
        for name, table in new.items():
            said = compare(old[name], table) if name in old else ["new"]
            status |= any("differ" in text for text in said)
            content = [(place / f"{name}.csv").read_bytes() for place in (other, own)]
            same = "the same bytes" if content[0] == content[1] else "the same cells"
            print(f"{name:<20}{len(table):>7} rows  {'; '.join(said) or same}")
    return status


if __name__ == "__main__":
    sys.exit(main())
