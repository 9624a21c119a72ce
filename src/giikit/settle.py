"""Settle what was read on a page: its title, its values, what they contradict."""

from __future__ import annotations

from typing import Any, NamedTuple

from giikit.economies import find_economy_code
from giikit.grammar import LEAD, LEAD_NUMBERS, OPTIONAL_PARTS, RULES
from giikit.ledger import Ledger, shorten
from giikit.lines import Cell, Line
from giikit.lists import check_organizations, read_fields, read_organizations
from giikit.profile import (
    OUTPUTS,
    ClusterProfile,
    Collaboration,
    Organization,
    TechnologyField,
    make_cluster_id,
)
from giikit.reader import PageReader

_EXPECTED = 3
_MARKS = " \t#*|>"
# Numbers that stand once in the model, however often on the page.
_RATES = ("pct_per_million", "articles_per_million", "vc_deals_per_million")
_NUMBERS = (
    "rank_in_economy",
    "clusters_in_economy",
    "size_rank",
    "intensity_rank",
    *_RATES,
    "window_years",
    "patent_collaboration_share",
    "publication_collaboration_share",
)


class Title(NamedTuple):
    """The line ``{cluster}, {economy}``, split."""

    line: Line
    cluster: str
    economy: str | None


def make_profile(reader: PageReader) -> ClusterProfile:
    """Make the profile of a page whose lines were read."""
    ledger = reader.ledger
    title = _find_title(reader)
    cluster, cluster_id, code = _settle_names(reader, title)
    edition = _settle_edition(reader)
    values = {name: _settle_number(reader, name) for name in _NUMBERS}
    _check_base(reader, values)
    _check_ranks(reader, values)
    key = (edition, cluster_id)
    organizations = _collect_organizations(reader)
    fields = _collect_fields(reader)
    collaborations = _collect_partners(reader)
    _report_missing(reader, title)
    _report_unclaimed(reader, title)
    return ClusterProfile(
        edition=edition,
        cluster_id=cluster_id,
        cluster=cluster,
        economy=title.economy if title else None,
        economy_code=code,
        **values,
        source=reader.page.source,
        organizations=tuple(Organization(*key, *row) for row in organizations),
        collaborations=tuple(Collaboration(*key, *row) for row in collaborations),
        technology_fields=tuple(TechnologyField(*key, *row) for row in fields),
        observations=ledger.make_observations(*key),
        findings=ledger.make_findings(*key),
    )


def _find_title(reader: PageReader) -> Title | None:
    """Find the title among the unclaimed lines above the body, the nearest first."""
    ids = {make_cluster_id(cell.text) for cell in reader.clusters}
    for line in reversed(reader.unclaimed):
        if line.index > reader.body:
            continue
        name = line.printed.strip(_MARKS)
        if title := _split_title(line, name, ids):
            reader.unclaimed.remove(line)
            return title
    return None


def _split_title(line: Line, name: str, ids: set[str]) -> Title | None:
    """Split ``{cluster}, {economy}``, where both may hold commas."""
    commas = [i for i, character in enumerate(name[:400]) if character == ","]
    splits = [(name[:i].rstrip(), name[i + 1 :].strip()) for i in commas]
    splits = [(cluster, economy) for cluster, economy in splits if cluster and economy]
    known = [split for split in splits if find_economy_code(split[1])]
    own = [split for split in splits if make_cluster_id(split[0]) in ids]
    # The leftmost known economy is the longest; the longest own name has its suffix.
    both = [split for split in known if split in own]
    for candidates in (both, known, own[::-1]):
        if candidates:
            return Title(line, *candidates[0])
    return Title(line, name, None) if make_cluster_id(name) in ids else None


