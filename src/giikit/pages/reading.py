"""Raw files: which of them are pages, and each one as numbered lines of text."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from giikit.errors import GiikitError, PageError

MOST_BYTES = 5_000_000
_MOST_LINES = 200_000

# Not str.splitlines: U+2028, \x0b, \x0c and \x85 break no line of a page.
_LINE_BREAK = re.compile("\r\n?|\n")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# Bytes of UTF-8 that no text in Windows-1252 has: an accent, then a symbol.
_UTF8_PAIR = re.compile(b"[\xc2-\xef][\x80-\xbf]")
# Browsers take the first for the second, and so does everyone who writes them.
_MEANT = dict.fromkeys(["iso-8859-1", "us-ascii"], "windows-1252")
_MEANT |= dict.fromkeys(["gb2312", "gbk"], "gb18030")
# How files begin that are no text, though a page may be in them.
_PACKED = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"{\\rtf"
_TEXT_FORMATS = {".txt": "text", ".md": "markdown"}


@dataclass(frozen=True)
class Page:
    """A raw file as lines of text, before any rule is tried on them.

    ``numbers`` holds the line in the file at which each item of ``lines`` stands,
    counted from 1; None where the format has no lines. Only where ``has_slices`` are
    the lines those of the decoded file, so that a slice of one is a place in it.
    ``guessed`` is the encoding, if it had to be guessed.
    """

    source: str
    format: str
    size: int
    sha256: str
    lines: Sequence[str]
    numbers: Sequence[int | None]
    guessed: str = ""

    @property
    def has_slices(self) -> bool:
        """Whether ``lines`` are the decoded file's own lines."""
        return self.format in _TEXT_FORMATS.values()


Lines = list[tuple[str, int | None]]


@dataclass
class Content:
    """What stands in a raw file, before it is known in which format.

    ``charset`` is the encoding that the file names, if it does; ``guessed`` the one
    that `text` had to guess.
    """

    data: bytes
    source: str
    suffix: str = ""
    charset: str = ""
    guessed: str = ""

    @cached_property
    def head(self) -> str:
        """The beginning as text, whatever the encoding, to see the format from."""
        return self.data[:100_000].replace(b"\0", b"").decode("latin-1")

    @cached_property
    def text(self) -> str:
        """The text of the file; a `PageError` where it is none."""
        if self.data.startswith(_PACKED):
            message = (
                "the file is an office document, rich text or another binary: save the "
                "page as text, HTML or PDF"
            )
            raise PageError(message, self.source)
        text = self._decode()
        if "\0" in text:
            message = (
                "there are NUL characters: a binary file, not a page saved as text"
            )
            line = text.count("\n", 0, text.index("\0")) + 1
            raise PageError(message, self.source, line)
        return text

    def _decode(self) -> str:
        """Decode what is known of the encoding, or else guess Windows-1252."""
        data = self.data
        try:
            return decode(data, self.charset)
        except UnicodeDecodeError as error:
            if not (data.startswith(_UTF16) or _UTF8_PAIR.search(data)):
                with suppress(UnicodeDecodeError):
                    text = data.decode("windows-1252")
                    self.guessed = "Windows-1252"
                    return text
            start = error.start
            message = (
                f"byte {data[start]:#04x} at {start:,} breaks the encoding "
                f"{error.encoding}: the file is damaged or binary; save the page anew, "
                "as UTF-8"
            )
            line = data.count(b"\n", 0, start) + 1
            raise PageError(message, self.source, line) from error


def decode(data: bytes, charset: str = "") -> str:
    """Return the text of UTF-8, of UTF-16 with its mark, or else of what is named.

    Raises
    ------
    UnicodeDecodeError
        If it is none of them.
    """
    marked = data.startswith(_UTF16)
    try:
        return data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        if charset and not marked:
            with suppress(LookupError, UnicodeDecodeError):
                return data.decode(_MEANT.get(charset.lower(), charset))
        raise


class Format(NamedTuple):
    """A format besides plain text: what it is seen from, and its reader."""

    name: str
    fits: Callable[[Content], bool]
    read: Callable[[Content], Lines]


_FORMATS: list[Format] = []
SUFFIXES = {".txt", ".md"}


def register(
    name: str, *suffixes: str, fits: Callable[[Content], bool]
) -> Callable[[Callable[[Content], Lines]], Callable[[Content], Lines]]:
    """Make a function the reader of a format: one file in ``pages/formats``.

    Parameters
    ----------
    name
        The format, as it stands in ``sources``.
    suffixes
        How the names of its files end, in small letters.
    fits
        Whether a file is of the format, by what stands in it or by its suffix.
    """

    def add(read: Callable[[Content], Lines]) -> Callable[[Content], Lines]:
        SUFFIXES.update(suffixes)
        # MHTML holds HTML, whose reader is registered before: it is tried after.
        _FORMATS.insert(0, Format(name, fits, read))
        return read

    return add


def find_page_paths(raw: Path) -> list[Path]:
    """Return the paths of the pages anywhere below ``raw``, in a fixed order.

    Left out are ``rankings/``, ``README*``, and whatever begins with a dot. Links,
    and what is no file at all, are returned like files; `read_page` says of each why
    it is not read.
    """
    return [path for path in _list_files(raw) if path.suffix.lower() in SUFFIXES]


