"""Pieces of a line: the two of a title, and the partners in a sentence."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple
from unicodedata import category

from giikit.names import find_economy_code, make_cluster_id
from giikit.parsing.lines import Cell, Line, trim

_BOLD = re.compile("[*_]|</?(?:b|strong)[ >]")
# A state suffix belongs to the partner before it ("Washington, DC-Baltimore, MD"), and
# some places have an "and" of their own.
_JOINT = re.compile(
    r"[,;](?! ?(?:[A-Z]{2,3}(?:-|[,;.]| and | \(|$)|D\.C\b))"
    r"(?: ?(?:and|&|as well as)(?= ))? ?"
    r"|[ \t](?:and|&|as well as)[ \t]"
    r"(?!Tobago|Herzegovina|Barbuda|Nevis|the Grenadines)"
)
# What a list ends with only where the page breaks off.
_DANGLING = re.compile(r"[,;\s]+(?:and|&)[\s*_]*$")
_IN_BRACKETS = r"\(((?:[^()]|\([^()]{1,80}\)){1,80})\)"
_BRACKET = re.compile(_IN_BRACKETS)
_BEHIND = re.compile(rf" ?(?:{_IN_BRACKETS}|[:-]? ?[0-9][0-9.]{{0,5}} ?%)")
# Where what belongs to a name may begin.
_OPENING = re.compile(r",| \(")
# Two pieces in bold type with nothing but a space between them.
_PARTED = re.compile(r"(?:\*\*|__|</(?:b|strong)>) +(?:\*\*|__|<(?:b|strong)\b)")
# Marks of headings, tables, quotations and footnotes; all symbols but "<" are, too.
_AROUND = frozenset("#*|:;,-_•·‣†‡[]\ufe0f")
# Economies that are clusters, too.
_CITIES = frozenset({"HK", "LU", "MC", "MO", "SG"})
_LONGEST_ID = 100  # no economy has a longer name, either
# What no name has: words of a sentence that was torn apart, a footnote's digit.
_CLAUSE = re.compile(
    r"\b(?:with|emerging|being|are|collaborat\w+|locations?|respectively)\b"
    r"|^others$|[^\W\d_][0-9]{1,2}$|^(?:and|&) "
)
_MARKUP = re.compile(r"[][<>={}\"|]")


class Partner(NamedTuple):
    """A piece of a list of partners; unless ``clear`` it may be one name or several.

    ``behind`` is what stands in brackets or behind a comma: an economy, a share.
    """

    cell: Cell
    clear: bool
    behind: list[Cell]


def strip_line(line: Line, field: str = "") -> Cell:
    """Return a line without the marks of headings and tables, and flags, around it."""
    marks = "".join(filter(_is_around, set(line.plain)))
    return trim(line, 0, len(line.plain), field, marks)


@lru_cache(maxsize=4096)
def _is_around(character: str) -> bool:
    """Whether a character at the edge of a line belongs to no name."""
    symbol = category(character)[0] in "CSZ" and character != "<"
    return symbol or character in _AROUND


def split_title(line: Line, below: list[Line], ids: set[str]) -> list[Cell]:
    """Split ``{cluster}, {economy}``, where both may hold commas.

    The economy is the longest known one, after a name of the cluster in ``ids`` if
    there is such a split; it may also stand ``below`` such a name. A line that is
    neither gives nothing.
    """
    if len(line.plain) > 300:
        return []
    _, _, start, end = whole = strip_line(line, "cluster")
    splits = [[whole], *([whole, strip_line(other, "economy")] for other in below)]
    for joint in re.finditer(r"[,(]", line.plain[:end]):
        marks = " \t,;)" if joint[0] == "(" else " \t,;"
        economy = trim(line, joint.end(), end, "economy", marks)
        splits.append([trim(line, start, joint.start(), "cluster"), economy])
    ranked = []
    for place, split in enumerate(splits):
        own = make_cluster_id(split[0].text) in ids
        known = len(split) > 1 and find_economy_code(split[1].text) is not None
        if (own and known) or ((own or known) and split[-1].line is line):
            ranked.append((own and known, known, -place if known else place, split))
    return max(ranked, key=itemgetter(0, 1, 2))[3] if ranked else []


@lru_cache(maxsize=4096)
def is_name(name: str) -> bool:
    """Whether a cluster can be called so: its cluster_id names files."""
    return 0 < len(make_cluster_id(name)) <= _LONGEST_ID and not _CLAUSE.search(name)


def is_partner(name: str) -> bool:
    """Whether a partner can be called so: as a cluster, and without any markup."""
    return is_name(name) and not _MARKUP.search(name)


def split_partners(cell: Cell, stated: float | None) -> list[Partner]:
    """Split a list of partners.

    Commas part names, and so does the last "and" of a list. Others are a name's own,
    unless bold type or the number that is stated says that they part names, too. An
    economy behind a comma belongs to the name before it.
    """
    _, line, start, end = cell
    plain = line.plain
    if plain[end - 2 : end - 1] == "." == plain[end : end + 1]:
        end += 1  # that of D.C., not only that of the sentence
    if cut := _DANGLING.search(plain, start, end):
        end = cut.start()
    brackets = [m.span() for m in _BRACKET.finditer(plain, start, end)]
    joints = [
        joint
        for joint in _JOINT.finditer(plain, start, end)
        if not any(first < joint.start() < last for first, last in brackets)
    ]
    joints = _drop_economies(line, joints, end, stated)
    commas = [joint for joint in joints if joint[0][0] in ",;"]
    ands = [joint for joint in joints if joint[0][0] not in ",;"]
    tail = [j for j in ands if not commas or j.start() > commas[-1].start()]
    tail = [j for j in tail if "&" not in j[0]] or tail
    if marked := [joint for joint in ands if _is_marked(line, *joint.span())]:
        choices = [marked]
    elif not ands or (commas and commas[-1][0].strip(",; ")):
        choices = [[]]
    else:
        choices = [[joint] for joint in tail] or [[], ands]
    fitting = [c for c in choices if len(commas) + len(c) + 1 == stated]
    if not fitting and len(joints) + 1 == stated:
        fitting = [ands]
    choices = fitting or choices
    early = [comma for comma in commas if ands and comma.start() < ands[-1].start()]
    late = [comma[0].strip() for comma in commas[len(early) :]]
    if late == [","] and ands and not marked and stated in (None, len(early) + 2):
        # "A, B and C, D" are as many names if "C, D" is one.
        commas, choices = early, [[], ands[-1:]]
    clear = len(choices) == 1
    parting = sorted(joint.span() for joint in commas + (choices[0] if clear else []))
    inner = [] if clear else [joint.start() for joint in ands]
    partners, begin = [], start
    for first, last in [*parting, (end, end)]:
        piece = trim(line, begin, first, "partner")
        one = bisect_left(inner, begin) == bisect_left(inner, first)
        if piece.start < piece.end:
            one = one and not _PARTED.search(line.decoded, *_find_source(piece))
            partners.append(_split_behind(piece, one))
        begin = last
    return partners


def _drop_economies(
    line: Line, joints: list[re.Match[str]], end: int, stated: float | None
) -> list[re.Match[str]]:
    """Leave out the joints that stand between a name and its economy."""
    ends = [*(joint.start() for joint in joints[1:]), end]
    kept = []
    for joint, last in zip(joints, ends, strict=False):
        behind = trim(line, joint.end(), last) if joint[0].strip() == "," else None
        code = find_economy_code(behind.text) if behind else None
        if not code or code in _CITIES:
            kept.append(joint)
    return joints if len(joints) + 1 == stated != len(kept) + 1 else kept


def _split_behind(piece: Cell, clear: bool) -> Partner:
    """Part a name from the economy or share behind it."""
    _, line, start, end = piece
    plain = line.plain
    for opening in _OPENING.finditer(plain, max(start + 1, end - _LONGEST_ID), end):
        inner = end - (opening[0] != "," and plain[end - 1] == ")")
        behind = trim(line, opening.end(), inner)
        if find_economy_code(behind.text):
            name = trim(line, start, opening.start(), "partner")
            return Partner(name, clear, [behind])
    found = _BEHIND.search(plain, start, end) if plain[end - 1] in "%)" else None
    if not found or found.start() == start:
        return Partner(piece, clear, [])
    behind = trim(line, *(found.span(1) if found[1] else (found.start(), end)))
    return Partner(trim(line, start, found.start(), "partner"), clear, [behind])


def _find_source(piece: Cell) -> tuple[int, int]:
    """Return the slice of the decoded line that a piece with markup comes from."""
    offsets = piece.line.offsets
    return (offsets[piece.start], offsets[piece.end - 1]) if offsets else (0, 0)


def _is_marked(line: Line, start: int, end: int) -> bool:
    """Whether bold type ends or begins where names are parted."""
    if line.offsets is None or start == 0:
        return False
    around = line.decoded[
        line.offsets[start - 1] + 1 : line.offsets[min(end, len(line.offsets) - 1)]
    ]
    return _BOLD.search(around) is not None
