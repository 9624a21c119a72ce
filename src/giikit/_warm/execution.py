"""Run one notebook through papermill, into text that is the same on every run.

To import this takes long.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from giikit._warm.leaving import leaving_out

with leaving_out("rfc3987_syntax"):
    # It would check addresses, of which notebooks have none, and makes their grammar
    # when it is loaded, which takes as long as all else here.
    import nbformat
import papermill
from jupyter_core.utils import ensure_event_loop
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.execute import (
    ERROR_ANCHOR_MSG,
    ERROR_MARKER_TAG,
    ERROR_MESSAGE_TEMPLATE,
)
from traitlets import Integer

from giikit._warm.kernels import make_manager
from giikit._warm.server import KernelServer

# nbclient logs what its exceptions say too; without a handler it would be printed.
_log = logging.getLogger("papermill")
_log.addHandler(logging.NullHandler())

_DIED = "the kernel died (out of memory, a crash, or an exit)"
_OWED = 30  # seconds that a kernel's reply may come after its last output
_LONGEST = 2_000  # characters of a failure's message
_LONGEST_ERROR = 10_000  # of an error's message in a cell whose output is cut
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

    def read(self) -> NotebookNode:
        """Return the notebook as nbformat has it."""
        notebook: NotebookNode = nbformat.reads(self.notebook, 4)
        return notebook


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    """A client that keeps of each cell what fits into a limit."""

    output_limit = Integer(help="Characters of JSON that a cell's outputs may take.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._room: dict[int, int] = {}

    async def _async_poll_output_msg(self, *about: Any) -> None:
        """Read all that a cell puts out, and do not wait for its reply forever."""
        await super()._async_poll_output_msg(*about)
        # The reply is sent before the last output. What a widget is sent meanwhile goes
        # past zmq.asyncio and takes the sign that there is something to read: whoever
        # waits for the reply is woken if it is asked for anew, for any time but none.
        await self.kc.shell_channel.socket.poll(1)
        # A notebook may break its kernel, so that there is no reply.
        give_up, told = self.task_poll_for_reply.cancel, "the kernel did not reply"
        asyncio.get_running_loop().call_later(_OWED, give_up, told)

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: int) -> Any:
        """Add an output unless the cell has put out too much; join it to a stream."""
        kind, content = msg["header"]["msg_type"], msg["content"]
        size = len(json.dumps(content, ensure_ascii=False))
        room = self._room.get(cell_index, self.output_limit)
        if size <= room:
            self._room[cell_index] = room - size
        elif kind == "error":
            short = content["evalue"][:_LONGEST_ERROR]
            msg = msg | {"content": content | {"evalue": short, "traceback": []}}
        elif room < 0:
            return None
        else:
            self._room[cell_index] = -1
            text = f"\n[output beyond {self.output_limit:,} characters was cut]\n"
            text = content.get("text", "")[:room] + text
            content = {"name": content.get("name", "stderr"), "text": text}
            header = msg["header"] | {"msg_type": "stream"}
            msg, display_id = msg | {"header": header, "content": content}, None
        added = super().output(outs, msg, display_id, cell_index)
        if len(outs) > 1 and added is outs[-1] and added.output_type == "stream":
            last = outs[-2]
            if last.get("name") == added.name:
                # Texts are joined at the end: each time would take quadratic time.
                if isinstance(last.text, str):
                    last.text = [last.text]
                last.text.append(outs.pop().text)
        return added

    def clear_output(self, outs: Any, msg: Any, cell_index: int) -> None:
        """Clear the outputs of a cell, which may then put out as much again."""
        self._room.pop(cell_index, None)
        super().clear_output(outs, msg, cell_index)


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
    notebook = nbformat.reads(job.notebook, 4)
    known = {cell.get("id") for cell in notebook.cells}
    loop = ensure_event_loop()
    # Of a cell that is given up, tasks stay behind; the result tells all that counts.
    loop.set_exception_handler(lambda *_: None)
    raised = None
    reply: dict[str, Any] = {}
    try:
        notebook = papermill.execute_notebook(
            notebook,
            None,
            dict(job.parameters),
            kernel_name="python3",
            prepare_only=True,
        )
        manager = NotebookExecutionManager(notebook, progress_bar=False)
        manager.notebook_start()
        client = _Client(
            manager,
            km=make_manager(server, folder),
            timeout_func=lambda _: job.timeout,
            output_limit=job.output_limit,
            # Much output may be read long after the end of its cell.
            iopub_timeout=3600,
            shutdown_kernel="immediate",
            # Its outputs need not tell: a notebook can capture them.
            on_cell_error=lambda execute_reply, **_: reply.update(execute_reply),
            record_timing=False,
            log=_log,
        )
        client.execute(cleanup_kc=True, env={**os.environ, **env}, cwd=str(cwd))
    except Exception as error:
        raised = error
    finally:
        loop.close()  # jupyter_client leaves one in every thread
    spent = (c.metadata.get("papermill", {}).get("duration") for c in notebook.cells)
    cell_seconds = sum(seconds or 0 for seconds in spent)
    failure = _explain(notebook, raised, reply, job.timeout)
    text = _write_tidy(notebook, known)
    return Result(text, failure, time.monotonic() - started, cell_seconds)


def _explain(
    notebook: NotebookNode,
    raised: Exception | None,
    reply: Mapping[str, Any],
    timeout: float | None,
) -> Failure | None:
    """Return why a notebook failed, if it did, and have it say so.

    ``reply`` is what the kernel said of the last error in a cell; one in a cell that is
    tagged ``raises-exception`` is no failure.
    """
    name, message = type(raised).__name__, str(raised)
    told = [cell.metadata.get("papermill", {}) for cell in notebook.cells]
    begun = [place for place, about in enumerate(told) if about.get("start_time")]
    if not begun:
        return Failure(None, "", name, message) if raised else None
    place = begun[-1]
    cell = notebook.cells[place]
    if raised:
        if name == "CellTimeoutError":
            message = f"the cell ran longer than the time limit of {timeout:g} s"
        elif name == "DeadKernelError":
            message = str(raised.__context__ or "") or _DIED
        output = {"ename": name, "evalue": message, "traceback": [f"{name}: {message}"]}
        cell.outputs.append(nbformat.v4.new_output("error", **output))
    elif told[place]["exception"]:
        name, message = reply["content"]["ename"], reply["content"]["evalue"]
    else:
        return None
    if name == "SystemExit" and message in ("", "0"):  # it went as far as it wanted
        return None
    number = sum(cell.cell_type == "code" for cell in notebook.cells[: place + 1])
    banner = ERROR_MESSAGE_TEMPLATE % (cell.execution_count or number)
    for before, mark in ((place, ERROR_ANCHOR_MSG), (0, banner)):
        marked = nbformat.v4.new_markdown_cell(
            mark, metadata={"tags": [ERROR_MARKER_TAG]}
        )
        notebook.cells.insert(before, marked)
    source = "\n".join(cell.source[:_LONGEST].splitlines()[:5])
    return Failure(number, source, name, message[:_LONGEST])


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
