"""Pieces of a page: cells of a line, partners in a sentence, rows of a list."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from giikit.names import find_economy_code, make_cluster_id
from giikit.parsing.grammar import JOINTS, ROWS
from giikit.parsing.ledger import Line
from giikit.vocabulary import Output

_CELL_JOINT = re.compile(r"[\t|]| {2,}| (?=share$)")
_MARKS = " \t#*|>:-•"
_BOLD = re.compile("[*_]|</?(?:b|strong)[ >]")
# A state suffix belongs to the partner before it ("Washington, DC-Baltimore, MD"), and
# some places have an "and" of their own.
_PARTNER_JOINT = re.compile(
    r"[,;](?! ?[A-Z]{2,3}(?:-|[,;.]| and |$))(?: ?(?:and|&)(?= ))? ?"
    r"|[ \t](?:and|&)[ \t](?!Tobago|Herzegovina|Barbuda|Nevis|the Grenadines)"
)
# What a list ends with only where the page breaks off.
_DANGLING = re.compile(r"[,;\s]+(?:and|&)\s*$")

Spans = list[tuple[int, int]]


class Cell(NamedTuple):
    """A piece of a line."""

    line: Line
    start: int
    end: int

    @property
    def text(self) -> str:
        """What is printed there."""
        return self.line.print(self.start, self.end)


class PartnerList(NamedTuple):
    """The partner locations of a sentence, and how many it says there are."""

    output: Output
    names: list[str]
    stated: float | None
    line: Line


@dataclass
class Section:
    """A list that has been opened, with what was found in it so far."""

    kind: str
    output: Output
    opened: Line
    has_header: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list)
    # Lines of one cell each: what they are shows when the list ends.
    loose: list[Line] = field(default_factory=list)
    # A list drawn to the right of this one, and the column it begins in.
    beside: Section | None = None
    column: int = 0


def trim(line: Line, start: int, end: int) -> Cell:
    """Give a piece of a line without the spaces and commas around it."""
    text = line.plain[start:end]
    left = start + len(text) - len(text.lstrip(" \t,;"))
    return Cell(line, left, max(left, start + len(text.rstrip(" \t,;"))))


def find_leftovers(line: Line, spans: Spans) -> Iterator[Cell]:
    """Give what stands between slices of a line, but for what only joins them."""
    done, whole = 0, len(line.plain)
    if not spans or spans[0] == (0, whole):
        return
    for start, end in [*sorted(spans), (whole, whole)]:
        left = line.plain[done:start].strip(" \t,.:;*|#>-•()")
        if left and left.lower() not in JOINTS:
            place = line.plain.index(left, done)
            yield Cell(line, place, place + len(left))
        done = max(done, end)


def strip_line(line: Line) -> Cell:
    """Give a line without the marks of headings and tables around it."""
    start = len(line.plain) - len(line.plain.lstrip(" \t#*|>"))
    return trim(line, start, len(line.plain.rstrip(" \t#*|")))


def list_words(line: Line) -> list[str]:
    """Give what the cells of a header say, in small letters."""
    cells = _CELL_JOINT.split(line.plain[:100].lower().rstrip(_MARKS))
    return [word for cell in cells if (word := cell.strip(_MARKS))]


def split_partners(
    line: Line, start: int, end: int, stated: float | None
) -> list[tuple[Cell, bool]]:
    """Split a list of partners; False where a piece may be one name or several.

    Commas part names, and so does the last "and" of a list. Others are a name's own,
    unless bold type or the number that is stated says that they part names, too.
    """
    if cut := _DANGLING.search(line.plain, start, end):
        end = cut.start()
    joints = list(_PARTNER_JOINT.finditer(line.plain, start, end))
    commas = [joint for joint in joints if joint[0][0] in ",;"]
    ands = [joint for joint in joints if joint not in commas]
    tail = [j for j in ands if not commas or j.start() > commas[-1].start()]
    tail = [j for j in tail if "and" in j[0]] or tail
    if marked := [joint for joint in ands if _is_marked(line, *joint.span())]:
        choices = [marked]
    elif not ands or (commas and commas[-1][0].strip(",; ")):
        choices = [[]]
    else:
        choices = [[joint] for joint in tail] or [[], ands]
    fitting = [c for c in choices if len(commas) + len(c) + 1 == stated]
    if not fitting and len(joints) + 1 == stated:
        fitting = [ands]
    choices = fitting or choices
    clear = len(choices) == 1
    parting = [j for j in joints if j in commas or (clear and j in choices[0])]
    cells, begin = [], start
    for first, last in [*(joint.span() for joint in parting), (end, end)]:
        cell = trim(line, begin, first)
        one = clear or not any(begin <= joint.start() < first for joint in ands)
        cells += [(cell, one)] if cell.start < cell.end else []
        begin = last
    return cells


def _is_marked(line: Line, start: int, end: int) -> bool:
    """Whether bold type ends or begins where names are parted."""
    if line.offsets is None or start == 0:
        return False
    around = line.decoded[
        line.offsets[start - 1] + 1 : line.offsets[min(end, len(line.offsets) - 1)]
    ]
    return _BOLD.search(around) is not None


def split_title(line: Line, ids: set[str]) -> list[Cell]:
    """Split ``{cluster}, {economy}``, where both may hold commas.

    The economy is the longest known one, after a name of the cluster in ``ids`` if
    there is such a split. A line that is neither gives nothing.
    """
    _, start, end = whole = strip_line(line)
    ends = {",": end, "(": end - 1 if line.plain[:end].endswith(")") else 0}
    joints = [(i, ends[c]) for i, c in enumerate(line.plain[:300]) if c in ends]
    splits = [[trim(line, start, i), trim(line, i + 1, last)] for i, last in joints]
    splits = [split for split in splits if all(start < end for _, start, end in split)]
    known = [split for split in splits if find_economy_code(split[1].text)]
    own = [split for split in splits if make_cluster_id(split[0].text) in ids]
    both = [split for split in known if split in own]
    alone = [[whole]] if make_cluster_id(whole.text) in ids else []
    return next((c[0] for c in (both, known, own[::-1], alone) if c), [])


Row = tuple[Section, list[tuple[str, Cell]]]


def find_disorder(
    section: Section,
) -> Iterator[tuple[str, Line, dict[str, Any]]]:
    """Give what cannot stand below the row above it: code, line and details."""
    rows, seen = section.rows, set()
    ranked = section.kind != "fields" or len({row["rank"] for row in rows}) > 1
    for above, row in pairwise([{"rank": 0}, *rows]):
        line, rank, last = row["line"], row["rank"], above["rank"]
        again = row["name"] in seen
        seen.add(row["name"])
        if again:
            yield "row-repeated", line, {"name": repr(row["name"])}
        # "1." before each field is the list of a Markdown page.
        if ranked and rank is not None and last is not None and rank != last + 1:
            codes = {rank > last: "rank-gap", rank == last: "rank-repeated"}
            code = codes.get(True, "rank-order")
            if not (again and code == "rank-repeated"):
                yield code, line, {"rank": rank, "above": last, "due": last + 1}
        count, more = row.get("documents"), above.get("documents")
        if count is not None and more is not None and count > more:
            yield "count-order", line, {"count": count, "above": more}
        share, most = row.get("share"), above.get("share")
        if section.kind == "fields" and share and most and share > most:
            yield "share-order", line, {"share": share, "above": most}


def count_joints(line: Line, end: int) -> int:
    """Count the cells' joints before a place."""
    return len(re.findall(r"[\t|]", line.plain[:end]))


