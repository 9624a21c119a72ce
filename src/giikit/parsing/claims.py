"""The first step: which slices of a page's lines its rules and lists claim."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

from giikit.names import find_economy_code, make_cluster_id
from giikit.parsing.grammar import EDITIONS, ROWS, RULES, SHAPES, WORDS, Rule
from giikit.parsing.lines import Cell, Line, find_leftovers
from giikit.parsing.numbers import read_rank
from giikit.parsing.pieces import split_title, strip_line
from giikit.vocabulary import Output

_LONGEST_LINE = 10_000
# Without an edition heading, the title is looked for so many lines above the body.
_LONGEST_HEAD = 12
# The title may also stand so few lines above the edition heading.
_LONGEST_TOP = 3
_EMPTY_ROW = re.compile(r"[\s|:+=*_-]*")
_WORD_JOINT = re.compile(r"[\t|]| {2,}| (?=share$)")
_GAP = re.compile(" {2,}")
_BULLETS = frozenset(" -•*")
_BULLET = re.compile(r" *(?:[-•*] )?")
_WORD_MARKS = " \t#*|>:-•"
_LETTER = re.compile(r"[^\W\d_]")
_FIGURES = re.compile(
    r"(?:[<>≤≥~] )?[^ ]{0,8} ?(?:%|per ?cent)"
    r"|(?P<number>[0-9][0-9., ]{0,24}[.)]?|[0-9]{1,3}(?:st|nd|rd|th))"
)
# In the order in which the shapes of rows have them.
_KINDS = {
    "rank": "0",
    "organization": "a",
    "field": "a",
    "documents": "0",
    "share": "%",
}
# A rank that stands this far below the last one still belongs to the list.
_MOST_LOST = 3


class Claim(NamedTuple):
    """What a rule claims of a line, with the cells in it."""

    rule: Rule
    line: Line
    start: int
    end: int
    output: Output | None
    cells: list[Cell]


@dataclass(eq=False)
class Table:
    """A list: its heading, the lines below it, and the rows of cells found there."""

    kind: str
    output: Output
    line: Line
    has_header: bool = False
    fault: tuple[str, Line] | None = None
    body: list[Line] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    # Fields that cannot be told from what else stands there.
    unclear: bool = False
    # A name that may go on in the line below it.
    broken: list[Cell] = field(default_factory=list)


@dataclass(eq=False)
class Claims:
    """All that is claimed of a page, and the lines of it that nothing claims."""

    lines: list[Line]
    first: int = 0
    lead: int = 0
    claims: list[Claim] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    # Of each line, the slices that are claimed; one that only draws a table has none.
    spans: dict[Line, list[tuple[int, int]]] = field(default_factory=dict)
    title: list[Cell] = field(default_factory=list)
    # Where the cluster is named, but for the title.
    clusters: list[Cell] = field(default_factory=list)
    # Lines of which a finding says why they are not read.
    left_out: set[Line] = field(default_factory=set)
    long: list[Line] = field(default_factory=list)

    def add(self, line: Line, *spans: tuple[int, int]) -> None:
        """Note slices of a line as claimed."""
        self.spans.setdefault(line, []).extend(spans)


def claim_lines(lines: list[Line]) -> Claims:
    """Claim what the rules, and the lists that they open, read of a page's lines."""
    matches = {line: found for line in lines if (found := _match_rules(line))}
    claims = Claims(lines)
    _find_head(claims, matches)
    table: Table | None = None
    above: list[Line] = []
    for place, line in enumerate(lines):
        if place < claims.first:
            if _EMPTY_ROW.fullmatch(line.plain):
                claims.add(line)
            continue
        if len(line.decoded) > _LONGEST_LINE:
            claims.long.append(line)
            claims.left_out.add(line)
            continue
        found = matches.get(line, [])
        if place > claims.lead:
            found = [claim for claim in found if claim.rule not in EDITIONS]
        if above and found and found[0].rule.needs and _is_elsewhere(above, claims):
            found = []
        if found:
            claims.claims += found
            cells = [cell for claim in found for cell in claim.cells]
            claims.clusters += [cell for cell in cells if cell.field == "cluster"]
            claims.add(line, *((claim.start, claim.end) for claim in found))
            table = None
            for claim in found:
                if claim.rule.opens and claim.output:
                    table = Table(claim.rule.opens, claim.output, line)
                    claims.tables.append(table)
                elif claim.rule.opens:
                    table = None
            above = []
        elif _EMPTY_ROW.fullmatch(line.plain):
            claims.add(line)
        elif words := _read_words(line, table):
            table = _open_by_words(line, words, table, claims)
            claims.add(line, (0, len(line.plain)))
        else:
            if table:
                table.body.append(line)
            above.append(line)
    last = max((claim.line.index for claim in claims.claims), default=-1)
    before: Table | None = None
    for table in claims.tables:
        if not table.fault:
            _read_rows(table, is_last=table.line.index >= last)
        # Both headings, then rows: nothing says of which of the two charts.
        if before and before.kind == table.kind == "fields" and not before.body:
            table.unclear |= bool(table.rows) and before.output != table.output
        before = table
        if table.unclear:
            table.rows = []
            shown = [n for n, line in enumerate(table.body) if "%" in line.plain]
            end = shown[-1] + 1 if table.line.index >= last else None
            claims.left_out.update(table.body[:end])
        for cell in chain.from_iterable(table.rows):
            claims.add(cell.line, (cell.start, cell.end))
    _find_title(claims)
    return claims


