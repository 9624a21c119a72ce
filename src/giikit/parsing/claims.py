"""The first step: which slices of a page's lines its rules and lists claim."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from giikit.names import make_cluster_id
from giikit.parsing.grammar import EDITIONS, ROWS, RULES, SHAPES, WORDS, Rule
from giikit.parsing.lines import LONGEST_LINE, Cell, Line, find_leftovers
from giikit.parsing.numbers import read_rank
from giikit.parsing.pieces import split_title
from giikit.vocabulary import Output

# Without an edition heading, the title is looked for so many lines above the body.
_LONGEST_HEAD = 12
# The title may also stand so few lines above the edition heading.
_LONGEST_TOP = 3
_MARKS = r"[\s#*|>:•▲▼△▽↑↓↕-]*"  # those of sorted tables, too
_WORD = re.compile("|".join(sorted(map(re.escape, WORDS), key=len, reverse=True)))
_WORDS = re.compile(rf"{_MARKS}(?:(?<![a-z])(?:{_WORD.pattern})(?![a-z]){_MARKS})+")
_CHARTS = "|".join(word for word in WORDS if WORDS[word])
_HEADING = re.compile(rf"[# *]*(?:{_CHARTS})(?:[ :*]|$)")
# What parts cells: tabs, or else pipes, or else runs of spaces. A bullet is no part.
_CELLS = {
    "\t": re.compile(r"(?<![^\t]) *(?:[-•*] )?([^\t]*)"),
    "|": re.compile(r"(?<![^|]) *(?:[-•*] )?([^|]*)"),
    "": re.compile(r"(?:[-•*] )?([^ ]+(?: [^ ]+)*)"),
}
_HINTED = [(rule.hint, rule) for rule in RULES]
_LETTER = re.compile(r"[^\W\d_]")
_FIGURES = re.compile(
    r"(?:[<>≤≥~] )?[^ ]{0,8} ?(?:%|per ?cent)"
    r"|(?P<number>[0-9][0-9., ]{0,24}[.)]?|[0-9]{1,3}(?:st|nd|rd|th))"
)
# What fills the place of a number in a row, even if it cannot be read as one.
_NUMBERED = re.compile(r"[^ \n]{1,12}\n[^\n]*\n[^%\n]*\n[^\n]{0,9}[%0-9]")
# In the order in which the shapes of rows have them.
_PARTS = ("rank", "organization", "field", "documents", "share")
_KINDS = dict(zip(_PARTS, "0aa0%", strict=True))
_RANKED = re.compile(r"([1-9][0-9]{0,2})[.)]? +(?=[^\W_])")
# A rank that stands this far below the last one still belongs to the list.
_MOST_LOST = 3


Spans = defaultdict[Line, list[tuple[int, int]]]


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
    body: list[Line] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    # Fields that cannot be told from what else stands there.
    unclear: bool = False


@dataclass(eq=False)
class Claims:
    """All that is claimed of a page.

    ``spans`` has the claimed slices of each line: none where a finding on a list says
    why the line is not read. ``clusters`` are the places that name the cluster, but
    for the title.
    """

    lines: list[Line]
    claims: list[Claim] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    title: list[Cell] = field(default_factory=list)
    clusters: list[Cell] = field(default_factory=list)
    spans: Spans = field(default_factory=lambda: defaultdict(list))


def claim_lines(lines: list[Line]) -> Claims:
    """Claim what the rules, and the lists that they open, read of a page's lines."""
    claims = Claims(lines)
    matches = [_match_rules(line) for line in lines]
    first, lead = _find_head(matches)
    table: Table | None = None
    for place, line in enumerate(lines[first:], start=first):
        found = matches[place]
        if found and place > lead:
            found = [claim for claim in found if claim.rule not in EDITIONS]
        if found:
            claims.claims += found
            claims.spans[line] += [(claim.start, claim.end) for claim in found]
            table = None
            for rule, _, _, _, output, _ in found:
                if rule.opens and output:
                    table = Table(rule.opens, output, line)
                    claims.tables.append(table)
        elif words := _read_words(line, table):
            if table := _open_by_words(line, words, table, claims):
                claims.spans[line].append((0, len(line.plain)))
        elif table and line.plain.strip() and len(line.decoded) <= LONGEST_LINE:
            table.body.append(line)
    cells = chain.from_iterable([claim.cells for claim in claims.claims])
    claims.clusters = [cell for cell in cells if cell.field == "cluster"]
    _claim_tables(claims)
    _find_title(claims, first, lead)
    return claims


