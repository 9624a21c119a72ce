"""Axes-level figures of one cluster, across clusters, and over editions.

Each function takes a dataset (or its table), the cluster or clusters, and ``ax``, and
returns the `matplotlib.axes.Axes` that it drew on. `giikit.show_figure` makes the
figures of reports from them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
