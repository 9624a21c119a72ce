"""Whatever one thing is damaged on a page, no value changes without a finding on it.

Enumerated: each line is dropped, doubled, swapped with the next, joined to it by a tab
or a space; each page is cut after each line; each digit becomes a letter. By hand,
with the figures for docs/method.md: benchmarks/damage.py.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
from sampling import sample

from giikit.errors import PageError
from giikit.model import ClusterProfile
from giikit.parsing import parse_profile

from generator.rendering import (  # isort: skip
    Variety,
    Wording,
    make_cluster,
    render,
)

RAW = Path(__file__).parent / "pages" / "real" / "data" / "raw" / "2024"


def make_pages() -> dict[str, str]:
    """The two real pages, and ten generated ones, each set in another way."""
    pages = {p.stem: p.read_text(encoding="utf-8") for p in sorted(RAW.glob("*.txt"))}
    with_fields = Variety(patent_fields=3, publication_fields=3)
    without = Variety(patent_fields=0, publication_fields=0)
    settings = [
        ("fields", "tabs", with_fields, Wording(field_rows="paren")),
        ("ranked fields", "spaces", with_fields, Wording(field_rows="ranked")),
        ("fields in HTML", "html-table", with_fields, Wording(field_rows="cells")),
        ("wrapped", "tabs", without, Wording(wrap=72)),
        ("cells", "cells", without, Wording(header="full")),
        ("markdown", "markdown", without, Wording(headings="bold")),
        ("divs", "html-divs", without, Wording(menus=True)),
        ("plain", "tabs", without, Wording(bold_mark="", blank_lines=False)),
        ("words", "spaces", without, Wording(rank_ordinal="word", menus=True)),
        ("spaced", "tabs", without, Wording(grouping=" ", percent=" %")),
    ]
    for seed, (name, form, variety, wording) in enumerate(settings):
        edition = 2025 if name in ("markdown", "plain") else 2024
        cluster = make_cluster(random.Random(seed), edition, variety)
        pages[name] = render(cluster, form, wording)
    return pages


PAGES = make_pages()
KINDS = ("dropped", "doubled", "swapped", "tab", "space", "cut", "digit")

# What a finding calls a value besides its column: its part of the page.
CHARTS = ("patent fields", "publication fields", "technology fields")
PARTS = {
    "cluster": ("page names", "name can", "title"),
    "cluster_id": ("page names", "name can", "title"),
    "economy": ("title",),
    "economy_code": ("economy", "title"),
    "size_rank": ("rank by size",),
    "intensity_rank": ("rank by intensity",),
    "patent_collaboration_share": ("sentence on patent",),
    "publication_collaboration_share": ("sentence on article",),
    "organizations patent": ("heading of the applicants",),
    "organizations publication": ("heading of the publishing",),
    "partner patent": ("sentence on patent", "partners"),
    "partner publication": ("sentence on article", "partners"),
    "field patent": CHARTS,
    "field publication": CHARTS,
}
LEAD = (
    "vc_deals_per_million",
    "rank_in_economy",
    "clusters_in_economy",
    "pct_per_million",
    "window_years",
)
PARTS |= dict.fromkeys((*LEAD, "articles_per_million"), ("lead sentence",))


# Where a finding on a whole list stands.
HEADINGS = {
    "organizations patent": "top pct applicants",
    "organizations publication": "top publishing organizations",
}
ON_LISTS = {"few-rows", "list-differs"}
# Which lines are damaged, from the one that is named.
DAMAGED = {"dropped": (-1, 0), "doubled": (0, 1), "swapped": (0, 1)}


def list_values(profile: ClusterProfile) -> dict[tuple[str, ...], object]:
    """Every value of a profile's tables, by a name that outlives its neighbours."""
    tables = ("organizations", "collaborations", "technology_fields")
    columns = {f.name for f in fields(profile)} - {*tables, "observations", "findings"}
    values: dict[tuple[str, ...], object] = {
        (column,): getattr(profile, column) for column in columns
    }
    for row in profile.organizations:
        for column in ("rank", "documents", "share"):
            key = (f"organizations {row.output}", row.organization, column)
            values[key] = getattr(row, column)
    for row in profile.collaborations:
        values[f"partner {row.output}", row.partner] = row.partner_id
    for row in profile.technology_fields:
        values[f"field {row.output}", row.field] = row.share
    return values


