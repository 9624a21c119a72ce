"""The kernels of reports: what they have loaded, and the settings that they see."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from giikit import _warm

if TYPE_CHECKING:
    from giikit._warm import KernelServer

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
    "pyarrow.parquet",
    "pycountry.db",
    "seaborn",
    f"{__name__}:rehearse",
)


def rehearse() -> None:
    """Do once, for all kernels, what each would do for its first table and figure."""
    import pyarrow as pa  # type: ignore[import-untyped]

    from giikit import plots
    from giikit.model import ClusterProfile
    from giikit.plots.report import make_picture
    from giikit.tables import make_table

    profile = ClusterProfile(edition=1, cluster_id="a", cluster="A")
    profile._repr_html_(), repr(profile)
    table = make_table("clusters")
    pa.Table.from_pandas(table).to_pandas(use_threads=False).style.to_html()
    table.to_dict("records")
    make_picture(plots.standing, table)


def open_server(kernel: str | None, folder: Path) -> KernelServer | None:
    """Return a new server of kernels, None where there is no forking."""
    if not _warm.can_fork():
        return None
    modules = () if kernel == "cold" else MODULES
    return _warm.KernelServer(modules, make_settings(folder))


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
    return {"MPLCONFIGDIR": str(matplotlib), "IPYTHONDIR": str(folder / "ipython")}
