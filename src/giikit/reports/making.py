"""Make one report: run its notebook on a copy of the data, with settings of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from giikit import _warm
from giikit.files import COPY, find_shipped

if TYPE_CHECKING:
    from giikit._warm import Job, KernelServer, Result

# What kernels have loaded and done before they are forked.
MODULES = (
    "PIL.JpegImagePlugin",
    "anyascii._data",
    "encodings.utf_8_sig",
    "giikit.build",
    "giikit.jupyter.showing",
    "giikit.plots.charts",
    "giikit.plots.maps",
    "matplotlib.pyplot",
    "numpy.random",
    "pandas.io.formats.html",
    "pandas.io.formats.string",
    "pyarrow.parquet",
    "pycountry.db",
    "seaborn",
    f"{__name__}:rehearse",
)


def rehearse() -> None:
    """Do once, for all kernels, what each would do for its first tables and figures.

    That is to compile templates, look for fonts, and set up what pandas, matplotlib and
    pyarrow need. It is done with a page that giikit comes with.
    """
    import pyarrow as pa  # type: ignore[import-untyped]

    from giikit import plots
    from giikit.jupyter import show_source
    from giikit.pages import read_page
    from giikit.parsing import parse_page
    from giikit.plots.report import make_picture
    from giikit.tables import make_table

    page = read_page(next(find_shipped("data/raw").rglob("beijing.txt")), "")
    profile = parse_page(page)
    profile._repr_html_(), repr(profile), show_source(page)
    table = make_table("clusters")  # with rows it would load what validates them
    table.loc[0] = [getattr(profile, str(column)) for column in table]
    pa.Table.from_pandas(table).to_pandas(use_threads=False).style.to_html()
    table.to_dict("records")
    for plot in (plots.standing, plots.world_map):
        make_picture(plot, table)


def open_server(kernel: str | None, folder: Path) -> KernelServer | None:
    """Return a new server of kernels, None where there is no forking."""
    if not _warm.can_fork():
        return None
    modules = () if kernel == "cold" else MODULES
    return _warm.KernelServer(modules, _make_settings(folder))


def make_report(
    server: KernelServer | None,
    folders: Sequence[Path],
    work: Path,
    job: Job,
) -> Result:
    """Run a notebook, which sees a copy of the data.

    Parameters
    ----------
    server
        What kernels are forked from; None: they are started anew.
    folders
        The data folder; the folder that the notebook runs in; and the tables, which
        the copy has for its own.
    work
        Where to make a folder of working files for a while.
    job
        The notebook.
    """
    data, cwd, tables = folders
    with TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        copy = folder / "data"
        copy.mkdir()
        for path in data.iterdir():
            if path.name != "processed":
                _link(path, copy / path.name)
        shutil.copytree(tables, copy / "processed", copy_function=shutil.copyfile)
        (copy / "processed" / COPY).touch()
        # Not a parameter: a path in the notebook would differ from machine to machine.
        env = {"GIIKIT_DATA": str(copy)} | _make_settings(folder)
        return _warm.run_job(job, server, env, cwd, folder)


def _link(path: Path, link: Path) -> None:
    try:
        link.symlink_to(path)
    except OSError:  # Windows wants a privilege for that
        (shutil.copytree if path.is_dir() else shutil.copy)(path, link)


def _make_settings(folder: Path) -> dict[str, str]:
    """Return the environment in which an account's settings do not count.

    Of matplotlib's folder only the list of fonts is kept, which takes long to make.
    """
    matplotlib = folder / "matplotlib"
    matplotlib.mkdir(parents=True)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for place in (cache / "matplotlib", Path.home() / ".matplotlib"):
        for path in place.glob("fontlist-*.json"):
            shutil.copy(path, matplotlib)
    return {"MPLCONFIGDIR": str(matplotlib), "IPYTHONDIR": str(folder / "ipython")}
