"""A cluster in brief: what its tables say, in the sentences of a patent office."""

from __future__ import annotations

from giikit.jupyter.showing import Shown, format_interval, render
from giikit.tables import Dataset, list_rows, select_cluster, select_profile
from giikit.vocabulary import DOCUMENTS, format_value

_RATES: dict[str, str] = {
    "pct_per_million": DOCUMENTS["patent"],
    "articles_per_million": DOCUMENTS["publication"],
    "vc_deals_per_million": DOCUMENTS["venture_capital"],
}
_IMPLIED: dict[tuple[str, str | None], str] = {
    **{("total", output): name for output, name in DOCUMENTS.items()},
    ("population", None): "inhabitants",
}


def write_brief(ds: Dataset, cluster: str = "", edition: int = 0) -> Shown:
    """Write some five sentences on a cluster, every number of them from the tables.

    Ranks, the change since the edition before, rates against the median of the
    clusters read, what the printed numbers imply, the largest organizations, and the
    partners. What a page lacks is left out, and bounds are rounded outward.

    Parameters
    ----------
    ds
        All tables, since other clusters and editions are compared with.
    cluster, edition
        The cluster and the year, see `select_cluster`.

    Returns
    -------
    Shown
        The sentences as text; in Jupyter below the cluster's name and key figures.
    """
    edition, cluster_id = select_cluster(ds, cluster, edition)
    profile = select_profile(ds, cluster_id, edition)
    mine = ds.clusters.loc[ds.clusters["cluster_id"] == cluster_id, "edition"]
    earlier = max((int(year) for year in mine if year < edition), default=None)
    with_deals = set(ds.clusters.dropna(subset=["vc_deals_per_million"])["edition"])
    rows = list_rows(ds.estimates, edition, cluster_id)
    estimates = {(row["quantity"], row["output"]): row for row in rows}
    implied = [(estimates[k], what) for k, what in _IMPLIED.items() if k in estimates]
    peers = ds.clusters[ds.clusters["edition"] == edition]
    known = [column for column in _RATES if getattr(profile, column) is not None]
    sentences = render(
        "sentences",
        profile=profile,
        before=earlier and list_rows(ds.clusters, earlier, cluster_id)[0],
        deals_count=edition in with_deals and earlier not in with_deals,
        rates=[f"{format_value(getattr(profile, c))} {_RATES[c]}" for c in known],
        medians=[format_value(peers[c].median()) for c in known if len(peers) > 2],
        estimates=estimates,
        implied=[f"{format_interval(e)} {w}" for e, w in implied if e["consistent"]],
        contradicted=[what for row, what in implied if not row["consistent"]],
        # A share such as <1% is a bound, which no table of values can hold.
        printed={
            (o.indicator, o.output, o.entity): o.text
            for o in profile.observations
            if o.resolution
        },
    )
    people = format_interval(estimates.get(("population", None)), digits=3)
    html = render("brief", profile=profile, sentences=sentences, people=people)
    return Shown(sentences.striptags(), html)
