"""Synthetic clusters that are true: drawn, then printed rounded as WIPO prints them.

Test-only, and independent of the parser. `make_clusters` draws whole editions, ranked
among each other; `make_cluster` draws one page on its own, as varied as wanted.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from generator.places import (
    APPLICANTS,
    CLUSTERS,
    ECONOMIES,
    ELSEWHERE,
    FIRST,
    LAST,
    PATENT_FIELDS,
    PUBLICATION_FIELDS,
    PUBLISHERS,
)

# World totals that sizes are shares of: near those of the 2023 edition; deals invented.
WORLD_PATENTS, WORLD_ARTICLES, WORLD_DEALS = 1_255_863, 7_462_564, 180_000


@dataclass(frozen=True)
class Truth:
    """What no page prints: inhabitants, and documents over the window."""

    population: int
    patents: int
    articles: int
    deals: int

    @property
    def size(self) -> float:
        """Sum of the world shares, of which the size rank is made."""
        size = self.patents / WORLD_PATENTS + self.articles / WORLD_ARTICLES
        return size + self.deals / WORLD_DEALS

    @property
    def intensity(self) -> float:
        """The same per inhabitant."""
        return self.size / self.population


@dataclass(frozen=True)
class Listed:
    """A row of a table of organizations; ``share`` is 23, 0.4 or <1 (percent)."""

    name: str
    documents: int
    share: str


@dataclass(frozen=True)
class Cluster:
    """What a page prints, names with their suffixes, numbers without their form."""

    edition: int
    name: str
    codes: str
    economy: str
    rank_in_economy: int
    clusters_in_economy: int
    size_rank: int
    intensity_rank: int
    pct_per_million: int
    articles_per_million: int
    applicants: tuple[Listed, ...]
    publishers: tuple[Listed, ...]
    patent_share: str
    publication_share: str
    patent_partners: tuple[str, ...]
    publication_partners: tuple[str, ...]
    patent_fields: tuple[tuple[str, str], ...] = ()
    publication_fields: tuple[tuple[str, str], ...] = ()
    deals_per_million: str | None = None
    clusters_in_world: int = 100
    window_years: int = 5
    truth: Truth | None = None


def round_ratio(numerator: int, denominator: int) -> int:
    """Round half up, exactly."""
    return (2 * numerator + denominator) // (2 * denominator)


def print_share(part: int, whole: int, small: str = "decimal") -> str:
    """Print a percentage: whole, and below 1 with a decimal, as <1, or whole."""
    tenths = round_ratio(1000 * part, whole)
    if tenths >= 10 or small == "whole":
        return str(round_ratio(100 * part, whole))
    return "<1" if small == "below" or tenths == 0 else f"0.{tenths}"


def draw_truth(rng: random.Random, edition: int) -> Truth:
    """Draw inhabitants and documents; deals from the 2025 edition."""
    population = int(min(4e7, max(2e5, rng.lognormvariate(15.2, 0.9))))
    patents = int(min(1.3e5, max(100, rng.lognormvariate(8.5, 1.0))))
    articles = int(min(3.2e5, max(2000, rng.lognormvariate(10.3, 0.7))))
    deals = int(rng.lognormvariate(6, 1.2)) + 5 if edition >= 2025 else 0
    return Truth(population, patents, articles, deals)


def draw_listed(
    rng: random.Random, names: list[str], total: int, rows: int, small: str
) -> tuple[Listed, ...]:
    """Draw the largest organizations, together never more than the total."""
    share, left, listed = rng.betavariate(1.3, 7), total, []
    for name in rng.sample(names, rows):
        documents = max(1, min(round(share * total), left - rows))
        left -= documents
        listed.append(Listed(name, documents, print_share(documents, total, small)))
        share *= rng.uniform(0.3, 1.0)
    listed.sort(key=lambda row: -row.documents)
    return tuple(listed)


def draw_partners(rng: random.Random, others: list[str], n: int) -> tuple[str, ...]:
    """Draw other clusters, and now and then a location outside the top 100."""
    partners = rng.sample(others, n)
    if n and rng.random() < 0.1:
        partners[rng.randrange(n)] = rng.choice(ELSEWHERE)
    return tuple(partners)


def draw_fields(
    rng: random.Random, names: list[str], rows: int
) -> tuple[tuple[str, str], ...]:
    """Draw the largest fields with falling shares."""
    shares = sorted((rng.randint(1, 30) for _ in range(rows)), reverse=True)
    return tuple(zip(rng.sample(names, rows), map(str, shares), strict=True))


def name_economy(codes: str, which: int = 0, joint: str = " and ") -> str:
    """Write economies out: ``China and Hong Kong, China``; or leave the codes."""
    if joint == "codes" and "/" in codes:
        return codes
    names = [ECONOMIES[c][1:] for c in codes.split("/")]
    printed = [n[which % len(n)] for n in names]
    if joint == " and " and len(printed) > 2:
        return f"{', '.join(printed[:-1])} and {printed[-1]}"
    return joint.join(printed)


def name_clusters() -> Iterator[tuple[str, str]]:
    """Give names and economy codes without end: real ones, then invented ones."""
    seen = {name for name, _ in CLUSTERS}
    yield from CLUSTERS
    rng = random.Random(2024)
    codes = [codes for _, codes in CLUSTERS]
    stems = [a + b for a in FIRST for b in LAST]
    while True:
        name = "–".join(rng.sample(stems, rng.choice((1, 1, 2))))
        code = rng.choice(codes)
        if name not in seen:
            seen.add(name)
            state = rng.choice((", CA", ", TX", ", OH", ", NC"))
            yield (name + state if code == "US" else name), code


@dataclass(frozen=True)
class Variety:
    """How far a page may stray from three rows, three partners and empty charts."""

    applicants: int = 3
    publishers: int = 3
    patent_partners: int = 3
    publication_partners: int = 3
    patent_fields: int = 0
    publication_fields: int = 0
    economy_name: int = 0
    economy_joint: str = " and "
    small_shares: str = "decimal"


def print_cluster(
    rng: random.Random,
    edition: int,
    place: tuple[str, str],
    truth: Truth,
    ranks: dict[str, int],
    others: list[str],
    variety: Variety,
) -> Cluster:
    """Print the truth: rates per million and shares in percent, rounded half up."""
    name, codes = place
    deals = None
    if edition >= 2025:
        tenths = round_ratio(truth.deals * 10_000_000, truth.population)
        rate = round_ratio(truth.deals * 1_000_000, truth.population)
        deals = f"0.{tenths}" if tenths < 10 else str(rate)
    small = variety.small_shares
    patents, articles = truth.patents, truth.articles
    return Cluster(
        edition=edition,
        name=name,
        codes=codes,
        economy=name_economy(codes, variety.economy_name, variety.economy_joint),
        **ranks,
        pct_per_million=round_ratio(patents * 1_000_000, truth.population),
        articles_per_million=round_ratio(articles * 1_000_000, truth.population),
        deals_per_million=deals,
        applicants=draw_listed(rng, APPLICANTS, patents, variety.applicants, small),
        publishers=draw_listed(rng, PUBLISHERS, articles, variety.publishers, small),
        patent_share=print_share(
            int(rng.betavariate(1.5, 6) * patents), patents, small
        ),
        publication_share=print_share(
            int(rng.betavariate(9, 6) * articles), articles, small
        ),
        patent_partners=draw_partners(rng, others, variety.patent_partners),
        publication_partners=draw_partners(rng, others, variety.publication_partners),
        patent_fields=draw_fields(rng, PATENT_FIELDS, variety.patent_fields),
        publication_fields=draw_fields(
            rng, PUBLICATION_FIELDS, variety.publication_fields
        ),
        truth=truth,
    )


def make_cluster(
    rng: random.Random, edition: int = 2024, variety: Variety | None = None
) -> Cluster:
    """Draw one cluster, its ranks possible but those of no whole edition."""
    place = rng.choice(CLUSTERS)
    others = [name for name, _ in CLUSTERS if name != place[0]]
    size_rank = rng.randint(1, 100)
    in_economy = rng.randint(1, size_rank)
    ranks = {
        "size_rank": size_rank,
        "intensity_rank": rng.randint(1, 100),
        "rank_in_economy": in_economy,
        "clusters_in_economy": rng.randint(in_economy, 100 - size_rank + in_economy),
    }
    truth = draw_truth(rng, edition)
    return print_cluster(
        rng, edition, place, truth, ranks, others, variety or Variety()
    )


def make_edition(
    rng: random.Random, edition: int, places: list[tuple[str, str]]
) -> list[Cluster]:
    """Draw the clusters of one edition, ranked among each other."""
    truths = [draw_truth(rng, edition) for _ in places]
    indices = range(len(places))
    by_size = sorted(indices, key=lambda i: -truths[i].size)
    by_intensity = sorted(indices, key=lambda i: -truths[i].intensity)
    size_rank = {i: rank for rank, i in enumerate(by_size, 1)}
    intensity_rank = {i: rank for rank, i in enumerate(by_intensity, 1)}
    # A cluster across borders counts in the first of its economies.
    members: dict[str, list[int]] = {}
    for i in by_size:
        members.setdefault(places[i][1].split("/")[0], []).append(i)
    names = [name for name, _ in places]
    clusters = []
    for i, place in enumerate(places):
        at_home = members[place[1].split("/")[0]]
        ranks = {
            "size_rank": size_rank[i],
            "intensity_rank": intensity_rank[i],
            "rank_in_economy": at_home.index(i) + 1,
            "clusters_in_economy": len(at_home),
        }
        others = names[:i] + names[i + 1 :]
        clusters.append(
            print_cluster(rng, edition, place, truths[i], ranks, others, Variety())
        )
    return [replace(c, clusters_in_world=len(places)) for c in clusters]


def make_clusters(
    seed: int, n: int, edition: int = 2024, per_edition: int = 100
) -> list[Cluster]:
    """Draw ``n`` clusters, no name twice: whole editions, from ``edition`` upward.

    Ranks and numbers of clusters are those of the whole edition even where ``n``
    takes a part of it, so ``make_clusters(seed, 24)`` begins
    ``make_clusters(seed, 99)``.
    """
    rng = random.Random(seed)
    names = name_clusters()
    real = [next(names) for _ in CLUSTERS]
    rng.shuffle(real)
    pool = iter(real)
    clusters: list[Cluster] = []
    while len(clusters) < n:
        places = [next(pool, None) or next(names) for _ in range(per_edition)]
        clusters += make_edition(rng, edition, places)
        edition += 1
    return clusters[:n]
