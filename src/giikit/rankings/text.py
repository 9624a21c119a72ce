"""Rankings as people have them: text that was pasted, or extracted from a PDF.

A row is a rank, a name with its economy, and then numbers. Where they stand in lines
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
from giikit.names import STATED, find_economy_code, is_state
from giikit.pages import make_page
from giikit.rankings.reading import KINDS, MARKS, NUMBERS, read_number

_MISSING = r"[-−–—]+|n/?\.?a\.?|N/?A|[Nn]ew|NEW"
_CELL = re.compile(rf"\s+([-−–+]?[0-9]\S{{0,30}}|{_MISSING})(?!\S)")
# A rank, and what stands between it and three numbers at least. A raised digit may have
# sunk to the end of a word.
_HEAD = re.compile(
    r"(?<!\S)([1-9][0-9]{0,2})(?:st|nd|rd|th)?[.)=]?\s+"
    r"([^\W\d_](?:[^\d:;%]|(?<=[^\W\d_])[0-9](?!\S)){0,150}?)"
    rf"(?=(?:{_CELL.pattern}){{3}})"
)
_BORDER = re.compile(r"\s*(?:[/,&–—-]|\band\b)\s*")
_CODES = re.compile(rf"\(?([A-Z]{{2,3}}(?:{_BORDER.pattern}[A-Z]{{2,3}})*{MARKS})\)?")
_NAME_END = re.compile(rf"(?:(?<=\w)[0-9]|{MARKS})$")
_DASH = re.compile(r"\s*([-–—])\s*")
_CUT = re.compile(r"(?:^|[-–—,])$")
# What runs over every page of the report is part of no name.
_NAME_PART = re.compile(
    r"(?!(?i:.*\b(?:global innovation index|gii)\b))[-–—]?[^\W\d_][^\d:;.]{1,39}"
)
_SPACE = "[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]"
# Spaces that group digits, as in 127 418; common ones only in a cell between tabs.
_GROUPED = re.compile(
    rf"(?<![0-9,.])[0-9]{{1,3}}(?:{_SPACE}[0-9]{{3}})+(?![0-9,.])"
    r"|(?<=\t)[0-9]{1,3}(?: [0-9]{3})+(?=\t)"
)
_CLEANED = str.maketrans("|;·▲↑▼↓", "  .++--", "\N{ZERO WIDTH SPACE}")
_YEAR = "(20[0-9]{2})(?![0-9])"
_TITLE = r"clusters?(?: by [a-z&\s]+| worldwide| (?:of|in) the world)?"
_EDITION = re.compile(
    rf"(?:Global Innovation Index|GII|{_TITLE})\W{{1,3}}{_YEAR}", re.IGNORECASE
)
_METHOD = re.compile(rf"method(?:ology)?\s[^.0-9]{{0,40}}{_YEAR}|{_YEAR} method", re.I)
# The outputs as a header names them, once for their counts and once for their shares.
_OUTPUT = re.compile("(PCT)|(pub|article)|(VC|venture)", re.IGNORECASE)
_COUNTS, _SHARES = [*NUMBERS][1:4], [*NUMBERS][4:7]
# Counts and shares of two outputs, and their total.
_FEWEST = 5
_CHANGES = ["previous_rank", "rank_change"]
# A code of findings.csv, where in the text, and what fills its message.
_Remark = tuple[str, int, dict[str, Any]]


@dataclass
class _Row:
    """A row as it stands in the text from ``start`` on; its cells end at ``ends``.

    If none of its name stands in it, ``above`` lines do above, and as many below.
    """

    start: int
    rank: str
    name: str
    economy: str
    cells: list[str]
    ends: list[int]
    is_whole: bool = False
    above: int = 0


def read_ranking_text(
    text: str, *, edition: int = 0, kind: str = "", method: int = 0
) -> tuple[str, str, list[Finding]]:
    """Turn a ranking that was pasted, or extracted from the report's PDF, into CSV.

    Parameters
    ----------
    text
        Rows such as ``1 Tokyo–Yokohama JP 127,418 115,020 10.1 1.5 11.7 1 0``, with
        spaces, tabs or line breaks between cells, and other text around them. The
        economy may be a code or a name, in brackets or not.
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
        If there is no such kind, or no such year.
    """
    if kind not in ("", *KINDS):
        message = f"no kind {kind!r} of ranking: expected {' or '.join(KINDS)}"
        raise GiikitError(message)
    for year in filter(None, (edition, method)):
        if not re.fullmatch(_YEAR, str(year)):
            message = f"no edition or method {year}: expected a year such as 2025"
            raise GiikitError(message)
    text = _clean_text("\n".join(make_page(text, "").lines))
    found = list(_find_rows(text))
    columns = _find_columns([row for row in found if row.economy], text)
    widths = columns.index("total_share") + 1, len(columns)
    rows = [row for row in found if row.economy or len(row.cells) >= widths[0]]
    gaps = _list_gaps(text, rows, len(columns))
    remarks = list(_complete_names(rows, gaps))
    ranked = sorted(rows, key=lambda row: int(row.rank))
    if not any(_report_gaps(ranked)):  # such as rows of two columns side by side
        rows = ranked
    for row in rows:
        named = bool(row.name and row.economy)
        row.is_whole = named and len(row.cells[: widths[1]]) in widths
    remarks += [*_report_rows(rows, len(columns)), *_report_gaps(rows)]
    above = "\n".join(gaps[0])
    if int(rows[0].rank) > 1 and re.search("[0-9][.,][0-9]", above):
        remarks.append(("rank-gap", rows[0].start, {"rank": rows[0].rank, "due": 1}))
    if lines := [line for gap in gaps for line in gap if line]:
        details = {"count": len(lines), "text": lines[0]}
        remarks.append(("ranking-outside", max(text.find(lines[0]), 0), details))
    findings = [
        make_finding(code, details, place=(text.count("\n", 0, at) + 1,))
        for code, at, details in remarks
    ]
    name = _name_file(above, edition, kind, method)
    return name, _write_csv(rows, columns), findings


def _clean_text(text: str) -> str:
    """Return the text with one sign for what is printed in several ways."""
    text = re.sub(r"(?<=[0-9]) +%", "%", text.translate(_CLEANED))
    text = re.sub(r"(?<=\s)=(?!\S)", "0", text)  # no change of rank
    text = _GROUPED.sub(lambda number: re.sub(r"\s", ",", number[0]), text)
    return re.sub("\t(?=\t)", "\t–", text)


def _find_rows(text: str) -> Iterator[_Row]:
    """Yield the rows with all numbers up to the next rank, of whatever column.

    The last number of a row, and the head of the next page with year and page number
    below it, are no row: it has no economy, and too few numbers.
    """
    rows: list[_Row] = []
    for head in _HEAD.finditer(text):
        lines = [" ".join(line.split()) for line in head[2].split("\n")]
        name, economy = _split_economy(lines)
        row = _Row(head.start(), head[1], _clean_name(name), economy, [], [])
        at = head.end()
        while cell := _CELL.match(text, at):
            at = cell.end()
            row.cells.append(cell[1])
            row.ends.append(at)
        if economy or len(row.cells) >= _FEWEST:
            rows.append(row)
    for row, after in pairwise([*rows, _Row(len(text), "", "", "", [], [])]):
        count = sum(end <= after.start for end in row.ends)
        row.cells, row.ends = row.cells[:count], row.ends[:count]
        yield row


def _split_economy(lines: list[str]) -> tuple[str, str]:
    """Return the name of a cluster and its economy's code, empty if there is none."""
    # A wrapped name may stand above and below the line that has the codes alone, and
    # a state in a line of its own, too.
    alone = [line for line in lines if _CODES.fullmatch(line)]
    for code in alone:
        if all(other == code or is_state(other, code) for other in alone):
            at = lines.index(code)
            lines = [*lines[:at], *lines[at + 1 :], code]
    text = " ".join(lines)
    spaces = [space.start() for space in re.finditer(" ", text)]
    behind = [(text[:at], text[at:].strip()) for at in (0, *spaces)]
    before = [(text[at:].strip(), text[:at]) for at in reversed(spaces)]
    # A lone code behind a comma is a state (San Diego, CA), unless there are no others.
    lone = [(n, c) for n, c in behind if n.endswith(",") and re.fullmatch(r"\W*\w+", c)]
    for name, rest in [split for split in behind if split not in lone] + before + lone:
        if code := _read_codes(rest):
            return _close_name(name, code), code
    for name, rest in behind[1:]:
        bare = rest.removeprefix("(").removesuffix(")")
        if known := find_economy_code(rest) or find_economy_code(bare):
            return _close_name(name, known), known
    return text, ""


