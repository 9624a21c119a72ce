"""What reading a page brings to light: printed values, findings, and their places."""

from __future__ import annotations

from collections import defaultdict
from operator import itemgetter

from giikit.grammar import FIELDS
from giikit.lines import Cell, Line
from giikit.pages import Page
from giikit.profile import Finding, Observation, Output, Severity

# What a number's fault means; the value is then missing.
_FAULTS: dict[str, tuple[Severity, str]] = {
    "unreadable-number": ("error", "cannot be read as a number"),
    "wrong-grouping": ("error", "is not grouped by thousands: a digit may be lost"),
    "wrong-suffix": ("error", "has the wrong suffix for its number"),
    "impossible-value": ("error", "is outside the values that it can have"),
    "share-bound": ("info", "is a bound, not a value"),
}
# The first characters at which a spreadsheet takes a cell for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


_PLACE = itemgetter(9, 10)  # line and start


class Ledger:
    """The rows of one page's ``observations`` and ``findings``, while it is read."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._observations: list[tuple[object, ...]] = []
        self._findings: list[tuple[object, ...]] = []
        # Every number read so far by column, to be compared at the end.
        self.readings: defaultdict[str, list[float | None]] = defaultdict(list)

    def _find_place(
        self, line: Line, start: int, end: int
    ) -> tuple[int | None, int | None, int | None]:
        number = self._page.numbers[line.index]
        return (number, start, end) if self._page.has_slices else (number, None, None)

    def remark(
        self,
        severity: Severity,
        code: str,
        message: str,
        line: Line | None = None,
        start: int = 0,
        end: int | None = None,
    ) -> None:
        """Note a finding, at a slice of the printed line if one is given."""
        place: tuple[int | None, ...] = ()
        if line:
            stop = len(line.printed) if end is None else end
            place = self._find_place(line, *line.locate(start, stop))
        self._findings.append((self._page.source, severity, code, message, *place))

    def observe(
        self,
        line: Line,
        start: int,
        end: int,
        name: str,
        output: Output | None = None,
        position: int | None = None,
        entity: str | None = None,
    ) -> float | None:
        """Note a printed value; give its number, if it is one and can be read."""
        field = FIELDS[name]
        value = unit = resolution = None
        first, last = line.locate(start, end) if line.gaps else (start, end)
        text = line.decoded[first:last]
        if field.read:
            unit = field.unit
            value, resolution, fault = field.read(line.plain[start:end])
            if fault:
                severity, meaning = _FAULTS[fault]
                message = f"{field.indicator}: {shorten(text)} {meaning}"
                self.remark(severity, fault, message, line, start, end)
        elif text.startswith(_FORMULA):
            message = f"a spreadsheet would run {shorten(text)} as a formula"
            self.remark("error", "formula-text", message, line, start, end)
        printed = (field.indicator, output, position, entity, value, text, unit)
        place = (resolution, self._page.source, *self._find_place(line, first, last))
        self._observations.append((*printed, *place))
        if field.read:
            self.readings[field.indicator].append(value)
        return value

    def observe_cell(
        self,
        cell: Cell | None,
        name: str,
        output: Output,
        position: int,
        entity: str,
    ) -> float | None:
        """Note the value of a table cell that may be missing."""
        if cell is None:
            return None
        return self.observe(
            cell.line, cell.start, cell.end, name, output, position, entity
        )

    def make_observations(
        self, edition: int | None, cluster_id: str | None
    ) -> tuple[Observation, ...]:
        """Give the printed values their key."""
        key = (edition, cluster_id)
        if self._page.has_slices:
            self._observations.sort(key=_PLACE)
        return tuple([Observation._make(key + row) for row in self._observations])

    def make_findings(
        self, edition: int | None, cluster_id: str | None
    ) -> tuple[Finding, ...]:
        """Give the findings their key, in the order of their lines."""
        key = (edition, cluster_id)
        findings = [Finding(*key, *row) for row in self._findings]  # type: ignore[arg-type]
        return tuple(sorted(findings, key=lambda f: (f.line or 0, f.start or 0)))


def shorten(text: str) -> str:
    """Quote page text for a message, at most 60 characters of it."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
