"""Raw files: which of them are pages, and each one as numbered lines of text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from os import fstat
from pathlib import Path
from typing import Any

from giikit.errors import PageError

SUFFIXES = frozenset({".txt", ".md", ".html", ".htm", ".pdf"})
MOST_BYTES = 5_000_000

# Not str.splitlines: U+2028, \x0b, \x0c and \x85 break no line of a page.
_LINE_BREAK = re.compile("\r\n?|\n")
_HTML = re.compile(r"\s{0,1000}<[!a-zA-Z]|.{0,100000}<(?:html|body)[\s>]", re.DOTALL)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# Bytes of UTF-8 that no text in Windows-1252 has: an accent, then a symbol.
_UTF8_PAIR = re.compile(b"[\xc2-\xef][\x80-\xbf]")


@dataclass(frozen=True)
class Page:
    """A raw file as lines of text, before any rule is tried on them.

    ``numbers`` holds the line in the file at which each item of ``lines`` stands,
    counted from 1; None where the format has no lines. Only where ``has_slices`` are
    the lines those of the decoded file, so that a slice of one is a place in it.
    """

    source: str
    format: str
    size: int
    sha256: str
    lines: Sequence[str]
    numbers: Sequence[int | None]

    @property
    def has_slices(self) -> bool:
        """Whether ``lines`` are the decoded file's own lines."""
        return self.format in ("text", "markdown")


def find_page_paths(raw: Path) -> list[Path]:
    """Return the paths of the pages anywhere below ``raw``, in a fixed order.

    Left out are ``rankings/``, ``README*``, and whatever begins with a dot. Links are
    given, wherever they lead; `read_page` refuses those that lead out of the folder.
    """
    found = []
    for path in raw.rglob("*"):
        parts = path.relative_to(raw).parts
        if (
            path.suffix.lower() in SUFFIXES
            and parts[0] != "rankings"
            and not any(part.startswith(".") for part in parts)
            and not path.name.upper().startswith("README")
            and (path.is_file() or path.is_symlink())
        ):
            found.append(path)
    return sorted(found, key=lambda path: path.relative_to(raw).as_posix())


def read_page(path: Path, source: str) -> Page:
    """Read a file, called ``source`` in all that is said of it, as a page.

    Raises
    ------
    PageError
        If the file cannot be read as text: too large, binary, wrongly encoded, nested
        too deep; or if it is a link to a file outside the folder ``source`` is in.
    """
    content = read_content(path, source)
    if content[:5] == b"%PDF-" or path.suffix.lower() == ".pdf":
        from giikit.pages.markup import read_pdf

        lines = read_pdf(content, source)
        return _make_page(content, source, "pdf", lines, [None] * len(lines))
    return _read_text(_decode(content, source), content, source, path.suffix.lower())


def read_content(path: Path, source: str) -> bytes:
    """Read a raw file, unless it is too large or a link out of its folder.

    Raises
    ------
    PageError
        If it is either of them.
    """
    if path.is_symlink():
        root = [path, *path.absolute().parents][: source.count("/") + 2][-1].resolve()
        if not (path.exists() and root in path.resolve().parents):
            message = "the link leads to no file in the folder; put a copy in its place"
            raise PageError(message, source)
    with path.open("rb", buffering=0) as file:
        _check_size(fstat(file.fileno()).st_size, source)
        return file.read()


def describe_unread(path: Path) -> tuple[str, int, str]:
    """Return format, size and digest of a file that could not be read."""
    if path.is_symlink():  # it may lead anywhere, or nowhere
        return "link", 0, hashlib.sha256().hexdigest()
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return "unknown", path.stat().st_size, digest


def make_page(text: str, source: str) -> Page:
    """Take text that is at hand as a page; the format is seen from it.

    Raises
    ------
    PageError
        If the text is too long, binary, or nested too deep.
    """
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        message = "the text holds half a character (a lone surrogate); save it anew"
        raise PageError(message, source) from error
    _check_size(len(content), source)
    return _read_text(text.removeprefix("\ufeff"), content, source, "")


def _make_page(content: bytes, source: str, kind: str, *lines: Sequence[Any]) -> Page:
    digest = hashlib.sha256(content).hexdigest()
    return Page(source, kind, len(content), digest, *lines)


def _check_size(size: int, source: str) -> None:
    if size > MOST_BYTES:
        message = (
            f"the file is larger than {MOST_BYTES:,} bytes, far more than a profile "
            "or a ranking has; save it alone, without pictures"
        )
        raise PageError(message, source)


def _read_text(text: str, content: bytes, source: str, suffix: str) -> Page:
    """Read text as lines, or as HTML if it is that."""
    if "\0" in text:
        message = "there are NUL characters: a binary file, not a page saved as text"
        raise PageError(message, source, text.count("\n", 0, text.index("\0")) + 1)
    if "<" in text and (_HTML.match(text) or suffix.startswith(".htm")):
        from giikit.pages.markup import read_html

        lines = read_html(_LINE_BREAK.sub("\n", text), source)
        columns = [line for line, _ in lines], [number for _, number in lines]
        return _make_page(content, source, "html", *columns)
    broken = _LINE_BREAK.split(text) if "\r" in text else text.split("\n")
    kind = "markdown" if suffix == ".md" else "text"
    return _make_page(content, source, kind, broken, range(1, len(broken) + 1))


def _decode(content: bytes, source: str) -> str:
    """Decode UTF-8, UTF-16 with its mark, or Windows-1252 where it can be no other."""
    encoding = "utf-16" if content.startswith(_UTF16) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8-sig" and not _UTF8_PAIR.search(content):
            try:
                return content.decode("windows-1252")
            except UnicodeDecodeError:
                pass
        start = error.start
        message = (
            f"byte {content[start]:#04x} at {start:,} breaks the encoding {encoding}: "
            "the file is damaged or binary; save the page anew, as UTF-8"
        )
        raise PageError(message, source, content.count(b"\n", 0, start) + 1) from error
