"""The command ``giikit``, which minds Ctrl-C before it loads anything else."""

import os
import signal
import sys


def main() -> int:
    """Run the command line and return its exit status."""
    if sys.platform == "linux":  # where kernels end with their run
        signal.signal(signal.SIGINT, _end_at_once)
    from giikit.cli import main as run

    return run()


def _end_at_once(*_: object) -> None:
    """End as if killed, which leaves whole files and neither a lock nor a kernel.

    A KeyboardInterrupt, raised wherever Python may be, can be swallowed there.
    """
    os.write(2, b"giikit: interrupted\n")
    os._exit(130)


if __name__ == "__main__":
    sys.exit(main())
