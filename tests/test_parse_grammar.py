"""Every rule of the grammar holds to the example that stands in it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from giikit.pages import make_page
from giikit.parsing.claims import claim_lines
from giikit.parsing.grammar import EDITIONS, FIELDS, ROWS, RULES, SHAPES
from giikit.parsing.lines import simplify_lines
from giikit.parsing.numbers import READERS

PATH = Path(__file__).parents[1] / "src" / "giikit" / "parsing" / "grammar.toml"
GRAMMAR = tomllib.loads(PATH.read_text(encoding="utf-8"))
ENTRIES = list(zip(GRAMMAR["rules"], RULES, strict=True))


@pytest.mark.parametrize(
    ("entry", "rule"), ENTRIES, ids=[entry["example"][:40] for entry, _ in ENTRIES]
)
def test_a_rule_reads_its_example(entry, rule):
    found = rule.pattern.search(entry["example"])
    assert found
    read = {name: text for name, text in found.groupdict().items() if text is not None}
    assert read == entry.get("reads", {})
    assert rule.hint in entry["example"].lower()


def test_every_group_is_a_field():
    groups = {name for rule in RULES for name, _ in rule.groups} - {"partners"}
    groups |= {name for rows in ROWS.values() for row in rows for name, _ in row.groups}
    shapes = [shape for shapes in SHAPES.values() for shape in shapes]
    groups |= {name for shape in shapes for name in shape.pattern.groupindex}
    assert groups | {"partner"} == set(FIELDS)


def test_every_field_is_read_by_a_reader():
    named = {field.get("read") for field in GRAMMAR["fields"].values()} - {None}
    assert named == set(READERS)


def test_the_edition_comes_first():
    assert {rule.part for rule in EDITIONS} == {"edition heading"}


LINES = [
    (entry, rule)
    for kind, rules in ROWS.items()
    for entry, rule in zip(
        [entry for entry in GRAMMAR["rows"] if entry["list"] == kind],
        rules,
        strict=True,
    )
]


@pytest.mark.parametrize(
    ("entry", "rule"), LINES, ids=[entry["example"] for entry, _ in LINES]
)
def test_a_row_without_cells_reads_its_example(entry, rule):
    found = rule.pattern.search(entry["example"])
    read = {name: text for name, text in found.groupdict().items() if text is not None}
    assert read == entry["reads"]
    assert rule.hint in entry["example"]


@pytest.mark.parametrize("entry", GRAMMAR["shapes"], ids=lambda entry: entry["example"])
def test_a_shape_matches_its_example(entry):
    assert re.fullmatch(f"(?:{entry['pattern']})", entry["example"]) or re.match(
        entry["pattern"], entry["example"]
    )


@pytest.mark.parametrize(
    ("kind", "line", "cells"),
    [
        (
            "organizations",
            "1\tBOE, LTD.\t9,607\t23%",
            ["1", "BOE, LTD.", "9,607", "23%"],
        ),
        ("organizations", "\tBOE\t\t23%", ["BOE", "23%"]),
        (
            "organizations",
            "| 1. | BOE | 9 607 | 23 % |",
            ["1.", "BOE", "9 607", "23 %"],
        ),
        ("organizations", "│ 1 │ BOE │ 9,607 │ 2% │", ["1", "BOE", "9,607", "2%"]),
        (
            "organizations",
            " 1   BOE TECH   9 607   <1%",
            ["1", "BOE TECH", "9 607", "<1%"],
        ),
        (
            "organizations",
            "1 3M INNOVATIVE 9,607 23%",
            ["1", "3M INNOVATIVE", "9,607", "23%"],
        ),
        ("organizations", "1 PARIS 8 9,607 23%", ["1", "PARIS 8", "9,607", "23%"]),
        ("fields", "1\tOptics\t8%", ["1", "Optics", "8%"]),
        ("fields", "| Optics | 8% |", ["Optics", "8%"]),
        ("fields", "Optics   8 %", ["Optics", "8 %"]),
        ("fields", "2. Optics 8%", ["2.", "Optics", "8%"]),
        ("fields", "- Energy & fuels (8%)", ["Energy & fuels", "8%"]),
    ],
)
def test_a_row_is_read_however_its_cells_are_parted(kind, line, cells):
    assert read_row(kind, line) == cells


@pytest.mark.parametrize(
    "line",
    [
        "1 LAB 9 607 23%",  # 9,607 of LAB, or 607 of LAB 9
        "Home\tAbout\tNews\tContact",
        "1\tBOE\t9,607",
    ],
)
def test_a_line_that_may_mean_two_things_is_no_row(line):
    assert read_row("organizations", line) == []


def read_row(kind: str, line: str) -> list[str]:
    """Read one line below the heading of a list, and one below that ends the list."""
    heading = {"organizations": "Top PCT applicants", "fields": "Patents"}[kind]
    end = "17% of Oslo's applications are filed in collaboration with other inventors."
    page = make_page(f"{heading}\n{line}\n{end}", "page")
    (table,) = claim_lines(simplify_lines(page)).tables
    return [cell.text for row in table.rows for cell in row]
