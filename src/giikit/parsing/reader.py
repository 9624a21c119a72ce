"""Claim the lines of a page: try the rules on each, fill the list that is open."""

from __future__ import annotations

import re
from typing import Any, cast

from giikit.names import make_cluster_id
from giikit.pages import Page
from giikit.parsing.grammar import EDITIONS, FIELDS, ROWS, RULES, WORDS, Rule
from giikit.parsing.ledger import SENTENCE, Ledger, Line, simplify_lines
from giikit.parsing.numbers import read_ordinal
from giikit.parsing.pieces import (
    Cell,
    PartnerList,
    Section,
    Spans,
    count_joints,
    find_leftovers,
    find_loose_rows,
    list_words,
    split_partners,
    split_title,
)
from giikit.vocabulary import Output

_LONGEST_LINE = 10_000
# Without an edition heading, the title is looked for so many lines above the body.
_LONGEST_HEAD = 12
# The title may also stand so few lines above the edition heading.
_LONGEST_TOP = 3
_EMPTY_ROW = re.compile(r"[\s|:+=*_-]*")
# A rank on a line of its own, above the words that say which one it is.
_RANK_ALONE = re.compile(
    r"[\s#*>|•-]{0,20}(?:[Tt]he )?(\S{1,30}(?: (?:st|nd|rd|th))?)[\s|:]{0,20}"
)
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


