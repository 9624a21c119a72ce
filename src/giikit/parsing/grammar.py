"""The grammar: the rules of grammar.toml, ready for use."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, NamedTuple

from giikit.parsing.numbers import READERS, Reader
from giikit.vocabulary import Output


class Field(NamedTuple):
    """What a named group holds: the column it fills; without a reader, a name."""

    indicator: str
    read: Reader | None
    unit: str | None


@dataclass(frozen=True, eq=False, slots=True)
class Rule:
    """One wording: a pattern, what its groups hold, and the lines it is tried on."""

    part: str
    hint: str
    pattern: re.Pattern[str]
    groups: tuple[tuple[str, int], ...]
    output: Output | None
    opens: str | None
    above: str | None
    optional: bool


_PATH = files("giikit.parsing").joinpath("grammar.toml")
_DATA: dict[str, Any] = tomllib.loads(_PATH.read_text(encoding="utf-8"))


def _make_rule(entry: dict[str, Any]) -> Rule:
    text = entry["pattern"]
    for name, wording in _DATA["wordings"].items():
        text = text.replace(f"<{name}>", wording)
    pattern = re.compile(text)
    part, hint, output = entry.get("part", ""), entry["hint"], entry.get("output")
    groups = tuple(pattern.groupindex.items())
    optional = entry.get("optional", False)
    opens, above = entry.get("opens"), entry.get("above")
    return Rule(part, hint, pattern, groups, output, opens, above, optional)


FIELDS: dict[str, Field] = {
    name: Field(f.get("fills", name), READERS.get(f.get("read")), f.get("unit"))
    for name, f in _DATA["fields"].items()
}
RULES = tuple(_make_rule(entry) for entry in _DATA["rules"])
EDITIONS = [rule for rule in RULES if rule.part == RULES[0].part]
ROWS: dict[str, list[Rule]] = {row["list"]: [] for row in _DATA["rows"]}
for _row in _DATA["rows"]:
    ROWS[_row["list"]].append(_make_rule(_row))
WORDS: dict[str, str] = _DATA["words"]
BROKEN_HEADING: re.Pattern[str] = re.compile(_DATA["broken"]["heading"], re.MULTILINE)
JOINTS = frozenset(_DATA["joints"]["words"])
