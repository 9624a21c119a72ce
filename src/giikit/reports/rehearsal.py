"""What the kernels of reports have loaded and done once before they are forked."""

from __future__ import annotations

from giikit._warm import Preload

PRELOAD = Preload(
    (
        *("numpy.random", "pandas.io.formats.html", "pyarrow.parquet", "seaborn"),
        *("matplotlib.pyplot", "PIL.JpegImagePlugin"),
        *("giikit.build", "giikit.tables", "giikit.model.card", "giikit.plots.cluster"),
        *("giikit.jupyter.showing", "giikit.plots.maps", "pycountry.db"),
        *("anyascii._data", "encodings.utf_8_sig"),
    ),
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
