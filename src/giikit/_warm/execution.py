"""Run one notebook through papermill, into bytes that are the same on every run."""

from __future__ import annotations

import io
import logging
import re
import socket
import sys
import time
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from giikit import files
from giikit.errors import RunError

if TYPE_CHECKING:
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

# nbclient logs what its exceptions say too; without a handler it would be printed.
logging.getLogger("papermill").addHandler(logging.NullHandler())

_STARTS = 3  # a kernel can die at its start, when another program takes its port
_KERNEL_FILE = re.compile(r"[^\s\"']*ipykernel_\d+[/\\]")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_export_lock = Lock()


@dataclass(frozen=True)
class Job:
    """A notebook to run; all that a worker on another machine needs, but the data.

    ``warm`` None: if forking is safe there. The timeout is a cell's.
    """

    title: str
    notebook: str
    parameters: Mapping[str, Any]
    timeout: float | None
    warm: bool | None


@dataclass(frozen=True)
class Failure:
    """Why a notebook failed; ``cell`` counts code cells from 1, None: before them."""

    cell: int | None
    source: str
    name: str
    message: str

    def __str__(self) -> str:
        where = f"cell [{self.cell}]" if self.cell else "no cell was run"
        return f"{where}: {self.name}: {self.message}".rstrip(": ")


@dataclass(frozen=True)
class Result:
    """A notebook that was run; ``cell_seconds`` is the time spent in its cells."""

    notebook: bytes
    html: bytes
    failure: Failure | None
    seconds: float
    cell_seconds: float


def load_libraries() -> None:
    """Import what runs notebooks: once, and not in every thread at the same time."""
    # jsonschema would load a grammar of IRIs for 0.8 s, and no notebook is held to it.
    slow = "rfc3987_syntax"
    skip = slow not in sys.modules
    if skip:
        sys.modules[slow] = cast(Any, None)
    try:
        import nbconvert  # noqa: F401
        import papermill  # noqa: F401
    finally:
        if skip:
            del sys.modules[slow]


def pack_data(data: Path) -> bytes:
    """Return the tables of a data folder in one piece."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for path in sorted((data / "processed").iterdir()):
            if not path.name.startswith("."):
                package.write(path, f"processed/{path.name}")
    return buffer.getvalue()


def run_packed_job(job: Job, data: bytes, code: tuple[str, dict[str, str]]) -> Result:
    """Run a notebook on another machine, which must have the same software.

    Raises
    ------
    RunError
        If giikit or a library is another one there than where the run was started.
    """
    here = files.hash_code(), files.list_versions()
    if here != code:
        changed = sorted(dict(here[1].items() ^ code[1].items())) or ["giikit's code"]
        msg = (
            f"the worker on {socket.gethostname()} has other software "
            f"({', '.join(changed)}): install the same on all workers, restart them"
        )
        raise RunError(msg)
    with TemporaryDirectory(prefix="giikit-") as name:
        folder = Path(name)
        zipfile.ZipFile(io.BytesIO(data)).extractall(folder / "data")
        return run_job(job, folder / "data", folder)


def run_job(job: Job, data: Path, folder: Path) -> Result:
    """Run a notebook on the data folder ``data``, with working files in ``folder``.

    What fails in the notebook does not raise: the result tells it, with the notebook
    as far as it came. A timeout holds for each cell.
    """
    import nbformat

    started = time.monotonic()
    source = nbformat.reads(job.notebook, 4)
    for attempt in range(1, _STARTS + 1):
        notebook, failure = _execute(job, source, data, folder)
        if notebook is not None or attempt == _STARTS:
            break
    if notebook is None:
        notebook = source
    cell_seconds = sum(
        cell.metadata.get("papermill", {}).get("duration") or 0
        for cell in notebook.cells
        if cell.cell_type == "code"
    )
    notebook = _tidy_notebook(notebook, {cell.get("id") for cell in source.cells})
    text = str(nbformat.writes(notebook)) + "\n"
    html = _export_html(notebook, text, job.title)
    seconds = time.monotonic() - started
    return Result(text.encode(), html.encode(), failure, seconds, cell_seconds)


def _execute(
    job: Job, source: NotebookNode, data: Path, folder: Path
) -> tuple[NotebookNode | None, Failure | None]:
    """Run the notebook; return it as far as it came, None if no kernel started."""
    import nbformat
    import papermill
    from jupyter_core.utils import ensure_event_loop
    from papermill.exceptions import PapermillExecutionError

    from giikit._warm.kernels import can_fork, make_manager_class

    # Not a parameter: a path in the notebook would differ from machine to machine.
    env = {"GIIKIT_DATA": str(data)}
    warm = can_fork() if job.warm is None else job.warm
    live: list[NotebookNode] = []
    try:
        notebook = papermill.execute_notebook(
            source,
            None,
            dict(job.parameters),
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
            kernel_manager_class=make_manager_class(folder, env, warm=warm),
            on_notebook_start=lambda notebook: live.append(notebook),
            timeout_func=lambda _: job.timeout,
            shutdown_kernel="immediate",
            record_timing=False,
        )
    except PapermillExecutionError as error:
        failure = _describe_failure(live[0], error.ename, error.evalue)
        return live[0], failure
    except Exception as error:
        if not live:
            return None, Failure(None, "", type(error).__name__, str(error))
        name, message = type(error).__name__, str(error)
        if name == "CellTimeoutError":
            message = f"the cell ran longer than the time limit of {job.timeout:g} s"
        elif name == "DeadKernelError":
            message = "the kernel died (out of memory, a crash, or an exit)"
        failure = _describe_failure(live[0], name, message)
        _find_failed_cell(live[0])[1].outputs.append(
            nbformat.v4.new_output("error", ename=name, evalue=message, traceback=[])
        )
        return live[0], failure
    finally:
        ensure_event_loop().close()  # jupyter_client leaves one in every thread
    return notebook, None


def _find_failed_cell(notebook: NotebookNode) -> tuple[int, NotebookNode]:
    """Return the number, among code cells, and the cell that was started last."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    started = [
        (number, cell)
        for number, cell in enumerate(code, 1)
        if cell.metadata.get("papermill", {}).get("start_time")
    ]
    return started[-1]


