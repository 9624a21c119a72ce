"""Run one notebook through papermill, into text that is the same on every run."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_core.utils import ensure_event_loop
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from giikit._warm.client import ENGINE, LimitedClient
from giikit._warm.kernels import make_manager
from giikit._warm.server import KernelServer

# nbclient logs what its exceptions say too; without a handler it would be printed.
_log = logging.getLogger("papermill")
_log.addHandler(logging.NullHandler())

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
    """A notebook that was run, as text; ``cell_seconds`` were spent in its cells."""

    notebook: str
    failure: Failure | None
    seconds: float = 0
    cell_seconds: float = 0


def run_job(
    job: Job,
    server: KernelServer | None,
    env: Mapping[str, str],
    cwd: Path,
    folder: Path,
) -> Result:
    """Run a notebook in a kernel of its own.

    What fails in the notebook does not raise: the result tells it, with the notebook
    as far as it came.

    Parameters
    ----------
    job
        What to run.
    server
        What the kernel is forked from; None: it is started as jupyter_client does.
    env
        Added to the environment of the kernel.
    cwd
        The kernel's working directory.
    folder
        Where to make working files.
    """
    started = time.monotonic()
    live: list[NotebookNode] = [nbformat.reads(job.notebook, 4)]

    def run(manager: Any) -> None:
        live.append(manager.nb)
        client = LimitedClient(
            manager,
            km=make_manager(server, folder),
            timeout_func=lambda _: job.timeout,
            output_limit=job.output_limit,
            # Much output may be read long after the end of its cell.
            iopub_timeout=3600,
            shutdown_kernel="immediate",
            record_timing=False,
            log=_log,
        )
        client.execute(cleanup_kc=True, env={**os.environ, **env}, cwd=str(cwd))

    loop = ensure_event_loop()
    # Of a cell that is given up, tasks stay behind; the result tells all that counts.
    loop.set_exception_handler(lambda *_: None)
    failure = None
    try:
        papermill.execute_notebook(
            live[0],
            None,
            dict(job.parameters),
            engine_name=ENGINE,
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
            run=run,
        )
    except Exception as error:
        failure = _explain(error, live[-1], job.timeout)
    finally:
        loop.close()  # jupyter_client leaves one in every thread
    cells = live[-1].cells
    cell_seconds = sum(
        c.metadata.get("papermill", {}).get("duration") or 0 for c in cells
    )
    text = _write_tidy(live[-1], known={c.get("id") for c in live[0].cells})
    return Result(text, failure, time.monotonic() - started, cell_seconds)


def _explain(
    error: Exception, notebook: NotebookNode, timeout: float | None
) -> Failure:
    """Return why a notebook failed, and see that the cell shows it."""
    name, message = type(error).__name__, str(error)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    begun = [c.metadata.get("papermill", {}).get("start_time") for c in code]
    number = max((n for n, time in enumerate(begun, 1) if time), default=None)
    if number is None:
        return Failure(None, "", name, message)
    cell = code[number - 1]
    if isinstance(error, PapermillExecutionError):
        name, message = error.ename, error.evalue
    else:
        if name == "CellTimeoutError":
            message = f"the cell ran longer than the time limit of {timeout:g} s"
        elif name == "DeadKernelError":
            message = "the kernel died (out of memory, a crash, or an exit)"
        told = {"ename": name, "evalue": message, "traceback": []}
        cell.outputs.append(nbformat.v4.new_output("error", **told))
    text = "\n".join(cell.source[:_LONGEST].splitlines()[:5])
    return Failure(number, text, name, message[:_LONGEST])


def _write_tidy(notebook: NotebookNode, known: set[str | None]) -> str:
    """Return the notebook without what differs from run to run and place to place.

    ``known`` are the ids of the cells that it had before it was run.
    """
    notebook.metadata.pop("papermill", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for number, cell in enumerate(notebook.cells, 1):
        cell.metadata.pop("papermill", None)
        if not cell.metadata.get("tags"):
            cell.metadata.pop("tags", None)
        if cell.get("id") not in known:
            cell["id"] = f"added-{number}"
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":
                output.text = _KERNEL_FILE.sub("", "".join(output.text))
    text = nbformat.writes(notebook)
    kinds = notebook.metadata.get("widgets", {}).values()
    ids = dict.fromkeys(
        random_id for kind in kinds for random_id in kind.get("state", {})
    )
    if numbers := {old: f"{n:0{len(old)}}" for n, old in enumerate(ids)}:
        text = re.sub("|".join(numbers), lambda match: numbers[match[0]], text)
    return f"{text}\n"
