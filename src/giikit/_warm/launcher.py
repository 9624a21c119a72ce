"""Ipykernel's application, which loses no output; ``python -m`` runs it as a kernel."""

from __future__ import annotations

import sys
from typing import Any

import zmq

from giikit._warm.leaving import leaving_out

with leaving_out("debugpy"):
    # Nobody debugs a kernel that runs one notebook, and the debugger loads slowly.
    import ipykernel.debugger  # noqa: F401
    from ipykernel.kernelapp import IPKernelApp


class KernelApp(IPKernelApp):
    """An IPython kernel that waits for its reader instead of dropping messages."""

    def init_iopub(self, context: zmq.Context[Any]) -> None:
        """Make the channel of outputs."""
        context.setsockopt(zmq.XPUB_NODROP, 1)
        super().init_iopub(context)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    del sys.path[0]  # the working directory, which IPython adds again
    KernelApp.launch_instance()
