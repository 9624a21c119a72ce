"""The lines of a page, and what reading them brings to light, each with its place."""

from __future__ import annotations

import re
from collections import defaultdict
from html import unescape
from math import inf
from typing import Any

from giikit.findings import Finding, make_finding
from giikit.model import Observation
from giikit.pages import Page
from giikit.parsing.grammar import FIELDS
from giikit.parsing.wrapping import BREAK, connect, mark_breaks
from giikit.vocabulary import Output

# Marks that say how text looks, not what it says, and invisible characters.
_MARKS = ("*", "_", "\\", "](", "][", "</", ">")
_RARE_MARKS = frozenset("†‡¹²³⁴⁵⁶⁷⁸⁹\u00ad\u2060\ufeff").union(
    map(chr, range(0x200B, 0x2010))
)
_MARKUP = re.compile(
    # Emphasis, or a footnote's mark; a bullet is neither, nor is the one in A*STAR.
    r"(?=[]*_\\†‡\u00ad\u200b-\u200f\u2060\ufeff[<>¹²³⁴-⁹])(?:"
    r"(?<![^\W_])\*(?=[^\s*])|(?<=[^\s*])\*+(?![^\W_])|\*\*"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|(?<=[^\W\d]|\*)[¹²³⁴-⁹]+(?!\w)"
    r"|\\(?=[^\w\s])|[†‡\u00ad\u200b-\u200f\u2060\ufeff]"
    r"|\[(?=[^][]{1,200}\][(\[])|\]\[[^][]{0,50}\]"
    r'|\]\((?:[^()\s]|\([^()\s]{0,100}\)){0,500}(?: "[^"]{0,200}")?\)'
    r"|</?(?:a|b|em|i|span|strong|su[bp]|u)(?: [^<>]{0,500})?>"
    r"|^>(?= |$)(?! [0-9.,]{1,20} ?%?$))"  # a quotation, not a bound
)
# What no menu has. A sentence may have doubled spaces; in a row they part the cells,
# and in "per  million" they are all that is left of a lost 1.
SENTENCE = re.compile("-ranked|is the only|argest |by intensity|in collaboration with")
_SENTENCE_MARKUP = re.compile(_MARKUP.pattern + "| (?= )(?!(?<=per ) +million)")
_ENTITY = re.compile("&(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});|<br ?/?>")
# One character for one, so that a place in the plain text is a place in the line.
_PLAIN = {
    " ": [0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x2028, 0x2029, 0x3000],
    "-": [*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFF0D],
    "'": [0x2018, 0x2019, 0x201B, 0x2BC, 0x60, 0xB4],
    # The raised endings of ordinals.
    **dict(zip("dhnrst", [[ord(letter)] for letter in "ᵈʰⁿʳˢᵗ"], strict=True)),
}
_PLAIN_TEXT = {chr(code): plain for plain, codes in _PLAIN.items() for code in codes}
_NOT_ASCII = re.compile("[^\x00-\x7f]")
# A space that holds figures together: a comma is as good, and no other space is that.
_GROUPING = frozenset("\u00a0\u2006\u2007\u2008\u2009\u200a\u202f")
_GROUPED = re.compile("(?<=[0-9])[\u00a0\u2006-\u200a\u202f](?=[0-9])")
# The first characters at which a spreadsheet takes a cell for a formula.
_FORMULA = frozenset("=+-@")


class Line:
    """A line as decoded, and plain: without markup, with the commonest characters.

    A sentence that was wrapped is one line; ``decoded`` has its line breaks.
    """

    __slots__ = ("decoded", "index", "offsets", "plain")

    def __init__(self, index: int, decoded: str, plain: str) -> None:
        self.index = index
        self.decoded = decoded
        self.plain = plain
        # Of each plain character, the place in the decoded line; None: the same.
        self.offsets: list[int] | None = None

    def remove_markup(self, markup: re.Pattern[str] = _MARKUP) -> None:
        """Take markup out of the plain text, and keep the way back."""
        kept, last = [], 0
        for mark in markup.finditer(self.plain):
            kept.append((last, mark.start()))
            last = mark.end()
        kept.append((last, len(self.plain)))
        self.plain = "".join([self.plain[start:end] for start, end in kept])
        self.offsets = []
        for span in kept:
            self.offsets.extend(range(*span))

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Give the slice of the decoded line for a slice of the plain text."""
        if self.offsets is None or start >= end:
            return start, end
        first = self.offsets[start]
        if self.decoded[first] == ";" != self.plain[start]:  # of an entity, the end
            first = self.decoded.rfind("&", 0, first)
        return first, self.offsets[end - 1] + 1

    def place(self, first: int, last: int) -> tuple[int, int | None, int | None]:
        """Give the index of the page's line that a slice begins in, and its place.

        What is broken over the end of a line has no slice of one.
        """
        index = self.index + self.decoded.count("\n", 0, first)
        if "\n" in self.decoded[first:last]:
            return index, None, None
        shift = self.decoded.rfind("\n", 0, first) + 1
        return index, first - shift, last - shift

    def list_indices(self) -> range:
        """Give the indices of the page's lines that this one is made of."""
        return range(self.index, self.index + self.decoded.count("\n") + 1)

    def list_slices(self, first: int, last: int) -> list[tuple[int, int, int]]:
        """Give index and slice of each line that a slice of this one goes over."""
        slices, begin = [], 0
        for place, part in enumerate(self.decoded.split("\n"), start=self.index):
            low, high = max(first - begin, 0), min(last - begin, len(part))
            slices += [(place, low, high)] if low < high else []
            begin += len(part) + 1
        return slices

    def print(self, start: int, end: int) -> str:
        """Give the text as printed, without markup."""
        first, last = self.locate(start, end)
        text = self.decoded[first:last]
        if "\n" in text:
            text = connect(text)
        if last - first > end - start:
            return _ENTITY.sub(_give_character, _MARKUP.sub("", text))
        return text