def _read_codes(text: str) -> str:
    """Return the codes that a text consists of, as printed; empty: if it does not."""
    found = _CODES.fullmatch(text)
    *others, last = _BORDER.split(found[1]) if found else [""]
    if others and all(is_state(other, last[:2]) for other in others):
        return ""
    codes = "/".join([*others, last])
    # Of three letters, only what is known to be a code.
    return find_economy_code(codes) or "" if re.search("[A-Z]{3}", codes) else codes


def _close_name(name: str, code: str) -> str:
    """Return a name without the comma before its economy.

    It stays where the state may be in the next line: of "Boston–Cambridge, US", and
    where the state itself was taken for the economy, of "Boston–Cambridge, MA".
    """
    plain = name.removesuffix(",")
    whole = is_state(re.split(r"\W", plain)[-1], code[:2])
    may_go_on = code[:2] in STATED or is_state(code, "US")
    return name if may_go_on and not whole else plain


def _find_columns(rows: list[_Row], text: str) -> list[str]:
    """Return the columns behind the economy, seen from most rows' numbers.

    Counts are whole numbers, shares have decimals: two or three of each. Their order is
    that of the header, if it is the same for counts and shares.
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
    header = text[: rows[0].start].lower()
    named = [(found.lastindex or 0) - 1 for found in _OUTPUT.finditer(header)]
    order, usual = named[-outputs:], [*range(outputs)]
    if named[-2 * outputs :] != order * 2 or sorted(order) != usual:
        order = usual
    columns = [names[at] for names in (_COUNTS, _SHARES) for at in order]
    columns.append("total_share")
    sizes = Counter(len(row.cells) - len(columns) for row in rows)
    further = sizes.most_common(1)[0][0]
    if further >= 2:
        turned = -1 < header.rfind("change") < header.rfind("previous")
        return columns + (_CHANGES[::-1] if turned else _CHANGES)
    previous = "previous" in text.lower()
    return [*columns, "previous_rank"] if further == 1 and previous else columns


def _report_rows(rows: list[_Row], width: int) -> Iterator[_Remark]:
    """Report rows that are left out, and names that are cut."""
    for row in rows:
        got = " ".join(row.cells)
        reason = f"expected a name and {width} numbers, got {got}; the row is left out"
        if not row.economy:
            reason = f"no economy is known in it, got {got}; the row is left out"
        elif row.is_whole:
            reason = "the name is cut short; complete it in the file"
        if not row.is_whole or _CUT.search(row.name):
            details = {"reason": f"{row.rank} {row.name}: {reason}"}
            yield "unreadable-ranking", row.start, details


def _report_gaps(rows: list[_Row]) -> Iterator[_Remark]:
    """Report ranks that do not follow the one before; equal ones may be one place."""
    for place, (before, row) in enumerate(pairwise(rows), int(rows[0].rank) + 1):
        due = int(before.rank) + 1
        if int(row.rank) not in (due, due - 1, place):
            yield "rank-gap", row.start, {"rank": row.rank, "due": due}


def _name_file(above: str, edition: int, kind: str, method: int) -> str:
    """Return the file's name, of what is given or else said above the rows."""
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
    return f"gii-{edition}-{kind}{suffix}.csv"


