"""Lines that belong together: a sentence that was wrapped, a heading in two lines.

Mail, text browsers and copies of a PDF break sentences at some width. The sentences
that every page has show it; other lines that are as full go on below them, too.
"""

from __future__ import annotations

import re
from itertools import pairwise
from operator import add

from giikit.names import find_economy_code
from giikit.parsing.grammar import (
    BROKEN,
    EDITIONS,
    FIELDS,
    RULES,
    WORDS,
    Rule,
)

# What only a sentence has; unbroken, none of them is as short as _LONGEST.
_SENTENCE = re.compile(
    "-ranked|is the (?:only|top) |within the top |are filed|are published|in collab"
)
_SHORTEST, _LONGEST = 30, 240
# Nearly full: the letters of a printed page are not all as wide.
_FULL = 0.85
# Where a small letter follows, or an "and" ends the line, its letters may be wide.
_HARDLY_FULL = 0.7
# "St." and initials end no sentence.
_ENDED = re.compile(r"(?<!\bSt)(?<!\b[A-Z])[.:%][\s*_)]*$|^\s*$")
_BOLD = re.compile(r"\*\*|__|</?[a-z]{1,6}(?: [^<>]{1,300})?>")
_CELLS = re.compile(r"[\t|]|\S {12}| {2}.{0,200}(?:%|share)\s*$", re.IGNORECASE)
# The beginning of a sentence, or a line of figures, but for a year.
_BEGINS = re.compile(
    r"[\s>]*(?:[#*•·–-] |[0-9]{1,2}[.)] |[<>~*]*[0-9][0-9.]* ?%"
    r"|\W*(?i:(?:wipo )?global(?: innovation(?: index(?: \(gii\))?)?)?)\W*$"
    r"|[^a-z%][^%]{1,80} is(?: the\b|$)|(?![\s(%]|[12][0-9]{3}(?:\D|$))[^a-zA-Z]*$)"
)
# A remark may go on, unless it is one in brackets.
_CLOSED = re.compile(r"(?:\(.*\))?", re.DOTALL)
# Words that end no line of their own.
_OPEN = re.compile(r"\b(?:and|the|of|in|by|with|it|one|\w+-)$")
# The lead sentence begins with the name.
_NAMED = re.compile(r"^[\s>*]{0,20}(\w[^%\n]{1,200}?) is the ", re.MULTILINE)
_IN_HEADING = r"(?:(?i:^[^\w\n]{0,9}top [^\n]{1,60} in)\s)?"
_AROUND_BREAKS = r"[\s>]{0,9}"
_STATE = "(?:, ?[A-Z]{2,3}(?=,))?"
# With the tags before it, which are not broken.
_FIRST_WORD = re.compile(r"[\s>]*((?:</?[a-z][^<>]{0,300}>|[^ \t])*)")
_CONTINUES = re.compile(r"[\s>]*[(a-z]")
_AROUND_BREAK = re.compile(r"[ \t\r]*\n[\s>#]*")
_FIRST = [rule for rule in RULES if "^" in rule.pattern.pattern[:6]]
_WHOLE = [*EDITIONS, *(rule for rule in RULES if rule.opens or rule.needs)]


