"""Whatever single thing is lost on a real page, no value changes in silence."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from giikit.model import ClusterProfile
from giikit.parsing import parse_profile

RAW = Path(__file__).parent / "pages/real/data/raw" / "2024"
PAGES = {p.stem: p.read_text(encoding="utf-8") for p in sorted(RAW.glob("*.txt"))}


def list_values(profile: ClusterProfile) -> dict[tuple[object, ...], object]:
    """Give every value of a profile's tables by a name that outlives its neighbours."""
    tables = ("organizations", "collaborations", "technology_fields")
    columns = {f.name for f in fields(profile)} - {*tables, "observations", "findings"}
    values: dict[tuple[object, ...], object] = {
        (column,): getattr(profile, column) for column in columns
    }
    for row in profile.organizations:
        for column in ("rank", "documents", "share"):
            key = ("organizations", row.output, row.organization, column)
            values[key] = getattr(row, column)
    for row in profile.collaborations:
        values["collaborations", row.output, row.position] = row.partner
    for row in profile.technology_fields:
        values["technology_fields", row.output, row.position] = row.field
    return values


def check_nothing_changed_in_silence(text: str, damaged: str) -> None:
    whole, read = parse_profile(text), parse_profile(damaged)
    before, after = list_values(whole), list_values(read)
    assert after.keys() <= before.keys()
    changed = {k for k in before if before[k] is not None and after.get(k) != before[k]}
    assert all(after.get(key) is None for key in changed)
    news = {f.code for f in read.findings if f.severity != "info"}
    assert news or not changed


DIGITS = [(n, m.start()) for n, t in PAGES.items() for m in re.finditer("[0-9]", t)]
NUMBER_WORDS = [
    (name, found.start())
    for name, text in PAGES.items()
    for found in re.finditer(r"\b(second|eighth|five|three)\b", text)
]


@pytest.mark.parametrize(("name", "place"), DIGITS)
def test_a_digit_that_became_a_letter_is_reported(name, place):
    text = PAGES[name]
    for letter in "xlO":
        damaged = text[:place] + letter + text[place + 1 :]
        check_nothing_changed_in_silence(text, damaged)
        assert {f.severity for f in parse_profile(damaged).findings} & {"error"}


@pytest.mark.parametrize(("name", "place"), NUMBER_WORDS)
def test_a_number_word_that_is_garbled_is_reported(name, place):
    text = PAGES[name]
    damaged = text[:place] + "x" + text[place + 1 :]
    check_nothing_changed_in_silence(text, damaged)
    assert "unreadable-number" in {f.code for f in parse_profile(damaged).findings}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (name, line)
        for name, text in PAGES.items()
        for line, content in enumerate(text.split("\n"))
    ],
)
def test_a_line_that_is_lost_changes_no_value_in_silence(name, line):
    lines = PAGES[name].split("\n")
    damaged = lines[:line] + lines[line + 1 :]
    check_nothing_changed_in_silence("\n".join(lines), "\n".join(damaged))


@pytest.mark.parametrize("name", PAGES)
def test_a_line_that_says_something_is_missed(name):
    lines = PAGES[name].split("\n")
    for i, line in enumerate(lines):
        # The charts' headings stand above nothing in a text copy.
        if line.strip() and line not in ("Patents", "Publications"):
            findings = parse_profile("\n".join(lines[:i] + lines[i + 1 :])).findings
            assert any(f.severity != "info" for f in findings), line
