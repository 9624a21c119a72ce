"""Make one report: run its notebook on a copy of the data, and write its page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from giikit._warm import Job, KernelServer, can_fork, run_job
from giikit.errors import RunError
from giikit.files import COPY, read_build
from giikit.reports.html import export_html
from giikit.reports.rehearsal import PRELOAD
from giikit.reports.store import Made


def make_report(
    job: Job,
    page: Mapping[str, Any],
    server: KernelServer | None,
    data: Path,
    cwd: Path,
    tables: Path,
    work: Path,
) -> Made:
    """Run a notebook, and make a page of it.

    Parameters
    ----------
    job
        The notebook.
    page
        What `export_html` is told.
    server
        What kernels are forked from; None: they are started anew.
    data
        The data folder; the notebook sees a copy, with ``tables`` for its own.
    cwd
        The folder that the notebook runs in.
    tables
        The tables.
    work
        Where to make a folder of working files for a while.
    """
    import nbformat

    with TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        copy = folder / "data"
        copy.mkdir()
        for path in data.iterdir():
            if path.name != "processed":
                _link(path, copy / path.name)
        shutil.copytree(tables, copy / "processed")
        (copy / "processed" / COPY).touch()
        # Not a parameter: a path in the notebook would differ from machine to machine.
        env = {"GIIKIT_DATA": str(copy)} | make_settings(folder)
        result = run_job(job, server, env, cwd, folder)
    text = f"{nbformat.writes(result.notebook)}\n"
    html = export_html(result.notebook, page)
    seconds = result.seconds, result.cell_seconds
    return Made(text.encode(), html.encode(), result.failure, *seconds)


def _link(path: Path, link: Path) -> None:
    try:
        link.symlink_to(path)
    except OSError:  # Windows wants a privilege for that
        (shutil.copytree if path.is_dir() else shutil.copy)(path, link)


def make_settings(folder: Path) -> dict[str, str]:
    """Return the environment in which an account's settings do not count.

    Of matplotlib's folder only the list of fonts is kept, which takes long to make.
    """
    matplotlib = folder / "matplotlib"
    matplotlib.mkdir(parents=True)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for place in (cache / "matplotlib", Path.home() / ".matplotlib"):
        for path in place.glob("fontlist-*.json"):
            shutil.copy(path, matplotlib)
    ipython = folder / "ipython"
    return {"MPLCONFIGDIR": str(matplotlib), "IPYTHONDIR": str(ipython)}


def open_server(kernel: str | None, folder: Path) -> KernelServer | None:
    """Return a new server of kernels, None where there is no forking."""
    if not can_fork():
        return None
    return KernelServer(None if kernel == "cold" else PRELOAD, make_settings(folder))


def copy_tables(processed: Path, copy: Path) -> None:
    """Copy the tables of one build, even if another is just being written.

    Raises
    ------
    RunError
        If they are never whole.
    """
    for _ in range(20):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(processed, copy, ignore=shutil.ignore_patterns(".*"))
        if read_build(copy / "raw", copy):
            return
    msg = f"the tables in {processed} change all the time: run again"
    raise RunError(msg)