def _match_rules(line: Line) -> list[Claim]:
    """Try the rules on a line."""
    plain = line.plain
    # Headings may be in capitals, sentences are not.
    hinted = plain.lower() if len(plain) < 150 else plain
    is_row = plain.endswith("%") and "\t" in plain
    if is_row or len(line.decoded) > _LONGEST_LINE:
        return []
    claims: list[Claim] = []
    output: Output | None = None
    for rule in [rule for rule in RULES if rule.hint in hinted]:
        matches: Iterable[re.Match[str] | None] = rule.pattern.finditer(plain)
        if rule.part == "partners":
            # Only where the first clause ends, for the list may be long.
            matches = [rule.pattern.match(plain, claims[-1].end) if output else None]
        for found in filter(None, matches):
            output = rule.output or output
            spans = found.regs
            cells = [
                Cell(name, line, *spans[group])
                for name, group in rule.groups
                if spans[group][0] >= 0
            ]
            claims.append(Claim(rule, line, *found.span(), output, cells))
    return claims


def _find_head(claims: Claims, matches: dict[Line, list[Claim]]) -> None:
    """Find the heading of the edition, and the lead sentence below it.

    Menus and front matter have other headings, and may repeat the sentence.
    """
    editions: list[int] = []
    leads: list[int] = []
    bodies: list[int] = []
    for place, line in enumerate(claims.lines):
        for claim in matches.get(line, ()):
            if claim.rule in EDITIONS:
                editions.append(place)
            elif claim.rule.opens or claim.output:
                bodies.append(place)
            elif claim.rule.part == "lead sentence":
                leads.append(place)
    body = next(iter(bodies or leads), len(claims.lines))
    heads = [place for place in editions if place <= body]
    led = [h for h in heads if any(h <= lead <= max(body, h) for lead in leads)]
    lead = next(iter([lead for lead in leads if lead <= body][::-1] or leads), body)
    first = (led or heads or [max(0, lead - _LONGEST_HEAD)])[-1]
    claims.first = min(first, lead) if not heads else first
    claims.lead = next((n for n in leads if n >= claims.first), max(body, claims.first))


def _is_elsewhere(above: list[Line], claims: Claims) -> bool:
    """Whether a rank stands under the title of another cluster, as on a card."""
    ids = {make_cluster_id(cell.text) for cell in claims.clusters[:9]}
    for line in above[:-4:-1] if ids else ():
        cells = split_title(line, ids) if line.plain.count(",") < 5 else []
        if len(cells) == 2:
            return make_cluster_id(cells[0].text) not in ids
    return False


