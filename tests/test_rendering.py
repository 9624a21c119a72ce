"""The generator itself: what the tests and benchmarks stand on."""

import random
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pytest
from generator.rendering import (
    Cluster,
    Listed,
    Wording,
    figure_ordinal,
    make_cluster,
    make_clusters,
    name_economy,
    render,
    spell_ordinal,
    write_pages,
)

from giikit.names import make_cluster_id

RAW = Path(__file__).parent / "pages/real/data/raw"

BEIJING = Cluster(
    edition=2024,
    name="Beijing",
    codes="CN",
    economy="China",
    rank_in_economy=2,
    clusters_in_economy=26,
    size_rank=3,
    intensity_rank=11,
    pct_per_million=2189,
    articles_per_million=15893,
    applicants=(
        Listed("BOE TECHNOLOGY", 9607, "23"),
        Listed("BEIJING XIAOMI MOBILE SOFTWARE", 3777, "9"),
        Listed("BEIJING BYTEDANCE NETWORK TECH.", 1223, "3"),
    ),
    publishers=(
        Listed("TSINGHUA UNIVERSITY", 24300, "8"),
        Listed("PEKING UNIVERSITY", 21438, "7"),
        Listed("UNIV. OF CHINESE ACADEMY OF SCIENCES", 20843, "7"),
    ),
    patent_share="17",
    publication_share="63",
    patent_partners=(
        "San Jose–San Francisco, CA",
        "Tokyo–Yokohama",
        "Los Angeles, CA",
    ),
    publication_partners=(
        "Shenzhen–Hong Kong–Guangzhou",
        "Shanghai–Suzhou",
        "Nanjing",
    ),
)
QINGDAO = Cluster(
    edition=2024,
    name="Qingdao",
    codes="CN",
    economy="China",
    rank_in_economy=8,
    clusters_in_economy=26,
    size_rank=20,
    intensity_rank=23,
    pct_per_million=1742,
    articles_per_million=9697,
    applicants=(
        Listed("QINGDAO HAIER AIR CONDITIONER GENERAL", 2131, "25"),
        Listed("QINGDAO HAIER WASHING MACHINE", 881, "10"),
        Listed("QINGDAO HAIER REFRIGERATOR", 732, "9"),
    ),
    publishers=(
        Listed("QINGDAO UNIVERSITY", 7510, "16"),
        Listed("OCEAN UNIVERSITY OF CHINA", 6710, "14"),
        Listed("CHINA UNIVERSITY OF PETROLEUM", 6496, "14"),
    ),
    patent_share="2",
    publication_share="63",
    patent_partners=("Beijing", "Tokyo–Yokohama", "Hangzhou"),
    publication_partners=("Beijing", "Shanghai–Suzhou", "Jinan"),
)


@pytest.mark.parametrize(
    ("file", "cluster", "wording"),
    [
        ("beijing.txt", BEIJING, Wording()),
        ("qingdao.txt", QINGDAO, Wording(dash="-", bold_partners="first two")),
    ],
)
def test_the_real_pages_are_written_byte_for_byte(file, cluster, wording):
    assert (
        render(cluster, "tabs", wording).encode() == (RAW / "2024" / file).read_bytes()
    )


def contains(share: str, part: int, whole: int) -> bool:
    truth = Fraction(100 * part, whole)
    if share == "<1":
        return truth <= 1
    half = Fraction(1, 20) if "." in share else Fraction(1, 2)
    return abs(truth - Fraction(share)) <= half


@pytest.mark.parametrize("edition", [2024, 2025])
def test_what_is_printed_rounds_the_truth(edition):
    for c in make_clusters(7, 300, edition):
        t = c.truth
        for rate, documents in [
            (c.pct_per_million, t.patents),
            (c.articles_per_million, t.articles),
        ]:
            true_rate = Fraction(documents * 1_000_000, t.population)
            assert abs(true_rate - rate) <= Fraction(1, 2)
        for listed, total in [(c.applicants, t.patents), (c.publishers, t.articles)]:
            documents = [row.documents for row in listed]
            assert documents == sorted(documents, reverse=True)
            assert sum(documents) <= total
            assert all(contains(row.share, row.documents, total) for row in listed)


def test_ranks_agree_across_an_edition():
    clusters = make_clusters(11, 100, 2025)
    assert sorted(c.size_rank for c in clusters) == list(range(1, 101))
    assert sorted(c.intensity_rank for c in clusters) == list(range(1, 101))
    by_size = sorted(clusters, key=lambda c: c.size_rank)
    sizes = [c.truth.size for c in by_size]
    assert sizes == sorted(sizes, reverse=True)
    by_intensity = sorted(clusters, key=lambda c: c.intensity_rank)
    intensities = [c.truth.intensity for c in by_intensity]
    assert intensities == sorted(intensities, reverse=True)
    economies = defaultdict(list)
    for c in by_size:
        economies[c.codes.split("/")[0]].append(c)
    for members in economies.values():
        assert [c.rank_in_economy for c in members] == [*range(1, len(members) + 1)]
        assert {c.clusters_in_economy for c in members} == {len(members)}


def test_ten_thousand_clusters_have_as_many_names():
    clusters = make_clusters(1, 10_000)
    assert len({make_cluster_id(c.name) for c in clusters}) == 10_000


def test_fewer_clusters_are_the_first_of_more():
    assert make_clusters(3, 24) == make_clusters(3, 150)[:24]


def test_a_lone_cluster_has_possible_ranks():
    for seed in range(200):
        c = make_cluster(random.Random(seed))
        assert 1 <= c.rank_in_economy <= c.size_rank <= 100
        behind = c.clusters_in_economy - c.rank_in_economy
        assert 0 <= behind <= 100 - c.size_rank


@pytest.mark.parametrize(
    ("n", "word", "figure"),
    [
        (1, "first", "1st"),
        (2, "second", "2nd"),
        (11, "eleventh", "11th"),
        (12, "twelfth", "12th"),
        (23, "twenty-third", "23rd"),
        (26, "twenty-sixth", "26th"),
        (40, "fortieth", "40th"),
        (99, "ninety-ninth", "99th"),
        (100, "one hundredth", "100th"),
        (111, "111th", "111th"),
    ],
)
def test_ordinals(n, word, figure):
    assert spell_ordinal(n).replace("\x03", "").replace("\x04", "") == word
    assert figure_ordinal(n).replace("\x03", "").replace("\x04", "") == figure


def test_economies_across_borders_are_written_out():
    assert name_economy("CN/HK") == "China and Hong Kong, China"
    assert name_economy("CH/DE/FR") == "Switzerland, Germany and France"
    assert name_economy("SG/MY", joint="/") == "Singapore/Malaysia"


def test_pages_are_written_by_edition(tmp_path):
    clusters = make_clusters(5, 102)
    paths = write_pages(tmp_path, clusters)
    assert len(set(paths)) == 102
    assert {p.parent.name for p in paths} == {"2024", "2025"}
    assert paths[0].read_bytes() == render(clusters[0]).encode()
