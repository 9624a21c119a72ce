"""Warm kernels: ordinary IPython kernels, forked from a server with libraries loaded.

An ordinary kernel spends seconds on imports before the first cell of a report runs.
`WarmProvisioner` plugs in where jupyter_client launches kernels, and has each forked
from one server process that imported everything already: papermill, nbclient and
ipykernel are used as they are, and every kernel is a fresh process of its own.

The server is not multiprocessing's, which would run the caller's ``__main__`` again in
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
import subprocess
import sys
import threading
import uuid
import warnings
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from giikit.errors import RunError

# Loaded once, in the server. Nothing here may start a Python thread, make a zmq
# context or load matplotlib's inline backend, which must find its kernel.
PRELOAD = (
    *("numpy.random", "pandas.io.formats.html", "pandas.io.formats.style"),
    *("pandas.io.parquet", "pyarrow.dataset", "pyarrow.parquet", "seaborn"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "PIL.JpegImagePlugin"),
    *("ipykernel.kernelapp", "ipykernel.zmqshell", "ipykernel.debugger"),
    *("giikit.dataset", "giikit.selection", "giikit.cards", "giikit.plots"),
)
_BACKEND = "module://matplotlib_inline.backend_inline"
_START = (
    "import sys; sys.path.pop(0);"
    "from giikit.kernels import serve_kernels; serve_kernels({})"
)
_NUMBER = struct.Struct("q")


def can_fork() -> bool:
    """Tell whether forking is safe: on macOS, system libraries may abort after it."""
    return sys.platform == "linux"


class ForkedKernel:
    """A forked kernel, with the part of `subprocess.Popen` that a provisioner uses."""

    stdin = stdout = stderr = None
    returncode: int | None = None

    def __init__(self, pid: int, status: int) -> None:
        self.pid, self._status = pid, status
        os.set_blocking(status, False)

    def poll(self) -> int | None:
        """Return the exit status, None while the kernel runs."""
        if self.returncode is None:
            try:
                answer = os.read(self._status, _NUMBER.size)
            except BlockingIOError:
                return None
            # An end without a status: the server was killed, its kernels follow.
            self.returncode = _NUMBER.unpack(answer)[0] if answer else -signal.SIGKILL
            os.close(self._status)
        return self.returncode

    def wait(self) -> int | None:
        """Wait for the end and return the exit status."""
        if self.returncode is None:
            os.set_blocking(self._status, True)
        return self.poll()

    def send_signal(self, signum: int) -> None:
        """Signal the kernel unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        """Kill the kernel and what it started, unless it has ended."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


class _Server:
    """The server process, as seen from the process that uses it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.socket, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _START.format(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # A kernel repeats there what the programs that it runs print.
                stdout=subprocess.DEVNULL,
                # Ctrl-C is for the run, which decides what becomes of its kernels.
                start_new_session=True,
            )

    def fork(self, **request: Any) -> ForkedKernel:
        """Have a kernel forked; return when it is a session of its own."""
        status, theirs = os.pipe()
        message = json.dumps(request).encode()
        # If the server is gone, the pipe stays empty.
        with self.lock, contextlib.suppress(OSError):
            socket.send_fds(self.socket, [_NUMBER.pack(len(message))], [theirs])
            self.socket.sendall(message)
        os.close(theirs)
        answer = os.read(status, _NUMBER.size)
        if answer:
            return ForkedKernel(_NUMBER.unpack(answer)[0], status)
        os.close(status)
        msg = (
            "no warm kernel could be started (exit status of their server: "
            f"{self.process.poll()}); run again, or with --kernel cold"
        )
        raise RunError(msg)


_managers: weakref.WeakSet[AsyncKernelManager] = weakref.WeakSet()
_servers: list[_Server] = []  # one, or none
_server_lock = threading.Lock()


def start_server() -> _Server:
    """Return this process's server, started if there is none, still loading or not."""
    with _server_lock:
        if _servers and _servers[0].process.poll() is not None:
            _servers.pop().socket.close()
        if not _servers:
            _servers.append(_Server())
        return _servers[0]


def stop_kernels() -> None:
    """Kill every kernel that this process has running, and the server of warm ones."""
    for manager in list(_managers):
        with contextlib.suppress(OSError, AttributeError):
            cast(Any, manager.provisioner).process.kill()
    with _server_lock:
        while _servers:
            server = _servers.pop()
            server.socket.close()
            server.process.wait()


class WarmProvisioner(LocalProvisioner):
    """Launch kernels by fork; everything else is the local provisioner's."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel that gets the arguments of ``cmd``."""
        self.cwd = str(kwargs.get("cwd") or Path.cwd())
        kernel = start_server().fork(argv=cmd, env=kwargs["env"], cwd=self.cwd)
        self.process = cast(Any, kernel)
        self.pid = self.pgid = kernel.pid
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and what it started, and see its end at once."""
        process = self.process
        await super().kill(restart)
        if process is not None:
            process.wait()


def make_manager_class(
    folder: Path, env: Mapping[str, str], *, warm: bool
) -> type[AsyncKernelManager]:
    """Make a kernel manager class to hand to papermill or nbclient.

    Its kernels run in this Python environment, whatever kernels are installed, with
    ``env`` added to the environment; their connection files are made in ``folder``.
    """
    # The log level silences a remark, by every kernel, that local TCP is unencrypted.
    arguments = ["--log-level=ERROR"], ["-Xfrozen_modules=off"]
    spec = KernelSpec(**get_kernel_dict(*arguments), env=dict(env))
    if warm:
        spec.metadata = {"kernel_provisioner": {"provisioner_name": "giikit-warm"}}

    class ReportKernelManager(AsyncKernelManager):
        kernel_spec = spec

        def __init__(self, **kwargs: Any) -> None:
            path = folder / f"kernel-{uuid.uuid4()}.json"
            super().__init__(connection_file=str(path), **kwargs)
            _managers.add(self)

    return ReportKernelManager


def serve_kernels(fd: int) -> None:
    """Fork kernels on request until the other end of the socket ``fd`` is closed."""
    before = dict(os.environ)
    os.environ |= {"MPLBACKEND": _BACKEND, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    ours = dict(os.environ)
    for name in PRELOAD:
        # What cannot be imported here fails in the cell that needs it, visibly.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    made = {k: v for k, v in os.environ.items() if ours.get(k, before.get(k)) != v}
    # The collector never touches what is frozen, so its memory stays shared.
    gc.collect()
    gc.freeze()
    request = _await_request(fd)
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
            head, fds, _, _ = socket.recv_fds(client, _NUMBER.size, 1)
            size = _NUMBER.unpack(head)[0] if head else 0
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
                os.write(fds[0], _NUMBER.pack(os.getpid()))
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
            os.write(kernels[pid], _NUMBER.pack(os.waitstatus_to_exitcode(status)))
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
