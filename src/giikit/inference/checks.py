"""What cannot be true: on a page, across the pages of an edition, in a ranking."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

import numpy as np
import pandas as pd

from giikit.inference import faults, world
from giikit.inference.bounds import Interval, find_common, stack
from giikit.inference.estimates import Implied, imply
from giikit.inference.faults import RANKING, Fault, report_rows, write_span
from giikit.inference.world import COUNTS, DEALS_SINCE, TABLE
from giikit.tables import KEY, Dataset, make_table, sort_findings
from giikit.vocabulary import DOCUMENTS, RATES


def check_dataset(ds: Dataset, implied: Implied | None = None) -> pd.DataFrame:
    """Check what was read for numbers that cannot be true together.

    Nothing is changed; time grows about linearly, so thousands of pages can be checked
    together.

    Parameters
    ----------
    ds
        The tables.
    implied
        What `imply` returns of them, where it is at hand.

    Returns
    -------
    pandas.DataFrame
        Rows of the table ``findings``; docs/findings.md explains each code.
    """
    implied = implied or imply(ds)
    # Which economy counts a cluster across borders is not said.
    home = ds.clusters[~ds.clusters["economy_code"].str.contains("/", na=True)]
    found = [
        *_check_totals(implied),
        *_check_populations(implied),
        *faults.report_repeated(ds.clusters, "size_rank"),
        *faults.report_repeated(ds.clusters, "intensity_rank"),
        *faults.report_repeated(home, "rank_in_economy", "economy_code"),
        *_check_agreement(ds, home),
        *_check_economy_ranks(home),
        *_check_order(implied),
        *_check_partners(ds),
        *_check_rankings(ds.rankings),
        *_check_published(implied),
    ]
    return sort_findings(make_table("findings", faults.locate_faults(ds, found)))


def _check_totals(implied: Implied) -> Iterator[Fault]:
    """Find lists whose organizations have no common total, and the row at fault."""
    wrong = implied.total.is_empty
    for place, output in enumerate(COUNTS):
        listed = implied.listed[implied.listed["output"] == output]
        listed = listed[wrong[place][listed["cluster"]]]
        for key, rows in listed.groupby(KEY):
            claims = "; ".join(
                f"{row.documents:,} = {row.text} ({row.organization}) implies "
                f"{write_span(row.low, row.high)}"
                for row in rows.dropna(subset=["low"]).itertuples()
            )
            known = list(rows.itertuples())
            suspects = {
                known[at].organization: _suggest_row(known[at], low, high)
                for at, low, high in _leave_out(rows["low"], rows["high"])
            }
            entity = next(iter(suspects)) if len(suspects) == 1 else None
            details = {"output": output, "claims": claims}
            details["suggestion"] = _suggest(list(suspects.values()))
            at = "documents", output, entity
            yield Fault("share-total-mismatch", details, key, *at)


def _suggest_row(row: Any, low: float, high: float) -> str:
    """Write what a row would have to print to fit the total that others imply."""
    count = write_span(row.share_low * low, row.share_high * high)
    text = f"{row.organization} had {count} documents"
    if row.documents > high:  # of which no share would do
        return text
    return f"{text} or {row.documents / high:.2%} to {min(row.documents / low, 1):.2%}"


def _check_populations(implied: Implied) -> Iterator[Fault]:
    """Find pages whose outputs imply populations that do not meet."""
    columns = list(RATES.items())
    for cluster in np.flatnonzero(implied.population.meet().is_empty):
        page = implied.clusters.iloc[cluster]
        outputs = np.flatnonzero(~np.isnan(implied.population.low[:, cluster]))
        people = implied.population.take(outputs, cluster)
        claims, remedies = [], []
        for place, low, high in zip(outputs, *people, strict=True):
            output, column = columns[place]
            count = implied.counts[place, cluster]
            ranked = "" if np.isnan(count) else f" ({count:,.0f} in the ranking)"
            claims.append(
                f"{page[column]:,.10g} {DOCUMENTS[output]} per million{ranked} "
                f"imply {write_span(low, high)}"
            )
        for at, least, most in _leave_out(*people):
            low, high, unit = (part[outputs[at], cluster] for part in implied.rates)
            # The ends of the population are rounded, by less than one inhabitant.
            first = ((people.low[at] - 1) * high / most - 1) / unit
            last = ((people.high[at] + 1) * low / least + 1) / unit if low else np.inf
            span = write_span(max(first, 0), last)
            remedies.append(f"{columns[outputs[at]][1]} were {span}")
        details = {"claims": " inhabitants, ".join(claims)}
        details["suggestion"] = _suggest(remedies)
        key = page["edition"], page["cluster_id"]
        yield Fault("population-mismatch", details, key, RATES["patent"])


def _leave_out(low: Any, high: Any) -> Iterator[tuple[int, Any, Any]]:
    """Yield the place of each interval that all others together could do without."""
    for at in range(len(low)):
        others = Interval(np.delete(low, at), np.delete(high, at))
        least = np.fmax.reduce(others.low, initial=1.0)
        most = np.fmin.reduce(others.high, initial=np.inf)
        if least <= most:
            yield at, least, most


def _suggest(remedies: list[str]) -> str:
    """Write which single change would restore agreement."""
    if remedies:
        return f"they would agree if {', or if '.join(remedies)}"
    return "no single change would make them agree"


def _check_agreement(ds: Dataset, home: pd.DataFrame) -> Iterator[Fault]:
    """Find numbers that all pages of an edition, or of an economy, must share."""
    listed = ds.observations[ds.observations["indicator"] == "clusters_listed"]
    listed = listed.rename(columns={"value": "clusters_listed"}).drop_duplicates(KEY)
    for column, rows, by in (
        ("clusters_in_economy", home, ["edition", "economy_code"]),
        ("clusters_listed", listed, ["edition"]),
        ("window_years", ds.clusters, ["edition"]),
    ):
        known = rows[[*KEY, *by[1:], column]].dropna()
        same, all_ = (known.groupby(group)[column] for group in ([*by, column], by))
        said = all_.agg(lambda n: ", ".join(f"{v:g}" for v in sorted(set(n))))
        # Where most pages agree, only the others are at fault.
        odd = 2 * same.transform("size") <= all_.transform("size")
        code, value = f"{column.replace('_', '-')}-mismatch", known[column].to_numpy()
        known = known.join(said.rename("all"), on=by)
        yield from report_rows(code, known, odd, column, value=value)


def _check_economy_ranks(home: pd.DataFrame) -> Iterator[Fault]:
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
    wrong = (rank < 0) | ((rank > size) & (size > 0))
    rows = home.join(before.fillna(first))
    yield from report_rows("economy-rank-order", rows, wrong, "rank_in_economy")


def _check_order(implied: Implied) -> Iterator[Fault]:
    """Find clusters that are higher in all that makes a rank, and yet ranked after.

    For the intensity that is every printed rate, for the size both totals.
    """
    clusters, total = implied.clusters, implied.total
    rates = stack(clusters, list(RATES.values()))
    for edition, rows in clusters.groupby("edition").indices.items():
        outputs = slice(3 if int(str(edition)) >= DEALS_SINCE else 2)
        for code, at, known in (
            ("size-order", "size_rank", total.keep(~total.is_empty)),
            ("intensity-order", "intensity_rank", Interval(rates, rates)),
        ):
            own = known.take(outputs).take(slice(None), rows)
            yield from faults.report_overtaken(code, clusters.iloc[rows], at, own)


def _check_partners(ds: Dataset) -> Iterator[Fault]:
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


def _check_rankings(rankings: pd.DataFrame) -> Iterator[Fault]:
    """Find rows of a ranking that disagree with their counts or with other rows."""
    rows = rankings.reset_index(drop=True)
    yield from faults.report_repeated(rows, "rank", "kind", "method", at=RANKING)
    change = rows["previous_rank"] - rows["rank"]
    wrong = (change != rows["rank_change"]).fillna(False)
    # A row may lack both, being new; none may lack one of them, or its rank.
    known = rows[["rank", "previous_rank", "rank_change"]].notna()
    has = known.groupby([rows[name] for name in TABLE]).transform("any")
    wrong |= has["rank_change"] & (known["previous_rank"] != known["rank_change"])
    wrong |= has["rank"] & ~known["rank"]
    yield from report_rows("rank-change-mismatch", rows, wrong, RANKING)
    low, high = world.bound_world(rows)
    rows["half_step"] = world.find_step(rows) / 2 + 1e-9
    for _, table in rows.groupby(TABLE):
        own = (slice(None), table.index)
        yield from _check_sums(table, Interval(low[own], high[own]))


def _check_sums(rows: pd.DataFrame, each: Interval) -> Iterator[Fault]:
    """Find rows that disagree with the world totals that most rows have in common.

    A wrong row may itself set an end of these, and right ones disagree. So each row
    that sets one is left out in turn, and reported is what leaves the fewest faults.
    """
    common = _find_totals(each)
    tried = [[*_check_shares(rows, each, common), *_check_scores(rows, common)]]
    sets = (each.low == common.low[:, None]) | (each.high == common.high[:, None])
    for row in np.flatnonzero(sets.any(axis=0)) if tried[0] else ():
        common = _find_totals(each.keep(np.arange(len(rows)) != row))
        without = [*_check_shares(rows, each, common), *_check_scores(rows, common)]
        tried.append(without)
    fewest = min(map(len, tried))
    found: dict[Any, Fault] = {}
    for fault in itertools.chain(*(some for some in tried if len(some) == fewest)):
        same = fault.code, fault.key, fault.details.get("column")
        found.setdefault(same, fault)
    yield from found.values()


def _find_totals(each: Interval) -> Interval:
    """Return the total of each output that most rows have in common."""
    common = [find_common(*ends) for ends in zip(*each, strict=True)]
    return Interval(*np.array(common).T)


def _check_shares(
    rows: pd.DataFrame, each: Interval, common: Interval
) -> Iterator[Fault]:
    """Find rows whose count and share imply another world total than most do."""
    columns = zip(COUNTS.values(), *each, *common, strict=True)
    for column, low, high, least, most in columns:
        wrong = (low > most) | (high < least)
        about = {"column": column, "low": low, "high": high, "least": least}
        about |= {"most": most, "count": rows[column].to_numpy(object)}
        yield from report_rows("ranking-share-mismatch", rows, wrong, RANKING, **about)


def _check_scores(rows: pd.DataFrame, totals: Interval) -> Iterator[Fault]:
    """Find rows whose total share or rank is not that of their counts."""
    outputs = 2 if rows["method"].iloc[0] < DEALS_SINCE else 3
    common = np.array(totals)[:, :outputs].T
    if np.isnan(common).any():
        return
    # The score at the corners of the world totals; the order hangs on their ratios,
    # so it must fail at all corners.
    counts = stack(rows, list(COUNTS.values())[: len(common)]).T
    half = np.where(rows["kind"] == "intensity", 0.5, 0)[:, np.newaxis]
    low, high = (
        np.stack([(n / corner).sum(axis=1) for corner in itertools.product(*common)])
        for n in (counts - half, counts + half)
    )
    total, half = stack(rows, ["total_share", "half_step"])
    ends = {"low": low.min(axis=0), "high": high.max(axis=0)}
    wrong = (total + half < ends["low"]) | (total - half > ends["high"])
    yield from report_rows("ranking-total-mismatch", rows, wrong, RANKING, **ends)
    score = Interval(low, high)
    yield from faults.report_overtaken("ranking-order", rows, RANKING, score)


def _check_published(implied: Implied) -> Iterator[Fault]:
    """Find pages that say otherwise than the ranking of their own edition."""
    pages, ranking = implied.clusters, implied.published["rank"]
    other = (pages["size_rank"] != ranking).fillna(False)
    about = {"column": "size_rank", "ranking": ranking.to_numpy(object)}
    about["page"] = ("has " + pages["size_rank"].astype("str")).to_numpy(object)
    # Only a warning: WIPO corrects its tables, and says of no page how it counts.
    yield from report_rows("ranking-differs", pages, other, "size_rank", **about)
    columns = zip(COUNTS.values(), *implied.total, implied.counts, strict=True)
    for column, low, high, counts in columns:
        wrong = (low <= high) & ((counts < low) | (counts > high))
        page, ranked = np.full((2, len(pages)), "", dtype=object)
        for row in np.flatnonzero(wrong):
            page[row] = f"implies {write_span(low[row], high[row])}"
            ranked[row] = f"{counts[row]:,.0f}"
        about = {"column": column, "page": page, "ranking": ranked}
        yield from report_rows("ranking-differs", pages, wrong, "documents", **about)
