"""MHTML: a page with its pictures in one file, as browsers save it."""

from __future__ import annotations

import re
from email.parser import BytesHeaderParser
from email.policy import default

from giikit.errors import PageError
from giikit.pages.formats.html import read_html
from giikit.pages.reading import Content, Lines, register

_BOUNDARY = re.compile(rb'(?i)\bboundary="?([^"\r\n;]{1,200})')
_KIND = re.compile(r"content-type:\s{0,9}(?:multipart/related|text/html)")
_BLANK = re.compile(rb"\r?\n\r?\n")
_LONGEST_HEAD = 10_000


def _is_mhtml(content: Content) -> bool:
    head = content.head[:_LONGEST_HEAD].lower()
    return "mime-version:" in head and bool(_KIND.search(head))


@register("mhtml", ".mhtml", ".mht", fits=_is_mhtml)
def read_mhtml(content: Content) -> Lines:
    """Return the lines of the first HTML in the file, which is the page itself.

    They have no numbers: a line of the page is none of the file.

    Raises
    ------
    PageError
        If there is no HTML in the file.
    """
    boundary = _BOUNDARY.search(content.data[:_LONGEST_HEAD])
    whole = content.data
    # Without pictures, the file may be the page alone.
    parts = whole.split(b"--" + boundary[1])[1:] if boundary else [whole]
    for part in parts:
        head, *_ = _BLANK.split(part.lstrip(b"\r\n")[:_LONGEST_HEAD], maxsplit=1)
        headers = BytesHeaderParser(policy=default).parsebytes(head + b"\n\n")
        if headers.get_content_type() == "text/html":
            # The headers say how the rest is written: quoted-printable, or base64.
            headers.set_payload(part.lstrip(b"\r\n")[len(head) :].decode("latin-1"))
            data = bytes(headers.get_payload(decode=True))
            charset = headers.get_content_charset("")
            page = Content(data, content.source, ".html", charset)
            lines: Lines = [(line, None) for line, _ in read_html(page)]
            content.guessed = page.guessed
            return lines
    message = "there is no page in the file; save it anew, as a single file or HTML"
    raise PageError(message, content.source)
