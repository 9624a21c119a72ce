"""Executed notebooks as HTML pages that need nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_export_lock = Lock()


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
        above it), ``previous`` and ``next`` (None, or ``href`` and ``title``) and
        ``links`` (``edition/cluster_id`` to the address of its report).
    """
    resources = {"metadata": {"name": page["title"]}, "page": page}
    with _export_lock:
        html, _ = load_exporter().from_notebook_node(notebook, resources)
    text = str(notebook)
    made = [i for i in dict.fromkeys(_UUID.findall(html)) if i not in text]
    for number, random_id in enumerate(made):
        html = html.replace(random_id, f"{number:0{len(random_id)}}")
    return str(html)


@cache
def load_exporter() -> HTMLExporter:
    """Return the exporter of HTML, which takes long to make and little to use."""
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="template",
        extra_template_basedirs=[str(Path(__file__).parent)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        optimistic_validation=True,
    )
