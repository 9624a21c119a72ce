"""The second step: from what is claimed of a page to its profile, with findings.

Nothing is dropped and nothing is guessed: each printed value becomes an observation,
each that cannot be read a finding, and so does every line that no rule claims.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from itertools import chain
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, Literal, NamedTuple

from giikit.errors import PageError
from giikit.findings import Finding, make_finding
from giikit.model import (
    ClusterProfile,
    Collaboration,
    Observation,
    Organization,
    TechnologyField,
)
from giikit.names import find_economy_code, make_cluster_id
from giikit.pages import Page, check_path, make_page, read_page
from giikit.parsing.claims import Table, claim_lines
from giikit.parsing.grammar import EDITIONS, FIELDS, LANGUAGES, RULES
from giikit.parsing.lines import (
    APART,
    LONGEST_LINE,
    Cell,
    Line,
    find_leftovers,
    simplify_lines,
)
from giikit.parsing.numbers import read_year
from giikit.parsing.pieces import is_name, is_partner, split_partners
from giikit.vocabulary import OUTPUTS, Output

# A full stop, or the last name of a list, in bold type that is whole.
_ENDED = re.compile(r"[.:]\W{0,9}$|\band\b[^,]{1,99}[^\W_][*_)>]{1,4}\s{0,9}$")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
# UTF-8 read as Windows-1252, a dash or an apostrophe of one encoding as a letter of
# another, and what decoders put for a character that they cannot read.
_MISREAD = re.compile(
    "\ufffd|Ã[^a-zA-Z\\s]|Â[^\\w\\s]|â[€\x80]|¨C|[\x91-\x97]"
    "|(?<=[a-z])(?:[À-ÖØ-Þ]|[ß-öø-ÿ](?=[A-Z]))(?=[a-zA-Z])"
    # What editors put for a letter that their encoding lacks; UTF-7; mail's own source.
    "|(?<![^\\s*(])[A-Z][a-zA-Z]{1,20}[?][a-zA-Z]|[+](?:A[A-P]|IB)[a-zA-Z0-9+/]-"
    "|=[C-F][0-9A-F]=[89AB][0-9A-F]"
)
_SUSPECT = re.compile("[\x80-\xff\ufffd?+=]")
# What no second line of a name has.
_CELLS = re.compile(r"[\t|%0-9]")
# The first characters at which a spreadsheet takes a cell for a formula.
_FORMULA = frozenset("=+-@")
# What falls from row to row of a list: the finding if it does not, and the column.
_FALLING = {
    "organizations": ("count-order", attrgetter("documents")),
    "fields": ("share-order", attrgetter("share")),
}
_COLUMNS = ("rank", "documents", "share")
_USUAL = 3  # rows and partners of each list
_LEAD = "lead sentence"
_KINDS: dict[str | None, str] = {
    **{None: "name", "rank": "rank", "fraction": "share", "year": "year"},
    **dict.fromkeys(("documents", "clusters", "partners", "years"), "count"),
}
# The numbers that a profile has once, however often they are printed.
_NUMBERS = [
    column.name
    for column in fields(ClusterProfile)
    if column.name in FIELDS and FIELDS[column.name].read and column.name != "edition"
]
_RATES = [name for name in _NUMBERS if name.endswith("_per_million")]
_LIMITED = ("clusters_in_economy", "size_rank", "intensity_rank")
_PARTS = dict.fromkeys(rule.part for rule in RULES if not rule.optional)
_LEAD_NUMBERS = dict.fromkeys(
    FIELDS[name].indicator
    for rule in RULES
    for name, _ in rule.groups
    if rule.part == _LEAD and not rule.optional and FIELDS[name].read
)


def parse_profile(text: str, source: str = "") -> ClusterProfile:
    """Read a profile page that is at hand as text, as saved in whatever format.

    Raises
    ------
    PageError
        If the text is no profile page.
    """
    return parse_page(make_page(text, source))


def read_profile(path: str | Path) -> ClusterProfile:
    """Read the profile page in a file.

    Its ``source`` is the path below the folder ``data/raw``, or else the file's name.

    Raises
    ------
    GiikitError
        If ``path`` is no file.
    PageError
        If the file cannot be read as text or is no profile page.
    """
    path = check_path(Path(path))
    _, found, source = path.absolute().as_posix().rpartition("/data/raw/")
    return parse_page(read_page(path, source if found else path.name))


def parse_page(page: Page) -> ClusterProfile:
    """Read a page as a profile.

    Raises
    ------
    PageError
        If fewer than two of its lines or clauses are those of a profile.
    """
    return _Assembly(page).assemble()


class Mark(NamedTuple):
    """A value that is printed on a line.

    ``kind`` is name, rank, number, share, count or year; ``start:end`` is a slice of
    the line's text; the rest is what `Observation` says of the value.
    """

    start: int
    end: int
    kind: str
    indicator: str
    output: str | None
    position: int | None
    value: float | None


class ReadLine(NamedTuple):
    """A line of a page that is not blank, with what was read on it.

    ``state`` is ``read``; ``unread`` for a line within the profile that no rule
    claims; ``outside`` for one before or after it. ``number`` is None where the
    format has no lines.
    """

    number: int | None
    text: str
    marks: tuple[Mark, ...]
    state: Literal["read", "unread", "outside"]


def mark_lines(page: Page) -> tuple[ReadLine, ...]:
    """Return the page as it was read: every line that is not blank, in order.

    Raises
    ------
    PageError
        If the page is no profile.
    """
    assembly = _Assembly(page)
    assembly.assemble()
    marks: defaultdict[int, list[Mark]] = defaultdict(list)
    for _, _, (name, line, *slice_), seen in assembly.observations:
        kind = _KINDS.get(FIELDS[name].unit, "number")
        what = kind, seen.indicator, seen.output, seen.position, seen.value
        for index, start, end in line.list_places(*slice_):
            marks[index].append(Mark(start, end, *what))
    spans = assembly.claims.spans
    unread = [line for line in assembly.claims.lines if not spans.get(line)]
    unclaimed = {n for line in unread for n in range(line.index, line.end + 1)}
    first, last = assembly.find_extent()
    lines = []
    for index, (number, text) in enumerate(zip(page.numbers, page.lines, strict=True)):
        if text.strip():
            state: Literal["read", "unread", "outside"] = "read"
            if index in unclaimed:
                state = "unread" if first < index < last else "outside"
            own = tuple(sorted(marks[index], key=itemgetter(0)))
            lines.append(ReadLine(number, text, own, state))
    return tuple(lines)


def _refuse(lines: list[Line], page: Page) -> PageError:
    """Return the error for a page that is no profile, or one in no known words."""
    text = "\n".join(page.lines)
    for language, words in LANGUAGES.items():
        if found := re.search(words, text, re.IGNORECASE):
            message = (
                f"the page is in another language ({language}: {found[0]!r}); "
                "only English is read: choose English on the site, save it anew"
            )
            line = page.numbers[text.count("\n", 0, found.start())]
            return PageError(message, page.source, line)
    start = f"begins with {lines[0].plain.strip()[:60]!r}" if lines else "is empty"
    message = (
        f"the page {start} and is no cluster profile: nothing in it "
        'reads like "… is the second-ranked cluster, out of …"; save the profile '
        "page anew; no other pages belong in data/raw"
    )
    return PageError(
        message, page.source, page.numbers[lines[0].index] if lines else None
    )


def _find_name(row: list[Cell]) -> Cell:
    """Return the cell of a row that names what the row is about."""
    return next(cell for cell in row if cell.field in ("organization", "field"))


def _has_cells(line: Line) -> bool:
    """Whether a line has more than one cell, or one that is no part of a name."""
    return _CELLS.search(line.plain.strip(" |")) is not None


class _Assembly:
    """What is claimed of one page, on its way into a profile."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._has_slices = page.has_slices
        self.claims = claims = claim_lines(simplify_lines(page))
        self._rules = {claim.rule for claim in claims.claims}
        if len(self._rules.difference(EDITIONS)) < 2:
            raise _refuse(claims.lines, page)
        named = [*claims.title[:1], *claims.clusters]
        self._named = [cell for cell in named if is_name(cell.text)]
        cells = chain.from_iterable([claim.cells for claim in claims.claims])
        read = [read_year(cell.plain)[0] for cell in cells if cell.field == "edition"]
        years = [int(year) for year in read if year]
        # In the order of how often they are printed.
        self._years = sorted(dict.fromkeys(years), key=years.count, reverse=True)
        edition = self._years[0] if self._years else None
        slug = make_cluster_id(self._named[0].text) if self._named else None
        self._key = edition, slug
        # Every printed value: its place, and what it is an `Observation` of.
        self.observations: list[tuple[int, int, Cell, Observation]] = []
        self._findings: list[tuple[int, int, Finding]] = []
        # Every number printed for a column, None where it cannot be read.
        self._readings: defaultdict[str, list[float | None]] = defaultdict(list)
        # Of each output, the lists of partners: where they stand, and their names.
        self._partners: defaultdict[Output | None, list[Any]] = defaultdict(list)

    def assemble(self) -> ClusterProfile:
        """Return the profile."""
        self._read_claims()
        economy = self._settle_names()
        numbers = self._settle_numbers()
        organizations = tuple(self._read_lists("organizations"))
        fields = tuple(self._read_lists("fields"))
        partners = tuple(self._settle_partners())
        self._report_missing()
        self._report_lines()
        self._report_encoding()
        self.observations.sort(key=itemgetter(0, 1))
        self._findings.sort(key=itemgetter(0, 1))
        return ClusterProfile(
            edition=self._key[0],
            cluster_id=self._key[1],
            cluster=self._named[0].text if self._named else None,
            economy=economy,
            economy_code=find_economy_code(economy) if economy else None,
            **numbers,
            source=self._page.source,
            organizations=organizations,
            collaborations=partners,
            technology_fields=fields,
            observations=tuple([seen[-1] for seen in self.observations]),
            findings=tuple([finding[-1] for finding in self._findings]),
        )

    def _find_place(self, cell: Cell) -> tuple[int, int | None, int | None]:
        """Return the index of a cell's line, and the slice of it if there is one."""
        _, line, start, end = cell
        if line.offsets is None and self._has_slices:
            return line.index, start, end
        places = line.list_places(start, end)
        one = self._has_slices and len(places) == 1
        return places[0] if one else (places[0][0], None, None)

    def _remark(self, code: str, cell: Cell | None = None, **details: Any) -> None:
        """Note a finding; ``{text}`` in its message is what stands in the cell."""
        index = -1
        place: tuple[int | None, ...] = ()
        if cell:
            text = cell.text.strip()
            details["text"] = repr(text if len(text) <= 60 else text[:57] + "...")
            index, *slice_ = self._find_place(cell)
            place = self._page.numbers[index], *slice_
        finding = make_finding(
            code, details, key=self._key, source=self._page.source, place=place
        )
        self._findings.append((index, finding.start or 0, finding))

    def _observe(
        self,
        cell: Cell,
        output: Output | None = None,
        position: int | None = None,
        entity: str | None = None,
    ) -> float | None:
        """Note a printed value; return its number, if it is one and can be read."""
        name, line, start, end = cell
        indicator, read, unit = FIELDS[name]
        index, first, last = self._find_place(cell)
        text = line.printed[start:end]
        if first is not None:
            text = self._page.lines[index][first:last]
        value = resolution = None
        if read:
            value, resolution, fault = read(line.plain[start:end])
            self._readings[indicator].append(value)
            if fault:
                self._remark(fault, cell, indicator=indicator)
        elif line.printed[start : start + 1] in _FORMULA:
            self._remark("formula-text", cell)
        what = indicator, output, position, entity, value, text, unit, resolution
        place = self._page.source, self._page.numbers[index], first, last
        seen = tuple.__new__(Observation, self._key + what + place)
        self.observations.append((index, start, cell, seen))
        return value

    def _read_claims(self) -> None:
        """Note what the rules claim."""
        for cell in self.claims.title:
            self._observe(cell)
        for rule, line, _, _, output, cells in self.claims.claims:
            value = None
            for cell in cells:
                if cell.field == "partners":
                    self._read_partners(cell, output, value)
                else:
                    value = self._observe(cell, output)
            columns = [FIELDS[cell.field].indicator for cell in cells if rule.needs]
            if rule.needs and rule.needs not in columns:
                self._remark("missing-value", line.whole, indicator=rule.needs)

    def _read_partners(
        self, cell: Cell, output: Output | None, stated: float | None
    ) -> None:
        """Note each partner of a list, and what is wrong with their number."""
        names: list[str] = []
        for position, partner in enumerate(split_partners(cell, stated), start=1):
            name, clear, behind = partner
            entity = name.text
            self._observe(name, output, position, entity)
            if not clear or not is_partner(entity):
                self._remark("unreadable-name" if clear else "unclear-name", name)
            elif entity in names:
                self._remark("row-repeated", name, name=repr(entity))
            for other in behind:
                if find_economy_code(other.text):
                    economy = other._replace(field="economy")
                    self._observe(economy, output, position, entity)
                else:
                    self._remark("unclaimed-text", other)
            names.append(entity if clear else "")
        count, whole = len(names), cell.line.whole
        expected = int(stated or max(_USUAL, count))
        if count != expected or count < _USUAL:
            self._remark("partner-count", whole, count=count, expected=expected)
        rest = cell.line.plain[cell.end :]
        if not rest.strip() and not _ENDED.search(cell.line.decoded):
            self._remark("sentence-cut", whole)
        self._partners[output].append((whole, names))

    def _settle_partners(self) -> Iterator[Collaboration]:
        """Return the partners of each output; report if there are none."""
        said = {claim.output for claim in self.claims.claims if not claim.rule.opens}
        for output in OUTPUTS:
            found = self._partners[output]
            if not found and output in said:
                self._remark("partner-count", count=0, expected=_USUAL)
            for position, name in enumerate(self._take_first(found), start=1):
                if is_partner(name):
                    row = *self._key, output, position, name, make_cluster_id(name)
                    yield Collaboration(*row)

    def _take_first(self, found: list[tuple[Cell, list[Any]]]) -> list[Any]:
        """Return the rows of the first of several lists, and report the others."""
        for heading, rows in found[1:]:
            same = rows == found[0][1]
            self._remark("list-repeated" if same else "list-differs", heading)
        return found[0][1] if found else []

    def _read_lists(self, kind: str) -> Iterator[Any]:
        """Return the rows of a kind of list; of one that stands twice, the first."""
        for output in OUTPUTS:
            own = [
                t for t in self.claims.tables if (t.kind, t.output) == (kind, output)
            ]
            tables = [table for table in own if table.rows] or own[:1]
            found = [(table.line.whole, self._read_rows(table)) for table in tables]
            for position, row in enumerate(self._take_first(found), start=1):
                field = *self._key, output, position, row.organization, row.share
                yield TechnologyField(*field) if kind == "fields" else row

    def _read_rows(self, table: Table) -> list[Organization]:
        """Return the rows of a list, those of fields as if they were organizations."""
        output, heading = table.output, table.line.whole
        rows: list[Organization] = []
        for position, cells in enumerate(table.rows, start=1):
            slots = {cell.field: cell for cell in cells}
            name = _find_name(cells)
            entity = name.text
            if more := slots.pop("more", None):
                self._remark("name-continued", name, more=repr(more.text))
                entity = f"{entity} {more.text}"
            values: dict[str, Any] = {
                field: self._observe(cell, output, position, entity)
                for field, cell in slots.items()
            }
            rank, documents, share = map(values.get, _COLUMNS)
            row = *self._key, output, rank, entity, documents, share
            rows.append(Organization(*row))
            for column in _COLUMNS if table.kind == "organizations" else ():
                if column not in slots:
                    self._remark("row-incomplete", name, indicator=column)
        self._check_order(table, rows)
        if table.kind == "fields" and not rows:
            code = "chart-unclear" if table.unclear else "chart-empty"
            self._remark(code, heading, output=output)
        elif table.kind == "organizations":
            if len(rows) < _USUAL:
                self._remark("few-rows", heading, count=len(rows))
            if rows and not table.has_header:
                self._remark("missing-section", heading, part="header of the list")
        return rows

    def _check_order(self, table: Table, rows: list[Organization]) -> None:
        """Report what cannot stand below the row above it."""
        # "1." before each field is the list of a Markdown page.
        ranked = table.kind != "fields" or len({row.rank for row in rows}) > 1
        code, number = _FALLING[table.kind]
        top = Organization(None, None, table.output, 0, "", None, None)
        names: set[str] = set()
        for cells, above, row in zip(table.rows, [top, *rows], rows, strict=False):
            name, rank, last = _find_name(cells), row.rank, above.rank
            if row.organization in names:
                self._remark("row-repeated", name, name=repr(row.organization))
            elif ranked and rank is not None and last is not None and rank != last + 1:
                wrong = {rank > last: "rank-gap", rank == last: "rank-repeated"}
                details = {"rank": rank, "above": last, "due": last + 1}
                self._remark(wrong.get(True, "rank-order"), name, **details)
            names.add(row.organization)
            value, most = number(row), number(above)
            if value is not None and most is not None and value > most:
                self._remark(code, name, above=most, count=value, share=value)

    def _settle_names(self) -> str | None:
        """Report what is wrong with the names of the page; return the economy."""
        title, years = self.claims.title, self._years
        for cell in self._named:
            if make_cluster_id(cell.text) != self._key[1]:
                expected = repr(self._named[0].text)
                self._remark("name-differs", cell, expected=expected)
        if not self._named:
            self._remark("no-cluster")
        if not years:
            self._remark("no-edition")
        elif len(years) > 1:
            self._remark("edition-differs", years=", ".join(map(str, years)))
        if not title:
            self._remark("missing-section", part="title")
        elif len(title) == 1:
            self._remark("missing-value", title[0].line.whole, indicator="economy")
        elif not find_economy_code(title[1].text):
            self._remark("unknown-economy", title[1])
        return title[1].text if len(title) > 1 else None

    def _settle_numbers(self) -> dict[str, Any]:
        """Return the numbers that are printed once, or always the same."""
        numbers: dict[str, Any] = dict.fromkeys(_NUMBERS)
        for name in _NUMBERS:
            printed = set(self._readings.get(name, ()))
            if len(printed) > 1:
                values = sorted(f"{value:g}" for value in printed if value is not None)
                told = " and ".join(values)
                self._remark("value-differs", indicator=name, values=told)
            elif printed:
                numbers[name] = printed.pop()
        if None in self._readings.get("inhabitants_base", ()):
            numbers.update(dict.fromkeys(_RATES))
        listed = [int(n) for n in self._readings.get("clusters_listed", ()) if n]
        limits = dict.fromkeys(_LIMITED, min(listed, default=None))
        limits["rank_in_economy"] = numbers["clusters_in_economy"]
        for name, limit in limits.items():
            if (rank := numbers[name]) and limit and rank > limit:
                self._remark("rank-above-count", indicator=name, rank=rank, count=limit)
        return numbers

    def _report_missing(self) -> None:
        """Report what every page has and this one lacks."""
        seen = {rule.part for rule in self._rules}
        missing = [part for part in _PARTS if part not in seen]
        charts = [table for table in self.claims.tables if table.kind == "fields"]
        if any(part.endswith(" fields") for part in seen):
            shown = {table.output for table in charts}
            missing += [f"heading of the {o} fields" for o in OUTPUTS if o not in shown]
        for part in missing:
            self._remark("missing-section", part=part)
        counts = [len(table.rows) for table in charts if table.rows]
        if len(set(counts)) > 1:
            self._remark("field-count", counts=" and ".join(map(str, counts)))
        for name in _LEAD_NUMBERS if _LEAD in seen else ():
            if name not in self._readings:
                self._remark("missing-value", indicator=name)

    def find_extent(self) -> tuple[int, int]:
        """Return the indices of the first and the last line of the profile."""
        read = [line for line, spans in self.claims.spans.items() if spans]
        return min(line.index for line in read), max(line.end for line in read)

    def _report_lines(self) -> None:
        """Report what the rules leave of the lines."""
        claims = self.claims
        ids = {make_cluster_id(cell.text) for cell in claims.clusters[:9]}
        first, end = self.find_extent()
        # Each row, by the line below it.
        rows = {row[-1].line.end + 1: row for t in claims.tables for row in t.rows}
        is_odd = _CONTROL.search("\n".join(self._page.lines))
        outside = 0
        for place, line in enumerate(claims.lines, start=1):
            claimed = claims.spans.get(line)
            if len(line.decoded) > LONGEST_LINE:
                self._remark("long-line", line.whole, count=len(line.decoded))
                continue
            if claimed is None and not first < line.index < end:
                outside += 1
                continue
            if claimed is None and any(find_leftovers(line, [])):
                self._remark("unclaimed-line", line.whole)
                row = rows.get(line.index)
                # Cells that are no row below it, too, are a list under its heading.
                rest = claims.lines[place : place + 3] if row else []
                stops = (n for n in rest if n in claims.spans or _has_cells(n))
                goes_on = not rest or next(stops, None) in claims.spans
                if row and goes_on and not _has_cells(line):
                    more = repr(line.printed.strip()[:60])
                    self._remark("name-continued", _find_name(row), more=more)
            elif claimed and claimed[0] != (0, len(line.plain)):
                for cell in find_leftovers(line, claimed):
                    if make_cluster_id(cell.text) in ids:
                        self._observe(cell._replace(field="cluster"))
                    else:
                        self._remark("unclaimed-text", cell)
            if is_odd and _CONTROL.search(line.decoded):
                self._remark("control-character", line.whole)
            if line.offsets is not None and APART.search(line.decoded):
                self._remark("text-apart", line.whole)
        if outside:
            self._remark("lines-outside", count=outside)

    def _report_encoding(self) -> None:
        """Report an encoding that was guessed, and the marks of a wrong one."""
        page = self._page
        if page.guessed:
            self._remark("encoding-guessed", encoding=page.guessed)
        text = "\n".join(page.lines)
        if _SUSPECT.search(text) and (found := _MISREAD.search(text)):
            index = text.count("\n", 0, found.start())
            below = (line for line in self.claims.lines if line.end >= index)
            line = next(below, self.claims.lines[-1])
            self._remark("encoding-misread", line.whole)
