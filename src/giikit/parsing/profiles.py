"""The second step: from what is claimed of a page to its profile, with findings.

Nothing is dropped and nothing is guessed: each printed value becomes an observation,
each that cannot be read a finding, and so does every line that no rule claims.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import fields
from itertools import pairwise
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
from giikit.parsing.lines import SENTENCE, Cell, Line, find_leftovers, simplify_lines
from giikit.parsing.pieces import is_name, split_partners
from giikit.vocabulary import OUTPUTS, Output

# A full stop, or the last name of a list, in bold type that is whole.
_ENDED = re.compile(r"[.:]\W{0,9}$|\band\b[^,]{1,99}[^\W_][*_)>]{1,4}\s{0,9}$")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
# Raised or struck-out words, which are no footnote's mark.
_APART = re.compile(
    r"<su[bp](?: [^<>]{0,99})?>[^<>]{0,99}\w\w\w|</(?:del|s|strike)>|~~[^~]{1,300}~~"
)
# UTF-8 read as Windows-1252, a dash or an apostrophe of one encoding as a letter of
# another, and what decoders put for a character that they cannot read.
_MISREAD = re.compile(
    "\ufffd|Ã[^a-zA-Z\\s]|Â[^\\w\\s]|â[€\x80]|¨C|[\x91-\x97]"
    "|(?<=[a-z])(?:[À-ÖØ-Þ]|[ß-öø-ÿ](?=[A-Z]))(?=[a-zA-Z])"
)
_SUSPECT = re.compile("[\x80-\xff\ufffd]")
# The first characters at which a spreadsheet takes a cell for a formula.
_FORMULA = frozenset("=+-@")
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
    marks: dict[int, list[Mark]] = {}
    for _, (name, line, *slice_), row in assembly.observations:
        indicator, output, position, _, value, *_ = row
        kind = _KINDS.get(FIELDS[name].unit, "number")
        what = kind, indicator, output, position, value
        for index, start, end in line.list_places(*slice_):
            marks.setdefault(index, []).append(Mark(start, end, *what))
    claimed = assembly.claims.spans.keys() - assembly.claims.left_out
    read = {n for line in claimed for n in range(line.index, line.end + 1)}
    first, last = assembly.find_extent()
    lines = []
    for index, (number, text) in enumerate(zip(page.numbers, page.lines, strict=True)):
        if text.strip():
            inside: Literal["unread", "outside"]
            inside = "unread" if first < index < last else "outside"
            state = "read" if index in read else inside
            own = tuple(sorted(marks.get(index, ()), key=lambda mark: mark.start))
            lines.append(ReadLine(number, text, own, state))
    return tuple(lines)


class _Assembly:
    """What is claimed of one page, on its way into a profile."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._has_slices = page.has_slices
        self.claims = claim_lines(simplify_lines(page))
        # Every printed value: its place, its cell, and what an `Observation` says.
        self.observations: list[tuple[tuple[int, int], Cell, tuple[Any, ...]]] = []
        self._findings: list[tuple[Any, ...]] = []
        # Every number printed for a column, None where it cannot be read.
        self._readings: defaultdict[str, list[float | None]] = defaultdict(list)
        # Of each output, the lists of partners: their line, number and names.
        self._partners: defaultdict[Output | None, list[Any]] = defaultdict(list)

    def assemble(self) -> ClusterProfile:
        """Return the profile."""
        claims = self.claims
        seen = {claim.rule for claim in claims.claims}
        if len(seen.difference(EDITIONS)) < 2:
            raise self._refuse()
        self._read_claims()
        organizations, fields = (
            [row for output in OUTPUTS for row in self._collect_tables(kind, output)]
            for kind in ("organizations", "fields")
        )
        title = claims.title
        cluster = self._settle_cluster(title[:1])
        economy = self._settle_economy(title)
        numbers = {name: self._settle_number(name) for name in _NUMBERS}
        if None in self._readings.get("inhabitants_base", ()):
            numbers.update(dict.fromkeys(_RATES))
        self._check_ranks(numbers)
        places = self._collect_partners()
        self._report_missing({rule.part for rule in seen})
        self._report_lines()
        key = (self._settle_edition(), make_cluster_id(cluster) if cluster else None)
        return ClusterProfile(
            edition=key[0],
            cluster_id=key[1],
            cluster=cluster,
            economy=economy,
            economy_code=find_economy_code(economy) if economy else None,
            **numbers,
            source=self._page.source,
            organizations=tuple([Organization(*key, *row) for row in organizations]),
            collaborations=tuple([Collaboration(*key, *row) for row in places]),
            technology_fields=tuple([TechnologyField(*key, *row) for row in fields]),
            observations=self._give_observations(key),
            findings=self._give_findings(key),
        )

    def _refuse(self) -> PageError:
        """Return the error for a page that is no profile, or one in no known words."""
        lines, page = self.claims.lines, self._page
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
        line = page.numbers[lines[0].index] if lines else None
        return PageError(message, page.source, line)

    def _remark(
        self,
        code: str,
        line: Line | None = None,
        start: int = 0,
        end: int = 100_000_000,
        **details: Any,
    ) -> None:
        """Note a finding; ``{text}`` in its message is what stands in the slice."""
        place: tuple[int | None, ...] = ()
        order = -1
        if line:
            end = min(end, len(line.plain))
            text = line.print(start, end).strip()
            details["text"] = repr(text if len(text) <= 60 else text[:57] + "...")
            (order, first, last), *more = line.list_places(start, end)
            slice_ = (first, last) if self._has_slices and not more else ()
            place = (self._page.numbers[order], *slice_)
        self._findings.append((order, code, details, place))

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
        value = resolution = None
        if read:
            value, resolution, fault = read(line.plain[start:end])
            self._readings[indicator].append(value)
            if fault:
                self._remark(fault, line, start, end, indicator=indicator)
        index = line.index
        first: int | None = start
        last: int | None = end
        if line.offsets is None:
            text = line.decoded[start:end]
        else:
            (index, first, last), *more = line.list_places(start, end)
            text = self._page.lines[index][first:last]
            if more or not self._has_slices:
                text = line.print(start, end)
            if more:
                first = last = None
        if not read and text[:1] in _FORMULA:
            self._remark("formula-text", line, start, end)
        if not self._has_slices:
            first = last = None
        what = indicator, output, position, entity, value, text, unit, resolution
        place = self._page.source, self._page.numbers[index], first, last
        self.observations.append(((index, start), cell, what + place))
        return value

    def _give_observations(
        self, key: tuple[int | None, str | None]
    ) -> tuple[Observation, ...]:
        """Return the printed values with their key, in the order of the page."""
        self.observations.sort(key=itemgetter(0))
        new = tuple.__new__
        return tuple([new(Observation, key + row) for *_, row in self.observations])

    def _give_findings(self, key: tuple[int | None, str | None]) -> tuple[Finding, ...]:
        """Return the findings with their key, in the order of the page."""
        source = self._page.source
        ordered = sorted(self._findings, key=lambda f: (f[0], (*f[3], 0, 0)[1]))
        return tuple(
            [
                make_finding(code, details, key=key, source=source, place=place)
                for _, code, details, place in ordered
            ]
        )

    def _read_claims(self) -> None:
        """Note what the rules claim."""
        for rule, line, _, _, output, cells in self.claims.claims:
            value = None
            for cell in cells:
                if cell.field == "partners":
                    names = self._read_partners(cell, output, value)
                    self._partners[output].append((line, value, names))
                else:
                    value = self._observe(cell, output)
            fields = {FIELDS[cell.field].indicator for cell in cells if rule.needs}
            if rule.needs and rule.needs not in fields:
                self._remark("missing-value", line, indicator=rule.needs)

    def _read_partners(
        self, cell: Cell, output: Output | None, stated: float | None
    ) -> list[str]:
        """Note each partner of a list; return the names, empty where unclear."""
        names = []
        for position, partner in enumerate(split_partners(cell, stated), start=1):
            name, clear, behind = partner
            entity = name.text
            self._observe(name, output, position, entity)
            if not clear or not is_name(entity):
                code = "unreadable-name" if clear else "unclear-name"
                self._remark(code, *name[1:])
            for other in behind:
                if find_economy_code(other.text):
                    economy = other._replace(field="economy")
                    self._observe(economy, output, position, entity)
                else:
                    self._remark("unclaimed-text", *other[1:])
            names.append(entity if clear else "")
        return names

    def _collect_tables(self, kind: str, output: Output) -> list[tuple[Any, ...]]:
        """Return the rows of a kind of list; of one that stands twice, the first."""
        own = [t for t in self.claims.tables if (t.kind, t.output) == (kind, output)]
        found = [table for table in own if table.rows] or own[:1]
        tables = [self._collect_rows(table) for table in found]
        for table, rows in zip(found[1:], tables[1:], strict=True):
            code = "list-repeated" if rows == tables[0] else "list-differs"
            self._remark(code, table.line)
        return tables[0] if tables else []

    def _collect_rows(self, table: Table) -> list[tuple[Any, ...]]:
        """Return the rows of a list without key."""
        output, rows = table.output, []
        if table.fault:
            self._remark(*table.fault, output=output)
        for position, cells in enumerate(table.rows, start=1):
            slots = {cell.field: cell for cell in cells}
            name = slots.get("organization") or slots["field"]
            entity = name.text
            if more := slots.pop("more", None):
                self._remark("name-continued", *name[1:], more=repr(more.text))
                entity = f"{entity} {more.text}"
            row: dict[str, Any] = {"line": name.line, "name": entity}
            for column in _COLUMNS:
                row[column] = None
                if column in slots:
                    row[column] = self._observe(slots[column], output, position, entity)
                elif table.kind == "organizations":
                    self._remark("row-incomplete", *name[1:], indicator=column)
            self._observe(name, output, position, entity)
            rows.append(row)
        for cell in table.broken:
            self._remark("name-continued", *cell[1:], more="the line below")
        self._check_order(table.kind, rows)
        if table.kind == "fields":
            if not rows:
                code = "chart-unclear" if table.unclear else "chart-empty"
                self._remark(code, table.line, output=output)
            return [(output, i, r["name"], r["share"]) for i, r in enumerate(rows, 1)]
        if len(rows) < _USUAL:
            self._remark("few-rows", table.line, count=len(rows))
        if rows and not table.has_header:
            self._remark("missing-section", table.line, part="header of the list")
        columns = ("rank", "name", "documents", "share")
        return [(output, *[row[column] for column in columns]) for row in rows]

    def _check_order(self, kind: str, rows: list[dict[str, Any]]) -> None:
        """Report what cannot stand below the row above it."""
        seen: set[str] = set()
        ranked = kind != "fields" or len({row["rank"] for row in rows}) > 1
        for above, row in pairwise([{"rank": 0}, *rows]):
            line, rank, last = row["line"], row["rank"], above["rank"]
            again = row["name"] in seen
            seen.add(row["name"])
            if again:
                self._remark("row-repeated", line, name=repr(row["name"]))
            # "1." before each field is the list of a Markdown page.
            if ranked and rank is not None and last is not None and rank != last + 1:
                codes = {rank > last: "rank-gap", rank == last: "rank-repeated"}
                code = codes.get(True, "rank-order")
                if not (again and code == "rank-repeated"):
                    self._remark(code, line, rank=rank, above=last, due=last + 1)
            count, more = row.get("documents"), above.get("documents")
            if count is not None and more is not None and count > more:
                self._remark("count-order", line, count=count, above=more)
            share, most = row.get("share"), above.get("share")
            if kind == "fields" and share and most and share > most:
                self._remark("share-order", line, share=share, above=most)

    def _collect_partners(self) -> list[tuple[Any, ...]]:
        """Return the partners; report another number than usual, or than is stated."""
        collected = []
        said = {c.output for c in self.claims.claims if not c.rule.opens}
        for output in OUTPUTS:
            first: list[str] | None = None
            for line, stated, names in self._partners[output]:
                count = len(names)
                expected = int(stated or max(_USUAL, count))
                if count != expected or count < _USUAL:
                    details = {"count": count, "expected": expected}
                    self._remark("partner-count", line, **details)
                if first is not None:
                    same = "list-repeated" if names == first else "list-differs"
                    self._remark(same, line)
                first = names if first is None else first
            if first is None and output in said:
                self._remark("partner-count", count=0, expected=_USUAL)
            for position, name in enumerate(first or (), start=1):
                if is_name(name):
                    slug = make_cluster_id(name)
                    collected.append((output, position, name, slug))
        return collected

    def _settle_cluster(self, title: list[Cell]) -> str | None:
        """Return the name in the title, or else the next one; report others."""
        cells = [*title, *self.claims.clusters]
        named = [cell for cell in cells if is_name(cell.text)]
        for cell in title:
            self._observe(cell)
        if not named:
            self._remark("no-cluster")
            return None
        name = named[0].text
        slug = make_cluster_id(name)
        for cell in [cell for cell in named if make_cluster_id(cell.text) != slug]:
            self._remark("name-differs", *cell[1:], expected=repr(name))
        return name

    def _settle_economy(self, title: list[Cell]) -> str | None:
        """Return the economy in the title; report one that is missing or unknown."""
        if not title:
            self._remark("missing-section", part="title")
        elif len(title) == 1:
            self._remark("missing-value", title[0].line, indicator="economy")
        else:
            self._observe(title[1])
            if not find_economy_code(title[1].text):
                self._remark("unknown-economy", *title[1][1:])
            return title[1].text
        return None

    def _settle_edition(self) -> int | None:
        """Return the edition that is printed most often; report others."""
        counts = Counter(
            int(year) for year in self._readings.get("edition", ()) if year
        )
        years = [year for year, _ in counts.most_common()]
        if len(years) > 1:
            self._remark("edition-differs", years=", ".join(map(str, years)))
        if not years:
            self._remark("no-edition")
        return years[0] if years else None

    def _settle_number(self, name: str) -> Any:
        """Return a number that is printed once, or always the same."""
        printed = set(self._readings.get(name, ()))
        if len(printed) > 1:
            values = " and ".join(sorted(f"{v:g}" for v in printed if v is not None))
            self._remark("value-differs", indicator=name, values=values)
        return printed.pop() if len(printed) == 1 else None

    def _check_ranks(self, numbers: dict[str, Any]) -> None:
        """Report a rank above the number of those that are ranked."""
        listed = [int(n) for n in self._readings.get("clusters_listed", ()) if n]
        limits = dict.fromkeys(_LIMITED, min(listed, default=None))
        limits["rank_in_economy"] = numbers["clusters_in_economy"]
        for name, limit in limits.items():
            if (rank := numbers[name]) and limit and rank > limit:
                self._remark("rank-above-count", indicator=name, rank=rank, count=limit)

    def _report_missing(self, seen: set[str]) -> None:
        """Report what every page has and this one lacks."""
        for part in [part for part in _PARTS if part not in seen]:
            self._remark("missing-section", part=part)
        charts = [table for table in self.claims.tables if table.kind == "fields"]
        shown = {table.output for table in charts}
        for output in OUTPUTS if any(part.endswith(" fields") for part in seen) else ():
            if output not in shown:
                self._remark("missing-section", part=f"heading of the {output} fields")
        counts = [len(table.rows) for table in charts if table.rows]
        if len(set(counts)) > 1:
            self._remark("field-count", counts=" and ".join(map(str, counts)))
        for name in _LEAD_NUMBERS if _LEAD in seen else ():
            if name not in self._readings:
                self._remark("missing-value", indicator=name)

    def find_extent(self) -> tuple[int, int]:
        """Return the indices of the first and the last line of the profile."""
        read = [line for line, spans in self.claims.spans.items() if spans]
        last = max(read, key=attrgetter("index"))
        end = last.end
        if SENTENCE.search(last.plain) and not _ENDED.search(last.decoded):
            # The last sentence may go on below.
            lines = self.claims.lines
            below = lines[lines.index(last) + 1 :][:1]
            if below and _ENDED.search(below[0].decoded):
                end = below[0].index + 1
            elif self._has_slices:
                end += 2
        return min([line.index for line in read]), end

    def _report_lines(self) -> None:
        """Report what the rules leave of the lines, and what is wrong with these."""
        claims, page = self.claims, self._page
        ids = {make_cluster_id(cell.text) for cell in claims.clusters[:9]}
        first, end = self.find_extent()
        outside = 0
        for line in claims.lines:
            spans = claims.spans.get(line)
            if spans is None and line not in claims.left_out:
                if not first < line.index < end:
                    outside += 1
                    continue
                self._remark("unclaimed-line", line)
            whole = not spans or spans[0] == (0, len(line.plain))
            for cell in () if whole else find_leftovers(line, spans or []):
                if make_cluster_id(cell.text) in ids:
                    self._observe(cell._replace(field="cluster"))
                else:
                    self._remark("unclaimed-text", *cell[1:])
            if not line.decoded.isprintable() and _CONTROL.search(line.decoded):
                self._remark("control-character", line)
            if line.offsets is not None and _APART.search(line.decoded):
                self._remark("text-apart", line)
        for line in claims.long:
            self._remark("long-line", line, 0, 60, count=len(line.decoded))
        last = claims.lines[-1]
        if spans and SENTENCE.search(last.plain) and not _ENDED.search(last.decoded):
            self._remark("sentence-cut", last)
        if outside:
            self._remark("lines-outside", count=outside)
        if page.guessed:
            self._remark("encoding-guessed", encoding=page.guessed)
        text = "\n".join(page.lines)
        if _SUSPECT.search(text) and (found := _MISREAD.search(text)):
            index = text.count("\n", 0, found.start())
            line = next(line for line in claims.lines if line.end >= index)
            self._remark("encoding-misread", line)
