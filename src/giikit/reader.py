"""Claim the lines of a page: try the grammar's rules on each, fill the open list."""

from __future__ import annotations

import re
from typing import NamedTuple

from giikit.grammar import (
    ANCHOR,
    EDITION,
    FILLER,
    RULES,
    SUBHEADINGS,
    TABLE_HEADER,
    TABLE_RULE,
    Rule,
    SectionKind,
)
from giikit.ledger import Ledger, shorten
from giikit.lines import Cell, Line
from giikit.lists import Section, split_partners
from giikit.pages import Page
from giikit.profile import Output

_LONGEST_LINE = 10_000
# Without an edition heading, the title is looked for so many lines above the body.
_LONGEST_HEAD = 12
_MARKS = " \t#*|>:"


class PartnerList(NamedTuple):
    """The partner locations of one sentence, and how many it says there are."""

    output: Output
    names: list[str]
    stated: float | None
    line: Line


class PageReader:
    """One page while it is read; its attributes are what has been found so far."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.ledger = Ledger(page)
        self.sections: list[Section] = []
        self.seen: set[Rule] = set()
        self.unclaimed: list[Line] = []
        self.claimed: list[int] = []
        self.outside = 0
        self.clusters: list[Cell] = []
        self.partners: list[PartnerList] = []
        self._section: Section | None = None
        self.body = next(
            (i for i, text in enumerate(page.lines) if ANCHOR.search(text)),
            len(page.lines),
        )

    def read_lines(self) -> None:
        """Claim every line that a rule or an open list can read."""
        first = self._find_beginning()
        for index, text in enumerate(self.page.lines):
            if not text or text.isspace():
                continue
            if index < first:
                self.outside += 1
                continue
            line = Line(index, text)
            if len(text) > _LONGEST_LINE:
                message = f"a line of {len(text):,} characters is too long to be read"
                self.ledger.remark("warning", "long-line", message, line, 0, 60)
            elif self._apply_rules(line) or self._read_list_line(line):
                self.claimed.append(index)
            else:
                self.unclaimed.append(line)
        self._close_section()

    def _find_beginning(self) -> int:
        """Find the edition heading next above the body; menus repeat it further up."""
        if self.body == len(self.page.lines):
            return 0
        for index in range(self.body - 1, -1, -1):
            text = self.page.lines[index]
            if EDITION.hint in text.lower() and EDITION.pattern.search(
                Line(index, text).plain
            ):
                return index
        return max(0, self.body - _LONGEST_HEAD)

    def _apply_rules(self, line: Line) -> bool:
        """Try the rules on a line; what a sentence leaves over is reported."""
        spans = []
        output: Output | None = None
        for rule in RULES:
            if rule.hint not in line.low:
                continue
            found = rule.pattern.search(line.plain)
            # Further down, an edition heading is the next page's, or a footer.
            if not found or (rule is EDITION and line.index > self.body):
                continue
            spans.append(found.span())
            self.seen.add(rule)
            output = rule.output or output
            self._close_section()
            if rule.opens and output:
                self._open_section(rule.opens, output, line)
            self._read_groups(line, found, output)
        if spans and spans[0] != (0, len(line.plain)):
            self._report_leftovers(line, sorted(spans))
        return bool(spans)

    def _read_groups(
        self, line: Line, found: re.Match[str], output: Output | None
    ) -> None:
        values = {}
        for name, text in found.groupdict().items():
            start, end = found.span(name)
            if text is None or name == "partners":
                continue
            values[name] = self.ledger.observe(line, start, end, name, output)
            if name == "cluster":
                self.clusters.append(Cell(line.printed[start:end], line, start, end))
        if output and "partners" in found.re.groupindex:
            names = []
            spans = split_partners(line, *found.span("partners"))
            for position, span in enumerate(spans, start=1):
                names.append(line.printed[slice(*span)])
                self.ledger.observe(line, *span, "partner", output, position, names[-1])
            stated = values.get("partners_stated")
            self.partners.append(PartnerList(output, names, stated, line))

    def _report_leftovers(self, line: Line, spans: list[tuple[int, int]]) -> None:
        done = 0
        for start, end in [*spans, (len(line.plain), len(line.plain))]:
            left = line.plain[done:start]
            if left and not FILLER.fullmatch(left):
                message = f"no rule reads {shorten(left.strip())}"
                self.ledger.remark(
                    "warning", "unclaimed-text", message, line, done, start
                )
            done = max(done, end)

    def _read_list_line(self, line: Line) -> bool:
        """Claim a header, a subheading or a row of a list."""
        if TABLE_RULE.fullmatch(line.plain):
            return True
        if found := TABLE_HEADER.fullmatch(line.plain):
            return self._read_header(
                "patent" if found["patent"] else "publication", line
            )
        word = line.low.strip(_MARKS)
        section = self._section
        if word in SUBHEADINGS:
            output = SUBHEADINGS[word]
            if section and section.awaits_header:
                return self._read_header(output, line)
            self._open_section("fields", output, line)
            return True
        if word == "share" and section and section.is_empty:
            # A header in two lines: what looked like a chart's heading was half of it.
            if section.kind == "fields":
                self.sections.pop()
                self._open_section("organizations", section.output, line)
            return True
        return section is not None and section.add_line(line)

    def _read_header(self, output: Output, line: Line) -> bool:
        section = self._section
        if not section or not section.awaits_header:
            self._open_section("organizations", output, line)
        elif section.output != output:
            message = f"the header {shorten(line.printed.strip())} does not belong here"
            self.ledger.remark("error", "wrong-header", message, line)
            self._close_section()
        if self._section:
            self._section.has_header = True
        return True

    def _open_section(self, kind: SectionKind, output: Output, line: Line) -> None:
        self._close_section()
        self._section = Section(kind, output, line)
        self.sections.append(self._section)

    def _close_section(self) -> None:
        if self._section:
            self.unclaimed += self._section.close()
            self._section = None
