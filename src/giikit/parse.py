"""Read a profile page, from a file, from text or from its lines.

Nothing is dropped and nothing is guessed: each printed value becomes an observation,
each that cannot be read a finding, and so does every line that no rule claims.
"""

from __future__ import annotations

from pathlib import Path

from giikit.errors import PageError
from giikit.grammar import EDITION
from giikit.ledger import shorten
from giikit.pages import Page, make_page, read_page
from giikit.profile import ClusterProfile
from giikit.reader import PageReader
from giikit.settle import make_profile


def parse_profile(text: str, source: str = "") -> ClusterProfile:
    """Read a profile page that is at hand as text, as saved in whatever format.

    Raises
    ------
    PageError
        If the text is no profile page.
    """
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        message = "the text holds half a character (a lone surrogate); save it anew"
        raise PageError(message, source) from error
    return parse_page(make_page(text, source, "text", content))


def read_profile(path: str | Path) -> ClusterProfile:
    """Read the profile page in a file.

    Its ``source`` is the path below the folder ``data/raw``, or else the file's name.

    Raises
    ------
    PageError
        If the file cannot be read as text or is no profile page.
    """
    path = Path(path)
    return parse_page(read_page(path, _name_source(path)))


def _name_source(path: Path) -> str:
    parts = path.absolute().parts
    for place in range(len(parts) - 2, 0, -1):
        if parts[place - 1 : place + 1] == ("data", "raw"):
            return "/".join(parts[place + 1 :])
    return path.name


def parse_page(page: Page) -> ClusterProfile:
    """Read a page as a profile.

    Raises
    ------
    PageError
        If fewer than two of its lines or clauses are those of a profile.
    """
    reader = PageReader(page)
    reader.read_lines()
    if len(reader.seen - {EDITION}) < 2:
        line = next((i for i, text in enumerate(page.lines) if text.strip()), None)
        begins = shorten(page.lines[line].strip()) if line is not None else "nothing"
        message = (
            f"the page begins with {begins} and is no cluster profile: nothing in it "
            'reads like "… is the second-ranked cluster, out of …"; save the profile '
            "page anew, or move the file out of data/raw"
        )
        raise PageError(message, page.source, page.numbers[line or 0])
    return make_profile(reader)
