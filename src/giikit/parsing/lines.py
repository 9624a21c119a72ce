"""The lines of a page made plain, each character with its place in the source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import chain, starmap
from typing import NamedTuple
from unicodedata import normalize

from giikit.pages import Page
from giikit.parsing.grammar import JOINTS
from giikit.parsing.wrapping import connect, find_breaks

# Marks that say how text looks, not what it says, and invisible characters.
_MARKS = ("*", "_", "\\", "](", "][", "[", "</", ">", "~~", "^")
_RARE_MARKS = frozenset("†‡¹²³⁰⁴⁵⁶⁷⁸⁹¶\u00ad\u2060\ufeff").union(
    map(chr, [*range(0x200B, 0x2010), *range(0x1D2C, 0x1D6B), *range(0xFB00, 0xFB07)])
)
_RAISED = "[¹²³⁰⁴-⁹\u1d2c-\u1d6a]+"
_ENDING = r"(?:st|nd|rd|th)"
_TAG = (
    r"</?(?:a|b|br|center|div|em|font|i|ins|mark|p|span|strong|su[bp]|u"
    r"|table|tbody|t[drh]|thead)"
    r"(?:[ /][^<>]{0,500})?>"
    # A picture has a line of its own; elsewhere it is how somebody is called.
    r"|^ *<img [^<>]{1,500}> *$"
)
_FIRST = r"(?=[])!*_\\†‡¶^~\u00ad\u200b-\u200f\u2060\ufeff[<>¹²³⁰⁴-⁹\u1d2c-\u1d6a])"
# In every format: footnotes' marks at the end of a word, raised and struck-out text.
_SHOWN = (
    # A bullet is no mark, nor is the one in A*STAR, nor that of "(A*)".
    r"(?<=[^\s*])\*+(?![^\W_¹²³⁰⁴-⁹]|[*)])"
    rf"|(?<=[0-9%]){_RAISED}|(?<=\S){_RAISED}(?!\w| [^\Wa-z])"
    rf"|<sup(?: [^<>]{{0,99}})?>(?!{_ENDING}<)[^<>]{{0,60}}</sup>"
    # What is lowered behind a letter belongs to the word, as in CO<sub>2</sub>.
    r"|(?<![^\W\d_])<sub(?: [^<>]{0,99})?>[^<>]{0,60}</sub>"
    r"|<(del|s|strike)(?: [^<>]{0,99})?>[^<>]{0,300}</\1>"
    r"|(?<=[\w.,;:)%])\[(?:\^?\w{1,2}|edit)\](?![\[(:]|\w)|¶"
    r"|[†‡\u00ad\u200b-\u200f\u2060\ufeff]|</?su[bp]>"
)
# In text as it was typed: Markdown and tags. What a backslash escapes is none of it.
_TYPED = (
    r"|(?<!\\)(?:(?<![^\W_])\*\*(?=\S)|(?<=\S)\*\*(?![^\W_¹²³⁰⁴-⁹])"
    r"|(?<![^\W_])\*(?=[^\s*][^*\t|]{0,300}\*)"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|~~[^~]{1,300}~~"
    # Raised text: 3^rd^ of Markdown, 3^rd of lynx, 3^(rd) of plain text.
    rf"|(?<=[0-9])\^\(?(?={_ENDING}(?![^\W_]))|(?<=[0-9]\^[nrst][dht])\^"
    r"|(?<=[0-9]\^\([nrst][dht])\)"
    r"|\^[^\s^]{1,3}\^|\^\([^\s()]{1,3}\)|(?<=[0-9%])\^[^\W_](?![\w^])"
    r"|\\(?=[^\w\s]|_)"
    r"|!\[[^][]{0,200}\]\([^()\s]{0,9000}\)"  # a picture
    r"|\[(?=[^][]{1,200}\][(\[{])|\]\[[^][]{0,50}\]"
    r"|\]\{[^{}]{0,200}\}"  # pandoc's spans
    r'|\]\((?:[^()\s]|\([^()\s]{0,100}\)){0,500}(?: "[^"]{0,200}")?\)'
    rf"|(?:{_TAG}))"
)
# In mail that is quoted, bounds such as >5% have their own mark behind the quotation's.
_QUOTED = r"|^(?:> ?)+?(?=> ?[0-9.]{1,9} ?%$|[^>]|$)"
# Where text browsers list below the page what its links lead to: their numbers.
_LINKED = r"|\[[0-9]{1,4}\](?=\w)"
# Raised or struck-out words, which are no footnote's mark.
APART = re.compile(
    r"<su[bp](?: [^<>]{0,99})?>[^<>]{0,99}\w\w\w|</(?:del|s|strike)>|~~[^~]{1,300}~~"
)
# A sentence may have doubled spaces; in a row they part the cells, and in
# "per  million" they are all that is left of a lost 1.
_DOUBLED = "| (?= )(?!(?<=per ) +million)"
_SENTENCE = re.compile("-ranked|is the only|argest |by intensity|in collaboration with")
_ENTITY = re.compile(
    r"&(?:amp;)?(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});|<br ?/?>|</t[dhr]>"
)
# Read as blanks: a hard break of Markdown, what parts pages, and fences of sections.
_BLANKS = ("\\\n", "\f", "\v", ":::")
_BLANK = re.compile(
    r"\\$|[\f\v]"
    r"|^[ >]{0,20}:{3,50} ?(?:\{[^{}\n]{0,500}\}|[\w-]{0,50}) ?:{0,50} {0,20}$",
    re.MULTILINE,
)
# A line that only draws a table, or parts two sections.
_DRAWN = " \t\r\f\v|:+=*_[]-"
LONGEST_LINE = 10_000
_MOST_ROWS = 1_000
_GAPS = {"<br": " ", "</td": "\t", "</th": "\t", "</tr": "\v"}
# One letter for two: the ligatures of printed pages.
_LIGATURES = {code: normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
# One character for one, so that a place in the plain text is a place in the line.
_PLAIN = {
    " ": [0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x2028, 0x2029, 0x3000],
    "-": [*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFF0D, 0x2500, 0x2501, 0x2550],
    "'": [0x2018, 0x2019, 0x201B, 0x2BC, 0x60, 0xB4],
    # The digits of other scripts.
    **{str(n): [zero + n for zero in (0x660, 0x6F0, 0x966, 0xFF10)] for n in range(10)},
    ",": [0xFF0C, 0x66C],
    "%": [0xFF05, 0x66A],
    # Tables that are drawn.
    "|": [0x2502, 0x2503, 0x2551],
    "+": [*range(0x250C, 0x254C), *range(0x2552, 0x256D)],
    # The raised endings of ordinals.
    **dict(zip("dhnrst", [[ord(letter)] for letter in "ᵈʰⁿʳˢᵗ"], strict=True)),
}
_PLAIN_TEXT = {chr(code): plain for plain, codes in _PLAIN.items() for code in codes}
_NOT_ASCII = re.compile("[^\x00-\x7f]")
# Spaces that group the digits of a number, as in `15 893`: they are read like commas.
_GROUPING = frozenset("\u00a0\u2006\u2007\u2008\u2009\u200a\u202f")
_GROUPED = re.compile("(?<=[0-9])[\u00a0\u2006-\u200a\u202f](?=[0-9])")


@dataclass(eq=False, slots=True)
class Line:
    """A line in three forms: as decoded, as printed, and plain.

    ``printed`` is without markup; ``plain`` has the commonest characters besides, one
    for each. A sentence that was wrapped is one line; ``decoded`` has its line breaks.
    """

    index: int
    decoded: str
    printed: str
    plain: str
    # Of each plain character, the place in the decoded line; None: the same.
    offsets: list[int] | None = None

    @property
    def end(self) -> int:
        """The index of the page's last line that this one is made of."""
        return self.index + self.decoded.count("\n")

    @property
    def whole(self) -> Cell:
        """The line as one cell."""
        return Cell("", self, 0, len(self.plain))

    def remove_markup(self, markup: re.Pattern[str]) -> None:
        """Take markup out of the plain text, and keep the way back."""
        kept, last = [], 0
        for mark in markup.finditer(self.plain):
            kept.append((last, mark.start()))
            last = mark.end()
        kept.append((last, len(self.plain)))
        self.plain = "".join([self.plain[start:end] for start, end in kept])
        self.printed = "".join([self.printed[start:end] for start, end in kept])
        self.offsets = list(chain.from_iterable(starmap(range, kept)))
        plain = self.plain
        letters = plain if plain.isascii() else plain.translate(_LIGATURES)
        if len(letters) > len(plain):
            pairs = zip(self.offsets, plain, strict=True)
            self.offsets = [
                place for place, c in pairs for _ in c.translate(_LIGATURES)
            ]
            self.plain, self.printed = letters, self.printed.translate(_LIGATURES)

    def split_rows(self) -> Iterator[Line]:
        """Return the rows of a table that stands, tags and all, in one line."""
        for row in re.finditer("[^\v]+", self.plain):
            first, last = row.span()
            shown = self.decoded, self.printed[first:last], row[0]
            if row[0].strip():
                yield Line(self.index, *shown, (self.offsets or [])[first:last])

    def list_places(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Return index and slice of each line of the page that a plain slice is on."""
        if self.offsets is None or start >= end:
            return [(self.index, start, end)]
        first, last = self.offsets[start], self.offsets[end - 1] + 1
        if self.decoded[first] == ";" != self.plain[start]:  # of an entity, the end
            first = self.decoded.rfind("&", 0, first)
        if "\n" not in self.decoded:
            return [(self.index, first, last)]
        places, begin = [], 0
        for index, part in enumerate(self.decoded.split("\n"), start=self.index):
            low, high = max(first - begin, 0), min(last - begin, len(part))
            places += [(index, low, high)] if low < high else []
            begin += len(part) + 1
        return places or [(self.index, 0, 0)]


class Cell(NamedTuple):
    """A slice of a line that holds what a field of the grammar names."""

    field: str
    line: Line
    start: int
    end: int

    @property
    def text(self) -> str:
        """What is printed there."""
        return self.line.printed[self.start : self.end]

    @property
    def plain(self) -> str:
        """What is read there."""
        return self.line.plain[self.start : self.end]


def trim(
    line: Line, start: int, end: int, field: str = "", marks: str = " \t,;"
) -> Cell:
    """Return a slice of a line as a cell, without the marks around it."""
    text = line.plain[start:end]
    left = start + len(text) - len(text.lstrip(marks))
    return Cell(field, line, left, max(left, start + len(text.rstrip(marks))))


def find_leftovers(line: Line, spans: list[tuple[int, int]]) -> Iterator[Cell]:
    """Return what stands between slices of a line, but for what only joins them."""
    done, whole = 0, len(line.plain)
    for start, end in [*sorted(spans), (whole, whole)]:
        left = line.plain[done:start].strip(" \t,.:;*|#>-•()") if start > done else ""
        if left and left.lower() not in JOINTS:
            place = line.plain.index(left, done)
            yield Cell("", line, place, place + len(left))
        done = max(done, end)


def simplify_lines(page: Page) -> list[Line]:
    """Make a `Line` of every line with more than blanks and rules on it."""
    text = "\n".join(page.lines)
    if any([blank in text for blank in _BLANKS]):
        text = _BLANK.sub(lambda found: " " * len(found[0]), text)
    if "&" in text or (page.has_slices and "<" in text):
        text = _ENTITY.sub(_replace_entity, text)
    has_rows = 0 < text.count("\v") <= _MOST_ROWS
    printed = text.split("\n")
    special = set(_NOT_ASCII.findall(text))
    marks = [mark for mark in _MARKS if mark in text]
    marks += special & _RARE_MARKS
    shown = _SHOWN + (_TYPED if page.has_slices else r"|\*\*")
    shown += _LINKED if "  1. http" in text else ""
    pattern = f"{_FIRST}(?:{shown}){_QUOTED if text.count(chr(10) + '>') > 10 else ''}"
    markup, doubled = re.compile(pattern), re.compile(pattern + _DOUBLED)
    # A bar that Markdown escapes parts no cells.
    text = text.replace(r"\|", "\\\N{DIVIDES}")
    if special & _GROUPING:
        text = _GROUPED.sub(",", text)
    for character in special & _PLAIN_TEXT.keys():
        text = text.replace(character, _PLAIN_TEXT[character])
    plain = text.split("\n")
    breaks = find_breaks(plain, printed)
    lines: list[Line] = []
    begin = 0
    for index, text in enumerate(plain):
        if index in breaks:
            continue
        first, begin = begin, index + 1
        if first < index:
            parts = page.lines[first:begin], printed[first:begin], plain[first:begin]
            decoded, shown, text = ("\n".join(part) for part in parts)
            line = Line(first, decoded, shown.replace("\n", " "), connect(text))
            line.remove_markup(doubled)
        elif not text[:LONGEST_LINE].strip(_DRAWN) and len(text) <= LONGEST_LINE:
            continue
        else:
            line = Line(index, page.lines[index], printed[index], text)
            if "  " in text and _SENTENCE.search(text):
                line.remove_markup(doubled)
            elif any([mark in text for mark in marks]) and len(text) <= LONGEST_LINE:
                line.remove_markup(markup)
        if has_rows and line.offsets and "\v" in line.plain:
            lines += line.split_rows()
        # What is struck out as a whole says nothing, but it is reported.
        elif line.plain.strip() or APART.search(line.decoded):
            lines.append(line)
    return lines


def _replace_entity(found: re.Match[str]) -> str:
    """Return the character that an entity or a tag stands for, made as long as it."""
    gap = _GAPS.get(found[0][:4].rstrip(" />"))
    character = gap or unescape(unescape(found[0]))
    if len(character) != 1 or (character < " " and not gap):
        return found[0]
    return character.rjust(len(found[0]), "\N{WORD JOINER}")
