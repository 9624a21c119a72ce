"""The server of kernels, seen from the process that uses it; see `forkserver`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from giikit._warm.forkserver import NUMBER

_START = (
    "import sys; sys.path.pop(0);"
    f"from {__package__}.forkserver import serve_kernels;"
    "serve_kernels(*sys.argv[1:])"
)


class KernelError(RuntimeError):
    """No kernel could be started."""


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
                answer = os.read(self._status, NUMBER.size)
            except BlockingIOError:
                return None
            # An end without a status: the server was killed, its kernels follow.
            self.returncode = NUMBER.unpack(answer)[0] if answer else -signal.SIGKILL
            os.close(self._status)
        return self.returncode

    def wait(self) -> int | None:
        """Wait for the end, of all that the kernel started too; return the status."""
        if self.returncode is None:
            os.set_blocking(self._status, True)
        return self.poll()

    def send_signal(self, signum: int) -> None:
        """Signal the kernel unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        """Kill the kernel unless it has ended."""
        self.send_signal(signal.SIGKILL)


plain_kernels: weakref.WeakSet[subprocess.Popen[bytes]] = weakref.WeakSet()


def stop_plain_kernels() -> None:
    """Kill the kernels that run without a server, with what is in their groups."""
    for process in list(plain_kernels):
        end_group(process.pid)
        process.kill()


def end_group(pid: int) -> None:
    """Kill a group of processes, where the system has such groups."""
    with contextlib.suppress(OSError, AttributeError):
        os.killpg(pid, signal.SIGKILL)


class KernelServer:
    """A process that kernels are forked from, started at once.

    Parameters
    ----------
    preload
        What it loads; None: its kernels start as always, and only end through it.
    env
        Added to its environment, for what is preloaded.
    """

    def __init__(self, preload: Preload | None, env: Mapping[str, str]) -> None:
        self.preload, self._env = preload, {**os.environ, **env}
        self._lock, self._closed = threading.Lock(), False
        self._start()

    def _start(self) -> None:
        self._socket, theirs = socket.socketpair()
        preload = json.dumps(asdict(self.preload) if self.preload else None)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, str(theirs.fileno()), preload],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=self._env,
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
        status, theirs = os.pipe()
        message = json.dumps(request).encode()
        with self._lock:
            if not self._closed and self._process.poll() is not None:
                self._socket.close()
                self._start()
            # If the server is gone, the pipe stays empty.
            with contextlib.suppress(OSError):
                socket.send_fds(self._socket, [NUMBER.pack(len(message))], [theirs])
                self._socket.sendall(message)
        os.close(theirs)
        answer = os.read(status, NUMBER.size)
        pid = NUMBER.unpack(answer)[0] if answer else 0
        if pid > 0:
            return ForkedKernel(pid, status)
        os.close(status)
        code = self._process.poll()
        reason = os.strerror(-pid) if pid else f"their server ended, exit status {code}"
        msg = f"no kernel could be started: {reason}"
        raise KernelError(msg)

    def close(self) -> None:
        """End the server and all its kernels, with all that these started."""
        self._closed = True
        self._socket.close()
        self._process.terminate()  # it may still be loading
        self._process.wait()