def find_other_paths(raw: Path) -> list[Path]:
    """Return what else lies below ``raw``: files that no format reads, linked folders.

    ``sources.csv`` belongs to the folder and is not among them.
    """
    own = raw / "sources.csv"
    files = _list_files(raw)
    return [f for f in files if f.suffix.lower() not in SUFFIXES and f != own]


def _list_files(raw: Path) -> list[Path]:
    """List what is below a folder, without following links."""
    found = []
    for folder, names, files in os.walk(raw):
        here = Path(folder)
        own = {"rankings"} if here == raw else set()
        names[:] = [n for n in names if n not in own and not n.startswith(".")]
        linked = [name for name in names if (here / name).is_symlink()]
        shown = [n for n in files + linked if not n.upper().startswith(("README", "."))]
        found += [here / name for name in shown]
    return sorted(found, key=lambda path: path.relative_to(raw).as_posix())


def name_source(path: Path, raw: Path) -> str:
    """Return the path below ``raw`` as text, what is no UTF-8 in it escaped."""
    name = os.fsencode(path.relative_to(raw).as_posix())
    return name.decode("utf-8", "backslashreplace")


def list_pages(folder: Path, *others: str) -> list[Path]:
    """Return the pages below a folder, and its files with ``others`` for endings.

    Raises
    ------
    GiikitError
        If there is none.
    """
    found = find_page_paths(folder)
    found += sorted(path for end in others for path in folder.rglob(f"*{end}"))
    if not found:
        endings = ", ".join(sorted({*SUFFIXES, *others}))
        message = f"no profile page below {folder}: expected saved pages ({endings})"
        raise GiikitError(message)
    return found


def check_path(path: Path) -> Path:
    """Return the path of a file; say what to do with what is none.

    Raises
    ------
    GiikitError
        If it is an address, a folder, or nothing.
    """
    if not path.is_file():
        expected = "expected the file of a saved page"
        if re.match("https?:", str(path)):
            expected = "an address is no file: fetch the page with `giikit add` first"
        elif path.is_dir():
            expected = "it is a folder: name a file in it, or `giikit add` the folder"
        message = f"no file {path}: {expected}"
        raise GiikitError(message)
    return path


def read_page(path: Path, source: str) -> Page:
    """Read a file, called ``source`` in all that is said of it, as a page.

    Raises
    ------
    PageError
        If the file cannot be read as text: too large, binary, wrongly encoded, nested
        too deep; or if it is no file, or a link to one outside the folder that
        ``source`` is in.
    """
    return _read(Content(read_content(path, source), source, path.suffix.lower()))


def make_page(text: str | bytes, source: str, suffix: str = "") -> Page:
    """Take text, or the content of a file, that is at hand as a page.

    Its format is seen from it, and from the ``suffix`` of the file's name.

    Raises
    ------
    PageError
        If the text is too long, binary, or nested too deep.
    """
    try:
        data = text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError as error:
        message = "the text holds half a character (a lone surrogate); save it anew"
        raise PageError(message, source) from error
    _check_size(len(data), source)
    return _read(Content(data, source, suffix))


def read_content(path: Path, source: str) -> bytes:
    """Read a raw file, unless it is too large or a link out of its folder.

    Raises
    ------
    PageError
        If it is either of them, or no file, or may not be read.
    """
    if path.is_symlink():
        root = [path, *path.absolute().parents][: source.count("/") + 2][-1].resolve()
        if not (path.exists() and root in path.resolve().parents):
            message = "the link leads to no file in the folder; put a copy in its place"
            raise PageError(message, source)
    try:
        # Opening a FIFO would wait for someone to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                message = "it is no file but a pipe, a device or a folder; remove it"
                raise PageError(message, source)
            _check_size(status.st_size, source)
            return file.read()
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}; see who may read it"
        raise PageError(message, source) from error


def describe_unread(path: Path) -> tuple[str, int, str]:
    """Return format, size and digest of a file that could not be read as a page.

    What could not be opened, or is too large, counts as empty.
    """
    try:
        content = b"" if path.is_symlink() else read_content(path, "")
    except PageError:
        content = b""
    kind = "link" if path.is_symlink() else "unknown"
    return kind, len(content), hashlib.sha256(content).hexdigest()


def _check_size(size: int, source: str) -> None:
    if size > MOST_BYTES:
        message = (
            f"the file is larger than {MOST_BYTES:,} bytes, far more than a profile "
            "or a ranking has; save it alone, without pictures"
        )
        raise PageError(message, source)


def _read(content: Content) -> Page:
    """Read a file in the first format that it fits, or else as lines of text."""
    for form in _FORMATS:
        if form.fits(content):
            name, pairs = form.name, form.read(content)
            lines: list[str] = [line for line, _ in pairs]
            numbers: Sequence[int | None] = [number for _, number in pairs]
            break
    else:
        name, text = _TEXT_FORMATS.get(content.suffix, "text"), content.text
        lines = split_lines(text)
        numbers = range(1, len(lines) + 1)
    if len(lines) > _MOST_LINES:
        message = (
            f"there are {len(lines):,} lines, far more than a profile has; "
            "save the page alone"
        )
        raise PageError(message, content.source)
    digest = hashlib.sha256(content.data).hexdigest()
    size = len(content.data)
    return Page(content.source, name, size, digest, lines, numbers, content.guessed)


def split_lines(text: str) -> list[str]:
    """Split text at LF, CRLF and CR."""
    return _LINE_BREAK.split(text) if "\r" in text else text.split("\n")