def _match_rules(line: Line) -> list[Claim]:
    """Try the rules on a line."""
    plain = line.plain
    # Headings may be in capitals, sentences are not.
    hinted = plain.lower() if len(plain) < 150 else plain
    is_row = plain.endswith("%") and "\t" in plain
    if is_row or len(line.decoded) > LONGEST_LINE:
        return []
    # A named tuple's own way to make one takes twice as long.
    new = tuple.__new__
    claims: list[Claim] = []
    output: Output | None = None
    for rule in [rule for hint, rule in _HINTED if hint in hinted]:
        matches: Iterable[re.Match[str] | None] = rule.pattern.finditer(plain)
        if rule.part == "partners":
            # Only where the first clause ends, for the list may be long.
            matches = [rule.pattern.match(plain, claims[-1].end) if output else None]
        for found in filter(None, matches):
            output = rule.output or output
            spans = found.regs
            cells = [
                new(Cell, (name, line, *spans[group]))
                for name, group in rule.groups
                if spans[group][0] >= 0
            ]
            claims.append(new(Claim, (rule, line, *spans[0], output, cells)))
    return claims


def _find_head(matches: list[list[Claim]]) -> tuple[int, int]:
    """Return the places of the edition's heading, and of the lead sentence below it.

    Menus and front matter have other headings, and may repeat the sentence.
    """
    editions, leads, bodies = [], [], []
    for place, found in enumerate(matches):
        for claim in found:
            if claim.rule in EDITIONS:
                editions.append(place)
            elif claim.rule.opens or claim.output:
                bodies.append(place)
            elif claim.rule.part == "lead sentence":
                leads.append(place)
    body = next(iter(bodies or leads), len(matches))
    heads = [place for place in editions if place <= body]
    above = [lead for lead in leads if lead <= body]
    led = [place for place in heads if above and place <= above[-1]]
    last = (above or leads or [body])[-1]
    first = (led or heads or [max(0, last - _LONGEST_HEAD)])[-1]
    return first, next((n for n in leads if n >= first), max(body, first))


def _read_words(line: Line, table: Table | None) -> list[str]:
    """Return the words of a header or a chart's heading; none if it has others."""
    plain = line.plain.lower() if len(line.plain) < 1000 else ""
    words = _WORD.findall(plain) if _WORDS.fullmatch(plain) else []
    is_header = table is not None and not table.body
    return words if is_header or any(map(WORDS.get, words)) else []


def _open_by_words(
    line: Line, words: list[str], table: Table | None, claims: Claims
) -> Table | None:
    """Take a line of words as the header of the list above, or open those it names.

    The header of another list ends the one above.
    """
    outputs: Any = list(dict.fromkeys(WORDS[word] for word in words if WORDS[word]))
    if table and not table.body:
        heads = table.kind == "organizations" and not table.has_header
        if not outputs or table.output in outputs:
            table.has_header = True
            return table
        if heads:
            return None
    is_list = "share" in words and len(outputs) == 1
    for output in outputs:
        table = Table("organizations" if is_list else "fields", output, line, is_list)
        claims.tables.append(table)
    return table


def _claim_tables(claims: Claims) -> None:
    """Read the rows of each list."""
    last = max((claim.line.index for claim in claims.claims), default=-1)
    empty: Output | None = None  # of a chart's heading without anything below it
    for table in claims.tables:
        is_last = table.line.index >= last
        table.rows = _read_rows(table, is_last=is_last)
        shown = [n for n, line in enumerate(table.body, start=1) if "%" in line.plain]
        if table.kind == "fields":
            # Both headings, then rows: nothing says of which of the two charts.
            both = bool(table.rows) and empty not in (None, table.output)
            table.unclear = both or bool(shown and not table.rows)
            empty = None if table.body else table.output
        if table.unclear:
            table.rows = []
            for line in table.body[: shown[-1] if is_last else None]:
                claims.spans[line] = []
        for _, line, start, end in chain.from_iterable(table.rows):
            claims.spans[line].append((start, end))


def _split_cells(line: Line, kind: str) -> tuple[str, list[tuple[Line, int, int]]]:
    """Split a line below a list's heading into cells of some kinds."""
    plain = line.plain
    if kind == "fields" and _HEADING.match(plain[:99].lower()):
        # A heading, not only a name.
        return "?", [(line, 0, len(plain))]
    joint = next(joint for joint in _CELLS if joint in plain)
    for rule in ROWS[kind] if not joint or "%)" in plain else ():
        matches = list(rule.pattern.finditer(plain)) if rule.hint in plain else []
        spans = [found.span() for found in matches]
        if matches and not any(find_leftovers(line, spans)):
            cells = [
                (_KINDS[name], _trim_cell(line, *found.span(name), kind))
                for found in matches
                for name in _KINDS
                if found.groupdict().get(name)
            ]
            kinds = [what if cell[1] < cell[2] else "_" for what, cell in cells]
            return "".join(kinds), [cell for _, cell in cells]
    parts = _CELLS[joint].finditer(plain)
    slices = [_trim_cell(line, *part.span(1), kind) for part in parts]
    texts = [plain[start:end] for _, start, end in slices]
    full = [text for text in texts if text]
    is_row = kind == "organizations" and len(full) == 4
    if is_row and _NUMBERED.fullmatch("\n".join(full)):
        due = iter("0a0%")
        return "".join([next(due) if text else "_" for text in texts]), slices
    return "".join([_find_kind(text) for text in texts]), slices


