"""The process that warm kernels are forked from; it does nothing else.

It is not multiprocessing's server, which would run the caller's ``__main__`` again in
every kernel, cannot be used from a Dask worker, and outlives a killed caller for as
long as a kernel runs. This one ends, with all its kernels, when its socket closes.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import json
import os
import select
import signal
import socket
import struct
import sys
import warnings
from pathlib import Path
from typing import Any

# Loaded once, in the server. Nothing here may start a Python thread, make a zmq
# context or load matplotlib's inline backend, which must find its kernel.
_PRELOAD = (
    *("numpy.random", "pandas.io.formats.html", "pyarrow.parquet", "seaborn"),
    *("matplotlib.pyplot", "PIL.JpegImagePlugin", "psutil", "sqlite3"),
    *("ipykernel.kernelapp", "ipykernel.zmqshell", "ipykernel.debugger"),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger"),
    *("IPython.core.oinspect", "IPython.core.pylabtools"),
    *("IPython.extensions.storemagic", "tornado.platform.asyncio"),
    *("giikit.build", "giikit.tables", "giikit.model.card", "giikit.plots.cluster"),
)
_BACKEND = "module://matplotlib_inline.backend_inline"
NUMBER = struct.Struct("q")


def serve_kernels(fd: int) -> None:
    """Fork kernels on request until the other end of the socket ``fd`` is closed."""
    before = dict(os.environ)
    os.environ |= {"MPLBACKEND": _BACKEND, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    ours = dict(os.environ)
    for name in _PRELOAD:
        # What cannot be imported here fails in the cell that needs it, visibly.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    with contextlib.suppress(Exception):
        _rehearse()
    made = {k: v for k, v in os.environ.items() if ours.get(k, before.get(k)) != v}
    # The collector never touches what is frozen, so its memory stays shared.
    gc.collect()
    gc.freeze()
    request = _await_request(fd)
    if request is not None:
        _run_kernel(request["argv"], made | request["env"], request["cwd"])


def _rehearse() -> None:
    """Do once, for all kernels, what each would do for its first table and figure."""
    import pyarrow as pa  # type: ignore[import-untyped]

    from giikit.model import card as cards
    from giikit.plots import drawing as figures
    from giikit.tables import frames as tables
    from giikit.vocabulary import load_templates

    for template in ("card.html.j2", "card.txt.j2"):
        load_templates(Path(cards.__file__).parent).get_template(template)
    table = tables.make_table("clusters")
    pa.Table.from_pandas(table).to_pandas(use_threads=False).style.to_html()
    table.to_dict("records")
    # Not one of pyplot's, which chooses its backend with its first figure.
    figure = figures.DescribedFigure(dpi=figures.DPI)
    ax = figure.add_axes((0, 0, 1, 1))
    for size in (6.5, 7.5, 8, 8.5, 9, 11):
        for weight in ("normal", "bold"):
            figures.write(ax, 0, 0, "0", fontsize=size, weight=weight)
    figures.draw_png(figure)


def _await_request(fd: int) -> dict[str, Any] | None:
    """Serve; return None at the end, and in each forked kernel what it is to run."""
    wake, wakened = os.pipe()
    os.set_blocking(wakened, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakened)
    kernels: dict[int, int] = {}
    with socket.socket(fileno=fd) as client:
        client.set_inheritable(False)
        while True:
            ready, _, _ = select.select([client.fileno(), wake], [], [])
            if wake in ready:
                os.read(wake, 4096)
                _report_ended(kernels)
            if client.fileno() not in ready:
                continue
            head, fds, _, _ = socket.recv_fds(client, NUMBER.size, 1)
            size = NUMBER.unpack(head)[0] if head else 0
            message = client.recv(size, socket.MSG_WAITALL)
            if not head or len(message) < size:  # a run can end in mid-request
                break
            try:
                with warnings.catch_warnings():
                    # numpy's and pyarrow's own threads know how to live with a fork.
                    warnings.simplefilter("ignore", DeprecationWarning)
                    pid = os.fork()
            except OSError:  # no memory, or too many processes
                os.close(fds[0])
                continue
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.setsid()
                os.write(fds[0], NUMBER.pack(os.getpid()))
                for inherited in (wake, wakened, fds[0], *kernels.values()):
                    os.close(inherited)
                return dict(json.loads(message))
            kernels[pid] = fds[0]
    for pid in kernels:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    return None


def _report_ended(kernels: dict[int, int]) -> None:
    """Write the exit status of each kernel that has ended to its pipe."""
    while kernels:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with contextlib.suppress(BrokenPipeError):
            os.write(kernels[pid], NUMBER.pack(os.waitstatus_to_exitcode(status)))
        os.close(kernels.pop(pid))


def _run_kernel(argv: list[str], env: dict[str, str], cwd: str) -> None:
    """Be the kernel, in the state in which a new interpreter would be."""
    parent = str(os.getppid())
    os.environ.clear()
    os.environ.update(env | {"JPY_PARENT_PID": parent})
    os.chdir(cwd)
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [getattr(launcher, "origin", ""), *argv[argv.index("-f") :]]
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # else all kernels would draw the same numbers
    if matplotlib := sys.modules.get("matplotlib"):
        matplotlib.rcParams["backend"] = env.get("MPLBACKEND") or _BACKEND
    from ipykernel.kernelapp import IPKernelApp

    arguments = [*sys.argv[1:], f"--IPKernelApp.parent_handle={parent}"]
    IPKernelApp.launch_instance(arguments)