def _read_words(line: Line, table: Table | None) -> list[str]:
    """Return what the cells of a header or a chart's heading say; else nothing."""
    if len(line.plain) > 100 or line.plain.endswith("%"):
        return []
    plain = line.plain.lower()
    cells = _WORD_JOINT.split(plain.rstrip(_WORD_MARKS))
    words = [word for cell in cells if (word := cell.strip(_WORD_MARKS))]
    if not WORDS.keys() >= set(words):
        words = plain.split()
    if not WORDS.keys() >= set(words):
        return []
    is_header = table is not None and not table.body
    return words if is_header or any(WORDS[word] for word in words) else []


def _open_by_words(
    line: Line, words: list[str], table: Table | None, claims: Claims
) -> Table | None:
    """Take a line of words as the header of the list above, or open those it names."""
    outputs: Any = list(dict.fromkeys(WORDS[word] for word in words if WORDS[word]))
    if table and not table.body:
        heads = table.kind == "organizations" and not table.has_header
        if heads and outputs and table.output not in outputs:
            table.fault = "wrong-header", line
        if heads or not outputs or table.output in outputs:
            table.has_header = True
            return table
    is_list = "share" in words and len(outputs) == 1
    for output in outputs:
        table = Table("organizations" if is_list else "fields", output, line, is_list)
        claims.tables.append(table)
    return table


def _split_cells(line: Line, kind: str) -> tuple[str, list[Cell]]:
    """Split a line below a list's heading into cells; return their kinds, too."""
    plain = line.plain
    if kind == "fields":
        first = plain[:99].lower().strip(_WORD_MARKS).split(" ")[0].rstrip(":*")
        if WORDS.get(first):  # a heading, not only a name
            return "?", [Cell("", line, 0, len(plain))]
    tab = "\t" in plain or "|" in plain
    for rule in ROWS[kind] if not tab or "%)" in plain else ():
        matches = list(rule.pattern.finditer(plain)) if rule.hint in plain else []
        if matches and not any(find_leftovers(line, [m.span() for m in matches])):
            named = [
                (kind, _make_cell(line, *found.span(name)))
                for found in matches
                for name, kind in _KINDS.items()
                if found.groupdict().get(name)
            ]
            return "".join([kind for kind, _ in named]), [cell for _, cell in named]
    cells, start = [], 0
    for text in plain.replace("|", "\t").split("\t") if tab else _GAP.split(plain):
        start = plain.index(text, start)
        cells.append(_make_cell(line, start, start + len(text)))
        start += len(text) + tab
    if not tab:
        cells = [cell for cell in cells if cell.start < cell.end]
    kinds = "".join([_find_kind(plain[start:end]) for _, _, start, end in cells])
    usual = kinds == "0a0%" or kind != "organizations"
    if not usual and len(kinds.replace("_", "")) == 4:
        full = [plain[c.start : c.end] for c in cells if c.start < c.end]
        rank, _, count, share = full
        short = len(rank) <= 12 and " " not in rank and len(share) <= 10
        if short and share[-1] in "%0123456789" and "%" not in count:
            due = iter("0a0%")
            kinds = "".join([k if k == "_" else next(due) for k in kinds])
    return kinds, cells


def _make_cell(line: Line, start: int, end: int) -> Cell:
    """Return a cell without the bullet before it and what joins it to the next."""
    text = line.plain[start:end]
    if text[:1] in _BULLETS and (bullet := _BULLET.match(text)):
        start += bullet.end()
        text = text[bullet.end() :]
    return Cell("", line, start, start + len(text.rstrip(" :|-")))


def _find_kind(text: str) -> str:
    """Return the kind of a cell: 0 a number, % a share, a words, _ nothing."""
    if not text:
        return "_"
    if found := _FIGURES.fullmatch(text):
        return "0" if found["number"] else "%"
    return "a" if _LETTER.search(text) and "%" not in text else "?"


