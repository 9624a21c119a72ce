"""Make one report: run its notebook on a copy of the data, and write its page.

To import this takes a second: a run does it once there is a report to make.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat

from giikit._warm import Job, KernelServer, Result, run_job
from giikit.files import COPY
from giikit.reports.html import export_html
from giikit.reports.kernels import make_settings


def make_report(
    server: KernelServer | None,
    folders: Sequence[Path],
    work: Path,
    job: Job,
    page: Mapping[str, Any],
) -> tuple[Result, str]:
    """Run a notebook, and return with its result its page.

    Parameters
    ----------
    server
        What kernels are forked from; None: they are started anew.
    folders
        The data folder, of which the notebook sees a copy; the folder that it runs in;
        and the tables, which the copy has for its own.
    work
        Where to make a folder of working files for a while.
    job
        The notebook.
    page
        What `export_html` is told.
    """
    data, cwd, tables = folders
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
    return result, export_html(nbformat.reads(result.notebook, 4), page)


def _link(path: Path, link: Path) -> None:
    try:
        link.symlink_to(path)
    except OSError:  # Windows wants a privilege for that
        (shutil.copytree if path.is_dir() else shutil.copy)(path, link)
