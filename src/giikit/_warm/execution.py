"""Run one notebook through papermill, into bytes that are the same on every run."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from giikit._warm.server import KernelServer

if TYPE_CHECKING:
    from nbformat import NotebookNode

# nbclient logs what its exceptions say too; without a handler it would be printed.
logging.getLogger("papermill").addHandler(logging.NullHandler())

_LONGEST = 2_000  # characters of a failure's message
# A word is tried from its start alone: else a long one would take quadratic time.
_KERNEL_FILE = re.compile(r"(?<![^\s\"'])[^\s\"']*ipykernel_\d+[/\\]")


@dataclass(frozen=True)
class Job:
    """A notebook to run, and how; all that a worker on another machine needs.

    ``timeout`` is a cell's, in seconds; ``output_limit`` a cell's, in characters of
    JSON.
    """

    notebook: str
    parameters: Mapping[str, Any]
    timeout: float | None = None
    output_limit: int = 20_000_000


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
    import giikit._warm.client
    import giikit._warm.kernels  # noqa: F401


def run_job(
    job: Job,
    server: KernelServer | None,
    env: Mapping[str, str],
    cwd: Path,
    folder: Path,
) -> Result:
    """Run a notebook with ``env`` in its environment, in the folder ``cwd``.

    What fails in the notebook does not raise: the result tells it, with the notebook
    as far as it came.

    Parameters
    ----------
    job
        What to run.
    server
        What kernels are forked from; None: they are started as jupyter_client does.
    env
        Added to the environment of the kernel.
    cwd
        The kernel's working directory.
    folder
        Where to make working files.
    """
    import nbformat

    from giikit._warm.kernels import make_manager_class

    started = time.monotonic()
    source = nbformat.reads(job.notebook, 4)
    known = {cell.get("id") for cell in source.cells}
    notebook, failure = _execute(
        job, source, make_manager_class(server, env, cwd, folder)
    )
    cell_seconds = sum(
        cell.metadata.get("papermill", {}).get("duration") or 0
        for cell in notebook.cells
        if cell.cell_type == "code"
    )
    notebook = _tidy_notebook(notebook, known)
    return Result(notebook, failure, time.monotonic() - started, cell_seconds)


def _execute(
    job: Job, source: NotebookNode, manager: type[Any]
) -> tuple[NotebookNode, Failure | None]:
    """Run the notebook; return it as far as it came."""
    import nbformat
    import papermill
    from jupyter_core.utils import ensure_event_loop
    from papermill.exceptions import PapermillExecutionError

    from giikit._warm.client import ENGINE

    loop = ensure_event_loop()
    # Of a cell that is given up, tasks stay behind; the result tells all that counts.
    loop.set_exception_handler(lambda *_: None)
    live: list[NotebookNode] = []
    client = {
        "kernel_manager_class": manager,
        "on_notebook_start": lambda notebook: live.append(notebook),
        "timeout_func": lambda _: job.timeout,
        "output_limit": job.output_limit,
        # Much output may be read long after the end of its cell.
        "iopub_timeout": 3600,
        "shutdown_kernel": "immediate",
        "record_timing": False,
        "log": logging.getLogger("papermill"),
    }
    try:
        notebook = papermill.execute_notebook(
            source,
            None,
            dict(job.parameters),
            engine_name=ENGINE,
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
            client=client,
        )
    except Exception as error:
        name, message = type(error).__name__, str(error)
        if not live:
            return source, Failure(None, "", name, message)
        code = [cell for cell in live[0].cells if cell.cell_type == "code"]
        begun = [bool(c.metadata.get("papermill", {}).get("start_time")) for c in code]
        number = len(code) - begun[::-1].index(True)  # of the cell that began last
        cell = code[number - 1]
        if isinstance(error, PapermillExecutionError):
            name, message = error.ename, error.evalue
        else:
            if name == "CellTimeoutError":
                limit = f"the time limit of {job.timeout:g} s"
                message = f"the cell ran longer than {limit}"
            elif name == "DeadKernelError":
                message = "the kernel died (out of memory, a crash, or an exit)"
            told = {"ename": name, "evalue": message, "traceback": []}
            cell.outputs.append(nbformat.v4.new_output("error", **told))
        text = "\n".join(cell.source[:_LONGEST].splitlines()[:5])
        return live[0], Failure(number, text, name, message[:_LONGEST])
    finally:
        loop.close()  # jupyter_client leaves one in every thread
    return notebook, None


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
            for output in cell.outputs:
                if output.output_type == "stream":
                    output.text = _KERNEL_FILE.sub("", "".join(output.text))
    kinds = notebook.metadata.get("widgets", {}).values()
    ids = dict.fromkeys(
        random_id for kind in kinds for random_id in kind.get("state", {})
    )
    numbers = {old: f"{n:0{len(old)}}" for n, old in enumerate(ids)}
    text = nbformat.writes(notebook)
    if numbers:
        text = re.sub("|".join(numbers), lambda match: numbers[match[0]], text)
    return cast("NotebookNode", nbformat.reads(text, 4))
