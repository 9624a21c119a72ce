"""Findings: remarks on pages and rankings. findings.csv declares every kind of them.

A kind has a code, a severity, a message whose braces are filled when a finding is
made, an example, and what a researcher can do (``remedy``). docs/findings.md is
written from the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, cast

from giikit.vocabulary import read_rows

Severity = Literal["error", "warning", "info"]


class Kind(NamedTuple):
    """A kind of finding: a row of findings.csv.

    ``about`` is where the fault lies: in a ``page``, a ``file``, the ``numbers`` of a
    page together, or the pages and rankings of an ``edition`` together.
    """

    code: str
    severity: Severity
    about: Literal["page", "file", "numbers", "edition"]
    message: str
    example: str
    remedy: str


class Finding(NamedTuple):
    """A remark on a page; a row of ``findings``. `make_finding` makes one."""

    edition: int | None
    cluster_id: str | None
    source: str | None
    severity: Severity
    code: str
    message: str
    line: int | None = None
    start: int | None = None
    end: int | None = None


KINDS = {row["code"]: Kind(**cast(Any, row)) for row in read_rows("findings.csv")}


def make_finding(
    code: str,
    details: Mapping[str, Any],
    *,
    key: tuple[int | None, str | None] = (None, None),
    source: str | None = None,
    place: tuple[int | None, ...] = (),
) -> Finding:
    """Return a finding of the kind ``code``, its message filled with ``details``.

    Parameters
    ----------
    code
        A code of findings.csv.
    details
        What the braces of the kind's message name.
    key
        The edition and cluster_id of the page that the finding is about.
    source
        The page's path below ``data/raw``.
    place
        Line, start and end of the text that it is about, as far as they are known.
    """
    message = KINDS[code].message.format_map(details)
    return Finding(*key, source, KINDS[code].severity, code, message, *place)
