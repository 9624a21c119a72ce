"""Pieces of a page: cells of a line, partners in a sentence, rows of a list."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from giikit.economies import find_economy_code
from giikit.ledger import Line
from giikit.profile import Output, make_cluster_id

_CELL_JOINT = re.compile(r"[\t|]| {2,}| (?=share$)")
_MARKS = " \t#*|>:-•"
# A state suffix belongs to the partner before it ("Washington, DC-Baltimore, MD"), and
# some places have an "and" of their own.
_PARTNER_JOINT = re.compile(
    r"[,;](?! ?[A-Z]{2,3}(?:-|[,;.]| and |$))(?: ?(?:and|&)(?= ))? ?"
    r"| (?:and|&) (?!Tobago|Herzegovina|Barbuda|Nevis|the Grenadines)"
)


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


def list_words(line: Line) -> list[str]:
    """Give what the cells of a header say, in small letters."""
    cells = _CELL_JOINT.split(line.plain[:100].lower().rstrip(_MARKS))
    return [word for cell in cells if (word := cell.strip(_MARKS))]


def split_partners(line: Line, start: int, end: int) -> list[Cell]:
    """Split a list of partners, some of which have commas of their own."""
    cells, begin = [], start
    for found in _PARTNER_JOINT.finditer(line.plain, start, end):
        cells.append(trim(line, begin, found.start()))
        begin = found.end()
    cells.append(trim(line, begin, end))
    return [cell for cell in cells if cell.start < cell.end]


def split_title(line: Line, ids: set[str]) -> list[Cell]:
    """Split ``{cluster}, {economy}``, where both may hold commas.

    The economy is the longest known one, after a name of the cluster in ``ids`` if
    there is such a split. A line that is neither gives nothing.
    """
    start = len(line.plain) - len(line.plain.lstrip(" \t#*|>"))
    end = len(line.plain.rstrip(" \t#*|"))
    ends = {",": end, "(": end - 1 if line.plain[:end].endswith(")") else 0}
    joints = [(i, ends[c]) for i, c in enumerate(line.plain[:300]) if c in ends]
    splits = [[trim(line, start, i), trim(line, i + 1, last)] for i, last in joints]
    splits = [split for split in splits if all(start < end for _, start, end in split)]
    known = [split for split in splits if find_economy_code(split[1].text)]
    own = [split for split in splits if make_cluster_id(split[0].text) in ids]
    both = [split for split in known if split in own]
    whole = trim(line, start, end)
    alone = [[whole]] if make_cluster_id(whole.text) in ids else []
    return next((c[0] for c in (both, known, own[::-1], alone) if c), [])


def sort_sides(
    left: Section, right: Section, rows: list[tuple[Section, list[tuple[str, Cell]]]]
) -> list[tuple[Section, list[tuple[str, Cell]]]]:
    """Give rows to the list on their side, if the columns say which one that is."""
    sorted_rows = []
    for _, cells in rows:
        line, start, _ = cells[1][1]
        if {cell.line for _, cell in cells if cell.start < cell.end} == {line}:
            column = line.plain.count("\t", 0, start)
            sorted_rows.append((right if column >= left.column else left, cells))
    return sorted_rows if any(side is right for side, _ in sorted_rows) else []