def _trim_cell(line: Line, start: int, end: int, kind: str) -> tuple[Line, int, int]:
    """Return a slice without what leads from it to a share."""
    text = line.plain[start:end]
    bare = text.rstrip(" :|,-")
    if bare.endswith(("..", " .")):
        bare = bare.rstrip(" .")
    # Names of organizations are as they are printed.
    text = text.rstrip() if bare and kind == "organizations" else bare
    return line, start, start + len(text)


def _find_kind(text: str) -> str:
    """Return the kind of a cell: 0 a number, % a share, a words, _ nothing."""
    if not text:
        return "_"
    if found := _FIGURES.fullmatch(text):
        return "0" if found["number"] else "%"
    return "a" if _LETTER.search(text) and "%" not in text else "?"


def _read_rows(table: Table, *, is_last: bool) -> list[list[Cell]]:
    """Return rows of the cells below a list's heading, as far as they make some.

    Rows follow each other. One that stands apart belongs to the list only where its
    rank goes on with the one above: there may be another list below.
    """
    shape, cells = "", []
    for line in table.body:
        kinds, found_cells = _split_cells(line, table.kind)
        shape += kinds + "/"
        cells += [*found_cells, found_cells[-1]]
    for rule in SHAPES[table.kind]:
        rows: list[list[Cell]] = []
        done = 0
        for found in rule.pattern.finditer(shape):
            row = [
                Cell(name, *cells[found.start(group)])
                for name, group in rule.groups
                if found.start(group) >= 0
            ]
            if shape[done : found.start()].strip("/_"):
                last = _read_rank(rows[-1]) or len(rows) if rows else 0
                most = last + (_MOST_LOST if rows else 1)
                if rule.whole or not last < _read_rank(row) <= most:
                    break
            rows.append(row)
            done = found.end()
        rest = shape[done:].strip("/_")
        # Below the last list of a page stand footers, which have no numbers.
        footers = is_last and shape[:1] != "%" and not set("0%?") & set(rest)
        if rows and (footers or not (rest and rule.whole)):
            return _part_ranks(rows)
    return []


def _part_ranks(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Part ranks from names where every row has both in one cell, as ``1 NAME``."""
    ranks = [_RANKED.match(row[0].plain) for row in rows]
    if [rank and rank[1] for rank in ranks] != [
        f"{n}" for n in range(1, len(rows) + 1)
    ]:
        return rows
    parted = []
    for (name, *row), rank in zip(rows, filter(None, ranks), strict=True):
        start = name.start
        number = Cell("rank", name.line, start, start + rank.end(1))
        parted.append([number, name._replace(start=start + rank.end()), *row])
    return parted


def _read_rank(row: list[Cell]) -> int:
    """Return the rank of a row, 0 where it has none that can be read."""
    return int(read_rank(row[0].plain)[0] or 0) if row[0].field == "rank" else 0


def _find_title(claims: Claims, first: int, lead: int) -> None:
    """Find ``{cluster}, {economy}`` above the body, the likeliest such line.

    The economy may stand in the line below. Menus name other clusters; only below the
    edition's heading may a title do so.
    """
    lines, spans = claims.lines, claims.spans
    ids = {make_cluster_id(cell.text) for cell in claims.clusters} - {""}
    has_heading = any(claim.rule in EDITIONS for claim in claims.claims)
    places = {*range(max(0, first - _LONGEST_TOP), min(first + _LONGEST_HEAD, lead))}
    places.update(range(max(first, lead - _LONGEST_HEAD), lead))
    titles = []
    for place in sorted(places, reverse=True):
        line, below = lines[place], lines[place + 1 : place + 2]
        if line in spans:
            continue
        cells = split_title(line, [line for line in below if line not in spans], ids)
        own = bool(cells) and make_cluster_id(cells[0].text) in ids
        if cells and (own or not ids or (has_heading and place >= first)):
            titles.append((own, len(cells), cells))
    # One that names this cluster, and an economy, and is nearest to the body.
    claims.title = max(titles, key=itemgetter(0, 1))[2] if titles else []
    for cell in claims.title:
        spans[cell.line].append((0, len(cell.line.plain)))