def _read_rows(table: Table, *, is_last: bool) -> None:
    """Make rows of the cells below a list's heading, as far as they make some.

    Rows follow each other. One that stands apart belongs to the list only where its
    rank goes on with the one above: there may be another list below.
    """
    shape, cells = "", []
    for line in table.body:
        kinds, found_cells = _split_cells(line, table.kind)
        shape += kinds + "/"
        cells += [*found_cells, None]
    for rule in SHAPES[table.kind]:
        rows: list[list[Cell]] = []
        done = 0
        for found in rule.pattern.finditer(shape):
            row = [
                Cell(name, *cell[1:])
                for name, group in rule.groups
                if found.start(group) >= 0 and (cell := cells[found.start(group)])
            ]
            if gap := shape[done : found.start()].strip("/_"):
                alone = rule.whole or not rows
                last = 0 if alone else _read_rank(rows[-1]) or len(rows)
                if not last or not last < _read_rank(row) <= last + _MOST_LOST:
                    break
                if gap == "a":
                    _note_broken(table, rows[-1], cells[done:])
            rows.append(row)
            done = found.end()
        rest = shape[done:].strip("/_")
        # Below the last list of a page stand footers, which have no numbers.
        footers = is_last and shape[:1] != "%" and not set("0%?") & set(rest)
        if rest and rule.whole and not footers:
            continue
        if rows:
            table.rows = rows
            if not is_last:
                _note_broken(table, rows[-1], cells[done:])
            return
    table.unclear = any("%" in line.plain for line in table.body)


def _read_rank(row: list[Cell]) -> int:
    """Return the rank of a row, 0 where it has none that can be read."""
    _, line, start, end = row[0]
    text = line.plain[start:end] if row[0].field == "rank" else ""
    return int(read_rank(text)[0] or 0)


def _note_broken(table: Table, row: list[Cell], below: list[Any]) -> None:
    """Note the name of a row if the words in the line below may go on with it."""
    cell, end = [*below, None, None][:2]
    lowest = max(cell.line.end for cell in row)
    if cell and not end and cell.line.index == lowest + 1:
        name = next(c for c in row if c.field in ("organization", "field"))
        if _find_kind(cell.text) == "a":
            table.broken.append(name)


def _find_title(claims: Claims) -> None:
    """Find ``{cluster}, {economy}`` above the body, the likeliest such line."""
    lines, first, lead = claims.lines, claims.first, claims.lead
    ids = {make_cluster_id(cell.text) for cell in claims.clusters} - {""}
    has_heading = any(claim.rule in EDITIONS for claim in claims.claims)
    below = lines[first:lead]
    head = below[:_LONGEST_HEAD:-1][:_LONGEST_HEAD] if has_heading else below[::-1]
    head += below[:_LONGEST_HEAD][::-1]
    above = lines[max(0, first - _LONGEST_TOP) : first][::-1]
    titles = []
    for line in head + above:
        if line not in claims.spans and (cells := split_title(line, ids)):
            # Menus name other clusters; only below the heading may a title do so.
            own = make_cluster_id(cells[0].text) in ids
            if own or not ids or (has_heading and line in below):
                titles.append((own, len(cells), cells))
    if not titles:
        return
    # One that names this cluster, and an economy, and is nearest to the body.
    _, _, cells = max(titles, key=lambda title: title[:2])
    if len(cells) == 1 or not find_economy_code(cells[1].text):
        line = cells[0].line
        place = lines.index(line) + 1
        title = [
            strip_line(line, "cluster"),
            *(strip_line(below, "economy") for below in lines[place : place + 1]),
        ]
        own = (
            make_cluster_id(title[0].text) in ids and title[-1].line not in claims.spans
        )
        if own and find_economy_code(title[-1].text):
            cells = title
    claims.title = cells
    for cell in cells:
        claims.add(cell.line, (0, len(cell.line.plain)))
