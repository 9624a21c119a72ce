"""The grammar: the rules of grammar.toml, ready for use."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any, NamedTuple

from giikit.parsing.numbers import READERS, Reader
from giikit.vocabulary import Output


class Field(NamedTuple):
    """What a named group holds: the column it fills; without a reader, a name."""

    indicator: str
    read: Reader | None
    unit: str | None


@dataclass(frozen=True, eq=False)
class Rule:
    """One wording: a pattern, what its groups hold, and the lines it is tried on."""

    hint: str
    pattern: re.Pattern[str]
    part: str = ""
    output: Output | None = None
    opens: str | None = None
    needs: str | None = None
    optional: bool = False

    @cached_property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """Name and number of each group."""
        return tuple(self.pattern.groupindex.items())


class Shape(NamedTuple):
    """A row, or rows that fill a list as a ``whole``, as kinds of cells."""

    pattern: re.Pattern[str]
    whole: bool


_PATH = files("giikit.parsing").joinpath("grammar.toml")
_DATA: dict[str, Any] = tomllib.loads(_PATH.read_text(encoding="utf-8"))


_OPTIONS = ("part", "output", "opens", "needs", "optional")


def _make_rule(entry: dict[str, Any]) -> Rule:
    text = entry["pattern"]
    for name, wording in _DATA["wordings"].items():
        text = text.replace(f"<{name}>", wording)
    told = {name: entry[name] for name in entry if name in _OPTIONS}
    return Rule(entry["hint"], re.compile(text), **told)


FIELDS: dict[str, Field] = {
    name: Field(f.get("fills", name), READERS.get(f.get("read")), f.get("unit"))
    for name, f in _DATA["fields"].items()
}
RULES = tuple(_make_rule(entry) for entry in _DATA["rules"])
EDITIONS = [rule for rule in RULES if rule.part == RULES[0].part]
ROWS: dict[str, list[Rule]] = {row["list"]: [] for row in _DATA["rows"]}
for _row in _DATA["rows"]:
    ROWS[_row["list"]].append(_make_rule(_row))
SHAPES: dict[str, list[Shape]] = {row["list"]: [] for row in _DATA["shapes"]}
for _row in _DATA["shapes"]:
    _shape = Shape(re.compile(_row["pattern"]), _row.get("whole", False))
    SHAPES[_row["list"]].append(_shape)
WORDS: dict[str, str] = _DATA["words"]
LANGUAGES: dict[str, str] = _DATA["languages"]
BROKEN_HEADING: re.Pattern[str] = re.compile(_DATA["broken"]["heading"], re.MULTILINE)
JOINTS = frozenset(_DATA["joints"]["words"])