def _list_gaps(text: str, rows: list[_Row], width: int) -> list[list[str]]:
    """Return the lines above each row, and below the last, that no row has read."""
    ends = [0, *(row.ends[:width][-1] for row in rows)]
    starts = [*(row.start for row in rows), len(text)]
    return [
        [line.strip() for line in text[end:start].split("\n")]
        for end, start in zip(ends, starts, strict=True)
    ]


def _complete_names(rows: list[_Row], gaps: list[list[str]]) -> Iterator[_Remark]:
    """Join names to their parts in the lines between rows; report those of no dash."""
    edge = _Row(0, "", ".", "", [], [])
    for above, below, gap in zip([edge, *rows], [*rows, edge], gaps, strict=True):
        at = [i for i, line in enumerate(gap) if line]
        lines = [gap[i] for i in at]
        begins = _take_parts(lines[::-1], lines[::-1], not below.name)[::-1]
        rest = lines[: len(lines) - len(begins)]
        ends = _take_parts(rest, [above.name, *rest], above.above)
        between = edge not in (above, below) and len(lines) <= 3
        if between and all(map(_NAME_PART.fullmatch, lines)):
            # Nothing but names stands here: each with the row that it is nearer to.
            spaces = [b - a for a, b in pairwise([0, *at, len(gap) - 1])]
            nearest = spaces.count(max(spaces)) == 1
            split = spaces.index(max(spaces)) if nearest else len(rest)
            ends, begins = lines[:split], lines[split:]
        if not below.name:
            below.above = len(begins)
        for row, some in ((above, ends), (below, begins)):
            named = [row.name] * bool(row.name)
            names = [*named, *some] if row is above else [*some, *named]
            row.name = _clean_name(" ".join(names))
            for part in some:
                gap.remove(part)
            if some and not all(map(_CUT.search, names[:-1])):
                details = {"name": row.name, "text": " ".join(some)}
                yield "joined-name", row.start, details