def _describe_failure(notebook: NotebookNode, name: str, message: str) -> Failure:
    number, cell = _find_failed_cell(notebook)
    return Failure(number, "\n".join(cell.source.splitlines()[:5]), name, message)


def _tidy_notebook(notebook: NotebookNode, known_ids: set[str | None]) -> NotebookNode:
    """Return the notebook without what differs from run to run and place to place."""
    import nbformat

    notebook.metadata.pop("papermill", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for number, cell in enumerate(notebook.cells, 1):
        cell.metadata.pop("papermill", None)
        if not cell.metadata.get("tags"):
            cell.metadata.pop("tags", None)
        if cell.get("id") not in known_ids:
            cell["id"] = f"added-{number}"
        if cell.cell_type == "code":
            cell.outputs = _merge_streams(cell.outputs)
    for widgets in notebook.metadata.get("widgets", {}).values():
        text = _number_ids(nbformat.writes(notebook), widgets.get("state", {}))
        notebook = nbformat.reads(text, 4)
    return notebook


def _number_ids(text: str, ids: Iterable[str]) -> str:
    """Replace random ids by numbers in the order of their making."""
    for number, random_id in enumerate(ids):
        text = text.replace(random_id, f"{number:0{len(random_id)}}")
    return text


def _merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join what a kernel's timer cut in pieces, and drop its process number."""
    merged: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream":
            output.text = _KERNEL_FILE.sub("", output.text)
            last = merged[-1] if merged else {}
            if last.get("name") == output.name:
                last["text"] += output.text
                continue
        merged.append(output)
    return merged


def _export_html(notebook: NotebookNode, text: str, title: str) -> str:
    """Show the notebook as a page that needs nothing from elsewhere."""
    resources = {"metadata": {"name": title}}
    with _export_lock:
        html, _ = _load_exporter().from_notebook_node(notebook, resources)
    ids = dict.fromkeys(_UUID.findall(html))
    return _number_ids(html, [i for i in ids if i not in text])


@cache
def _load_exporter() -> HTMLExporter:
    """Return the exporter of HTML, which takes long to make and little to use."""
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="template",
        extra_template_basedirs=[str(Path(__file__).parent.parent / "reports")],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        optimistic_validation=True,
    )
