"""Files and folders: whole writes, locks, digests, where the study and its data are.

Nothing here imports pandas: a run that finds everything up to date ends at once.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import file_digest, sha256
from pathlib import Path
from platform import python_version
from time import time_ns
from types import MappingProxyType
from typing import Any

from giikit.errors import GiikitError, RunError

# In a folder of tables: the raw files' sizes, times and digests when they were built,
# and the mark of a copy that a report runs on.
KNOWN, COPY = ".raw.json", ".copy"
_HUGE = 10**8  # bytes, which take half a second to read


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
            "may write there, or name another folder; what is written is whole, and "
            "the next run goes on from there"
        )
        raise RunError(msg) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, and the folder it is in, so that nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Yield an empty folder; its files go to ``folder`` once all could be written.

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
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def hash_file(path: Path) -> str:
    """Return the digest of a file; of one that cannot be read, the empty text."""
    try:
        with path.open("rb") as content:
            return file_digest(content, "sha256").hexdigest()
    except OSError:
        return ""


def hash_files(
    folder: Path,
    known: Mapping[str, Sequence[Any]] = MappingProxyType({}),
    left_out: Collection[Path] = (),
) -> dict[str, list[Any]]:
    """Return size, times and digest of each file below a folder, by its path in it.

    Hidden files are left out, and all in and below some paths. A file that ``known``,
    an earlier answer, has with the same size and times is not read again, and of a
    huge one size and time stand for what is in it.
    """
    found, left = {}, set(left_out)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = re.search(r"(^|/)\.|\.pyc$", name)
        if hidden or not left.isdisjoint([path, *path.parents]) or not path.is_file():
            continue
        stat = path.stat()
        signature = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
        old = [*known.get(name, ())]
        same = old[:3] == signature
        huge = hash_value(signature[:2]) if stat.st_size > _HUGE else ""
        if time_ns() - stat.st_ctime_ns < 10**9:
            # It may change once more at what the clock calls the same time.
            signature = []
        found[name] = [*signature, old[3] if same else huge or hash_file(path)]
    return found


@cache
def hash_code() -> str:
    """Return the digest of giikit itself, so that an edit counts as a change."""
    found = hash_files(Path(__file__).parent)
    return hash_value({name: known[-1] for name, known in found.items()})


@cache
def list_versions() -> dict[str, str]:
    """Return the versions of Python and of everything that is installed for it."""
    # The names of their folders tell; to read what is in them takes long.
    found = (path.stem for place in sys.path for path in Path(place).glob("*.*-info"))
    versions = {name: version for name, _, version in (n.partition("-") for n in found)}
    return {"python": python_version(), **dict(sorted(versions.items()))}


def hash_inputs(raw: Path, known: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the digest of what tables are made from, and `hash_files` of ``raw``.

    These are the files below ``raw``, the researcher's corrections and aliases beside
    it, and giikit.
    """
    found = hash_files(raw, known)
    beside = [hash_file(raw.parent / f"{n}.csv") for n in ("corrections", "aliases")]
    digests = {name: entry[-1] for name, entry in found.items()}
    return hash_value([digests, beside, hash_code()]), found


def describe_build(new: Path, inputs: str) -> dict[str, Any]:
    """Return what `read_build` compares, to be told in ``datapackage.json``."""
    paths = [path for kind in ("csv", "parquet") for path in new.glob(f"*.{kind}")]
    files = {path.name: hash_file(path) for path in sorted(paths)}
    return {"inputs": inputs, "files": files}


def read_build(raw: Path, processed: Path) -> dict[str, bytes]:
    """Return the files that a build of ``raw`` wrote; none where it is not the last.

    They are the ones that ``datapackage.json`` describes, all of the same build, and
    neither ``raw`` nor giikit has changed since. In a report's copy of the tables, or
    without ``raw``, only the first is held against them.
    """
    try:
        told = json.loads((processed / "datapackage.json").read_bytes())["built"]
        contents = {name: (processed / name).read_bytes() for name in told["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    if any(sha256(contents[n]).hexdigest() != d for n, d in told["files"].items()):
        return {}
    if raw.is_dir() and not (processed / COPY).exists():
        known = {}
        with suppress(OSError, ValueError):
            known = json.loads((processed / KNOWN).read_bytes())
        if hash_inputs(raw, known)[0] != told["inputs"]:
            return {}
    return contents
