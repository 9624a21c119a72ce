"""MHTML: a page with its pictures in one file, as browsers save it."""

from __future__ import annotations

import re
from email import message_from_bytes

from giikit.errors import PageError
from giikit.pages.formats.html import read_html
from giikit.pages.reading import Content, Lines, register

_KIND = re.compile(r"content-type:\s{0,9}(?:multipart/related|text/html)")
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
    for part in message_from_bytes(content.data).walk():
        if part.get_content_type() == "text/html":
            data = bytes(part.get_payload(decode=True))
            charset = part.get_content_charset("")
            page = Content(data, content.source, ".html", charset)
            lines: Lines = [(line, None) for line, _ in read_html(page)]
            content.guessed = page.guessed
            return lines
    message = "there is no page in the file; save it anew, as a single file or HTML"
    raise PageError(message, content.source)
