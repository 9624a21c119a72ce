"""The server of kernels, seen from the process that uses it; see `forkserver`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection, Pipe
from multiprocessing.reduction import send_handle
from typing import Any

_START = (
    "import sys; sys.path.pop(0);"
    f"from {__package__}.forkserver import serve_kernels;"
    "serve_kernels(*sys.argv[1:])"
)


class KernelError(RuntimeError):
    """No kernel could be started."""


def can_fork() -> bool:
    """Tell whether forking is safe: on macOS, system libraries may abort after it."""
    return sys.platform == "linux"


class ForkedKernel:
    """A forked kernel, with the part of `subprocess.Popen` that a provisioner uses."""

    stdin = stdout = stderr = None
    returncode: int | None = None

    def __init__(self, pid: int, status: Connection) -> None:
        self.pid, self._status = pid, status

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end of the kernel and all that it started, None: not yet."""
        # Its pipe is closed then, also if the server was killed, which kernels follow.
        if self.returncode is None and self._status.poll(timeout):
            self.returncode = -signal.SIGKILL
            self._status.close()
        return self.returncode

    def poll(self) -> int | None:
        """Return None while the kernel runs."""
        return self.wait(0)

    def send_signal(self, signum: int) -> None:
        """Signal the kernel unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        """Kill the kernel unless it has ended."""
        self.send_signal(signal.SIGKILL)


class KernelServer:
    """A process that kernels are forked from, started at once.

    Parameters
    ----------
    modules
        What it imports before, or has done once (``module:function``); none: its
        kernels start as always, and only end through it.
    env
        Added to its environment, for what is imported.
    """

    def __init__(self, modules: Sequence[str], env: Mapping[str, str]) -> None:
        self._modules, self._env = modules, {**os.environ, **env}
        self._lock, self._closed = threading.Lock(), False
        self._start()

    def _start(self) -> None:
        self._requests, theirs = Pipe()
        with theirs:
            fd = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, str(fd), *self._modules],
                pass_fds=[fd],
                env=self._env,
                # A kernel repeats what its programs print, for no terminal to obey.
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Ctrl-C is for the run, which decides what becomes of its kernels.
                start_new_session=True,
            )

    def fork(self, **request: Any) -> ForkedKernel:
        """Have a kernel forked; return when it is a session of its own.

        A server that was killed is started again.

        Raises
        ------
        KernelError
            If there is no kernel, or the server was closed.
        """
        status, theirs = Pipe(duplex=False)
        with self._lock, theirs:
            if not self._closed and self._process.poll() is not None:
                self._requests.close()
                self._start()
            # If the server is gone, the pipe stays empty.
            with contextlib.suppress(OSError):
                self._requests.send(request)
                send_handle(self._requests, theirs.fileno(), self._process.pid)
        try:
            answer = status.recv()
        except EOFError:
            answer = f"their server ended, exit status {self._process.poll()}"
        if isinstance(answer, int):
            return ForkedKernel(answer, status)
        status.close()
        msg = f"no kernel could be started: {answer}"
        raise KernelError(msg)

    def close(self) -> None:
        """End the server and all its kernels, with all that these started."""
        self._closed = True
        self._requests.close()
        self._process.terminate()  # it may still be loading
        self._process.wait()
