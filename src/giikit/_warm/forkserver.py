"""The process that warm kernels are forked from; it does nothing else.

It is not multiprocessing's server, which would run the caller's ``__main__`` again in
every kernel, cannot be used from a Dask worker, and outlives a killed caller for as
long as a kernel runs. This one ends, with all its kernels, when its socket closes.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import struct
import sys
import warnings
from dataclasses import dataclass
from typing import Any

# What every kernel needs. Nothing that a server loads may start a Python thread, make
# a zmq context or load matplotlib's inline backend, which must find its kernel.
_PRELOAD = (
    *("ipykernel.kernelapp", "ipykernel.zmqshell", "ipykernel.debugger"),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger"),
    *("IPython.core.oinspect", "IPython.core.pylabtools"),
    *("IPython.extensions.storemagic", "tornado.platform.asyncio"),
    *("psutil", "sqlite3"),
)
_BACKEND = "module://matplotlib_inline.backend_inline"
NUMBER = struct.Struct("q")


@dataclass(frozen=True)
class Preload:
    """What a server loads before it forks: modules, and a rehearsal.

    ``rehearse`` names a function, ``"module:function"``, that does once what each
    kernel would do for its first table or figure.
    """

    modules: tuple[str, ...] = ()
    rehearse: str = ""


def can_fork() -> bool:
    """Tell whether forking is safe: on macOS, system libraries may abort after it."""
    return sys.platform == "linux"


def serve_kernels(fd: str, preload: str) -> None:
    """Fork kernels on request until the other end of the socket ``fd`` is closed.

    ``preload`` holds ``modules`` and ``rehearse`` of a `Preload`, as JSON.
    """
    wanted = json.loads(preload)
    before = dict(os.environ)
    os.environ |= {"MPLBACKEND": _BACKEND, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    ours = dict(os.environ)
    for name in [*_PRELOAD, *wanted["modules"]]:
        # What cannot be imported here fails in the cell that needs it, visibly.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if wanted["rehearse"]:
        module, _, function = wanted["rehearse"].partition(":")
        with contextlib.suppress(Exception):
            getattr(importlib.import_module(module), function)()
    made = {k: v for k, v in os.environ.items() if ours.get(k, before.get(k)) != v}
    # The collector never touches what is frozen, so its memory stays shared.
    gc.collect()
    gc.freeze()
    request = _await_request(int(fd))
    if request is not None:
        _run_kernel(request["argv"], made | request["env"], request["cwd"])


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
