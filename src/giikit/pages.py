"""Raw files: which of them are pages, and each one as numbered lines of text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from giikit.errors import PageError

SUFFIXES = frozenset({".txt", ".md", ".html", ".htm", ".pdf"})
MOST_BYTES = 5_000_000

# Not str.splitlines: U+2028, \x0b, \x0c and \x85 break no line of a page.
_LINE_BREAK = re.compile("\r\n|\r|\n")


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

    Left out are ``rankings/``, ``README*``, and whatever begins with a dot.
    """
    found = []
    for path in raw.rglob("*"):
        parts = path.relative_to(raw).parts
        if (
            path.suffix.lower() in SUFFIXES
            and parts[0] != "rankings"
            and not any(part.startswith(".") for part in parts)
            and not path.name.upper().startswith("README")
            and path.is_file()
        ):
            found.append(path)
    return sorted(found, key=lambda p: p.relative_to(raw).as_posix())


def read_page(path: Path, source: str) -> Page:
    """Read a file as a page that is called ``source`` wherever it is mentioned.

    Raises
    ------
    PageError
        If the file cannot be read as text: too large, binary, or wrongly encoded.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        message = (
            f"the file is larger than {MOST_BYTES:,} bytes, far more than a profile "
            "page has; save the page alone, without its pictures"
        )
        raise PageError(message, source)
    kind = "markdown" if path.suffix.lower() == ".md" else "text"
    return make_page(_decode(content, source), source, kind, content)


def make_page(text: str, source: str, kind: str, content: bytes) -> Page:
    """Return decoded text as a page; ``content`` is what it was decoded from."""
    lines = _LINE_BREAK.split(text)
    return Page(
        source,
        kind,
        len(content),
        hashlib.sha256(content).hexdigest(),
        lines,
        range(1, len(lines) + 1),
    )


def _decode(content: bytes, source: str) -> str:
    if b"\0" in content:
        message = "the file holds NUL bytes: it is binary, not a page saved as text"
        raise PageError(message, source)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = (
            f"byte {content[error.start]:#04x} is not UTF-8; save the page as UTF-8"
        )
        raise PageError(message, source, line) from error