def _settle_names(
    reader: PageReader, title: Title | None
) -> tuple[str | None, str | None, str | None]:
    """Give the cluster's name, slug and economy code; report names that differ."""
    ledger = reader.ledger
    names = list(reader.clusters)
    code = None
    if title:
        names.insert(0, _observe_part(title.cluster, title.line, "cluster", ledger))
    if title and title.economy:
        cell = _observe_part(title.economy, title.line, "economy", ledger)
        code = find_economy_code(title.economy)
        if not code:
            message = f"{shorten(title.economy)} is no economy that giikit knows"
            place = (cell.line, cell.start, cell.end)
            ledger.remark("warning", "unknown-economy", message, *place)
    named = [(cell, slug) for cell in names if (slug := make_cluster_id(cell.text))]
    if not named:
        ledger.remark("error", "no-cluster", "the cluster's name cannot be read")
        return None, None, code
    (first, cluster_id), *others = named
    for cell, slug in others:
        if slug != cluster_id:
            message = f"{shorten(cell.text)} where {shorten(first.text)} was expected"
            place = (cell.line, cell.start, cell.end)
            ledger.remark("error", "name-differs", message, *place)
    return first.text, cluster_id, code


def _observe_part(text: str, line: Line, name: str, ledger: Ledger) -> Cell:
    """Note a part of the title: the cluster begins it, the economy ends it."""
    place = line.printed.index if name == "cluster" else line.printed.rindex
    start = place(text)
    ledger.observe(line, start, start + len(text), name)
    return Cell(text, line, start, start + len(text))


def _settle_edition(reader: PageReader) -> int | None:
    """Give the edition that is printed first; report others."""
    printed = reader.ledger.readings["edition"]
    years = list(dict.fromkeys(int(year) for year in printed if year))
    if not years:
        reader.ledger.remark("error", "no-edition", "the edition cannot be read")
        return None
    if len(years) > 1:
        listed = ", ".join(map(str, years))
        message = f"the page names several editions: {listed}; the first is taken"
        reader.ledger.remark("error", "edition-differs", message)
    return years[0]


def _settle_number(reader: PageReader, name: str) -> Any:
    """Give a number that the page prints once, or always the same."""
    printed = reader.ledger.readings.get(name, [])
    values = {value for value in printed if value is not None}
    if len(values) > 1:
        listed = ", ".join(f"{value:g}" for value in sorted(values))
        message = f"{name}: the page prints {listed}; the value is left empty"
        reader.ledger.remark("error", "value-differs", message)
        return None
    return values.pop() if values and None not in printed else None


def _check_base(reader: PageReader, values: dict[str, Any]) -> None:
    """Leave rates empty that do not refer to a million inhabitants."""
    base = reader.ledger.readings["inhabitants_base"]
    if any(value != 1_000_000 for value in base):
        message = "the counts are not per 1 million inhabitants; they are left empty"
        reader.ledger.remark("error", "base-differs", message)
        values.update(dict.fromkeys(_RATES))


def _check_ranks(reader: PageReader, values: dict[str, Any]) -> None:
    """Report a rank above the number of those that are ranked."""
    listed = [v for v in reader.ledger.readings["clusters_listed"] if v is not None]
    limits = {
        "rank_in_economy": values["clusters_in_economy"],
        "clusters_in_economy": min(listed, default=None),
        "size_rank": min(listed, default=None),
        "intensity_rank": min(listed, default=None),
    }
    for name, limit in limits.items():
        value = values[name]
        if value is not None and limit is not None and value > limit:
            message = f"{name} is {value:,}, but only {limit:,.0f} are counted"
            reader.ledger.remark("error", "rank-above-count", message)


def _collect_organizations(reader: PageReader) -> list[tuple[Any, ...]]:
    """Give the rows of both rankings; of one that is printed twice, the first."""
    collected = []
    for output in OUTPUTS:
        lists = [
            s
            for s in reader.sections
            if s.kind == "organizations" and s.output == output
        ]
        filled = [section for section in lists if section.rows] or lists[:1]
        tables = []
        for section in filled:
            rows = read_organizations(section, reader.ledger)
            check_organizations(section, rows, reader.ledger)
            if not section.has_header:
                message = f"the list of {output}s has no header row"
                reader.ledger.remark(
                    "warning", "missing-section", message, section.opened
                )
            tables.append(rows)
        _compare_repeats(reader, filled, tables)
        collected += tables[0] if tables else []
    return collected