def damage(lines: list[str], kind: str) -> Iterator[tuple[int, str]]:
    """Each damage of a kind: the number of its line, and the page."""
    joints = {"tab": "\t", "space": " "}
    printed = parse_profile("\n".join(lines)).observations
    names = {o.entity for o in printed if re.search("[0-9]", o.entity or "")}
    for n, line in enumerate(lines):
        last = n == len(lines) - 1
        if kind == "digit":
            for found in re.finditer("[0-9]", line):
                j = found.start()
                # "360 DIGITAL SECURITY": nothing tells a name that has changed.
                starts = [(name, line.find(name)) for name in names]
                if any(0 <= i <= j < i + len(name) for name, i in starts):
                    continue
                new = [*lines[:n], line[:j] + "x" + line[j + 1 :], *lines[n + 1 :]]
                yield n + 1, "\n".join(new)
            continue
        new = {
            "dropped": [*lines[:n], *lines[n + 1 :]],
            "doubled": [*lines[: n + 1], *lines[n:]],
            "cut": lines[: n + 1],
        }.get(kind)
        if not new and not last:
            both = [lines[n + 1], line]
            if kind in joints:
                both = [f"{line}{joints[kind]}{lines[n + 1]}"]
            new = [*lines[:n], *both, *lines[n + 2 :]]
        if new and new != lines:
            yield n + 1, "\n".join(new)


@cache
def read_whole(page: str) -> ClusterProfile:
    return parse_profile(page)


def find_silent(page: str, number: int, damaged: str, kind: str) -> list[object]:
    """Values of a damaged page that changed without a finding on line or column.

    The line is the very one that was damaged, or the one that it was swapped with, or
    that stands where it was; for rows, also that of the heading of the list.
    """
    whole = read_whole(page)
    try:
        read = parse_profile(damaged)
    except PageError:
        return []
    before, after = list_values(whole), list_values(read)
    changed = [
        key
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key) and key != ("source",)
    ]
    told = [Counter((f.code, f.message) for f in p.findings) for p in (whole, read)]
    new = [
        f
        for f in read.findings
        if told[1][f.code, f.message] > told[0][f.code, f.message]
        if f.severity != "info" or f.code == "chart-empty"
    ]
    near = {number + shift for shift in DAMAGED.get(kind, (0,))}
    if page.startswith("<"):  # the text may begin a line below its element
        near |= {line - 1 for line in near}
    on_line = any(f.line in near for f in new)
    texts = ["", *damaged.lower().split("\n"), ""]
    silent = []
    for key in changed:
        words = (*PARTS.get(key[0], ()), *([] if key[1:] else key))
        named = any(word in f.message for f in new for word in words)
        on_list = [f.line for f in new if f.code in ON_LISTS and key[0] in HEADINGS]
        # In HTML the text may begin a line below its element.
        headed = any(HEADINGS[key[0]] in "".join(texts[n : n + 2]) for n in on_list)
        if not (named or on_line or headed):
            silent.append((key, before.get(key), after.get(key)))
    return silent


@pytest.mark.parametrize(
    ("name", "kind"),
    sample([(name, kind) for name in PAGES for kind in KINDS], every=3),
)
def test_no_value_changes_in_silence(name, kind):
    page = PAGES[name]
    cases = list(damage(page.split("\n"), kind))
    assert cases
    silent = {n: s for n, text in cases if (s := find_silent(page, n, text, kind))}
    assert silent == {}
