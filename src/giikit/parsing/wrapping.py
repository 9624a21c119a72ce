"""Lines that belong together: a sentence that was wrapped, a heading in two lines.

Mail, text browsers and copies of a PDF break sentences at some width. The sentences
that every page has show it; other lines that are as full go on below them, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from giikit.names import find_economy_code
from giikit.parsing.grammar import (
    BROKEN_HEADING,
    EDITIONS,
    FIELDS,
    RULES,
    WORDS,
    Rule,
)

BREAK = "\0"  # no page has it

# What only a sentence has; unbroken, none of them is as short as _LONGEST.
_SENTENCE = re.compile(
    "-ranked|is the (?:only|top) |within the top |are filed|are published|in collab"
)
_SHORTEST, _LONGEST = 40, 160
# Nearly full: the letters of a printed page are not all as wide.
_FULL = 0.85
# "St." and initials end no sentence.
_ENDED = re.compile(r"(?<!\bSt)(?<!\b[A-Z])[.:%][\s*_)]*$|^\s*$")
_BOLD = re.compile(r"\*\*|__|</?[a-z]{1,6}>")
_CELLS = re.compile(r"[\t|]|\S {12}| {2}.{0,200}(?:%|share)\s*$", re.IGNORECASE)
# A line of figures is a cell, but for a year.
_BEGINS = re.compile(
    r"[\s>]*(?:[#*•·–-] |[0-9]{1,2}[.)] |[<>~*]*[0-9][0-9.]* ?%"
    r"|(?![\s(%]|[12][0-9]{3}(?:\D|$))[^a-zA-Z]*$)"
)
# Words that end no line of their own.
_OPEN = re.compile(r"\b(?:and|the|of|in|by|with|it|one|[a-z]+-)$")
_FIRST_WORD = re.compile(r"[\s>]*([^ \t]*)")
_CONTINUES = re.compile(r"[\s>]*[(a-z]")
_AROUND_BREAK = re.compile(r"[ \t\r]*[\0\n][\s>#\0]*")
_FIRST = [rule for rule in RULES if "^" in rule.pattern.pattern[:6]]
_WHOLE = [*EDITIONS, *(rule for rule in RULES if rule.opens or rule.needs)]


def mark_breaks(text: str, decoded: Sequence[str]) -> str:
    """Put `BREAK` at the ends of the lines that go on below; mostly there is none.

    A line is taken to go on only where it is full and ends nothing, and the next one
    begins nothing.
    """
    width = _find_width(text)
    if width:
        text = _mark_wrapped(text, decoded, width)
    return BROKEN_HEADING.sub(lambda m: m[0].replace("\n", BREAK), text)


def _mark_wrapped(text: str, decoded: Sequence[str], width: int) -> str:
    """Put `BREAK` at the ends of lines that go on, on a page of that width."""
    lines = text.split("\n")
    marked = [lines[0]]
    for (upper, lower), printed in zip(pairwise(lines), decoded[1:], strict=False):
        # A space that keeps words together is none in the plain text.
        word = _FIRST_WORD.match(printed)
        full = len(upper.rstrip()) + len(word[1] if word else "") >= _FULL * width
        fits = max(len(upper), len(lower)) <= width / _FULL
        goes_on = full and fits and _goes_on(upper, lower)
        if goes_on and marked[-2:-1] != [BREAK]:
            goes_on = not _is_title(upper)
        marked += [BREAK if goes_on else "\n", lower]
    return "".join(marked)


def _find_width(text: str) -> int:
    """Return the length of the longest line that surely is a part of a sentence."""
    width = _SHORTEST
    for upper, lower in pairwise(text.split("\n")):
        is_longer = width < len(upper) < _LONGEST and _SENTENCE.search(upper)
        if is_longer and _goes_on(upper, lower[:_LONGEST]):
            width = len(upper)
    return width if width > _SHORTEST else 0


def _goes_on(upper: str, lower: str) -> bool:
    """Whether nothing ends with the upper line, and nothing begins with the lower."""
    upper, lower = _BOLD.sub("", upper).rstrip(), _BOLD.sub("", lower)
    small = lower.lower()
    if _ENDED.search(upper) or _BEGINS.match(lower):
        return False
    if _CELLS.search(upper) or _CELLS.search(lower):
        return False
    if _OPEN.search(upper):
        return True
    if small.strip(" #*:>") in WORDS or any(_begins(rule, lower) for rule in _FIRST):
        return False
    if _CONTINUES.match(lower):
        return True
    small = upper.lower()
    whole = [rule.pattern.search(upper) for rule in _WHOLE if rule.hint in small]
    ends = [m.end() for m in whole if m and not m.groupdict().get("remark")]
    return len(upper) not in ends


def _begins(rule: Rule, lower: str) -> bool:
    """Whether a line begins what a rule reads; without its rank it goes on with it."""
    found = rule.pattern.match(lower) if rule.hint in lower.lower() else None
    columns = [FIELDS[n].indicator for n, i in rule.groups if found and found[i]]
    return found is not None and (not rule.needs or rule.needs in columns)


def _is_title(line: str) -> bool:
    """Whether a line ends in the name of an economy, and is no part of a sentence."""
    parts = [line[comma.end() :].strip(" *_#|") for comma in re.finditer(",", line)]
    is_sentence = _SENTENCE.search(line) is not None
    return not is_sentence and any(find_economy_code(part) for part in parts)


def connect(text: str) -> str:
    """Put a space for each break, none after a dash, and fill up to the same length."""
    return _AROUND_BREAK.sub(_give_joint, text)


def _give_joint(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - 2) : found.start()]
    dash = before[-1:] in ("-", "–") and not before[0].isspace()
    return ("" if dash else " ").ljust(len(found[0]), "\N{WORD JOINER}")