def _collect_fields(reader: PageReader) -> list[tuple[Any, ...]]:
    """Give the technology fields of both outputs, most often none."""
    collected = []
    for output in OUTPUTS:
        lists = [
            s for s in reader.sections if s.kind == "fields" and s.output == output
        ]
        filled = [section for section in lists if section.rows]
        if lists and not filled:
            message = f"the chart of {output} fields is saved without its values"
            reader.ledger.remark("info", "chart-empty", message, lists[0].opened)
        tables = [read_fields(section, reader.ledger) for section in filled]
        _compare_repeats(reader, filled, tables)
        collected += tables[0] if tables else []
    return collected


def _compare_repeats(
    reader: PageReader, sections: list[Any], tables: list[list[Any]]
) -> None:
    for section, rows in zip(sections[1:], tables[1:], strict=True):
        same = rows == tables[0]
        message = "the list stands on the page twice; the first one is taken"
        reader.ledger.remark(
            "warning" if same else "error",
            "section-repeated" if same else "value-differs",
            message if same else message.replace("twice", "twice, with other values"),
            section.opened,
        )


def _collect_partners(reader: PageReader) -> list[tuple[Any, ...]]:
    """Give the partner locations; report another number than the sentence states."""
    collected = []
    for output in OUTPUTS:
        lists = [entry for entry in reader.partners if entry[0] == output]
        if not lists and any(r.output == output and not r.opens for r in reader.seen):
            message = f"no partners on {output}s are named"
            reader.ledger.remark("warning", "partner-count", message)
        for _, names, stated, line in lists:
            expected = _EXPECTED if stated is None else int(stated)
            if len(names) != expected or len(names) < _EXPECTED:
                message = f"{len(names)} partners are named, {expected} expected"
                reader.ledger.remark("warning", "partner-count", message, line)
        if any(entry[1] != lists[0][1] for entry in lists[1:]):
            message = f"the partners on {output}s are named twice, and differ"
            reader.ledger.remark("error", "value-differs", message, lists[1][3])
        for position, name in enumerate(lists[0][1] if lists else (), start=1):
            slug = make_cluster_id(name)
            if slug:
                collected.append((output, position, name, slug))
    return collected


def _report_missing(reader: PageReader, title: Title | None) -> None:
    """Report the parts and numbers that every profile has and this one lacks."""
    seen = {rule.part for rule in reader.seen}
    absent = [] if title else ["title"]
    absent += [
        part
        for part in dict.fromkeys(rule.part for rule in RULES)
        if part not in seen and part not in OPTIONAL_PARTS
    ]
    for part in absent:
        message = f"the page has no {part}, or it cannot be recognised"
        reader.ledger.remark("warning", "missing-section", message)
    for name in LEAD_NUMBERS if LEAD in seen else ():
        if name not in reader.ledger.readings:
            message = f"the {LEAD} says no {name}, or not in words that are known"
            reader.ledger.remark("warning", "missing-value", message)


def _report_unclaimed(reader: PageReader, title: Title | None) -> None:
    """Report lines inside the profile one by one, those around it by their number."""
    outside = reader.outside
    first = min([*reader.claimed, *([title.line.index] if title else [])])
    for line in sorted(reader.unclaimed, key=lambda line: line.index):
        if first < line.index < reader.claimed[-1]:
            message = f"no rule reads the line {shorten(line.decoded.strip())}"
            reader.ledger.remark("warning", "unclaimed-line", message, line)
        else:
            outside += 1
    if outside:
        message = f"{outside} lines before or after the profile were not read"
        reader.ledger.remark("info", "lines-outside", message)
