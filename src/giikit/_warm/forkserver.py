"""The process that kernels are forked from; it does nothing else.

It is not multiprocessing's server, which would run the caller's ``__main__`` again in
every kernel, cannot be used from a Dask worker, and outlives a killed caller for as
long as a kernel runs. This one ends when its connection closes, and with it all that
its kernels started.

What a kernel started becomes, when its parent ends, a child of the kernel, and when
the kernel ends a child of the server ("subreaper"), wherever it may have put itself:
so the server's unknown children are what ended kernels left, and it ends them. A
guard, its parent, does the same for a server that was killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import pkgutil
import select
import signal
import sys
import warnings
from collections.abc import Container
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from pathlib import Path
from typing import Any, NoReturn

# What every kernel needs. Nothing that a server loads may start a Python thread, make
# a zmq context or load matplotlib's inline backend, which must find its kernel.
_PRELOAD = (
    f"{__package__}.launcher",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "psutil",
    "sqlite3",
    "tornado.platform.asyncio",
)
_BACKEND = "module://matplotlib_inline.backend_inline"
_DEATH_SIGNAL, _SUBREAPER = 1, 36  # of Linux's prctl


def serve_kernels(fd: str, *modules: str) -> None:
    """Fork kernels on request until the other end of the connection ``fd`` is closed.

    They have ``modules`` loaded, of which ``module:function`` is called once; if there
    are none, they load everything anew.
    """
    _guard(int(fd))
    before = dict(os.environ)
    gc.disable()  # while modules are loaded, there is next to nothing to be collected
    for name in [*_PRELOAD, *modules] if modules else ():
        # What cannot be imported here fails in the cell that needs it, visibly.
        with contextlib.suppress(Exception):
            loaded = pkgutil.resolve_name(name)
            if ":" in name:
                loaded()
    made = dict(os.environ.items() - before.items())
    # The collector never touches what is frozen, so its memory stays shared.
    gc.collect()
    gc.freeze()
    gc.enable()
    request = _await_request(Connection(int(fd)))
    argv, env = request["argv"], request["env"] | {"JPY_PARENT_PID": str(os.getppid())}
    os.chdir(request["cwd"])
    if modules:
        _run_kernel(argv, made | env)
    else:
        os.execvpe(argv[0], argv, env)


def _set_process(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _guard(fd: int) -> None:
    """Go on in a child, and end in the parent what it leaves when it ends."""
    _set_process(_SUBREAPER, 1)
    wake, wakened = os.pipe()
    os.set_blocking(wakened, False)
    signal.set_wakeup_fd(wakened)
    for signum in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(signum, lambda *_: None)
    if server := os.fork():
        poller = select.poll()
        poller.register(fd, 0)  # its closing is told all the same
        poller.register(wake, select.POLLIN)
        poller.poll()
        with contextlib.suppress(ProcessLookupError):
            os.kill(server, signal.SIGTERM)  # it may still be loading
        _, status = os.waitpid(server, 0)
        _end_children()
        os._exit(abs(os.waitstatus_to_exitcode(status)))
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _set_process(_SUBREAPER, 1)
    _set_process(_DEATH_SIGNAL, signal.SIGTERM)


def _end_children(kept: Container[int] = ()) -> None:
    """Kill all children but those to keep, and theirs, which become ours by that."""
    listed = Path("/proc/thread-self/children")
    with contextlib.suppress(OSError):  # the kernel may not tell
        while ids := [i for i in map(int, listed.read_text().split()) if i not in kept]:
            for pid in ids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for pid in ids:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)


def _end(*_: object) -> NoReturn:
    _end_children()
    os._exit(0)


def _await_request(requests: Connection) -> dict[str, Any]:
    """Serve; return in each forked kernel what it is to run, and nowhere else."""
    kernels: dict[int, Connection] = {}
    signal.signal(signal.SIGCHLD, lambda *_: _tell_ended(kernels))
    signal.signal(signal.SIGTERM, _end)
    with contextlib.suppress(EOFError, OSError):  # a run can end in mid-request
        while True:
            request: dict[str, Any] = requests.recv()
            status = Connection(recv_handle(requests), readable=False)
            # A kernel that ends at once must be known by then.
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
            try:
                with warnings.catch_warnings():
                    # numpy's and pyarrow's own threads know how to live with a fork.
                    warnings.simplefilter("ignore", DeprecationWarning)
                    pid = os.fork()
            except OSError as error:  # no memory, or too many processes
                status.send(os.strerror(error.errno or 0))
            else:
                kernels[pid] = status
                if pid == 0:
                    _become_kernel(status)
                    for inherited in (requests, *kernels.values()):
                        inherited.close()
                    return request
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    _end()


def _become_kernel(status: Connection) -> None:
    """Make a forked process a session of its own, and tell its number."""
    for signum in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(signum, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    os.setsid()
    _set_process(_DEATH_SIGNAL, signal.SIGKILL)
    _set_process(_SUBREAPER, 1)
    status.send(os.getpid())


def _tell_ended(kernels: dict[int, Connection]) -> None:
    """End what ended kernels left, then close the pipes that tell of their ends."""
    ended = []
    with contextlib.suppress(ChildProcessError):
        while pid := os.waitpid(-1, os.WNOHANG)[0]:
            ended += [kernels.pop(pid)] if pid in kernels else []
    _end_children(kernels)
    for status in ended:
        status.close()


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
