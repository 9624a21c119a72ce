"""Executed notebooks as HTML pages that need nothing from elsewhere."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from html import escape, unescape
from importlib.metadata import version
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from giikit.vocabulary import NOTICE

if TYPE_CHECKING:
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

_HEADING = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)
_PICTURE = re.compile(r"""(<img [^>]*?src=)(["'])([^:]{1,500}?)\2""")
# A name or value that leads to a report, or to its place in one. Only templates write
# this: the text of pages comes out of them escaped.
_LINK = re.compile(r'<a data-report="([^"]*)"(?: href="#([^"]*)")?')
# Where a mark is on its picture, in parts of it.
_PLACE = {"left", "top", "width", "height"}


def export_html(notebook: NotebookNode, page: Mapping[str, Any]) -> str:
    """Return the HTML page of an executed notebook.

    The same notebook and page give the same bytes.

    Parameters
    ----------
    notebook
        The notebook with its outputs.
    page
        What the page says around it: ``title``, ``edition``, ``cluster_id``, ``name``
        (path of the report without suffix), ``root`` (``"../"`` for each folder
        above it), ``previous`` and ``next`` (None, or ``href`` and ``title``),
        ``links`` (``edition/cluster_id`` to the address of its report) and ``folder``
        (of the notebook).
    """
    resources = {"page": page, "licence": NOTICE, "version": version("giikit")}
    exporter = load_exporter()
    # Not HTMLExporter's own, which parses and writes the page anew, to set what the
    # template sets.
    make = super(type(exporter), exporter).from_notebook_node
    html = str(make(notebook, resources)[0])
    html = _embed_pictures(html, Path(page["folder"]).resolve())
    return _lead_links(_list_contents(html, page["title"]), page)


def _embed_pictures(html: str, folder: Path) -> str:
    """Put the pictures into the page that lie in the notebook's folder or below it."""

    def embed(found: re.Match[str]) -> str:
        with suppress(OSError, ValueError):  # it may name no file at all
            path = (folder / unquote(unescape(found[3]))).resolve()
            kind = guess_type(path.name)[0] or ""
            if path.is_relative_to(folder) and kind.startswith("image/"):
                content = b64encode(path.read_bytes()).decode()
                return f'{found[1]}"data:{kind};base64,{content}"'
        return found[0]

    return _PICTURE.sub(embed, html)


def _list_contents(html: str, title: str) -> str:
    """Put an id on every heading, list them, and see that the page has a title."""
    entries: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        text = re.sub("<[^>]*>", "", found[1])
        slug = "-".join(re.findall("[a-z0-9]+", text.lower())) or "section"
        slug += f"-{len(entries)}" * (slug in entries)
        entries[slug] = text
        return f'<h2 id="{slug}">{found[1]}</h2>'

    html = _HEADING.sub(name, html)
    listed = [f'<a href="#{slug}">{text}</a>' for slug, text in entries.items()]
    html = html.replace("<!-- contents -->", "\n".join(listed), 1)
    heading = f"<h1>{escape(title)}</h1>" * ("<h1" not in html)
    return html.replace("<!-- title -->", heading, 1)


def _lead_links(html: str, page: Mapping[str, Any]) -> str:
    """Have names lead to their reports, and values to their place in the page."""
    ids = set(re.findall(' id="([^"]*)"', html))
    own = f"{page.get('edition')}/{page.get('cluster_id')}"
    links = {k: v for k, v in page.get("links", {}).items() if k != own}

    def lead(found: re.Match[str]) -> str:
        key, anchor = found.groups()
        address = "" if anchor in ids else links.get(key)
        place = f"#{anchor}" if anchor else ""
        return "<a" if address is None else f'<a href="{escape(address)}{place}"'

    return _LINK.sub(lead, html)


def _choose(data: Mapping[str, Any]) -> list[str]:
    """Return which form of an output is shown; of one that has none, any."""
    known = load_exporter().config.NbConvertBase.display_data_priority
    return [kind for kind in [*known, *data] if kind in data][:1]


def _read_marks(text: Any) -> list[dict[str, Any]]:
    """Return the marks of a picture; what another library calls so is none."""
    with suppress(AttributeError, TypeError, ValueError):
        marks = json.loads(text)
        if isinstance(marks, list) and all(mark.keys() >= _PLACE for mark in marks):
            return marks
    return []


@cache
def load_exporter() -> HTMLExporter:
    """Return the exporter of HTML, which takes long to make and little to use."""
    from nbconvert import HTMLExporter

    filters = {"highlight_code": lambda code, **_: code, "filter_data_type": _choose}
    filters["read_marks"] = _read_marks
    return HTMLExporter(
        filters=filters,
        template_name="template",
        extra_template_basedirs=[str(Path(__file__).parent)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        optimistic_validation=True,
    )
