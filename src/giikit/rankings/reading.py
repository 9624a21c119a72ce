"""Published ranking tables: the files of ``data/raw/rankings``, and what they imply."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from giikit.errors import PageError
from giikit.findings import Finding, make_finding
from giikit.names import make_cluster_id, read_ranking_name
from giikit.pages import describe_unread, name_source, read_content
from giikit.tables import SCHEMAS, Source

# Of each numeric column: its field, its bounds, and by what it is divided.
NUMBERS = {
    "rank": ("rank", 1, 10**6, 1),
    "pct_applications": ("pct_applications", 0, 10**9, 1),
    "scientific_publications": ("scientific_publications", 0, 10**9, 1),
    "vc_deals": ("vc_deals", 0, 10**9, 1),
    "share_of_pct_filings": ("pct_share", 0, 100, 100),
    "share_of_publications": ("publication_share", 0, 100, 100),
    "share_of_vc_deals": ("vc_share", 0, 100, 100),
    "total_share": ("total_share", 0, 300, 100),
    "previous_rank": ("previous_rank", 1, 10**6, 1),
    "rank_change": ("rank_change", -(10**6), 10**6, 1),
}
KINDS = ("size", "intensity")
# Columns that not every table has: deals are from 2025 on, changes not by intensity.
_OPTIONAL = {"vc_deals", "share_of_vc_deals", "previous_rank", "rank_change"}
_FORMULA = ("=", "+", "-", "@")
_LONGEST_CELL = 10_000

_FOOTNOTE = re.compile(r"\s*(?:[*†‡§¹²³]+|\[\w\])$")
_ECONOMY = re.compile(r"[A-Z]{2}(?:/[A-Z]{2})*")
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)(?:\.[0-9]+)?\s?%?")
PLAIN = str.maketrans("−–\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}", "--  ")

Row = tuple[Any, ...]


def read_rankings(raw: Path) -> tuple[list[Row], list[Source], list[Finding]]:
    """Read every ``rankings/*.csv`` below the raw folder.

    Edition, kind and method are what the file's name says
    (``gii-2025-size-method-2024.csv``, see `read_ranking_name`). Footnote marks
    (``TW*``) are dropped from economy codes and numbers, names stay as printed.
    Percentages become fractions by exact decimals (10.1 is 0.101). Only an empty cell
    is missing: ``NA`` is Namibia.

    Returns
    -------
    rows, sources, findings
        Rows of the tables ``rankings``, ``sources`` and ``findings``, in the order of
        the files and their lines. What cannot be read, a file, a row or a cell, is
        missing and has an error finding; nothing is raised.
    """
    rows: list[Row] = []
    sources: list[Source] = []
    findings: list[Finding] = []
    for path in sorted((raw / "rankings").glob("[!.]*.csv")):
        name = name_source(path, raw)
        table = read_ranking_name(path.stem)
        edition = table[0] if table else None
        faults: list[tuple[str, int | None]] = []
        before = len(rows)
        try:
            content = read_content(path, name)
            digest = sha256(content).hexdigest()
            sources.append(Source(edition, None, name, "csv", len(content), digest))
            rows += _read_rows(content, table, faults)
        except PageError as error:
            sources.append(Source(edition, None, name, *describe_unread(path)))
            faults.append((error.message, None))
        except (OSError, UnicodeError, csv.Error) as error:
            faults.append((f"the file cannot be read as a UTF-8 CSV: {error}", None))
        for message, line in faults:
            about: Any = {"key": (edition, None), "source": name, "place": (line,)}
            reason = {"reason": message}
            findings.append(make_finding("unreadable-ranking", reason, **about))
        formulas = [row for row in rows[before:] if row[4].startswith(_FORMULA)]
        for _, cluster_id, _, _, cluster, *_ in formulas:
            text, key = {"text": repr(cluster)}, (edition, cluster_id)
            findings.append(make_finding("formula-text", text, key=key, source=name))
    return rows, sources, findings


def _read_rows(
    content: bytes,
    table: tuple[int, str, int] | None,
    faults: list[tuple[str, int | None]],
) -> Iterator[Row]:
    """Yield the rows of a file, adding to ``faults`` what cannot be read."""
    if table is None:
        message = "expected the edition's year in the name (gii-2023-size.csv); "
        faults.append((f"{message}no row is read", None))
        return
    lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    header = [cell.strip() for cell in next(lines, [])]
    expected = [c for c in ("cluster", "economy", *NUMBERS) if c not in _OPTIONAL]
    if missing := [column for column in expected if column not in header]:
        faults.append((f"expected columns {', '.join(missing)}, got {header}", 1))
    start = lines.line_num + 1
    for cells in lines:
        if any(len(cell) > _LONGEST_CELL for cell in cells):
            message = f"a field is longer than {_LONGEST_CELL:,} characters"
            raise csv.Error(message)
        # A quoted cell may span lines: the row's place is the line it begins on.
        line, start = start, lines.line_num + 1
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        cluster_id = make_cluster_id(row.get("cluster", ""))
        if cluster_id and len(cells) == len(header):
            values, messages = _read_row(row)
            values |= {"cluster_id": cluster_id}
            values |= zip(("edition", "kind", "method"), table, strict=True)
            faults += ((f"{row['cluster']}: {message}", line) for message in messages)
            yield tuple(values[column] for column in SCHEMAS["rankings"].columns)
        elif any(row.values()):
            message = f"expected {len(header)} cells and a cluster's name, got {cells}"
            faults.append((f"{message}; the row is left out", line))


def _read_row(row: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Read each cell by itself, so that one fault costs one value."""
    values: dict[str, Any] = dict.fromkeys(SCHEMAS["rankings"].columns)
    values["cluster"] = row["cluster"]
    messages = []
    code = _FOOTNOTE.sub("", row.get("economy", ""))
    if _ECONOMY.fullmatch(code):
        values["economy_code"] = code
    elif code:
        messages.append(f"expected codes such as CN/HK in economy, got {code!r}")
    for column, (field, low, high, unit) in NUMBERS.items():
        text = _FOOTNOTE.sub("", row.get(column, "")).translate(PLAIN)
        number = Decimal(re.sub("[, %]", "", text)) if _NUMBER.fullmatch(text) else None
        if (
            number is not None
            and low <= number <= high
            and (unit > 1 or not number % 1)
        ):
            values[field] = int(number) if unit == 1 else float(number / unit)
        elif text:
            expected = f"expected a {'whole ' * (unit == 1)}number, {low} to {high},"
            messages.append(f"{expected} in {column}, got {row[column]!r}; left out")
    return values, messages
