"""Kernels for jupyter_client that are forked from a server with libraries loaded.

An ordinary kernel spends seconds on imports before the first cell of a report runs.
`WarmProvisioner` plugs in where jupyter_client launches kernels, and has each forked
from one server process that imported everything already: papermill, nbclient and
ipykernel are used as they are, and every kernel is a fresh process of its own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import uuid
import weakref
from pathlib import Path
from subprocess import Popen
from typing import Any, cast

from ipykernel.kernelspec import make_ipkernel_cmd
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Instance

from giikit._warm.server import KernelServer

_plain_kernels: weakref.WeakSet[Popen[bytes]] = weakref.WeakSet()


class WarmProvisioner(LocalProvisioner):
    """Launch kernels by fork; where there is no ``server``, as jupyter_client does."""

    server = Instance(KernelServer, allow_none=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel that gets the arguments of ``cmd``."""
        if self.server is None:
            info = await super().launch_kernel(cmd, **kwargs)
            _plain_kernels.add(cast(Any, self.process))
            return info
        self.cwd = str(kwargs["cwd"])
        kernel = self.server.fork(argv=cmd, env=kwargs["env"], cwd=self.cwd)
        self.process = cast(Any, kernel)
        self.pid = self.pgid = kernel.pid
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and what it started, and see its end at once."""
        process = self.process
        await super().kill(restart)
        if process is not None:
            process.wait()

    async def cleanup(self, restart: bool = False) -> None:
        """End what a kernel without a server left in its group."""
        if self.server is None and self.pgid:
            _end_group(self.pgid)
        await super().cleanup(restart)


def stop_plain_kernels() -> None:
    """Kill the kernels that run without a server, with what is in their groups."""
    for process in list(_plain_kernels):
        _end_group(process.pid)
        process.kill()


def _end_group(pid: int) -> None:
    """Kill a group of processes, where the system has such groups."""
    with contextlib.suppress(OSError, AttributeError):
        os.killpg(pid, signal.SIGKILL)


def make_manager(server: KernelServer | None, folder: Path) -> AsyncKernelManager:
    """Make the manager of a kernel, to hand to nbclient.

    The kernel runs in this Python environment, whatever kernels are installed; its
    connection file is made in ``folder``.
    """
    # The log level silences a remark, by every kernel, that local TCP is unencrypted.
    command = make_ipkernel_cmd(
        f"{__package__}.launcher",
        extra_arguments=["--log-level=ERROR"],
        python_arguments=["-Xfrozen_modules=off"],
    )
    spec = KernelSpec(argv=command, language="python")
    spec.metadata["kernel_provisioner"] = {
        "provisioner_name": "giikit-warm",
        "config": {"server": server},
    }

    class ReportKernelManager(AsyncKernelManager):
        kernel_spec = spec

    name = uuid.uuid4()
    # Names in Linux's memory: no port that another program may take, no file.
    link = {"transport": "ipc", "ip": f"@jupyter-{name}"} if server else {}
    file = str(folder / f"kernel-{name}.json")
    return ReportKernelManager(connection_file=file, **link)
