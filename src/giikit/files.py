"""Files and folders: whole writes, locks, digests, where the study and its data are.

Nothing here imports pandas: a run that finds everything up to date ends at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from platform import python_version
from typing import Any

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
        "name one with --data or GIIKIT_DATA, or start a study with `giikit init DIR`"
    )
    raise GiikitError(message)


def find_shipped(folder: str) -> Path:
    """Return a folder that giikit comes with: ``notebooks`` or ``data/raw``.

    Raises
    ------
    RunError
        If giikit was installed without it.
    """
    package = Path(__file__).parent
    # The second is the repository that an editable installation runs from.
    for place in (package, package.parent.parent):
        if (place / folder).is_dir():
            return place / folder
    message = f"giikit was installed without its {folder}: reinstall it"
    raise RunError(message)


def find_notebook(name: str, data: Path) -> Path:
    """Return a notebook: beside the data folder, else the one giikit comes with."""
    for place in (data.parent / "notebooks", find_shipped("notebooks")):
        if (path := place / name).is_file():
            return path
    msg = f"no notebook {name} in {data.parent / 'notebooks'}, and giikit has none"
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


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, and the folder it is in, so that nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(content)
    temporary.replace(path)


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


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder, whose files go to ``folder`` once all could be written.

    Writers exclude each other by a lock; what a killed one left, the next removes.
    """
    temporary = folder / ".new"
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        with writing(folder):
            temporary.mkdir()
            yield temporary
            # The description goes last: where it is, the tables are.
            for path in sorted(temporary.iterdir(), key=lambda p: p.suffix == ".json"):
                path.replace(folder / path.name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def hash_value(value: Any) -> str:
    """Return the digest of what JSON can write."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_file(path: Path) -> str:
    """Return the digest of a file; of none, the empty text."""
    try:
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def hash_folder(folder: Path, pattern: str = "*") -> str:
    """Return the digest of the names and contents of the files below a folder."""
    return hash_value(
        {
            path.relative_to(folder).as_posix(): hash_file(path)
            for path in folder.rglob(pattern)
            if path.is_file() and path.suffix != ".pyc"
        }
    )


@cache
def hash_code() -> str:
    """Return the digest of giikit itself, so that an edit counts as a change."""
    return hash_folder(Path(__file__).parent)


@cache
def list_versions() -> dict[str, str]:
    """Return the versions of Python, giikit and all it depends on, near and far."""
    versions = {"python": python_version()}
    names = ["giikit"]
    while names:
        name = re.sub(r"[-_.]+", "-", names.pop()).lower()
        if name in versions:
            continue
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # for another platform
            continue
        # Only the head is read: parsing the whole of each takes a tenth of a second.
        head = (found.read_text("METADATA") or "").partition("\n\n")[0]
        fields = [line.partition(": ") for line in head.splitlines()]
        versions[name] = next((v for k, _, v in fields if k == "Version"), "")
        for key, _, requirement in fields:
            if key == "Requires-Dist" and not re.search(r"\bextra\b", requirement):
                names += re.findall(r"^[\w.-]+", requirement)
    return versions
