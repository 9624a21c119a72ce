"""Read a profile page: from a file, from text at hand, or from its lines.

Nothing is dropped and nothing is guessed: each printed value becomes an observation,
each that cannot be read a finding, and so does every line that no rule claims.
"""

from __future__ import annotations

import re
from collections import Counter
from math import inf
from pathlib import Path
from typing import Any, Literal, NamedTuple

from giikit.errors import PageError
from giikit.model import ClusterProfile, Collaboration, Organization, TechnologyField
from giikit.names import find_economy_code, make_cluster_id
from giikit.pages import Page, check_path, make_page, read_page
from giikit.parsing.grammar import EDITIONS, FIELDS, RULES
from giikit.parsing.ledger import SENTENCE, Line
from giikit.parsing.pieces import Cell, Section, find_disorder, split_title, strip_line
from giikit.parsing.reader import PageReader
from giikit.vocabulary import OUTPUTS

# A full stop, or the last name of a list, in bold type that is whole.
_ENDED = re.compile(r"[.:]\W{0,9}$|\band\b[^,]{1,99}[^\W_][*_)>]{1,4}\s{0,9}$")
_USUAL = 3  # rows and partners of each list
_LEAD = "lead sentence"
_KINDS: dict[str | None, str] = {
    **{None: "name", "rank": "rank", "fraction": "share", "year": "year"},
    **dict.fromkeys(("documents", "clusters", "partners", "years"), "count"),
}
_RATES = ("pct_per_million", "articles_per_million", "vc_deals_per_million")
# The numbers that a profile has once, however often they are printed.
_NUMBERS = (
    *("rank_in_economy", "clusters_in_economy", "size_rank", "intensity_rank"),
    *(*_RATES, "window_years"),
    *("patent_collaboration_share", "publication_collaboration_share"),
)
_PARTS = dict.fromkeys(rule.part for rule in RULES if not rule.optional)
_LEAD_RULES = [rule for rule in RULES if rule.part == _LEAD and not rule.optional]
_LEAD_FIELDS = [FIELDS[name] for rule in _LEAD_RULES for name, _ in rule.groups]
_LEAD_NUMBERS = dict.fromkeys(field.indicator for field in _LEAD_FIELDS if field.read)


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


def parse_page(page: Page, reader: PageReader | None = None) -> ClusterProfile:
    """Read a page as a profile.

    Raises
    ------
    PageError
        If fewer than two of its lines or clauses are those of a profile.
    """
    reader = reader or PageReader(page)
    reader.read_lines()
    if len(reader.seen.difference(EDITIONS)) < 2:
        lines = reader.lines
        start = f"begins with {lines[0].plain.strip()[:60]!r}" if lines else "is empty"
        message = (
            f"the page {start} and is no cluster profile: nothing in it "
            'reads like "… is the second-ranked cluster, out of …"; save the profile '
            "page anew; no other pages belong in data/raw"
        )
        line = page.numbers[lines[0].index] if lines else None
        raise PageError(message, page.source, line)
    return _Settler(reader).make_profile(page.source)


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
    reader = PageReader(page)
    parse_page(page, reader)
    marks: dict[int, list[Mark]] = {}
    for index, start, end, unit, *what in sorted(reader.ledger.marks):
        kind = _KINDS.get(unit, "number")
        marks.setdefault(index, []).append(Mark(start, end, kind, *what))
    read = {i for line in reader.claimed for i in line.list_indices()}
    first, last = min(read), max(read)
    lines = []
    for index, (number, text) in enumerate(zip(page.numbers, page.lines, strict=True)):
        if text.strip():
            inside: Literal["unread", "outside"]
            inside = "unread" if first < index < last else "outside"
            state = "read" if index in read else inside
            lines.append(ReadLine(number, text, tuple(marks.get(index, ())), state))
    return tuple(lines)


