"""One line of a page as the grammar sees it, and the way back to its slices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# Marks that say how text looks, not what it says; invisible characters too.
_MARKUP = re.compile(
    r"\*\*|__|\\(?=[^\w\s])|[\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}"
    r"\N{ZERO WIDTH JOINER}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}"
    r"\N{SOFT HYPHEN}\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}]"
)
# One character for one, so that a place in the plain text is a place in the line.
_PLAIN = str.maketrans(
    dict.fromkeys(map(chr, (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x3000)), " ")
    | dict.fromkeys(map(chr, (0x205F, 0x2028, 0x2029, 0x85, 0x0B, 0x0C)), " ")
    | dict.fromkeys(map(chr, (*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFF0D)), "-")
    | dict.fromkeys(map(chr, (0x2018, 0x2019, 0x201B, 0x2BC, 0x60, 0xB4)), "'")
    | dict.fromkeys(map(chr, (0x201C, 0x201D, 0x201F)), '"')
    | {"\N{FULLWIDTH PERCENT SIGN}": "%"}
)
_CELL = re.compile(r"[^\t| ][^\t|]*")
_SPACED_CELL = re.compile(r"[^ ]+(?: [^ ]+)*")
# A row whose cells one space parts: a count in groups could begin in the name.
_SPACED_ROW = re.compile(
    r" *([^ ]{1,6}) ([^ ].*[^ ]) ([0-9][0-9,]{0,20}) ([^ ]{1,8} ?%) *"
)


class Cell(NamedTuple):
    """A table cell: the plain text, and where it stands in the line."""

    text: str
    line: Line
    start: int
    end: int


class Line:
    """A line: as decoded, without markup as printed, and plain for matching."""

    __slots__ = ("decoded", "gaps", "index", "low", "plain", "printed")

    def __init__(self, index: int, decoded: str) -> None:
        self.index = index
        self.decoded = self.printed = decoded
        # Places (in the printed text) at which markup of so many characters stood.
        self.gaps: list[tuple[int, int]] = []
        if not decoded.isascii() or "*" in decoded or "_" in decoded or "\\" in decoded:
            self._remove_markup()
        self.plain = (
            self.printed if self.printed.isascii() else self.printed.translate(_PLAIN)
        )
        self.low = self.plain.lower()

    def _remove_markup(self) -> None:
        kept, last, removed = [], 0, 0
        for mark in _MARKUP.finditer(self.decoded):
            start, end = mark.span()
            kept.append(self.decoded[last:start])
            self.gaps.append((start - removed, end - start))
            removed += end - start
            last = end
        self.printed = "".join(kept) + self.decoded[last:]

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Give the slice of the decoded line for a slice of the printed text."""
        first, last = start, end
        for place, width in self.gaps:
            if place <= start:
                first += width
            if place < end:
                last += width
        return first, last

    def split_cells(self) -> list[Cell]:
        """Split at tabs or pipes, else at runs of spaces, else as a spaced row."""
        plain = self.plain
        if "\t" in plain or "|" in plain:
            spans = self._find_spans(_CELL)
        elif "  " in plain.strip():
            spans = self._find_spans(_SPACED_CELL)
        elif plain.rstrip().endswith("%") and (row := _SPACED_ROW.fullmatch(plain)):
            spans = iter([row.span(i) for i in range(1, 5)])
        else:
            start = len(plain) - len(plain.lstrip())
            spans = iter([(start, len(plain.rstrip()))])
        return [Cell(plain[s:e], self, s, e) for s, e in spans]

    def _find_spans(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
        for found in pattern.finditer(self.plain):
            start = found.start()
            yield start, start + len(found[0].rstrip())
