"""What cannot be true: on a page, across the pages of an edition, in a ranking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

import numpy as np
import pandas as pd

from giikit.inference import faults
from giikit.inference.bounds import stack
from giikit.inference.estimates import bound_listed, bound_rates, find_counts
from giikit.inference.faults import Fault, report_rows, write_span
from giikit.inference.ranking_checks import check_published, check_rankings
from giikit.inference.world import DEALS_SINCE, RATES
from giikit.tables import KEY, Dataset, make_table, sort_findings
from giikit.vocabulary import DOCUMENTS


def check_dataset(ds: Dataset) -> pd.DataFrame:
    """Check what was read for numbers that cannot be true together.

    Expects ``ds.estimates`` to be filled. Nothing is changed; time grows about
    linearly, so thousands of pages can be checked together.

    Returns
    -------
    pandas.DataFrame
        Rows of the table ``findings``; docs/findings.md explains each code.
    """
    home = _at_home(ds.clusters)
    found = [
        *check_totals(ds),
        *check_populations(ds),
        *faults.report_repeated(ds.clusters, "size_rank"),
        *faults.report_repeated(ds.clusters, "intensity_rank"),
        *faults.report_repeated(home, "rank_in_economy", "economy_code"),
        *check_agreement(ds),
        *check_economy_ranks(home),
        *check_order(ds),
        *check_partners(ds),
        *check_rankings(ds),
        *check_published(ds),
    ]
    return sort_findings(make_table("findings", faults.locate_faults(ds, found)))


def check_totals(ds: Dataset) -> Iterator[Fault]:
    """Find lists whose organizations have no common total, and the row at fault."""
    wrong = (ds.estimates["quantity"] == "total") & ~ds.estimates["consistent"]
    pages = ds.estimates.loc[wrong, [*KEY, "output"]]
    listed = bound_listed(replace(ds, organizations=ds.organizations.merge(pages)))
    for (*key, output), rows in listed.groupby([*KEY, "output"]):
        claims = "; ".join(
            f"{row.documents:,} = {row.text} ({row.organization}) implies "
            f"{write_span(row.low, row.high)}"
            for row in rows.dropna(subset=["low"]).itertuples()
        )
        suspects = {
            row.organization: _suggest_row(row, low, high)
            for row, low, high in _leave_out(rows)
            if low <= high
        }
        entity = next(iter(suspects)) if len(suspects) == 1 else None
        details = {"output": output, "claims": claims}
        details["suggestion"] = _suggest(list(suspects.values()))
        place = "documents", output, entity
        yield Fault("share-total-mismatch", details, tuple(key), *place)


def _suggest_row(row: Any, low: float, high: float) -> str:
    """Write what a row would have to print to fit the total that others imply."""
    count = write_span(row.share_low * low, row.share_high * high)
    text = f"{row.organization} had {count} documents"
    if row.documents > high:  # of which no share would do
        return text
    return f"{text} or {row.documents / high:.2%} to {min(row.documents / low, 1):.2%}"


def check_populations(ds: Dataset) -> Iterator[Fault]:
    """Find pages whose outputs imply populations that do not meet."""
    rows = ds.estimates[ds.estimates["quantity"] == "population"]
    clusters = rows.loc[~rows["consistent"], KEY].drop_duplicates().merge(ds.clusters)
    rows = rows.fillna({"high": np.inf}).dropna(subset=["output"])
    populations: dict[Any, Any] = dict(iter(rows.groupby(KEY)))
    printed = zip(
        clusters.to_dict("records"),
        np.moveaxis(np.stack(bound_rates(ds, clusters)), -1, 0),
        find_counts(ds, clusters).T,
        strict=True,
    )
    for page, rates, counts in printed:
        key, claims, remedies = (page["edition"], page["cluster_id"]), [], []
        for row in populations[key].itertuples():
            at, column = list(RATES).index(row.output), RATES[row.output]
            rate, count = rates[:, at], counts[at]
            ranked = "" if np.isnan(count) else f" ({count:,.0f} in the ranking)"
            claims.append(
                f"{page[column]:,.10g} {DOCUMENTS[row.output]} per million{ranked} "
                f"imply {write_span(row.low, row.high)}"
            )
            others = populations[key][populations[key]["output"] != row.output]
            low = np.fmax(others["low"].max(), 1)
            high = np.fmin(others["high"].min(), np.inf)
            if low > high:
                continue
            least, most, half = rate[0] / rate[2], rate[1] / rate[2], 1 / rate[2]
            # The ends of the population are rounded, by less than one inhabitant.
            need = (row.low - 1) * most / high, (row.high + 1) * least / low
            span = write_span(max(need[0] - half, 0), need[1] + half)
            remedies.append(f"{column} were {span}")
        details = {"claims": " inhabitants, ".join(claims)}
        details["suggestion"] = _suggest(remedies)
        yield Fault("population-mismatch", details, key, RATES["patent"])


def _leave_out(rows: pd.DataFrame) -> Iterator[tuple[Any, Any, Any]]:
    """Yield each row of a list with the total that all others imply."""
    for row in rows.itertuples():
        others = rows.drop(index=row.Index)
        ends = others["low"].max(), others["high"].min()
        yield row, np.fmax(1.0, ends[0]), np.fmin(np.inf, ends[1])


def _suggest(remedies: list[str]) -> str:
    """Write which single change would restore agreement."""
    if remedies:
        return f"they would agree if {', or if '.join(remedies)}"
    return "no single change would make them agree"


def check_agreement(ds: Dataset) -> Iterator[Fault]:
    """Find numbers that all pages of an edition, or of an economy, must share."""
    listed = ds.observations[ds.observations["indicator"] == "clusters_listed"]
    listed = listed.rename(columns={"value": "clusters_listed"}).drop_duplicates(KEY)
    for column, rows, by in (
        ("clusters_in_economy", _at_home(ds.clusters), ["edition", "economy_code"]),
        ("clusters_listed", listed, ["edition"]),
        ("window_years", ds.clusters, ["edition"]),
    ):
        known = rows[[*KEY, *by[1:], column]].dropna()
        groups = known.groupby(by)[column]
        size = known.groupby([*by, column])[column].transform("size")
        all_ = groups.transform(lambda n: ", ".join(f"{v:g}" for v in sorted(set(n))))
        # Where most pages agree, only the others are at fault.
        odd = known.assign(all=all_, value=known[column])
        odd = odd[2 * size <= groups.transform("size")]
        code = f"{column.replace('_', '-')}-mismatch"
        yield from report_rows(code, odd, column)


def check_economy_ranks(home: pd.DataFrame) -> Iterator[Fault]:
    """Find ranks within an economy that the world ranks do not allow.

    From one cluster of an economy to the next, the rank in the economy must rise, and
    the rank in the world by at least as much.
    """
    columns = ["rank_in_economy", "size_rank"]
    home = home.dropna(subset=columns).sort_values(["edition", "size_rank"])
    before = home.groupby(["edition", "economy_code"])[[*columns, "cluster"]].shift()
    rank, size = (home[column] - before[column].fillna(0) for column in columns)
    before.columns = ["other_rank", "other_size", "other"]
    first = {"other": "the first", "other_rank": 1, "other_size": 1}
    # Equal ranks are duplicates, and reported as such.
    wrong = home.join(before.fillna(first))[(rank < 0) | ((rank > size) & (size > 0))]
    yield from report_rows("economy-rank-order", wrong, "rank_in_economy")


def check_order(ds: Dataset) -> Iterator[Fault]:
    """Find clusters that are higher in all that makes a rank, and yet ranked after.

    For the intensity that is every printed rate, for the size both totals.
    """
    wanted = ds.estimates["consistent"] & (ds.estimates["quantity"] == "total")
    totals = ds.estimates[wanted].set_index([*KEY, "output"])
    for _, clusters in ds.clusters.groupby("edition"):
        edition = clusters["edition"].iloc[0]
        outputs = list(RATES)[: 2 if edition < DEALS_SINCE else 3]
        keys = [clusters[KEY].assign(output=output) for output in outputs]
        ends = [totals.reindex(pd.MultiIndex.from_frame(key)) for key in keys]
        low, high = (np.stack([e[name] for e in ends]) for name in ("low", "high"))
        yield from faults.report_overtaken(
            "size-order", clusters, "size_rank", low, high
        )
        values = stack(clusters, [RATES[output] for output in outputs])
        at = "intensity_rank"
        yield from faults.report_overtaken(
            "intensity-order", clusters, at, values, values
        )


def check_partners(ds: Dataset) -> Iterator[Fault]:
    """Find partners that are no known cluster, but are spelled nearly like one."""
    names = pd.concat([ds.rankings, ds.clusters])[["cluster_id", "cluster"]]
    known = dict(names.itertuples(index=False, name=None))
    index: defaultdict[str, list[str]] = defaultdict(list)
    for cluster_id in known:
        for spelling in _vary(cluster_id):
            index[spelling].append(cluster_id)
    unknown = ds.collaborations[~ds.collaborations["partner_id"].isin(known)]
    near = {name: _find_near(name, index) for name in unknown["partner_id"].unique()}
    unknown = unknown.assign(near=unknown["partner_id"].map(near).map(known))
    for row in unknown.dropna(subset=["near"]).itertuples():
        details = {"partner": row.partner, "near": row.near}
        key, place = (row.edition, row.cluster_id), (row.output, row.partner)
        yield Fault("partner-near-name", details, key, "partner", *place)


def _vary(name: str) -> set[str]:
    """Return what a slug is looked up by: its words, and itself less one letter."""
    words = name.split("-")
    joined = "".join(words)
    return {*words, *(joined[:i] + joined[i + 1 :] for i in range(len(joined) + 1))}


def _find_near(name: str, index: dict[str, list[str]]) -> str | None:
    """Return the cluster nearest to a name, of those that share a spelling with it."""
    near = []
    found = [index.get(text, []) for text in _vary(name)]
    # A word that many clusters share, such as San, tells nothing and costs much.
    for other in {other for some in found if len(some) <= 50 for other in some}:
        alike = SequenceMatcher(None, name, other, autojunk=False).ratio()
        begins = other.startswith(f"{name}-") or name.startswith(f"{other}-")
        # Suzhou, Fuzhou and Xuzhou are three cities: the first letter must agree.
        if begins or (alike >= 0.8 and name[0] == other[0]):
            near.append((alike, other))
    return max(near)[1] if near else None


def _at_home(clusters: pd.DataFrame) -> pd.DataFrame:
    """Leave out clusters across borders: which economy counts them is not said."""
    return clusters[~clusters["economy_code"].str.contains("/", na=True)]