class PageReader:
    """One page while it is read; its attributes are what has been found so far."""

    def __init__(self, page: Page) -> None:
        self.ledger = Ledger(page)
        self.lines = simplify_lines(page)
        self.sections: list[Section] = []
        self.partners: list[PartnerList] = []
        self.clusters: list[Cell] = []
        self.seen: set[Rule] = set()
        self.claimed: list[Line] = []
        self.unclaimed: list[Line] = []
        self._open: Section | None = None
        self._above: Line | None = None
        # Above the first sentence stand the edition and the title.
        body = (i for i, line in enumerate(self.lines) if SENTENCE.search(line.plain))
        self._body = next(body, len(self.lines))
        self.first = self._find_beginning()

    @property
    def head(self) -> list[Line]:
        """The lines that may be the title, the likeliest first."""
        above = self.lines[max(0, self.first - _LONGEST_TOP) : self.first]
        return self.lines[self.first : self._body][::-1] + above[::-1]

    def _find_beginning(self) -> int:
        """Find the edition heading next above the body; menus have more further up."""
        if self._body == len(self.lines):
            return 0
        for place in range(self._body - 1, -1, -1):
            plain = self.lines[place].plain
            hinted = [rule for rule in EDITIONS if rule.hint in plain.lower()]
            if any(rule.pattern.search(plain) for rule in hinted):
                return place
        return max(0, self._body - _LONGEST_HEAD)

    def read_lines(self) -> None:
        """Claim every line that a rule or the open list can read."""
        above = self.lines[: self.first]
        self.unclaimed += [r for r in above if not _EMPTY_ROW.fullmatch(r.plain)]
        for place, line in enumerate(self.lines[self.first :], start=self.first):
            if len(line.decoded) > _LONGEST_LINE:
                self.ledger.remark("long-line", line, 0, 60, count=len(line.decoded))
                continue
            if not line.decoded.isprintable() and _CONTROL.search(line.decoded):
                self.ledger.remark("control-character", line)
            if (
                (self._open and self._claim_rows(line, self._open))
                or self._apply_rules(line, in_head=place <= self._body)
                or self._read_words(line)
            ):
                self.claimed.append(line)
            else:
                (self._open.loose if self._open else self.unclaimed).append(line)
            self._above = line
        self._close_list()

    def _apply_rules(self, line: Line, *, in_head: bool) -> bool:
        """Try the rules on a line; what a sentence leaves over is reported."""
        plain = line.plain
        # Headings may be in capitals, sentences are not.
        hinted = plain.lower() if len(plain) < 150 else plain
        spans: Spans = []
        output: Output | None = None
        for rule in RULES:
            if rule.hint not in hinted or (rule in EDITIONS and not in_head):
                continue
            matches = rule.pattern.finditer(plain)
            if output and rule.part == "partners":
                # Only where the first clause ends, for the list may be long.
                matches = filter(None, [rule.pattern.match(plain, spans[-1][1])])
            for found in matches:
                if rule.above and self._is_elsewhere():
                    continue
                if self._open:
                    self._close_list()
                spans.append(found.span())
                self.seen.add(rule)
                output = rule.output or output
                if rule.opens and output:
                    self._open_list(rule.opens, output, line)
                self._read_groups(line, rule, found, output)
        if spans and self._open and self._open.opened is line:
            spans += self._read_rows(line, self._open, max(spans)[1])
        self._report_leftovers(line, spans)
        return bool(spans)

    def _list_unread(self) -> list[Line]:
        """Give the lines that nothing has claimed, if the line above is one."""
        unread = self._open.loose if self._open else self.unclaimed
        return unread if unread and unread[-1] is self._above else []

    def _list_ids(self) -> set[str]:
        """Give the slugs of the names read so far, or of the first ones: for speed."""
        return {make_cluster_id(cell.text) for cell in self.clusters[:9]}

    def _is_elsewhere(self) -> bool:
        """Whether the line stands under the title of another cluster, as on a card."""
        ids = self._list_ids()
        for above in self._list_unread()[:-4:-1] if ids else ():
            cells = split_title(above, ids) if above.plain.count(",") < 5 else []
            if len(cells) == 2:
                return make_cluster_id(cells[0].text) not in ids
        return False

    def _read_above(self, line: Line, rule: Rule, found: re.Match[str]) -> str | None:
        """Read a rank that stands alone above its words; give its column."""
        if not rule.above or found.start(rule.above) >= 0:
            return None
        unread = self._list_unread()
        alone = _RANK_ALONE.fullmatch(unread[-1].plain) if unread else None
        if alone and (re.search("[0-9]", alone[1]) or read_ordinal(alone[1])[0]):
            self.claimed.append(unread.pop())
            self.ledger.observe(self.claimed[-1], *alone.span(1), rule.above)
            return rule.above
        printed = [FIELDS[n].indicator for n, i in rule.groups if found[i] is not None]
        if rule.above not in printed:
            self.ledger.remark("missing-value", line, indicator=rule.above)
        return None

    def _read_groups(
        self, line: Line, rule: Rule, found: re.Match[str], output: Output | None
    ) -> None:
        """Note the values of a rule's groups, and the partners one by one."""
        value, done = None, self._read_above(line, rule, found)
        for name, group in rule.groups:
            start, end = found.span(group)
            if start >= 0 and name != "partners" and FIELDS[name].indicator != done:
                value = self.ledger.observe(line, start, end, name, output)
                if name == "cluster":
                    self.clusters.append(Cell(line, start, end))
        if output and rule.part == "partners":
            names = []
            cells = split_partners(line, *found.span("partners"), value)
            for position, (cell, clear) in enumerate(cells, start=1):
                names.append(cell.text if clear else "")
                self.ledger.observe(*cell, "partner", output, position, cell.text)
                if not make_cluster_id(names[-1]):
                    code = "unreadable-name" if clear else "unclear-name"
                    self.ledger.remark(code, *cell)
            self.partners.append(PartnerList(output, names, value, line))

    def _report_leftovers(self, line: Line, spans: Spans) -> None:
        """Report what rules leave of a line; the cluster's own name is no remark."""
        for cell in find_leftovers(line, spans):
            if make_cluster_id(cell.text) in self._list_ids():
                self.ledger.observe(*cell, "cluster")
            else:
                self.ledger.remark("unclaimed-text", *cell)

    def _claim_rows(self, line: Line, section: Section) -> bool:
        """Read a line that holds rows of the open list, and opens no other."""
        first = line.plain[:99].lower().strip(" \t#*|-•").split(" ")[0].rstrip(":*")
        if section.kind == "fields" and WORDS.get(first):
            return False
        spans = self._read_rows(line, section, 0)
        self._report_leftovers(line, spans)
        return bool(spans)

    def _read_rows(self, line: Line, section: Section, begin: int) -> Spans:
        """Read a row, or several, of the open list; give their slices of the line."""
        for rule in ROWS[section.kind] if not section.beside else ():
            if rule.hint in line.plain:
                spans = []
                for found in rule.pattern.finditer(line.plain, begin):
                    cells = [(n, Cell(line, *found.span(i))) for n, i in rule.groups]
                    self._add_row(section, cells)
                    spans.append(found.span())
                if spans:
                    return spans
        return []

    def _add_row(self, section: Section, cells: list[tuple[str, Cell]]) -> None:
        """Note every cell of a row; a cell may be empty, but for the name."""
        slot, (line, first, last) = cells[1]  # in every row, the name comes second
        first += 2 if line.plain[first : first + 2] in ("- ", "• ", "* ") else 0
        bare = line.plain[first:last].rstrip(" :|-")
        last = first + len(bare) if bare else last
        cells[1] = slot, Cell(line, first, last)
        name = line.print(first, last)
        row: dict[str, Any] = {"line": line, "name": name, "rank": None}
        output, position = section.output, len(section.rows) + 1
        for slot, (owner, start, end) in cells:
            if start < end:
                row[slot] = self.ledger.observe(
                    owner, start, end, slot, output, position, name
                )
            elif section.kind == "organizations":
                row[slot] = None
                self.ledger.remark("row-incomplete", line, first, last, indicator=slot)
        section.rows.append(row)

    def _read_words(self, line: Line) -> bool:
        """Read a header, the heading of a chart, or a line that draws a table."""
        if _EMPTY_ROW.fullmatch(line.plain):
            return True
        words = list_words(line)
        if not WORDS.keys() >= set(words):
            words = line.plain[:100].lower().split()
        if len(line.plain) > 100 or not words or not WORDS.keys() >= set(words):
            return False
        output: Any = next((WORDS[word] for word in words if WORDS[word]), None)
        section = self._open
        empty = section if section and not (section.rows or section.loose) else None
        awaits = empty if empty and empty.kind == "organizations" else None
        if awaits and output and output != awaits.output and not awaits.has_header:
            # The rows below could belong to either: they are left out.
            self.ledger.remark("wrong-header", line, output=awaits.output)
            self._close_list()
        elif output and not (awaits and output == awaits.output):
            word = next(word for word in words[::-1] if WORDS[word])
            two = not awaits and WORDS[word] != output
            is_list = awaits or ("share" in words and not two)
            self._open_list("organizations" if is_list else "fields", output, line)
            if self._open and two:
                self._open.beside = Section("fields", cast(Output, WORDS[word]), line)
                place = line.plain.lower().rindex(word)
                self._open.column = max(1, count_joints(line, place))
                self.sections.append(self._open.beside)
        elif empty and not (awaits or output or empty.beside or "field" in words[0]):
            # A header in two lines: what looked like a chart's heading was half of it.
            self.sections.pop()
            self._open_list("organizations", empty.output, line)
        elif not empty:
            return False
        if self._open:
            self._open.has_header = True
        return True

    def _open_list(self, kind: str, output: Output, line: Line) -> None:
        self._close_list()
        self._open = Section(kind, output, line)
        self.sections.append(self._open)

    def _close_list(self) -> None:
        """Make rows of loose lines; those that belong to none are unclaimed."""
        section, self._open = self._open, None
        if not section or not section.loose:
            return
        used: dict[Line, Spans] = {}
        for owner, cells in find_loose_rows(section):
            for _, (line, start, end) in cells:
                if start < end:
                    used.setdefault(line, []).append((start, end))
            self._add_row(owner, cells)
        for line, spans in used.items():
            self._report_leftovers(line, sorted(spans))
        self._read_cut_row(section, used)
        section.rows.sort(key=lambda row: int(row["line"].index))
        for line in section.loose:
            (self.claimed if line in used else self.unclaimed).append(line)

    def _read_cut_row(self, section: Section, used: dict[Line, Spans]) -> None:
        """Read the row that a file breaks off in."""
        line = section.loose[-1]
        breaks_off = line is self.lines[-1] and line not in used
        for rule in ROWS.get(f"cut {section.kind}", ()) if breaks_off else ():
            if found := rule.pattern.match(line.plain):
                cells = [(n, Cell(line, *found.span(i))) for n, i in rule.groups]
                self._add_row(section, cells)
                self._report_leftovers(line, [found.span()])
                used[line] = []
