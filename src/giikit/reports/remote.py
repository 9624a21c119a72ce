"""The same reports, made by the workers of a Dask cluster."""

from __future__ import annotations

import json
import socket
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING

from giikit.errors import RunError
from giikit.files import hash_code, hash_files, list_versions
from giikit.reports.making import make_report, open_server

if TYPE_CHECKING:
    from distributed import Client

    from giikit._warm import Job, KernelServer, Result

_FOLDERS = "data", "notebooks", "tables"
_PATIENCE = 30  # seconds that the first worker may take


@contextmanager
def connect(address: str) -> Iterator[Client]:
    """Connect to a scheduler whose workers all have the software that is here.

    Raises
    ------
    RunError
        If there is no scheduler or no worker, or one has other software.
    """
    try:
        from distributed import Client
    except ImportError as error:
        msg = "--dask needs Dask: pip install distributed"
        raise RunError(msg) from error
    try:
        client = Client(address, timeout=30)
    except (OSError, ValueError) as error:
        msg = f"no Dask scheduler at {address}: {error}; start one: dask scheduler"
        raise RunError(msg) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            msg = (
                f"the Dask scheduler at {address} has no workers: start some, "
                f"dask worker {address}"
            )
            raise RunError(msg) from error
        # A text, which every worker can read, whatever its giikit knows to do.
        question = f"__import__({__name__!r}, fromlist=['x']).describe_software()"
        for worker, told in client.run(eval, question, on_error="return").items():
            check_software(describe_software(), told, worker)
        yield client


def describe_software() -> str:
    """Return giikit's digest and the versions of all that is installed, as JSON."""
    return json.dumps({"giikit's code": hash_code(), **list_versions()})


def check_software(wanted: str, found: object, where: str) -> None:
    """Refuse a worker that has not everything that is wanted.

    Raises
    ------
    RunError
        If so; the text names what differs.
    """
    changed = ["giikit"]
    if isinstance(found, str):
        versions = json.loads(found)
        changed = [n for n, v in json.loads(wanted).items() if versions.get(n) != v]
    if changed:
        msg = (
            f"the worker {where} has other software ({', '.join(changed[:9])}): "
            "install the same on all workers, restart them"
        )
        raise RunError(msg)


def open_workers(
    client: Client, kernel: str | None, folders: Iterable[Path]
) -> Callable[[Job], Future[Result]]:
    """Return what has a report made by a worker, which gets a copy of `_FOLDERS`."""
    # A task, not a scattered value: what a dying worker held is made again.
    package = client.submit(bytes, _pack_study(folders))
    submit = client.get_executor(retries=3).submit
    return partial(submit, _make_remotely, describe_software(), package, kernel)


def _pack_study(folders: Iterable[Path]) -> bytes:
    """Return in one piece what notebooks may read: the files that reports depend on."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, folder in zip(_FOLDERS, folders, strict=True):
            package.mkdir(name)
            for path in hash_files(folder, left_out=[folder / "processed"]):
                package.write(folder / path, f"{name}/{path}")
    return buffer.getvalue()


def _make_remotely(
    software: str, package: bytes, kernel: str | None, job: Job
) -> Result:
    """Make a report on another machine, which must have the same software."""
    from distributed import get_worker

    check_software(software, describe_software(), f"on {socket.gethostname()}")
    # Dask removes what a dead worker leaves in this folder.
    place = get_worker().local_directory
    server = _load_server(kernel, place)
    with TemporaryDirectory(dir=place, prefix="giikit-") as name:
        study = Path(name)
        zipfile.ZipFile(BytesIO(package)).extractall(study)
        folders = [study / name for name in _FOLDERS]
        return make_report(server, folders, study, job)


@cache
def _load_server(kernel: str | None, place: str) -> KernelServer | None:
    return open_server(kernel, Path(mkdtemp(dir=place, prefix="giikit-")))
