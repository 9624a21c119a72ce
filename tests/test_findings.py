"""Findings: each kind is declared once, in findings.csv, and explained from there."""

from __future__ import annotations

import runpy
import string
from pathlib import Path
from typing import get_args

import pytest

from giikit.findings import KINDS, Severity, make_finding

ROOT = Path(__file__).parents[1]
TESTS = [path.read_text(encoding="utf-8") for path in ROOT.glob("tests/test_*.py")]


class Anything(dict):
    """Details in which every name stands for a number."""

    def __missing__(self, name):
        return 0


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_of_finding_says_what_is_wrong_and_what_to_do(kind):
    assert kind.severity in get_args(Severity)
    assert kind.message
    assert kind.example
    assert kind.remedy
    # What is not filled would be shown with its braces.
    made = make_finding(kind.code, Anything())
    assert made.severity == kind.severity
    assert not set("{}").intersection(made.message)


@pytest.mark.parametrize("code", KINDS)
def test_every_kind_of_finding_is_seen_to_be_made(code):
    assert any(f'"{code}"' in text for text in TESTS)


def test_a_finding_has_the_message_of_its_kind_and_the_place_it_is_given():
    details = {"rank": 2, "above": 3}
    key = {"key": (2024, "beijing"), "source": "2024/b.txt", "place": (12, 0, 1)}
    found = make_finding("rank-order", details, **key)
    message = "rank 2 stands below rank 3"
    expected = (2024, "beijing", "2024/b.txt", "error", "rank-order", message)
    assert found == (*expected, 12, 0, 1)


def test_a_code_that_is_not_declared_makes_no_finding():
    with pytest.raises(KeyError, match="no-such-code"):
        make_finding("no-such-code", {})


def test_a_message_names_what_it_is_filled_with():
    names = [
        field
        for kind in KINDS.values()
        for _, field, *_ in string.Formatter().parse(kind.message)
        if field is not None
    ]
    assert all(name.isidentifier() for name in names)


def test_the_documentation_of_findings_is_that_of_the_catalogue():
    script = runpy.run_path(str(ROOT / "docs" / "write_docs.py"))
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    assert page == script["write_findings"](), "run `make docs`"
