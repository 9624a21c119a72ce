"""Axes-level figures of one cluster, across clusters, and over editions.

Each function takes a dataset (or its table), the cluster or clusters, and ``ax``, and
returns the `matplotlib.axes.Axes` that it drew on. `giikit.show_figure` makes the
figures of reports from them.
"""

from giikit.plots.across import balance as balance
from giikit.plots.across import collaborations as collaborations
from giikit.plots.across import concentration as concentration
from giikit.plots.across import economies as economies
from giikit.plots.across import populations as populations
from giikit.plots.across import scatter as scatter
from giikit.plots.cluster import implied as implied
from giikit.plots.cluster import organizations as organizations
from giikit.plots.cluster import partners as partners
from giikit.plots.cluster import standing as standing
from giikit.plots.maps import world_map as world_map
from giikit.plots.series import rank_changes as rank_changes
from giikit.plots.series import ranks as ranks

__all__ = [
    "balance",
    "collaborations",
    "concentration",
    "economies",
    "implied",
    "organizations",
    "partners",
    "populations",
    "rank_changes",
    "ranks",
    "scatter",
    "standing",
    "world_map",
]


def __dir__() -> list[str]:
    return __all__