def find_loose_rows(section: Section) -> list[Row]:
    """Make rows of lines of one cell each; of two lists, for the one on their side."""
    starts = [0, *accumulate(len(line.plain) + 1 for line in section.loose)]
    rows: list[Row] = []
    (rule,) = ROWS[f"loose {section.kind}"]
    text = "\t".join([line.plain for line in section.loose])
    if section.beside:
        text = text.replace("|", "\t")
    for found in rule.pattern.finditer(text):
        cells = []
        for name, group in rule.groups:
            start, end = found.span(group)
            place = bisect_right(starts, max(start, 0)) - 1
            shift = starts[place] if start >= 0 else start
            line = section.loose[place]
            cells.append((name, trim(line, start - shift, end - shift)))
        rows.append((section, cells))
    return _sort_sides(section, section.beside, rows) if section.beside else rows


def _sort_sides(left: Section, right: Section, rows: list[Row]) -> list[Row]:
    """Give rows to the list on their side, if the columns say which one that is."""
    sorted_rows = []
    for _, cells in rows:
        line, start, _ = cells[1][1]
        if {cell.line for _, cell in cells if cell.start < cell.end} == {line}:
            column = count_joints(line, start)
            sorted_rows.append((right if column >= left.column else left, cells))
    return sorted_rows if any(side is right for side, _ in sorted_rows) else []
