"""Waiting for other processes: by condition, with patience for a busy machine."""

import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 300  # seconds, in which nothing that works fails to happen


def wait_until(condition):
    """Wait until a condition holds; return whether it does."""
    end = time.monotonic() + PATIENCE
    while not (holds := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return holds


def list_processes(mark):
    """Return the ids of the living processes whose environment has a text."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # A zombie has no memory left, only an entry that init will collect.
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            if mark.encode() in (entry / "environ").read_bytes() and state != "Z":
                found.append(int(entry.name))
    return found


def wait_for_no_process(mark):
    """Wait until all processes that are marked have ended."""
    assert wait_until(lambda: not list_processes(mark)), list_processes(mark)