class _Settler:
    """What was read, on its way into a profile."""

    def __init__(self, reader: PageReader) -> None:
        self._reader = reader
        self._ledger = reader.ledger
        self._remark = reader.ledger.remark

    def make_profile(self, source: str) -> ClusterProfile:
        title = self._find_title()
        cluster = self._settle_cluster(title[:1])
        economy = title[1].text if len(title) == 2 else None
        numbers = {name: self._settle_number(name) for name in _NUMBERS}
        if None in self._ledger.readings["inhabitants_base"]:
            numbers.update(dict.fromkeys(_RATES))
        self._check_ranks(numbers)
        organizations = self._collect_rows("organizations")
        fields = self._collect_rows("fields")
        partners = self._collect_partners()
        self._report_missing(has_title=bool(title))
        key = (self._settle_edition(), make_cluster_id(cluster) if cluster else None)
        return ClusterProfile(
            edition=key[0],
            cluster_id=key[1],
            cluster=cluster,
            economy=economy,
            economy_code=find_economy_code(economy) if economy else None,
            **numbers,
            source=source,
            organizations=tuple([Organization(*key, *row) for row in organizations]),
            collaborations=tuple([Collaboration(*key, *row) for row in partners]),
            technology_fields=tuple([TechnologyField(*key, *row) for row in fields]),
            observations=self._ledger.give_observations(*key),
            findings=self._ledger.give_findings(*key),
        )

    def _find_title(self) -> list[Cell]:
        """Find ``{cluster}, {economy}`` above the body, the likeliest such line."""
        reader = self._reader
        ids = {make_cluster_id(cell.text) for cell in reader.clusters} - {""}
        top = (
            reader.lines[reader.first].index
            if reader.seen.intersection(EDITIONS)
            else inf
        )
        titles = [
            cells
            for line in reader.head
            if line in reader.unclaimed and (cells := split_title(line, ids))
            # Menus name other clusters; only below the heading may a title do so.
            if not ids or line.index > top or make_cluster_id(cells[0].text) in ids
        ]
        if not titles:
            return []
        # One that names this cluster, and an economy, and is nearest to the body.
        cells = max(titles, key=lambda c: (make_cluster_id(c[0].text) in ids, len(c)))
        if len(cells) == 1 or not find_economy_code(cells[1].text):
            cells = self._find_economy_below(cells[0].line, ids) or cells
        for cell, name in zip(cells, ("cluster", "economy"), strict=False):
            self._ledger.observe(*cell, name)
        if len(cells) == 1:
            self._remark("missing-value", cells[0].line, indicator="economy")
        elif not find_economy_code(cells[1].text):
            self._remark("unknown-economy", *cells[1])
        for line in dict.fromkeys(cell.line for cell in cells):
            reader.unclaimed.remove(line)
            reader.claimed.append(line)
        return cells

    def _find_economy_below(self, line: Line, ids: set[str]) -> list[Cell]:
        """Give a title of two lines: the cluster's name, and below it the economy."""
        lines = self._reader.lines
        (below,) = lines[lines.index(line) + 1 :][:1] or [line]
        title = [strip_line(line), strip_line(below)]
        own = make_cluster_id(title[0].text) in ids and below in self._reader.unclaimed
        return title if own and find_economy_code(title[1].text) else []

    def _settle_cluster(self, title: list[Cell]) -> str | None:
        """Give the name in the title, or else the next one; report others."""
        cells = [*title, *self._reader.clusters]
        named = [(s, cell) for cell in cells if (s := make_cluster_id(cell.text))]
        if not named:
            self._remark("no-cluster")
            return None
        name = named[0][1].text
        for slug, cell in named:
            if slug != named[0][0]:
                self._remark("name-differs", *cell, expected=repr(name))
        return name

    def _settle_edition(self) -> int | None:
        """Give the edition that is printed most often; report others."""
        printed = self._ledger.readings["edition"]
        counts = Counter(int(year) for year in printed if year)
        years = [year for year, _ in counts.most_common()]
        if len(years) > 1:
            self._remark("edition-differs", years=", ".join(map(str, years)))
        if not years:
            self._remark("no-edition")
        return years[0] if years else None

    def _settle_number(self, name: str) -> Any:
        """Give a number that is printed once, or always the same."""
        printed = set(self._ledger.readings.get(name, ()))
        if len(printed) > 1:
            values = " and ".join(sorted(f"{v:g}" for v in printed if v is not None))
            self._remark("value-differs", indicator=name, values=values)
        return printed.pop() if len(printed) == 1 else None

    def _check_ranks(self, numbers: dict[str, Any]) -> None:
        """Report a rank above the number of those that are ranked."""
        listed = [int(n) for n in self._ledger.readings["clusters_listed"] if n]
        limits = dict.fromkeys(_NUMBERS[1:4], min(listed, default=None))
        limits["rank_in_economy"] = numbers["clusters_in_economy"]
        for name, limit in limits.items():
            if (rank := numbers[name]) and limit and rank > limit:
                self._remark("rank-above-count", indicator=name, rank=rank, count=limit)

    def _collect_rows(self, kind: str) -> list[tuple[Any, ...]]:
        """Give the rows of a kind of list; of one that stands twice, the first."""
        collected = []
        for output in OUTPUTS:
            own = (kind, output)
            found = [s for s in self._reader.sections if (s.kind, s.output) == own]
            found = [section for section in found if section.rows] or found[:1]
            tables = [self._settle_section(section) for section in found]
            for section, table in zip(found[1:], tables[1:], strict=True):
                code = "list-repeated" if table == tables[0] else "list-differs"
                self._remark(code, section.opened)
            collected += tables[0] if tables else []
        return collected

    def _settle_section(self, section: Section) -> list[tuple[Any, ...]]:
        """Give the rows of a list without key."""
        output, rows = section.output, section.rows
        for code, line, details in find_disorder(section):
            self._remark(code, line, **details)
        if section.kind == "fields":
            if not rows:
                self._remark("chart-empty", section.opened, output=output)
            return [(output, i, r["name"], r["share"]) for i, r in enumerate(rows, 1)]
        if len(rows) < _USUAL:
            self._remark("few-rows", section.opened, count=len(rows))
        if rows and not section.has_header:
            self._remark("missing-section", section.opened, part="header of the list")
        slots = ("rank", "name", "documents", "share")
        return [(output, *[row[slot] for slot in slots]) for row in rows]

    def _collect_partners(self) -> list[tuple[Any, ...]]:
        """Give the partners; report another number than usual, or than is stated."""
        collected = []
        for output in OUTPUTS:
            lists = [entry for entry in self._reader.partners if entry.output == output]
            for entry in lists:
                count = len(entry.names)
                expected = int(entry.stated or max(_USUAL, count))
                if count != expected or count < _USUAL:
                    details = {"count": count, "expected": expected}
                    self._remark("partner-count", entry.line, **details)
            for entry in lists[1:]:
                same = entry.names == lists[0].names
                self._remark("list-repeated" if same else "list-differs", entry.line)
            said = any(r.output == output and not r.opens for r in self._reader.seen)
            if said and not lists:
                self._remark("partner-count", count=0, expected=_USUAL)
            for position, name in enumerate(lists[0].names if lists else (), start=1):
                if slug := make_cluster_id(name):
                    collected.append((output, position, name, slug))
        return collected

    def _report_missing(self, *, has_title: bool) -> None:
        """Report what every page has and this one lacks, and lines no rule reads."""
        reader = self._reader
        seen = {rule.part for rule in reader.seen}
        for part in [part for part in _PARTS if part not in seen]:
            self._remark("missing-section", part=part)
        if not has_title:
            self._remark("missing-section", part="title")
        charts = [section for section in reader.sections if section.kind == "fields"]
        shown = {section.output for section in charts}
        if any(section.rows for section in charts) and len(shown) == 1:
            (other,) = set(OUTPUTS) - shown
            self._remark("missing-section", part=f"heading of the {other} fields")
        for name in _LEAD_NUMBERS if _LEAD in seen else ():
            if name not in self._ledger.readings:
                self._remark("missing-value", indicator=name)
        first = min(line.index for line in reader.claimed)
        last = max(reader.claimed, key=lambda line: line.index)
        end = last.index + last.decoded.count("\n")
        if SENTENCE.search(last.plain) and not _ENDED.search(last.decoded):
            # The last sentence may go on below, or be cut short.
            below = [line for line in reader.unclaimed if line.index >= end][:1]
            if last is reader.lines[-1]:
                self._remark("sentence-cut", last)
            elif below and _ENDED.search(below[0].decoded):
                end = below[0].index + 1
            elif self._ledger.has_slices:
                end += 2
        inside = [line for line in reader.unclaimed if first < line.index < end]
        for line in inside:
            self._remark("unclaimed-line", line)
        if outside := len(reader.unclaimed) - len(inside):
            self._remark("lines-outside", count=outside)
