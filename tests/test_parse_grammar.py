"""Every rule of the grammar holds to the example that stands in it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from giikit.parsing.grammar import EDITIONS, FIELDS, ROWS, RULES
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
    assert groups | {"partner"} == set(FIELDS)


def test_every_field_is_read_by_a_reader():
    named = {field.get("read") for field in GRAMMAR["fields"].values()} - {None}
    assert named == set(READERS)


def test_the_edition_comes_first():
    assert {rule.part for rule in EDITIONS} == {"edition heading"}


@pytest.mark.parametrize(
    ("kind", "line", "cells"),
    [
        (
            "organizations",
            "1\tBOE, LTD.\t9,607\t23%",
            ["1", "BOE, LTD.", "9,607", "23%"],
        ),
        ("organizations", "\tBOE\t\t23%", ["", "BOE", "", "23%"]),
        (
            "organizations",
            "| 1. | BOE | 9 607 | 23 % |",
            ["1.", "BOE", "9 607", "23 %"],
        ),
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
        ("fields", "| Optics | 8% |", [None, "Optics", "8%"]),
        ("fields", "Optics   8 %", [None, "Optics", "8 %"]),
        ("fields", "2. Optics 8%", ["2.", "Optics", "8%"]),
        ("fields", "- Energy & fuels (8%)", [None, "Energy & fuels", "8%"]),
    ],
)
def test_a_row_is_read_however_its_cells_are_parted(kind, line, cells):
    rules = [rule for rule in ROWS[kind] if rule.hint in line]
    found = next(m for rule in rules if (m := rule.pattern.search(line)))
    assert list(found.groups()) == cells


@pytest.mark.parametrize(
    "line",
    [
        "1 LAB 9 607 23%",  # 9,607 of LAB, or 607 of LAB 9
        "Home\tAbout\tNews\tContact",
        "1\tBOE\t9,607",
    ],
)
def test_a_line_that_may_mean_two_things_is_no_row(line):
    assert not any(rule.pattern.search(line) for rule in ROWS["organizations"])
