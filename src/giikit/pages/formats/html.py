"""HTML, as browsers save it: the lines of text that they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from giikit.errors import PageError
from giikit.pages.reading import Content, Lines, register, split_lines

# Every other element begins a line of its own, as unknown ones do.
_INLINE = frozenset(
    re.findall(
        "[a-z]+",
        "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd "
        "label mark q s samp small span strike strong sub sup time tspan tt u var wbr "
        # Icons, and the parts of a chart but its text.
        "svg circle g line path polygon polyline rect use",
    )
)
# A chart that was drawn as SVG has its text in it; titles and definitions do not show.
_HIDDEN = re.compile(
    "head|script|style|template|noscript|canvas|iframe|object|math"
    "|title|desc|defs|metadata"
)
# How lines of text mark what looks otherwise than the words around it.
_MARKS = {
    **dict.fromkeys(("b", "strong"), ("**", "**")),
    "sub": ("<sub>", "</sub>"),
    "sup": ("<sup>", "</sup>"),
    **dict.fromkeys(("del", "s", "strike"), ("<del>", "</del>")),
    "tspan": (" ", ""),
}
_STYLES = {
    "b": re.compile(r"font-weight\s{0,9}:\s{0,9}(?:bold|[6-9]00)", re.IGNORECASE),
    "sup": re.compile(r"vertical-align\s{0,9}:\s{0,9}su", re.IGNORECASE),
    "del": re.compile(r"line-through", re.IGNORECASE),
}
# Not part of the text beside it: a badge, or what only a screen reader says.
_BESIDE = re.compile(
    r"\b(?:badge|chip|pill|sr-only|visually-?hidden|screen-reader-text)\b",
    re.IGNORECASE,
)
_NOT_SHOWN = re.compile(r"display\s{0,9}:\s{0,9}none", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f]+")
_NO_WORDS = re.compile(r"(?:[\s*]|</?(?:su[bp]|del)>)*")
# What a button beside a word says: i, ?, nothing.
_ICON = re.compile(r"\s*[^\s\d]?\s*")
_LONGEST_ROW = 1_000
_NUMBER = re.compile("[0-9]{1,6}")
_OWN_NUMBER = re.compile(r"\W{0,9}([0-9]{1,6})(?![,.]?\w)")
_HTML = re.compile(r".{0,100000}<(?:html|body)[\s>]", re.DOTALL | re.IGNORECASE)
_TAG_FIRST = re.compile(r"[\sï»¿þÿ]{0,1000}<[!a-zA-Z]")
# Markdown may hold tags, and even begin with one.
_MARKDOWN = re.compile(r"^(?:#{1,6} |\|.{1,1000}\|[ \r]*$)", re.MULTILINE)
_CHARSET = re.compile(r"""<meta[^>]{0,200}charset=["']?([\w-]{1,40})""", re.IGNORECASE)
# libxml2 takes a time for an element that grows with the square of its attributes.
_NO_TAG = re.compile(r"<(?=[^a-zA-Z/!?<>][^<>]{2000})")
_LONG_TAG = re.compile(r"(<[a-zA-Z][^\s<>]{0,50})[^<>]{2000,}>?")


def _is_html(content: Content) -> bool:
    head = content.head
    if "<" not in head:
        return False
    is_named = content.suffix.startswith(".htm") or _HTML.match(head)
    return bool(is_named or (_TAG_FIRST.match(head) and not _MARKDOWN.search(head)))


@register("html", ".html", ".htm", fits=_is_html)
def read_html(content: Content) -> Lines:
    """Return the lines of text that a browser shows, each with where it begins.

    The cells of a table's row make one line, joined by tabs; every other block makes
    lines of its own. Bold, raised and struck-out text is marked as in Markdown.

    Raises
    ------
    PageError
        If the page is nested deeper than any profile is.
    """
    from lxml import etree  # type: ignore[import-untyped]

    if named := _CHARSET.search(content.head):
        content.charset = content.charset or named[1]
    text = _NO_TAG.sub("&lt;", "\n".join(split_lines(content.text)))
    text = _LONG_TAG.sub(r"\1>", text)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.LxmlError, ValueError):
        root = None
    fatal = [e for e in parser.error_log if e.level == etree.ErrorLevels.FATAL]
    if root is None or fatal:
        reason = fatal[0].message.strip() if fatal else "there is no element in it"
        message = f"the HTML cannot be read ({reason}); save the page anew, or as text"
        raise PageError(message, content.source, fatal[0].line if fatal else None)
    return list(_walk(etree.iterwalk(root, events=("start", "end"))))


