"""Axes-level figures of one cluster and across clusters, made from the tidy tables."""

from giikit.plots.across import collaborations as collaborations
from giikit.plots.across import populations as populations
from giikit.plots.across import rates as rates
from giikit.plots.across import size_against_intensity as size_against_intensity
from giikit.plots.across import top_shares as top_shares
from giikit.plots.cluster import implied_quantities as implied_quantities
from giikit.plots.cluster import organizations as organizations
from giikit.plots.cluster import partners as partners
from giikit.plots.cluster import standing as standing
