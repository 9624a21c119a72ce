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
    """One wording: a pattern, what its groups hold, and the lines it is tried on.

    The pattern of a shape is one of kinds of cells: of a row, or of rows that fill
    a list as a ``whole``.
    """

    pattern: re.Pattern[str]
    hint: str = ""
    part: str = ""
    output: Output | None = None
    opens: str | None = None
    needs: str | None = None
    optional: bool = False
    whole: bool = False

    @cached_property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """Name and number of each group."""
        return tuple(self.pattern.groupindex.items())


_PATH = files("giikit.parsing").joinpath("grammar.toml")
_DATA: dict[str, Any] = tomllib.loads(_PATH.read_text(encoding="utf-8"))


def _make_rule(entry: dict[str, Any]) -> Rule:
    text = entry["pattern"]
    for name, wording in _DATA["wordings"].items():
        text = text.replace(f"<{name}>", wording)
    told = {n: value for n, value in entry.items() if n in Rule.__annotations__}
    return Rule(**told | {"pattern": re.compile(text)})


def _make_lists(part: str) -> dict[str, list[Rule]]:
    """Return the rules for what stands in lists, by the kind of the list."""
    lists: dict[str, list[Rule]] = {}
    for entry in _DATA[part]:
        lists.setdefault(entry["list"], []).append(_make_rule(entry))
    return lists


FIELDS: dict[str, Field] = {
    name: Field(f.get("fills", name), READERS.get(f.get("read")), f.get("unit"))
    for name, f in _DATA["fields"].items()
}
RULES = tuple(_make_rule(entry) for entry in _DATA["rules"])
EDITIONS = [rule for rule in RULES if rule.part == RULES[0].part]
ROWS = _make_lists("rows")
SHAPES = _make_lists("shapes")
WORDS: dict[str, str] = _DATA["words"]
LANGUAGES: dict[str, str] = _DATA["languages"]
BROKEN = _make_rule(_DATA["broken"]).pattern
JOINTS = frozenset(_DATA["joints"]["words"])
