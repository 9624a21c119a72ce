"""Pages that are not plain text: HTML saved, and PDF printed, from the browser."""

from __future__ import annotations

import io
import re

from lxml import etree  # type: ignore[import-untyped]

from giikit.errors import PageError

# Every other element begins a line of its own, as unknown ones do.
_INLINE = frozenset(
    re.findall(
        "[a-z]+",
        "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label "
        "mark q s samp small span strike strong sub sup time tt u var wbr",
    )
)
_HIDDEN = frozenset(
    [
        *("head", "script", "style", "template", "noscript"),
        *("svg", "canvas", "iframe", "object", "math"),
    ]
)
_NOT_SHOWN = re.compile(r"display\s{0,9}:\s{0,9}none", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f]+")
_LAST_LINE = 65_535  # libxml2 counts no further
_LONGEST_ROW = 1_000


def read_html(text: str, source: str) -> list[tuple[str, int | None]]:
    """Give the lines of text that a browser shows, each with where it begins.

    The cells of a table's row make one line, joined by tabs; every other block makes
    lines of its own.

    Raises
    ------
    PageError
        If the page is nested deeper than any profile is.
    """
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.LxmlError, ValueError):
        root = None
    fatal = [e for e in parser.error_log if e.level == etree.ErrorLevels.FATAL]
    if root is None or fatal:
        reason = fatal[0].message.strip() if fatal else "there is no element in it"
        message = f"the HTML cannot be read ({reason}); save the page anew, or as text"
        raise PageError(message, source, fatal[0].line if fatal else None)
    return _LineCollector().collect(root)


class _LineCollector:
    """The lines of a tree of elements, while it is walked."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, int | None]] = []
        self._pieces: list[str] = []
        self._number: int | None = None

    def collect(self, root: etree._Element) -> list[tuple[str, int | None]]:
        row = None
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            breaks = element.tag not in _INLINE
            if breaks and row is not None:
                self._pieces.append(" ")
            elif breaks:
                self._end_line()
            if event == "start":
                if _is_hidden(element):
                    walker.skip_subtree()
                    continue
                if row is None and _is_row(element):
                    row = element
                self._add(element.text, element)
                continue
            if element is row:
                row = None
                self._end_line()
            elif row is not None and element.getparent() is row:
                self._pieces.append("\t")
            self._add(element.tail, element.getparent())
        self._end_line()
        return self._lines

    def _add(self, text: str | None, element: etree._Element | None) -> None:
        if not text:
            return
        if self._number is None and element is not None and text.strip():
            self._number = element.sourceline
        self._pieces.append(_SPACE.sub(" ", text))

    def _end_line(self) -> None:
        line = "".join(self._pieces)
        if self._pieces and not line.isspace() and line:
            cells = [re.sub(" +", " ", cell).strip(" ") for cell in line.split("\t")]
            number = self._number
            text = "\t".join(cells).rstrip("\t")
            known = number is not None and number < _LAST_LINE
            self._lines.append((text, number if known else None))
        self._pieces = []
        self._number = None


def _is_hidden(element: etree._Element) -> bool:
    if element.tag in _HIDDEN or element.get("hidden") is not None:
        return True
    return bool(_NOT_SHOWN.search(element.get("style", "")))


def _is_row(element: etree._Element) -> bool:
    """Whether an element is a row of cells, not a frame around half the page."""
    if element.tag == "tr":
        text = "".join(element.itertext()) if element.find(".//tr") is None else None
        return text is not None and len(text) < _LONGEST_ROW
    # Spans with nothing between them, as many as a list has columns.
    if not 2 <= len(element) <= 4 or (element.text or "").strip():
        return False
    last = "".join(element[-1].itertext()).strip().lower()
    return last.endswith(("%", "share")) and all(
        child.tag == "span" and not (child.tail or "").strip() for child in element
    )


def read_pdf(content: bytes, source: str) -> list[str]:
    """Give the lines of text of a PDF, sentences in one piece.

    Raises
    ------
    PageError
        If pypdf is not installed, or cannot read the file.
    """
    try:
        from pypdf import PdfReader
    except ImportError as error:
        message = "reading PDF needs pypdf: pip install 'giikit[pdf]', or save as text"
        raise PageError(message, source) from error
    try:
        pages = PdfReader(io.BytesIO(content)).pages
        texts = [page.extract_text(extraction_mode="layout") for page in pages]
    # Damaged files make pypdf raise whatever the damage leads to.
    except Exception as error:
        message = f"the PDF cannot be read ({error}); print the page anew, or as text"
        raise PageError(message, source) from error
    return _join_wrapped("\n\n".join(texts).split("\n"))


def _join_wrapped(lines: list[str]) -> list[str]:
    """Join the lines of a sentence: they follow each other, and have no cells."""
    joined: list[str] = []
    for line in [line.strip() for line in lines]:
        above = joined[-1] if joined else ""
        ended = not above or above.endswith((".", ":")) or "  " in above
        if line and "  " not in line and not ended and len(above) > 60:
            joined[-1] = above + ("" if above.endswith(("-", "–")) else " ") + line
        else:
            joined.append(line)
    return joined
