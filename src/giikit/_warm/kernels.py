"""Warm kernels: ordinary IPython kernels, forked from a server with libraries loaded.

An ordinary kernel spends seconds on imports before the first cell of a report runs.
`WarmProvisioner` plugs in where jupyter_client launches kernels, and has each forked
from one server process that imported everything already: papermill, nbclient and
ipykernel are used as they are, and every kernel is a fresh process of its own.

`forkserver` is what that server runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
import weakref
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Tuple, Unicode

from giikit._warm.forkserver import NUMBER, Preload

_START = (
    "import sys; sys.path.pop(0);"
    f"from {__package__}.forkserver import serve_kernels;"
    "serve_kernels(*sys.argv[1:])"
)


class KernelError(RuntimeError):
    """No kernel could be started."""


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

    def __init__(self, preload: Preload) -> None:
        self.lock = threading.Lock()
        self.socket, theirs = socket.socketpair()
        with theirs:
            arguments = str(theirs.fileno()), json.dumps(asdict(preload))
            self.process = subprocess.Popen(
                [sys.executable, "-c", _START, *arguments],
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
            socket.send_fds(self.socket, [NUMBER.pack(len(message))], [theirs])
            self.socket.sendall(message)
        os.close(theirs)
        answer = os.read(status, NUMBER.size)
        if answer:
            return ForkedKernel(NUMBER.unpack(answer)[0], status)
        os.close(status)
        msg = (
            "no warm kernel could be started (exit status of their server: "
            f"{self.process.poll()}); run again, or with --kernel cold"
        )
        raise KernelError(msg)


_managers: weakref.WeakSet[AsyncKernelManager] = weakref.WeakSet()
_servers: dict[Preload, _Server] = {}
_server_lock = threading.Lock()


def start_server(preload: Preload) -> _Server:
    """Return this process's server, started if there is none, still loading or not."""
    with _server_lock:
        server = _servers.get(preload)
        if server and server.process.poll() is not None:
            server.socket.close()
            server = None
        if server is None:
            server = _servers[preload] = _Server(preload)
        return server


def stop_kernels() -> None:
    """Kill every kernel that this process has running, and the server of warm ones."""
    for manager in list(_managers):
        with contextlib.suppress(OSError, AttributeError):
            cast(Any, manager.provisioner).process.kill()
    with _server_lock:
        while _servers:
            _, server = _servers.popitem()
            server.socket.close()
            server.process.wait()


class WarmProvisioner(LocalProvisioner):
    """Launch kernels by fork; everything else is the local provisioner's.

    A kernelspec gives it, in the ``config`` of its ``kernel_provisioner``, the fields
    of a `Preload`.
    """

    modules = Tuple()
    rehearse = Unicode()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel that gets the arguments of ``cmd``."""
        self.cwd = str(kwargs.get("cwd") or Path.cwd())
        preload = Preload(tuple(self.modules), self.rehearse)
        kernel = start_server(preload).fork(argv=cmd, env=kwargs["env"], cwd=self.cwd)
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
    folder: Path, env: Mapping[str, str], preload: Preload | None
) -> type[AsyncKernelManager]:
    """Make a kernel manager class to hand to papermill or nbclient.

    Its kernels run in this Python environment, whatever kernels are installed, with
    ``env`` added to the environment; their connection files are made in ``folder``.
    With a ``preload`` they are forked, without they are started as always.
    """
    # The log level silences a remark, by every kernel, that local TCP is unencrypted.
    arguments = ["--log-level=ERROR"], ["-Xfrozen_modules=off"]
    spec = KernelSpec(**get_kernel_dict(*arguments), env=dict(env))
    if preload:
        spec.metadata["kernel_provisioner"] = {
            "provisioner_name": "giikit-warm",
            "config": asdict(preload),
        }

    class ReportKernelManager(AsyncKernelManager):
        kernel_spec = spec

        def __init__(self, **kwargs: Any) -> None:
            path = folder / f"kernel-{uuid.uuid4()}.json"
            super().__init__(connection_file=str(path), **kwargs)
            _managers.add(self)

    return ReportKernelManager
