"""The lists of a page: ranked organizations, technology fields, partner locations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from giikit.grammar import FIELD_ITEM, PARTNER_BREAK, SectionKind
from giikit.ledger import Ledger, shorten
from giikit.lines import Cell, Line
from giikit.profile import Output

Row = dict[str, Cell]
_SLOTS: dict[SectionKind, tuple[str, ...]] = {
    "organizations": ("rank", "organization", "documents", "share"),
    "fields": ("rank", "field", "share"),
}
_EXPECTED_ROWS = 3


@dataclass
class Section:
    """A list that has been opened, and what has been found in it so far."""

    kind: SectionKind
    output: Output
    opened: Line
    has_header: bool = False
    rows: list[Row] = field(default_factory=list)
    # Cells that stand on lines of their own: what they are shows at the end.
    loose: list[Cell] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found in the list yet."""
        return not (self.rows or self.loose)

    @property
    def awaits_header(self) -> bool:
        """Whether a header may come next."""
        return self.kind == "organizations" and self.is_empty and not self.has_header

    def add_line(self, line: Line) -> bool:
        """Take a line as part of the list, unless it cannot be one."""
        if self.kind == "fields" and (rows := _find_field_items(line)):
            self.rows += rows
            return True
        cells = line.split_cells()
        if len(cells) == 1:
            self.loose += cells
            return True
        rows = _assemble_rows(cells, _SLOTS[self.kind])
        self.rows += rows
        return bool(rows)

    def close(self) -> list[Line]:
        """Make rows of the loose cells; give the lines that belong to none."""
        rows = _assemble_rows(self.loose, _SLOTS[self.kind])
        used = {cell.line.index for row in rows for cell in row.values()}
        self.rows = sorted(
            self.rows + rows, key=lambda row: next(iter(row.values())).line.index
        )
        lines = [cell.line for cell in self.loose if cell.line.index not in used]
        self.loose = []
        return lines


def _find_field_items(line: Line) -> list[Row]:
    """Read ``medical technology (10%), optics (8%)``."""
    if "%)" not in line.plain:
        return []
    return [
        {
            slot: Cell(found[slot], line, *found.span(slot))
            for slot in ("field", "share")
        }
        for found in FIELD_ITEM.finditer(line.plain)
    ]


def _assemble_rows(cells: Sequence[Cell], slots: tuple[str, ...]) -> list[Row]:
    """Put cells into rows: by their number if it fits, else each by its look."""
    for names in (slots, slots[1:]) if len(slots) == 3 else (slots,):
        width = len(names)
        if (
            cells
            and not len(cells) % width
            and ("%" in cells[-1].text or len(cells) == width == 4)
            and all("%" in cell.text for cell in cells[width - 1 : -1 : width])
        ):
            rows = [
                dict(zip(names, cells[i : i + width], strict=True))
                for i in range(0, len(cells), width)
            ]
            if all(_is_plausible(row) for row in rows):
                return rows
    return [row for row in _fit_cells(cells, slots) if _is_plausible(row)]


def _is_plausible(row: Row) -> bool:
    """Whether the row names something and says a number of it."""
    numbers = [row[slot].text for slot in ("documents", "share") if slot in row]
    return ("organization" in row or "field" in row) and any(
        "%" in text or any(map(str.isdigit, text)) for text in numbers
    )


def _fit_cells(cells: Sequence[Cell], slots: tuple[str, ...]) -> Iterator[Row]:
    """Give each cell the next slot that suits its look; a row may lack some."""
    row: Row = {}
    last = -1
    name = 1
    for cell in cells:
        figures = any(map(str.isdigit, cell.text))
        if "%" in cell.text:
            slot = len(slots) - 1
        elif not any(map(str.isalpha, cell.text)) and figures:
            slot = 0 if last < 0 or "documents" not in slots else 2
        elif last == name and figures and "documents" in slots:
            slot = 2  # a count with a letter in it
        else:
            slot = name
        if slot <= last:
            yield row
            row = {}
            slot = 0 if slot == 2 and "documents" in slots else slot
        row[slots[slot]] = cell
        last = slot
    if row:
        yield row


