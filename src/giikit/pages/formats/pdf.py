"""PDF, as browsers print a page to a file."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

from giikit.errors import PageError
from giikit.pages.reading import MOST_BYTES, Content, Lines, register

# What browsers print above and below each page: the time, the address, "1/2".
_PRINTED = re.compile(
    r" *(?:[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{2,4},? [0-9]{1,2}[:.][0-9]{2}\b.{0,300}"
    r"|[^ :]{2,8}://[^ ]{1,2000} +[0-9]{1,3}/[0-9]{1,3}) *"
)
_ROW = re.compile(r"(?:%|share) *$", re.IGNORECASE)
_MOST_PAGES = 100
# A few bytes may stand for gigabytes.
_CODECS = "zlib", "lzw", "run_length", "array_based_stream"
_LIMITS: dict[str, Any] = {f"{c}_maximum_output_length": MOST_BYTES for c in _CODECS}


@register(
    "pdf", ".pdf", fits=lambda c: c.head.startswith("%PDF-") or c.suffix == ".pdf"
)
def read_pdf(content: Content) -> Lines:
    """Return the lines of text of a PDF; none of them has a number.

    Raises
    ------
    PageError
        If the file cannot be read, or is far too long.
    """
    from pypdf import PdfReader, apply_configuration

    # What it remarks on a damaged file names no file; findings say what is not read.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        with apply_configuration(**_LIMITS):
            pages = PdfReader(io.BytesIO(content.data)).pages
            drawn = [page.get_contents() for page in pages[:_MOST_PAGES]]
            size = sum(len(stream.get_data()) for stream in drawn if stream)
            if size > MOST_BYTES or len(pages) > _MOST_PAGES:
                msg = f"{len(pages)} pages of {size:,} bytes, a profile has few"
                raise ValueError(msg)
            texts = [
                (page.extract_text(), page.extract_text(extraction_mode="layout"))
                for page in pages
            ]
    # Damaged files make pypdf raise whatever the damage leads to.
    except Exception as error:
        message = f"the PDF cannot be read ({error}); print the page anew, or as text"
        raise PageError(message, content.source) from error
    # A sentence goes on over the end of a page.
    return [(line, None) for both in texts for line in _list_lines(*both)]


def _list_lines(text: str, layout: str) -> list[str]:
    """Return the lines of a printed page, without what the browser adds to it.

    Rows and their headers come from the layout, which shows what parts their cells.
    In sentences it shows gaps wherever a font sets letters closer.
    """
    rows = {"".join(row.split()): row for row in layout.split("\n") if _ROW.search(row)}
    lines = [line for line in text.split("\n") if not _PRINTED.fullmatch(line)]
    # Fonts of which the letters have no names give NUL for them.
    return [
        rows.get("".join(line.split()), line).strip().replace("\0", "\ufffd")
        for line in lines
    ]