def _take_parts(lines: list[str], cut: list[str], due: int) -> list[str]:
    """Return the first lines that are parts of a name: those due, and where one is cut.

    ``cut`` holds, of each line, what ends with a dash or a comma if it is such a part.
    """
    parts: list[str] = []
    for line, end in zip(lines, cut, strict=False):
        goes_on = len(parts) < due or _CUT.search(end)
        if not (goes_on and _NAME_PART.fullmatch(line)):
            break
        parts.append(line)
    return parts


def _clean_name(name: str) -> str:
    """Return a name without footnote marks, and the space that a wrap leaves."""
    return _DASH.sub(r"\1", _NAME_END.sub("", " ".join(name.split())))


def _write_csv(rows: list[_Row], columns: list[str]) -> str:
    """Return the rows as `read_rankings` wants them, numbers without commas."""
    output = io.StringIO()
    header = ["rank", "cluster", "economy", *sorted(columns, key=[*NUMBERS].index)]
    writer = csv.DictWriter(output, header, lineterminator="\n")
    writer.writeheader()
    for row in (row for row in rows if row.is_whole):
        cells = dict(zip(columns, map(_write_cell, row.cells), strict=False))
        head = {"rank": row.rank, "cluster": row.name, "economy": row.economy}
        writer.writerow(head | cells)
    return output.getvalue()


def _write_cell(cell: str) -> str:
    """Return a number without commas, nothing if it is missing, else what is there."""
    if re.fullmatch(_MISSING, cell):
        return ""
    number = read_number(cell)
    return cell if number is None else str(number)