def simplify_lines(page: Page) -> list[Line]:
    """Make a `Line` of every line that is not blank."""
    text = "\n".join(page.lines)
    if page.has_slices and ("&" in text or "<br" in text):
        text = _ENTITY.sub(_replace_entity, text)
    special = set(_NOT_ASCII.findall(text))
    marks = [mark for mark in _MARKS if mark in text] + list(special & _RARE_MARKS)
    doubled = "  " in text
    if special & _GROUPING:
        text = _GROUPED.sub(",", text)
    for character in special & _PLAIN_TEXT.keys():
        text = text.replace(character, _PLAIN_TEXT[character])
    lines = []
    index = -1
    for plain in mark_breaks(text, page.lines).split("\n"):
        index += 1
        if BREAK in plain:
            end = index + plain.count(BREAK)
            decoded = "\n".join(page.lines[index : end + 1])
            lines.append(Line(index, decoded, connect(plain)))
            lines[-1].remove_markup(_SENTENCE_MARKUP)
            index = end
        elif plain and not plain.isspace():
            line = Line(index, page.lines[index], plain)
            lines.append(line)
            if doubled and "  " in plain and SENTENCE.search(plain):
                line.remove_markup(_SENTENCE_MARKUP)
                continue
            for mark in marks:
                if mark in plain:
                    line.remove_markup()
                    break
    return lines


def _give_place(row: tuple[Any, ...]) -> tuple[int, float]:
    """Give line and start; what has no slice goes on in the next line."""
    return row[9], inf if row[10] is None else row[10]


def _give_character(entity: re.Match[str]) -> str:
    """Give what an entity stands for, or a line break within a line: a space."""
    return " " if entity[0][0] == "<" else unescape(entity[0])


def _replace_entity(entity: re.Match[str]) -> str:
    """Give the character that an entity stands for, made as long as the entity."""
    character = _give_character(entity)
    if len(character) != 1 or character < " ":
        return entity[0]
    return character.rjust(len(entity[0]), "\N{WORD JOINER}")


class Ledger:
    """The rows of one page's ``observations`` and ``findings``, while it is read."""

    def __init__(self, page: Page) -> None:
        self._source = page.source
        self._numbers = page.numbers
        self.has_slices = page.has_slices
        self._observations: list[tuple[Any, ...]] = []
        self._findings: list[Finding] = []
        # Every number printed for a column, None where it cannot be read.
        self.readings: defaultdict[str, list[float | None]] = defaultdict(list)
        # Of every printed value, index and slice of its line, and what it is.
        self.marks: list[tuple[Any, ...]] = []

    def remark(
        self,
        code: str,
        line: Line | None = None,
        start: int = 0,
        end: int = 100_000_000,
        **details: Any,
    ) -> None:
        """Note a finding; ``{text}`` in its message is what stands in the slice."""
        place: tuple[int | None, ...] = ()
        if line:
            end = min(end, len(line.plain))
            text = line.print(start, end).strip()
            details["text"] = repr(text if len(text) <= 60 else text[:57] + "...")
            index, *slice_ = line.place(*line.locate(start, end))
            place = (self._numbers[index], *(slice_ if self.has_slices else ()))
        finding = make_finding(code, details, source=self._source, place=place)
        self._findings.append(finding)

    def observe(
        self,
        line: Line,
        start: int,
        end: int,
        name: str,
        output: Output | None = None,
        position: int | None = None,
        entity: str | None = None,
    ) -> float | None:
        """Note a printed value; give its number, if it is one and can be read."""
        indicator, read, unit = FIELDS[name]
        index, value, resolution = line.index, None, None
        if read:
            value, resolution, fault = read(line.plain[start:end])
            self.readings[indicator].append(value)
            if fault:
                self.remark(fault, line, start, end, indicator=indicator)
        first: int | None
        last: int | None
        first, last = (start, end) if line.offsets is None else line.locate(start, end)
        text = line.decoded[first:last]
        slices = [(index, first, last)]
        if "\n" in line.decoded:
            slices = line.list_slices(first, last)
            index, first, last = line.place(first, last)
            if first is None:
                text = connect(text).replace("\N{WORD JOINER}", "")
        if not read and text[:1] in _FORMULA:
            self.remark("formula-text", line, start, end)
        what = indicator, output, position, value
        self.marks += [(*where, unit, *what) for where in slices]
        if not self.has_slices:
            first = last = None
        row = (indicator, output, position, entity, value, text, unit, resolution)
        number = self._numbers[index]
        self._observations.append((*row, self._source, number, first, last))
        return value

    def give_observations(self, *key: Any) -> tuple[Observation, ...]:
        """Give the printed values their key, in the order of the page."""
        if self.has_slices:
            self._observations.sort(key=_give_place)
        new = tuple.__new__
        return tuple([new(Observation, key + row) for row in self._observations])

    def give_findings(self, *key: Any) -> tuple[Finding, ...]:
        """Give the findings their key, in the order of the page."""
        findings = [Finding._make((*key, *row[2:])) for row in self._findings]
        return tuple(sorted(findings, key=lambda f: (f.line or 0, f.start or 0)))
