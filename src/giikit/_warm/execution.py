"""Run one notebook through papermill, into bytes that are the same on every run."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from giikit._warm.forkserver import Preload

if TYPE_CHECKING:
    from nbformat import NotebookNode

# nbclient logs what its exceptions say too; without a handler it would be printed.
logging.getLogger("papermill").addHandler(logging.NullHandler())

_STARTS = 3  # a kernel can die at its start, when another program takes its port
_KERNEL_FILE = re.compile(r"[^\s\"']*ipykernel_\d+[/\\]")


@dataclass(frozen=True)
class Job:
    """A notebook to run, and how; all that a worker on another machine needs.

    ``preload`` None: kernels are not forked. The timeout is a cell's, in seconds.
    """

    notebook: str
    parameters: Mapping[str, Any]
    preload: Preload | None
    timeout: float | None = None


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

    notebook: NotebookNode
    failure: Failure | None
    seconds: float
    cell_seconds: float


def load_libraries() -> None:
    """Import what runs notebooks: once, and not in every thread at the same time."""
    import papermill  # noqa: F401


def run_job(job: Job, env: Mapping[str, str], folder: Path) -> Result:
    """Run a notebook with ``env`` in its environment and working files in ``folder``.

    What fails in the notebook does not raise: the result tells it, with the notebook
    as far as it came. A timeout holds for each cell.
    """
    import nbformat

    started = time.monotonic()
    source = nbformat.reads(job.notebook, 4)
    for attempt in range(1, _STARTS + 1):
        notebook, failure = _execute(job, source, env, folder)
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
    return Result(notebook, failure, time.monotonic() - started, cell_seconds)


def _execute(
    job: Job, source: NotebookNode, env: Mapping[str, str], folder: Path
) -> tuple[NotebookNode | None, Failure | None]:
    """Run the notebook; return it as far as it came, None if no kernel started."""
    import nbformat
    import papermill
    from jupyter_core.utils import ensure_event_loop
    from papermill.exceptions import PapermillExecutionError

    from giikit._warm.kernels import make_manager_class

    live: list[NotebookNode] = []
    try:
        notebook = papermill.execute_notebook(
            source,
            None,
            dict(job.parameters),
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
            kernel_manager_class=make_manager_class(folder, env, job.preload),
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
