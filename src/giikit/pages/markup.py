"""Pages that are not plain text: HTML saved, and PDF printed, from the browser."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

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
_LONGEST_ROW = 1_000
# What browsers print above and below each page: the time, the address, "1/2".
_PRINTED = re.compile(
    r" *(?:[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{2,4},? [0-9]{1,2}[:.][0-9]{2}\b.{0,300}"
    r"|[^ :]{2,8}://[^ ]{1,2000} +[0-9]{1,3}/[0-9]{1,3}) *"
)


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
    return list(_walk(root))


def _walk(root: etree._Element) -> Iterator[tuple[str, int | None]]:
    """Give the lines of a tree of elements."""
    pieces: list[tuple[str, int | None]] = []
    row = None
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        if element.tag not in _INLINE:
            if row is None:
                yield from _make_line(pieces)
            pieces.append((" ", None))
        if event == "start":
            if _is_hidden(element):
                walker.skip_subtree()
                continue
            row = element if row is None and _is_row(element) else row
            text, owner = element.text, element
        else:
            if element is row:
                row = None
                yield from _make_line(pieces)
            elif row is not None and element.getparent() is row:
                pieces.append(("\t", None))
            text, owner = element.tail, element.getparent()
        if text:
            number = owner.sourceline if text.strip() else None
            pieces.append((_SPACE.sub(" ", text), number))
    yield from _make_line(pieces)


def _make_line(
    pieces: list[tuple[str, int | None]],
) -> Iterator[tuple[str, int | None]]:
    """Use pieces up for a line, unless they are blank."""
    cells = "".join([text for text, _ in pieces]).split("\t")
    line = "\t".join([re.sub(" +", " ", cell).strip(" ") for cell in cells])
    if line.strip():
        number = next((number for _, number in pieces if number), None)
        # libxml2 counts no further.
        yield line.rstrip("\t"), number if number and number < 65_535 else None
    pieces.clear()


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
    """Give the lines of text of a PDF.

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
    # Fonts of which the letters have no names give NUL for them.
    lines = "\n\n".join(texts).replace("\0", "\ufffd").split("\n")
    return [line.strip() for line in lines if not _PRINTED.fullmatch(line)]
