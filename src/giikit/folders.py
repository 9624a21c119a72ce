"""Where the data and the notebooks are, and who writes reports; nothing heavy."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from giikit.errors import GiikitError, RunError


def find_data_dir(data: str | Path | None = None) -> Path:
    """Return the data folder: ``data``, else ``GIIKIT_DATA``, else the nearest above.

    The nearest is a folder ``data`` with a ``raw`` or ``processed`` folder in it, in
    the working directory or the first of its parents that has one. So a notebook
    finds the same folder in JupyterLab and in batch.

    Raises
    ------
    GiikitError
        If the named folder does not exist, or none is found.
    """
    named = data or os.environ.get("GIIKIT_DATA")
    if named:
        folder = Path(named).absolute()
        if not folder.is_dir():
            origin = "" if data else " (named by GIIKIT_DATA)"
            message = f"no data folder {folder}{origin}: expected a folder"
            raise GiikitError(message)
        return folder
    here = Path.cwd()
    for parent in (here, *here.parents):
        folder = parent / "data"
        if (folder / "raw").is_dir() or (folder / "processed").is_dir():
            return folder
    message = (
        f"no data folder in {here} or above it: expected data/raw with saved pages; "
        "name one with --data or GIIKIT_DATA"
    )
    raise GiikitError(message)


def find_notebook(name: str, data: Path) -> Path:
    """Return a notebook: beside the data folder, else the one giikit comes with."""
    package = Path(__file__).parent
    # The last is the repository that an editable installation runs from.
    places = (data.parent, package, package.parent.parent)
    for place in places:
        if (path := place / "notebooks" / name).is_file():
            return path
    msg = (
        f"no notebook {name} in {data.parent / 'notebooks'}, and giikit was installed "
        "without its own: reinstall it"
    )
    raise RunError(msg)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what keeps the block from writing ``path`` into a `RunError`."""
    try:
        yield
    except OSError as error:
        # pyarrow puts a text of its own where the system's would be.
        reason = os.strerror(error.errno) if error.errno else error
        msg = (
            f"cannot write to {path}: {reason}; see that there is space and that you "
            "may write there, or name another folder (--out, --data); what is written "
            "is whole, and the next run goes on from there"
        )
        raise RunError(msg) from error


@contextmanager
def hold_folder(out: Path, tell: Callable[[str], None]) -> Iterator[Path]:
    """Keep other runs out of the folder ``out``; give an empty working folder in it.

    A second run waits for the first, and tells for whom. What a killed run left in
    its working folder is removed.
    """
    work = out / ".work"
    holder = work / "holder.json"
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            try:
                who = "{pid} on {host}".format(**json.loads(holder.read_text()))
            except (OSError, ValueError, KeyError):
                who = "unknown"
            tell(f"waiting for another run in {out} (process {who})")
            lock.acquire()
    try:
        who_am_i = {"pid": os.getpid(), "host": socket.gethostname()}
        with writing(out):
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            holder.write_text(json.dumps(who_am_i))
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
        lock.release()
