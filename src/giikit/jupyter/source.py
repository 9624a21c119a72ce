"""The page as read: its text, with every value that was read in its place."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from giikit.build import load_dataset
from giikit.errors import GiikitError
from giikit.files import find_data_dir
from giikit.jupyter.showing import Shown, render
from giikit.model import ClusterProfile
from giikit.pages import make_page, read_page
from giikit.parsing import mark_lines, parse_page

if TYPE_CHECKING:
    from giikit.pages import Page
    from giikit.tables import Dataset

_CHANGED = "The saved page was changed since the tables were built: build them anew."


def show_source(
    source: ClusterProfile | Path | str,
    ds: Dataset | None = None,
    *,
    data: str | Path | None = None,
) -> Shown:
    """Show a saved page as it was read: each value in its place, unread lines marked.

    The page is read again for this. Where it is not the one that the tables were
    built from, a note says so.

    Parameters
    ----------
    source
        A profile, whose page is looked up below ``data/raw``; the path of a page; or
        the text of one, of more than one line.
    ds
        The tables that a profile is from; None: those of the data folder.
    data
        The data folder; None or empty: found from here upward.

    Returns
    -------
    Shown
        The page as text with values in brackets, which Jupyter shows as HTML.

    Raises
    ------
    PageError
        If the page cannot be read.
    GiikitError
        If the profile was read from a text, which is not kept, or there is no data
        folder to find its page in.
    """
    page, note = _read_source(source, ds, data)
    lines = mark_lines(page)
    kinds = Counter(mark.kind for line in lines for mark in line.marks)
    unread = sum(line.state == "unread" for line in lines)
    missed = f", {_count(unread, 'line')} not read" * bool(unread)
    values: dict[str, Any] = {
        "profile": source if isinstance(source, ClusterProfile) else parse_page(page),
        "name": page.source or "text",
        "note": note,
        "title": f"{_count(kinds.total(), 'value')} read{missed}",
        "legend": [(kind, _count(n, kind)) for kind, n in kinds.most_common()],
        "blocks": [list(b) for _, b in groupby(lines, lambda x: x.state == "outside")],
    }
    forms = (render("source", suffix=s, seen=set(), **values) for s in ("txt", "html"))
    return Shown(*forms)


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def _read_source(
    source: ClusterProfile | Path | str, ds: Dataset | None, data: str | Path | None
) -> tuple[Page, str]:
    """Read the page, with a note if it is not the one that the tables are from."""
    if not isinstance(source, ClusterProfile):
        if isinstance(source, str) and "\n" in source:
            return make_page(source, ""), ""
        return read_page(Path(source), Path(source).name), ""
    if not source.source:
        msg = "this profile was read from a text, which it does not keep: show the text"
        raise GiikitError(msg)
    page = read_page(find_data_dir(data) / "raw" / source.source, source.source)
    sources = (ds or load_dataset(data)).sources
    digests = sources.loc[sources["source"] == page.source, "sha256"]
    same = page.sha256 in set(digests)
    return page, "" if same else _CHANGED
