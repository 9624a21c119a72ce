"""docs/findings.md lists every code that the source can give, and no other."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "giikit"
CODE = re.compile("[a-z]+(-[a-z]+)+")
SEVERITIES = ("error", "warning", "info")
CATALOGUE = {
    row["code"]: row["severity"]
    for row in csv.DictReader(
        (SOURCE / "findings.csv").read_text(encoding="utf-8").splitlines()
    )
}


def list_documented() -> dict[str, str]:
    """Give the severities of the codes in the tables of docs/findings.md."""
    text = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \| (.+) \| (.+) \|$", text, re.M)
    assert len({row[0] for row in rows}) == len(rows)
    return {code: severity for code, severity, *_ in rows}


def list_given(path: Path) -> set[str]:
    """Give the codes that a module hands to whatever makes findings."""
    codes = set()
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call):
            maker = ast.unparse(call.func).split(".")[-1].lower()
            if re.search("fault|finding|remark|report_", maker):
                for node in ast.walk(call):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        codes |= {node.value} if CODE.fullmatch(node.value) else set()
    return codes


# `check_agreement` makes these of the columns' names.
DERIVED = {
    "clusters-in-economy-mismatch",
    "clusters-listed-mismatch",
    "window-years-mismatch",
}
GIVEN = set().union(DERIVED, *map(list_given, SOURCE.glob("*.py")))


def test_the_documentation_lists_every_code_and_no_other():
    assert set(list_documented()) == GIVEN | set(CATALOGUE)


def test_the_documentation_gives_the_severities_of_reading():
    documented = list_documented()
    assert {code: documented[code] for code in CATALOGUE} == CATALOGUE
    assert set(documented.values()) <= set(SEVERITIES)


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_of_the_catalogue_is_used(code):
    used = [p.name for p in SOURCE.glob("*.py") if f'"{code}"' in p.read_text()]
    assert used
