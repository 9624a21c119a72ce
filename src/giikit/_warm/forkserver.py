"""The process that kernels are forked from; it does nothing else.

It is not multiprocessing's server, which would run the caller's ``__main__`` again in
every kernel, cannot be used from a Dask worker, and outlives a killed caller for as
long as a kernel runs. This one ends when its socket closes, and with it all that its
kernels started.

What a kernel started becomes, when its parent ends, a child of the kernel, and when
the kernel ends a child of the server ("subreaper"), wherever it may have put itself:
so the server's unknown children are what ended kernels left, and it ends them. A
guard, its parent, does the same for a server that was killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
import warnings
from collections.abc import Container
from pathlib import Path
from typing import Any

# What every kernel needs. Nothing that a server loads may start a Python thread, make
# a zmq context or load matplotlib's inline backend, which must find its kernel.
_PRELOAD = (
    *(
        f"{__package__}.launcher",
        "ipykernel.kernelapp",
        "ipykernel.zmqshell",
        "ipykernel.debugger",
    ),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger"),
    *("IPython.core.oinspect", "IPython.core.pylabtools"),
    *("IPython.extensions.storemagic", "tornado.platform.asyncio"),
    *("psutil", "sqlite3"),
)
_BACKEND = "module://matplotlib_inline.backend_inline"
_DEATH_SIGNAL, _SUBREAPER = 1, 36  # of Linux's prctl
NUMBER = struct.Struct("q")


def serve_kernels(fd: str, preload: str) -> None:
    """Fork kernels on request until the other end of the socket ``fd`` is closed.

    ``preload`` is a `Preload` as JSON, or ``null``: its kernels load everything anew.
    """
    wanted = json.loads(preload)
    _guard(int(fd))
    before = dict(os.environ)
    os.environ |= {"MPLBACKEND": _BACKEND, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    ours = dict(os.environ)
    if wanted:
        for name in [*_PRELOAD, *wanted["modules"]]:
            # What cannot be imported here fails in the cell that needs it, visibly.
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        module, _, function = wanted["rehearse"].partition(":")
        with contextlib.suppress(Exception):
            getattr(importlib.import_module(module), function)()
    made = {k: v for k, v in os.environ.items() if ours.get(k, before.get(k)) != v}
    # The collector never touches what is frozen, so its memory stays shared.
    gc.collect()
    gc.freeze()
    request = _await_request(int(fd))
    argv, env = request["argv"], request["env"] | {"JPY_PARENT_PID": str(os.getppid())}
    os.chdir(request["cwd"])
    if wanted:
        _run_kernel(argv, made | env)
    else:
        os.execvpe(argv[0], argv, env)


def _set_process(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _guard(fd: int) -> None:
    """Go on in a child, and end in the parent what it leaves when it ends."""
    _set_process(_SUBREAPER, 1)
    wake = _wake_by(signal.SIGCHLD)
    if server := os.fork():
        signal.signal(signal.SIGTERM, lambda *_: _kill(server, signal.SIGTERM))
        poller = select.poll()
        poller.register(fd, 0)  # its closing is told all the same
        poller.register(wake, select.POLLIN)
        poller.poll()
        _kill(server, signal.SIGTERM)  # it may still be loading
        _, status = os.waitpid(server, 0)
        _end_children()
        os._exit(abs(os.waitstatus_to_exitcode(status)))
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _set_process(_SUBREAPER, 1)
    _set_process(_DEATH_SIGNAL, signal.SIGTERM)


def _kill(pid: int, signum: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signum)


def _wake_by(signum: int) -> int:
    """Return a pipe that can be read when a signal has come."""
    wake, wakened = os.pipe()
    os.set_blocking(wakened, False)
    signal.signal(signum, lambda *_: None)
    signal.set_wakeup_fd(wakened)
    return wake


def _end_children(kept: Container[int] = ()) -> None:
    """Kill all children but those to keep, and theirs, which become ours by that."""
    listed = Path("/proc/thread-self/children")
    with contextlib.suppress(OSError):  # the kernel may not tell
        while ids := [i for i in map(int, listed.read_text().split()) if i not in kept]:
            for pid in ids:
                _kill(pid, signal.SIGKILL)
            for pid in ids:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)


def _await_request(fd: int) -> dict[str, Any]:
    """Serve; return in each forked kernel what it is to run, and nowhere else."""
    wake = _wake_by(signal.SIGCHLD)
    kernels: dict[int, int] = {}
    ending: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(1))
    client = socket.socket(fileno=fd)
    client.set_inheritable(False)
    while not ending:
        ready, _, _ = select.select([fd, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
            _report_ended(kernels)
        if fd not in ready:
            continue
        try:
            head, fds, _, _ = socket.recv_fds(client, NUMBER.size, 1)
            size = NUMBER.unpack(head)[0] if head else 0
            message = client.recv(size, socket.MSG_WAITALL)
        except OSError:
            break
        if not head or len(message) < size:  # a run can end in mid-request
            break
        try:
            with warnings.catch_warnings():
                # numpy's and pyarrow's own threads know how to live with a fork.
                warnings.simplefilter("ignore", DeprecationWarning)
                pid = os.fork()
        except OSError as error:  # no memory, or too many processes
            os.write(fds[0], NUMBER.pack(-(error.errno or 0)))
            os.close(fds[0])
            continue
        if pid == 0:
            os.write(fds[0], _become_kernel())
            wakened = signal.set_wakeup_fd(-1)
            for inherited in (wake, wakened, fds[0], *kernels.values()):
                os.close(inherited)
            client.close()
            return dict(json.loads(message))
        kernels[pid] = fds[0]
    _end_children()
    os._exit(0)


def _become_kernel() -> bytes:
    """Make a forked process a session of its own; return its number."""
    for signum in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(signum, signal.SIG_DFL)
    os.setsid()
    _set_process(_DEATH_SIGNAL, signal.SIGKILL)
    _set_process(_SUBREAPER, 1)
    # A kernel repeats on both what its programs print, for no terminal to obey.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return NUMBER.pack(os.getpid())


def _report_ended(kernels: dict[int, int]) -> None:
    """End what ended kernels left, then write their exit statuses to their pipes."""
    ended = {}
    with contextlib.suppress(ChildProcessError):
        while (waited := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = waited
            if pid in kernels:
                ended[kernels.pop(pid)] = os.waitstatus_to_exitcode(status)
    _end_children(kernels)
    for pipe, code in ended.items():
        with contextlib.suppress(BrokenPipeError):
            os.write(pipe, NUMBER.pack(code))
        os.close(pipe)


def _run_kernel(argv: list[str], env: dict[str, str]) -> None:
    """Be the kernel, in the state in which a new interpreter would be."""
    os.environ.clear()
    os.environ.update(env)
    from giikit._warm import launcher

    sys.argv = [launcher.__file__, *argv[argv.index("-f") :]]
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # else all kernels would draw the same numbers
    if matplotlib := sys.modules.get("matplotlib"):
        matplotlib.rcParams["backend"] = env.get("MPLBACKEND") or _BACKEND
    arguments = [*sys.argv[1:], f"--IPKernelApp.parent_handle={os.getppid()}"]
    launcher.KernelApp.launch_instance(arguments)
