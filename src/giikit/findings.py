"""Findings: remarks on a page, of which findings.csv declares every kind."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import Any, Literal, NamedTuple, cast

Severity = Literal["error", "warning", "info"]
_CATALOGUE = files("giikit").joinpath("findings.csv").read_text(encoding="utf-8")
_KINDS: dict[str, tuple[Severity, str]] = {
    row["code"]: (cast(Severity, row["severity"]), row["message"])
    for row in csv.DictReader(_CATALOGUE.splitlines())
}


class Finding(NamedTuple):
    """A remark on a page; a row of ``findings``."""

    edition: int | None
    cluster_id: str | None
    source: str | None
    severity: Severity
    code: str
    message: str
    line: int | None = None
    start: int | None = None
    end: int | None = None


def make_finding(code: str, details: dict[str, Any]) -> tuple[Severity, str, str]:
    """Give severity, code and message of a finding, as findings.csv has them."""
    severity, message = _KINDS[code]
    return severity, code, message.format_map(details)
