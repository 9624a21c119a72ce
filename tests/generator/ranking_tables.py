"""Ranking tables that are true: drawn, then printed rounded as WIPO prints them."""

from __future__ import annotations

import random
import re

from generator.places import CLUSTERS
from giikit.inference import check_dataset
from giikit.rankings.reading import read_table
from giikit.tables import make_dataset

COUNTS = ["pct_applications", "scientific_publications", "vc_deals"]
SHARES = ["share_of_pct_filings", "share_of_publications", "share_of_vc_deals"]
WORLD = (1_255_863, 7_462_564, 180_211)


def make_table(seed, rows=100, outputs=2, kind="size", changes=True):
    """Return header and rows, as texts, of the clusters drawn."""
    rng = random.Random(seed)
    places = rng.sample(CLUSTERS, min(rows, len(CLUSTERS)))
    places += [(f"Town {chr(65 + n // 26)}{chr(97 + n % 26)}", "US") for n in range(99)]
    clusters = []
    for name, code in places[:rows]:
        size = 0.12 * 60 ** -rng.random()
        counts = [round(w * size * rng.uniform(0.2, 1.8)) for w in WORLD[:outputs]]
        people = rng.uniform(0.3, 30) if kind == "intensity" else 1
        score = sum(n / w for n, w in zip(counts, WORLD, strict=False)) / people
        clusters.append((score, name, code, counts, people))
    clusters.sort(key=lambda cluster: -cluster[0])
    header = ["rank", "cluster", "economy", *COUNTS[:outputs], *SHARES[:outputs]]
    header += ["total_share", *["previous_rank", "rank_change"] * changes]
    previous = rng.sample(range(1, rows + 1), rows)
    table = []
    for rank, (score, name, code, counts, people) in enumerate(clusters, 1):
        shares = [n / w / people for n, w in zip(counts, WORLD, strict=False)]
        row = [str(rank), name, code, *(str(round(n / people)) for n in counts)]
        row += [f"{100 * share:.1f}" for share in [*shares, score]]
        before = previous[rank - 1]
        table.append(row + [str(before), str(before - rank)] * changes)
    return header, table


def write_csv(header, rows):
    """Return the CSV of a table, names in quotes where they hold a comma."""
    quoted = [[f'"{c}"' if "," in c else c for c in row] for row in [header, *rows]]
    return "".join(",".join(row) + "\n" for row in quoted)


def print_row(row):
    """Return the cells of a row as a report prints them: commas, and a real minus."""
    return [
        f"{int(cell):,}"
        if cell.isdecimal() and len(cell) > 3
        else cell.replace("-", "−")
        if cell.lstrip("-").isdecimal()
        else cell
        for cell in row
    ]


def lose_digits(rows):
    """Yield the place of each digit of a table, and the cell without it."""
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            for digit in re.finditer("[0-9]", cell) if column != 1 else ():
                yield at, column, cell[: digit.start()] + cell[digit.end() :]


def replace_digits(rows, seed=0):
    """Yield the place of each digit of a table, and the cell with another one."""
    rng = random.Random(seed)
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            for digit in re.finditer("[0-9]", cell) if column != 1 else ():
                other = rng.choice("0123456789".replace(digit[0], ""))
                yield at, column, cell[: digit.start()] + other + cell[digit.end() :]


def find_unnoticed(header, rows, changes, first, kind="size"):
    """Return those changes of one cell that neither reading nor the checks report.

    Each changed table is an edition of its own, from ``first`` on, so that all are
    checked at once: below 2025 of two outputs, from then on of three.
    """
    changes, table, noticed = list(changes), [], set()
    for edition, (at, column, cell) in enumerate(changes, first):
        changed = [*rows[:at], [*rows[at]], *rows[at + 1 :]]
        changed[at][column] = cell
        faults = []
        content = write_csv(header, changed).encode()
        table += read_table(content, (edition, kind, edition), faults)
        noticed |= {edition} if faults else set()
    ds = make_dataset([], rankings=table)
    noticed |= set(check_dataset(ds)["edition"])
    return [
        (header[column], rows[at][column], cell)
        for edition, (at, column, cell) in enumerate(changes, first)
        if edition not in noticed
    ]
