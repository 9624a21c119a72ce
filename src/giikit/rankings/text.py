"""Rankings as people have them: text that was pasted, or extracted from a PDF.

A row is a rank, a name, codes of economies, and then numbers. Where they stand in lines
does not matter, so that wrapped rows, rows of one cell a line, and whatever stands
between rows (page headers, footnotes) need no rules of their own.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from giikit.errors import GiikitError, PageError
from giikit.findings import Finding, make_finding
from giikit.pages import make_page
from giikit.rankings.reading import KINDS, PLAIN

_MARKS = r"(?:[*†‡§¹²³]|\[\w\])*"
_MISSING = r"[-−–—]+|n/?\.?a\.?|N/?A"
_CELL = re.compile(rf"\s+([-−–+]?[0-9]\S*|{_MISSING})(?!\S)")
# A code is the economy, not a state behind a name, if two numbers follow: the rank of
# the next row may follow a state.
_ECONOMY = re.compile(
    rf"(?<!\S)([A-Z]{{2}}(?:\s*/\s*[A-Z]{{2}})*{_MARKS})(?=(?:{_CELL.pattern}){{2}})"
)
# A rank, and a name of which a raised digit may have sunk to the line.
_HEAD = re.compile(
    r"(?<!\S)([0-9]{1,3})[.)]?\s+(?:([^\W\d_][^\d:;%]{0,89}?)(?:(?<=\w)[0-9])?\s+)?$"
)
_DASH = re.compile(r"\s*([-–—])\s*")
_CUT = re.compile(r"(?:^|[-–—,])$")
_NAME_PART = re.compile(r"[-–—]?[^\W\d_][^\d:;.]{1,39}")
# Spaces that group digits, as in 127 418.
_GROUP = re.compile(
    "(?<=[0-9])[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]"
    "(?=[0-9]{3}(?![0-9]))"
)
_YEAR = "(20[0-9]{2})(?![0-9])"
_EDITION = re.compile(
    rf"(?:Global Innovation Index|GII|clusters?(?: by [a-z&\s]+)?)\W{{1,3}}{_YEAR}",
    re.IGNORECASE,
)
_METHOD = re.compile(rf"method(?:ology)?\s[^.0-9]{{0,40}}{_YEAR}|{_YEAR} method", re.I)
_COUNTS = ["pct_applications", "scientific_publications", "vc_deals"]
_SHARES = ["share_of_pct_filings", "share_of_publications", "share_of_vc_deals"]


@dataclass
class _Row:
    """A row as it stands in the text from ``start`` on; its cells end at ``ends``."""

    start: int
    rank: str
    name: str
    economy: str
    cells: list[str]
    ends: list[int]


def read_ranking_text(
    text: str, *, edition: int = 0, kind: str = "", method: int = 0
) -> tuple[str, str, list[Finding]]:
    """Turn a ranking that was pasted, or extracted from the report's PDF, into CSV.

    Parameters
    ----------
    text
        Rows such as ``1 Tokyo–Yokohama JP 127,418 115,020 10.1 1.5 11.7 1 0``, with
        spaces, tabs or line breaks between cells, and other text around them.
    edition
        Year; 0: as the text says.
    kind
        ``size`` or ``intensity``; empty: as the text above the rows says.
    method
        Year whose method the ranking follows; 0: as the text says, or the edition.

    Returns
    -------
    filename, csv_text, findings
        The file below ``data/raw/rankings`` that it belongs in, its content, and what
        could not be read. What the numbers contradict is found when it is built.

    Raises
    ------
    PageError
        If there is no ranking in it, or no edition.
    GiikitError
        If there is no such kind.
    """
    if kind not in ("", *KINDS):
        message = f"no kind {kind!r} of ranking: expected {' or '.join(KINDS)}"
        raise GiikitError(message)
    text = "\n".join(make_page(text, "").lines)
    text = re.sub("\t(?=\t)", "\t–", _GROUP.sub(",", text).replace("|", " "))
    rows = list(_find_rows(text))
    columns = _find_columns(rows, "previous" in text.lower())
    findings: list[Finding] = []

    def remark(code: str, at: int, **details: Any) -> None:
        place = (text.count("\n", 0, at) + 1,)
        findings.append(make_finding(code, details, place=place))

    gaps = _list_gaps(text, rows, len(columns))
    for row, part in _complete_names(rows, gaps):
        remark("joined-name", row.start, name=row.name, text=part)
    needed = columns.index("total_share") + 1
    kept = []
    for row in rows:
        reason = f"expected a name and {len(columns)} numbers, got "
        reason += f"{' '.join(row.cells)}; the row is left out"
        if row.name and (len(row.cells) == needed or len(row.cells) >= len(columns)):
            kept.append(row)
            reason = "the name is cut short; complete it in the file"
        if row not in kept or _CUT.search(row.name):
            reason = f"{row.rank} {row.name}: {reason}"
            remark("unreadable-ranking", row.start, reason=reason)
    for before, row in pairwise(rows):
        due = int(before.rank) + 1
        if int(row.rank) not in (due, due - 1):
            remark("rank-gap", row.start, rank=row.rank, due=due)
    if lines := [line for gap in gaps for line in gap if line]:
        at = max(text.find(lines[0]), 0)
        remark("ranking-outside", at, count=len(lines), text=lines[0])
    above = "\n".join(gaps[0])
    said = _METHOD.search(above)
    if not edition:
        titled = _METHOD.sub("", above)
        years = _EDITION.findall(titled) or [*{*re.findall(_YEAR, titled)}]
        if len(years) != 1 and not _EDITION.search(titled):
            message = "the text does not say which edition it is of: say so (--edition)"
            raise PageError(message)
        edition = int(years[0])
    kind = kind or ("intensity" if "intensity" in above.lower() else "size")
    method = method or (int(said[1] or said[2]) if said else edition)
    suffix = f"-method-{method}" if method != edition else ""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(["rank", "cluster", "economy", *columns])
    for row in kept:
        cells = [_write_cell(cell) for cell in row.cells] + [""] * len(columns)
        head = row.rank, row.name, "".join(row.economy.split())
        writer.writerow([*head, *cells[: len(columns)]])
    return f"gii-{edition}-{kind}{suffix}.csv", output.getvalue(), findings


def _find_rows(text: str) -> Iterator[_Row]:
    """Yield the rows with all numbers up to the next rank, of whatever column."""
    found, end = [], 0
    for economy in _ECONOMY.finditer(text):
        start = max(end, economy.start() - 200)
        if head := _HEAD.search(text, start, economy.start()):
            found.append((head, economy))
            end = economy.end()
    starts = [head.start() for head, _ in found]
    for (head, economy), stop in zip(found, [*starts, len(text)][1:], strict=False):
        row = _Row(
            head.start(), head[1], _clean_name(head[2] or ""), economy[1], [], []
        )
        at = economy.end()
        while cell := _CELL.match(text, at, stop):
            at = cell.end()
            row.cells.append(cell[1])
            row.ends.append(at)
        if row.cells:
            yield row


def _find_columns(rows: list[_Row], previous: bool) -> list[str]:
    """Return the columns behind the economy, seen from most rows' numbers.

    Counts are whole numbers, shares have decimals: two or three of each.
    """
    begun = [[cell.isdecimal() or "," in cell for cell in row.cells] for row in rows]
    counts = Counter(row.index(False) for row in begun if False in row)
    outputs = counts.most_common(1)[0][0] if counts else 0
    if outputs not in (2, 3):
        message = (
            "no ranking in the text: expected rows such as "
            "'1 Tokyo–Yokohama JP 127,418 115,020 10.1 1.5 11.7 1 0'"
        )
        raise PageError(message)
    columns = [*_COUNTS[:outputs], *_SHARES[:outputs], "total_share"]
    sizes = Counter(len(row.cells) - len(columns) for row in rows)
    further = sizes.most_common(1)[0][0]
    if further >= 2:
        return [*columns, "previous_rank", "rank_change"]
    return [*columns, "previous_rank"] if further == 1 and previous else columns


def _list_gaps(text: str, rows: list[_Row], width: int) -> list[list[str]]:
    """Return the lines above each row, and below the last, that no row has read."""
    ends = [0, *(row.ends[:width][-1] for row in rows)]
    starts = [*(row.start for row in rows), len(text)]
    return [
        [line.strip() for line in text[end:start].split("\n")]
        for end, start in zip(ends, starts, strict=True)
    ]


def _complete_names(
    rows: list[_Row], gaps: list[list[str]]
) -> Iterator[tuple[_Row, str]]:
    """Join names to their parts in the lines between rows; give those of no dash."""
    edge = _Row(0, "", ".", "", [], [])
    for above, below, gap in zip([edge, *rows], [*rows, edge], gaps, strict=True):
        at = [i for i, line in enumerate(gap) if line]
        parts = [gap[i] for i in at if _NAME_PART.fullmatch(gap[i])]
        spaces = [b - a for a, b in pairwise([0, *at, len(gap) - 1])]
        if not parts:
            continue
        if len(parts) == len(at) <= 3 and edge not in (above, below):
            # Nothing but names stands here: each with the row that it is nearer to.
            split = len(parts) - bool(not below.name or _CUT.search(parts[-1]))
            if spaces.count(max(spaces)) == 1:
                split = spaces.index(max(spaces))
        else:
            first, last = gap[at[0]], gap[at[-1]]
            ends = [first] * (first in parts and bool(_CUT.search(above.name)))
            split = len(ends)
            parts = ends + [last] * (last in parts and not below.name)
        for row, some in ((above, parts[:split]), (below, parts[split:])):
            cut = _CUT.search(row.name) or (some and _CUT.search(some[-1]))
            names = [row.name, *some] if row is above else [*some, row.name]
            row.name = _clean_name(" ".join(names))
            for part in some:
                gap.remove(part)
            if some and not cut:
                yield row, " ".join(some)


def _clean_name(name: str) -> str:
    """Return a name without the space that a wrap leaves at a dash."""
    return _DASH.sub(r"\1", " ".join(name.split()))


def _write_cell(cell: str) -> str:
    plain = cell.translate(PLAIN).replace(",", "").replace(" ", "").strip("+%")
    if re.fullmatch(_MISSING, cell):
        return ""
    return plain if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", plain) else cell