def find_breaks(lines: list[str], printed: list[str]) -> set[int]:
    """Return the indices of the lines that go on below; mostly there is none.

    A line is taken to go on only where it is full and ends nothing, and the next one
    begins nothing.
    """
    text = "\n".join(lines)
    breaks: set[int] = set()
    place = first = 0
    for heading in BROKEN.finditer(text):
        first += text.count("\n", place, heading.start())
        place = heading.start()
        breaks.update(range(first, first + heading[0].count("\n")))
    width = _SHORTEST
    for upper, lower in pairwise(lines):
        if not lower or not width < len(upper) < _LONGEST:
            continue
        if _SENTENCE.search(upper) and _goes_on(upper, lower[:_LONGEST], upper):
            width = len(upper)
    if width == _SHORTEST:
        return breaks
    above = ""
    for index, (upper, lower) in enumerate(pairwise(lines)):
        # What ends in this line may have begun in those above.
        above = f"{above[-_LONGEST:]} {upper.strip()}" if index - 1 in breaks else upper
        # A space that keeps words together is none in the plain text.
        word = _FIRST_WORD.match(printed[index + 1])
        is_open = _OPEN.search(upper) or _CONTINUES.match(lower)
        least = width * (_HARDLY_FULL if is_open else _FULL)
        full = len(upper.rstrip()) + len(word[1] if word else "") >= least
        fits = max(len(upper), len(lower)) <= width / _FULL
        if full and fits and _goes_on(upper, lower, above):
            breaks.add(index)
    return breaks | _find_broken_names(lines, breaks)


def _find_broken_names(lines: list[str], breaks: set[int]) -> set[int]:
    """Return the lines that go on with the cluster's name, or the economy behind it.

    A title is set larger than the sentences, and breaks earlier than they do.
    """
    ends = [" " if index in breaks else "\n" for index in range(len(lines))]
    named = _NAMED.search("".join(map(add, lines, ends)))
    if not named:
        return set()
    words = map(re.escape, re.findall("[^ -]+-?", named[1]))
    name = rf"{_IN_HEADING}{_AROUND_BREAKS.join(words)}{_STATE}"
    text = "\n".join(lines)
    broken: set[int] = set()
    place = first = 0
    for found in re.finditer(name, text, re.MULTILINE):
        end = found.end()
        here, below = (*text[end : end + 300].split("\n"), "")[:2]
        economy = connect(f"{here}\n{below}").strip(" ,*|#")
        if economy.startswith("("):
            economy = economy[1:].removesuffix(")")
        if here.strip() and find_economy_code(economy):
            end += len(here) + 1
        first += text.count("\n", place, found.start())
        place = found.start()
        broken.update(range(first, first + text.count("\n", place, end)))
    return broken


def _goes_on(upper: str, lower: str, above: str) -> bool:
    """Whether nothing ends with the upper line, and nothing begins with the lower.

    ``above`` is the upper line behind those that go on in it.
    """
    upper, lower = _BOLD.sub("", upper).rstrip(), _BOLD.sub("", lower)
    if _ENDED.search(upper) or _BEGINS.match(lower):
        return False
    if _CELLS.search(upper) or _CELLS.search(lower):
        return False
    begun = [rule for rule in _FIRST if _begins(rule, lower)]
    # No sentence goes on with a heading, also behind "Iran, Islamic Republic of".
    if any(rule.opens or rule in EDITIONS for rule in begun):
        return False
    if _OPEN.search(upper):
        return True
    if begun or lower.lower().strip(" #*:>") in WORDS:
        return False
    if _CONTINUES.match(lower):
        return True
    above = _BOLD.sub("", above).rstrip()
    small = above.lower()
    whole = [rule.pattern.search(above) for rule in _WHOLE if rule.hint in small]
    ends = [
        m.end()
        for m in whole
        if m and _CLOSED.fullmatch(m.groupdict().get("remark") or "")
    ]
    return len(above) not in ends


def _begins(rule: Rule, lower: str) -> bool:
    """Whether a line begins what a rule reads; without its rank it goes on with it."""
    found = rule.pattern.match(lower) if rule.hint in lower.lower() else None
    columns = [FIELDS[n].indicator for n, i in rule.groups if found and found[i]]
    return found is not None and (not rule.needs or rule.needs in columns)


def connect(text: str) -> str:
    """Put a space for each break, none after a dash, and fill up to the same length."""
    return _AROUND_BREAK.sub(_give_joint, text)


def _give_joint(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - 2) : found.start()]
    dash = before[-1:] == "-" and not before[0].isspace()
    return ("" if dash else " ").ljust(len(found[0]), "\N{WORD JOINER}")