def read_organizations(
    section: Section, ledger: Ledger
) -> list[tuple[Output, int | None, str, int | None, float | None]]:
    """Note every cell of the list and give its rows, without key."""
    output, rows = section.output, []
    for position, row in enumerate(section.rows, start=1):
        cell = row["organization"]
        name = cell.line.printed[cell.start : cell.end]
        rank, _, documents, share = (
            ledger.observe_cell(row.get(slot), slot, output, position, name)
            for slot in _SLOTS["organizations"]
        )
        _report_gaps(row, _SLOTS["organizations"], name, ledger)
        rows.append((output, _whole(rank), name, _whole(documents), share))
    return rows


def read_fields(
    section: Section, ledger: Ledger
) -> list[tuple[Output, int, str, float | None]]:
    """Note every cell of the list and give its rows, without key."""
    output, rows = section.output, []
    for position, row in enumerate(section.rows, start=1):
        cell = row["field"]
        name = cell.line.printed[cell.start : cell.end]
        _, _, share = (
            ledger.observe_cell(row.get(slot), slot, output, position, name)
            for slot in _SLOTS["fields"]
        )
        _report_gaps(row, ("share",), name, ledger)
        rows.append((output, position, name, share))
    return rows


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _report_gaps(row: Row, slots: Sequence[str], name: str, ledger: Ledger) -> None:
    missing = [slot for slot in slots if slot not in row]
    if missing:
        message = f"the row of {shorten(name)} has no {' and no '.join(missing)}"
        ledger.remark("error", "row-incomplete", message, next(iter(row.values())).line)


def check_organizations(
    section: Section,
    rows: Sequence[tuple[Output, int | None, str, int | None, float | None]],
    ledger: Ledger,
) -> None:
    """Report a ranking that is not in order, or shorter than the usual three."""
    what = "applicants" if section.output == "patent" else "publishing organizations"
    if len(rows) < _EXPECTED_ROWS:
        message = f"{len(rows)} {what} are listed, {_EXPECTED_ROWS} expected"
        ledger.remark("warning", "few-rows", message, section.opened)
    ranks = [row[1] for row in rows]
    for place, (rank, previous) in enumerate(zip(ranks, [0, *ranks[:-1]], strict=True)):
        if rank is None or previous is None or rank == previous + 1:
            continue
        line = next(iter(section.rows[place].values())).line
        if rank == previous:
            message = f"rank {rank} stands twice in the list of {what}"
            ledger.remark("warning", "rank-repeated", message, line)
        elif rank < previous:
            message = f"rank {rank} follows rank {previous} in the list of {what}"
            ledger.remark("error", "rank-order", message, line)
        else:
            message = f"rank {previous + 1} is absent from the list of {what}"
            ledger.remark("warning", "rank-gap", message, line)
    for place in range(1, len(rows)):
        above, below = rows[place - 1][3], rows[place][3]
        if above is not None and below is not None and below > above:
            message = f"{below:,} documents stand below {above:,} among {what}"
            line = next(iter(section.rows[place].values())).line
            ledger.remark("error", "count-order", message, line)


def split_partners(line: Line, start: int, end: int) -> list[tuple[int, int]]:
    """Give the slices of the partners in a list of them."""
    spans, begin = [], start
    for found in PARTNER_BREAK.finditer(line.plain, start, end):
        spans.append((begin, found.start()))
        begin = found.end()
    spans.append((begin, end))
    trimmed = []
    for first, last in spans:
        name = line.plain[first:last]
        left = first + len(name) - len(name.lstrip(" ,;"))
        right = last - (len(name) - len(name.rstrip(" ,;")))
        if left < right:
            trimmed.append((left, right))
    return trimmed
