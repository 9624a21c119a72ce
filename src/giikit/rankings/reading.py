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
from giikit.names import find_economy_code, make_cluster_id, read_ranking_name
from giikit.pages import describe_unread, name_source, read_content
from giikit.tables import COLUMNS, Source

# What files call the columns of shares, which they print in percent.
_PRINTED = {
    "pct_share": "share_of_pct_filings",
    "publication_share": "share_of_publications",
    "vc_share": "share_of_vc_deals",
}
# The columns of numbers behind name and economy, as a file calls them.
NUMBERS = {_PRINTED.get(c.name, c.name): c for c in COLUMNS["rankings"] if c.high}
KINDS = ("size", "intensity")
# Columns that not every table has: deals are from 2025 on, changes not by intensity.
_OPTIONAL = {"vc_deals", "share_of_vc_deals", "previous_rank", "rank_change"}
_FORMULA = ("=", "+", "-", "@")
_LONGEST_CELL = 10_000

MARKS = r"(?:[*†‡§¹²³]|\[\w\])*"
_FOOTNOTE = re.compile(rf"\s*{MARKS}$")
_ECONOMY = re.compile(r"[A-Z]{2}(?:/[A-Z]{2})*")
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)(?:\.[0-9]+)?\s?%?")
_PLAIN = str.maketrans("−–\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}", "--  ")

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
        try:
            content = read_content(path, name)
            described = "csv", len(content), sha256(content).hexdigest()
            some, found = read_ranking(content, name)
        except PageError as error:
            described = describe_unread(path)
            some, found = [], [_make_fault(name, error.message)]
        sources.append(Source(_find_edition(name), None, name, *described))
        rows += some
        findings += found
    return rows, sources, findings


def read_ranking(content: bytes, name: str) -> tuple[list[Row], list[Finding]]:
    """Return rows and findings of the content of a CSV file, as `read_rankings` does.

    Of its ``name``, the path below the raw folder, the last part says the edition.
    """
    rows: list[Row] = []
    faults: list[tuple[str, int | None]] = []
    try:
        rows += read_table(content, read_ranking_name(Path(name).stem), faults)
    except (UnicodeError, csv.Error) as error:
        faults.append((f"the file cannot be read as a UTF-8 CSV: {error}", None))
    findings = [_make_fault(name, message, line) for message, line in faults]
    for edition, cluster_id, _, _, cluster, *_ in rows:
        if cluster.startswith(_FORMULA):
            text, key = {"text": repr(cluster)}, (edition, cluster_id)
            findings.append(make_finding("formula-text", text, key=key, source=name))
    return rows, findings


def _make_fault(name: str, reason: str, line: int | None = None) -> Finding:
    about: Any = {"key": (_find_edition(name), None), "place": (line,)}
    return make_finding("unreadable-ranking", {"reason": reason}, source=name, **about)


def _find_edition(name: str) -> int | None:
    table = read_ranking_name(Path(name).stem)
    return table[0] if table else None


def read_table(
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
            yield tuple(values.values())
        elif any(row.values()):
            message = f"expected {len(header)} cells and a cluster's name, got {cells}"
            faults.append((f"{message}; the row is left out", line))


def _read_row(row: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Read each cell by itself, so that one fault costs one value."""
    values: dict[str, Any] = {column.name: None for column in COLUMNS["rankings"]}
    values["cluster"] = row["cluster"]
    messages = []
    code = _FOOTNOTE.sub("", row.get("economy", ""))
    if _ECONOMY.fullmatch(code):
        values["economy_code"] = find_economy_code(code, is_economy=True)
    if code and not values["economy_code"]:
        messages.append(f"expected codes such as CN/HK in economy, got {code!r}")
    for name, column in NUMBERS.items():
        percent = column.unit == "fraction"
        low, high = (int(end) * (100 if percent else 1) for end in column[5:7])
        text, number = row.get(name, ""), read_number(row.get(name, ""))
        if number is not None and low <= number <= high and (percent or not number % 1):
            values[column.name] = float(number / 100) if percent else int(number)
        elif text:
            expected = (
                f"{'' if percent else 'whole '}number, {low} to {high}, in {name}"
            )
            messages.append(f"expected a {expected}, got {text!r}; left out")
    return values, messages


def read_number(text: str) -> Decimal | None:
    """Return a printed number without its footnote marks, None if it is none."""
    plain = _FOOTNOTE.sub("", text).translate(_PLAIN)
    return Decimal(re.sub("[, %]", "", plain)) if _NUMBER.fullmatch(plain) else None
