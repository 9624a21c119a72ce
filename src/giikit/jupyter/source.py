"""The page as read: its text, with every value that was read in its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from giikit.build import load_dataset
from giikit.errors import GiikitError
from giikit.files import find_data_dir
from giikit.jupyter.showing import Shown, make_anchor
from giikit.model import ClusterProfile
from giikit.pages import make_page, read_page
from giikit.parsing import mark_lines, parse_page
from giikit.vocabulary import DOCUMENTS, LABELS

if TYPE_CHECKING:
    from giikit.pages import Page
    from giikit.parsing import Mark, ReadLine
    from giikit.tables import Dataset

_CHANGED = (
    "The saved page is not the one that the tables were built from: it was changed "
    "since. Build the tables anew (giikit build)."
)


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
    profile = source if isinstance(source, ClusterProfile) else parse_page(page)
    anchors = _Anchors(profile)
    lines = [_show_line(line, anchors, profile) for line in mark_lines(page)]
    kinds = Counter(m["kind"] for line in lines for _, m in line["pieces"] if m)
    legend = [(kind, _count(n, kind)) for kind, n in kinds.most_common()]
    title = _count(sum(kinds.values()), "value") + " read"
    if unread := sum(line["state"] == "unread" for line in lines):
        title += f", {_count(unread, 'line')} not read"
    blocks = groupby(lines, key=lambda line: bool(line["state"] == "outside"))
    words = f"{page.source or 'text'}: {title} ({', '.join(w for _, w in legend)})"
    return Shown(
        "\n".join(filter(None, [words, note, *map(_write_line, lines)])),
        "source",
        title=title,
        legend=legend,
        blocks=[(outside, list(block)) for outside, block in blocks],
        note=note,
    )


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


class _Anchors:
    """The ids of a page's lines and values; of those printed twice, the first's."""

    def __init__(self, profile: ClusterProfile) -> None:
        self._key = profile.edition, profile.cluster_id
        self._seen: set[str] = set()

    def claim(self, *what: Any) -> str:
        anchor = make_anchor(*self._key, *what)
        if anchor in self._seen:
            return ""
        self._seen.add(anchor)
        return anchor


def _show_line(
    line: ReadLine, anchors: _Anchors, profile: ClusterProfile
) -> dict[str, Any]:
    """Return what the template shows of a line."""
    first = bool(line.number) and anchors.claim(f"L{line.number}")
    return {
        "number": line.number,
        "id": first or "",
        "pieces": list(_cut_line(line, anchors)),
        "state": line.state,
        "remarks": [
            (f.severity, f.message)
            for f in profile.findings
            if f.line == line.number and first
        ],
    }


def _cut_line(line: ReadLine, anchors: _Anchors) -> Iterator[tuple[str, Any]]:
    """Cut a line into its values, each with what it says, and what is between them."""
    at = 0
    for mark in sorted(line.marks):
        yield line.text[at : mark.start], None
        anchor = anchors.claim(mark.indicator, mark.output, mark.position)
        says = {"kind": mark.kind, "id": anchor, "says": _describe_mark(mark)}
        yield line.text[mark.start : mark.end], says
        at = mark.end
    yield line.text[at:], None


def _describe_mark(mark: Mark) -> str:
    """Say in words and in the tables' terms what a value is."""
    value = "" if mark.value is None else f" = {mark.value:.15g}"
    documents = next((d for o, d in DOCUMENTS.items() if o == mark.output), "")
    where = f"{documents}, {mark.position}: " if mark.position else ""
    words = f"{where}{LABELS[mark.indicator]} ({mark.indicator}{value})"
    return words[:1].upper() + words[1:]


def _write_line(line: dict[str, Any]) -> str:
    """Write a line for the terminal, its values in brackets and said below it."""
    text = "".join(f"[{text}]" if mark else text for text, mark in line["pieces"])
    says = [mark["says"] for _, mark in line["pieces"] if mark]
    says += ["not read"] * (line["state"] == "unread")
    says += [f"{severity}: {message}" for severity, message in line["remarks"]]
    below = "".join(f"\n{'':8}{one}" for one in says)
    return f"{line['number'] or '':>5}  {text.strip()}{below}"