def _walk(walker: Any) -> Iterator[tuple[str, int | None]]:
    """Return the lines of a tree of elements."""
    pieces: Lines = []
    row: Any = None
    item: Any = None
    number = ""  # of the item, until its first words
    due: dict[Any, int | None] = {}
    for event, element in walker:
        marks = ("", "")
        # What does not show parts no words either: an icon's title, a script.
        hidden = _is_hidden(element)
        if element.tag in _INLINE:
            marks = _MARKS.get(_find_look(element), marks)
        elif not hidden:
            if row is None:
                yield from _make_line(pieces)
            pieces.append((" ", None))
        if event == "start":
            if hidden:
                walker.skip_subtree()
                continue
            row = element if row is None and _is_row(element) else row
            if element.tag == "li":
                item, number = element, _number_item(element, due)
            pieces.append((marks[0], None))
            text, owner = element.text, element
        else:
            number = "" if element is item else number
            if not hidden:
                pieces.append((marks[1], None))
            if element is row:
                row = None
                yield from _make_line(pieces)
            elif row is not None and element.getparent() is row:
                pieces.append(("\t", None))
            text, owner = element.tail, element.getparent()
        if text:
            if number and text.strip():
                if _shows_number(item, number, text):
                    due[item.getparent()] = None
                else:
                    pieces.append((number, None))
                number = ""
            place = owner.sourceline if text.strip() else None
            pieces.append((_SPACE.sub(" ", text), place))
    yield from _make_line(pieces)


def _number_item(element: Any, due: dict[Any, int | None]) -> str:
    """Return the number that a browser shows before an item of a numbered list.

    ``due`` has the number of the next item of each list, None of one without them.
    """
    above = element.getparent()
    counts = above is not None and above.tag == "ol" and due.get(above, 1)
    if not counts or "reversed" in above.attrib or above.get("type", "1") != "1":
        return ""
    stated = element.get("value") or ("" if above in due else above.get("start", ""))
    number = int(stated) if _NUMBER.fullmatch(stated) else counts
    due[above] = number + 1
    return f"{number}. "


def _shows_number(item: Any, number: str, text: str) -> bool:
    """Whether a list has numbers of its own: its first item begins with one."""
    own = _OWN_NUMBER.match(text) if item.getprevious() is None else None
    return own is not None and int(own[1]) == int(number[:-2])


def _make_line(pieces: Lines) -> Iterator[tuple[str, int | None]]:
    """Use pieces up for a line, unless they are blank."""
    cells = "".join([text for text, _ in pieces]).split("\t")
    line = "\t".join([re.sub(" +", " ", cell).strip(" ") for cell in cells])
    if not _NO_WORDS.fullmatch(line):
        number = next((number for _, number in pieces if number), None)
        # libxml2 counts no further.
        yield line.rstrip("\t"), number if number and number < 65_535 else None
    pieces.clear()


def _find_look(element: Any) -> str:
    """Return the tag that stands for how an inline element looks."""
    if element.tag in _MARKS or not element.attrib:
        return str(element.tag)
    style = element.get("style", "")
    looks = [tag for tag, pattern in _STYLES.items() if pattern.search(style)]
    beside = _BESIDE.search(element.get("class", ""))
    return "del" if beside else (*looks, "")[0]


def _is_hidden(element: Any) -> bool:
    if _HIDDEN.fullmatch(element.tag) or element.get("hidden") is not None:
        return True
    is_bare = element.tag == "button" and not len(element)
    if is_bare and _ICON.fullmatch(element.text or ""):
        return True
    return bool(_NOT_SHOWN.search(element.get("style", "")))


def _is_row(element: Any) -> bool:
    """Whether an element is a row of cells, not a frame around half the page."""
    if element.tag != "tr" or element.find(".//tr") is not None:
        return False
    return len("".join(element.itertext())) < _LONGEST_ROW
