import re

import pandas as pd
import pytest

from giikit.errors import GiikitError
from giikit.findings import Finding
from giikit.model import ClusterProfile, Organization
from giikit.names import find_cluster_id, make_cluster_id
from giikit.tables import (
    make_dataset,
    select_cluster,
    select_edition,
    select_profile,
)


def make_profile(edition, cluster_id, size_rank, **more):
    page = {"cluster": cluster_id.title(), "source": f"{edition}/{cluster_id}.txt"}
    key = {"edition": edition, "cluster_id": cluster_id}
    return ClusterProfile(**key, size_rank=size_rank, **page, **more)


BEIJING = make_profile(
    2024,
    "beijing",
    3,
    organizations=(
        Organization(2024, "beijing", "patent", 1, "BOE TECHNOLOGY", 9607, 0.23),
        Organization(2024, "beijing", "patent", 2, "UNREADABLE", None, None),
    ),
    findings=(Finding(2024, "beijing", "2024/beijing.txt", "info", "a", "b", 5, 0, 1),),
)
QINGDAO = make_profile(2024, "qingdao", 20)
RANKINGS = [
    (
        *(year, "qingdao", "size", year, "Qingdao", "CN", 23, 7286, 39745, None),
        *(0.006, 0.005, None, 0.011, 29, 6),
    )
    for year in (2023, 2024)
]
OLD = [make_profile(2023, name, rank) for name, rank in [("xian", 1), ("beijing", 4)]]
DS = make_dataset([QINGDAO, BEIJING, *OLD], rankings=RANKINGS)


@pytest.mark.parametrize(
    ("cluster", "edition", "expected"),
    [
        ("", 0, (2024, "beijing")),
        ("", 2023, (2023, "xian")),
        ("qingdao", 0, (2024, "qingdao")),
        ("Beijing", 2023, (2023, "beijing")),
        ("Xi’an", 0, (2023, "xian")),
        ("xi", 0, (2023, "xian")),
        ("qing", 2024, (2024, "qingdao")),
    ],
)
def test_a_cluster_is_found_by_id_or_name(cluster, edition, expected):
    assert select_cluster(DS, cluster, edition) == expected


def test_a_cluster_without_rank_comes_last():
    ds = make_dataset([make_profile(2024, "a", None), QINGDAO])
    assert select_cluster(ds) == (2024, "qingdao")
    assert list(select_edition(ds)["cluster_id"]) == ["qingdao", "a"]


def test_a_near_part_of_a_name_is_suggested():
    with pytest.raises(GiikitError, match=r"; near: boston-cambridge$"):
        find_cluster_id("Bosten", ["boston-cambridge", "singapore", "tehran"])


@pytest.mark.parametrize(
    ("cluster", "edition", "message"),
    [
        ("bejing", 0, r"no cluster 'bejing' among the 3; near: beijing"),
        ("xian", 2024, r"no cluster 'xian' among the 2 of edition 2024; there are "),
        ("osaka", 0, r"no cluster 'osaka' among the 3; there are beijing, qing"),
        ("dao", 0, r"no cluster 'dao' among the 3; near: qingdao$"),
        ("nowhere", 0, r"no cluster 'nowhere' among the 3; there are beijing, "),
        ("–", 0, r"no cluster '–' among the 3; there are beijing, qingdao, xian"),
        ("", 2019, r"no cluster of edition 2019 in the data: there is 2023, 2024$"),
    ],
)
def test_a_wrong_choice_says_what_there_is(cluster, edition, message):
    with pytest.raises(GiikitError, match=message):
        select_cluster(DS, cluster, edition)
    with pytest.raises(GiikitError, match=r"no (cluster|profile)"):
        DS.select(clusters=[cluster], edition=edition or 2024)


def test_an_empty_dataset_asks_for_pages():
    with pytest.raises(GiikitError, match="save pages below data/raw"):
        select_cluster(make_dataset([]))


def make_world():
    """Return pages and rankings of two editions in five economies."""
    places = [
        ("Boston–Cambridge, MA", "United States", "US"),
        ("Cambridge", "United Kingdom", "GB"),
        ("San Diego, CA", "United States", "US"),
        ("San Jose–San Francisco, CA", "United States", "US"),
        ("Shenzhen–Hong Kong–Guangzhou", "China and Hong Kong, China", "CN/HK"),
        ("São Paulo", "Brazil", "BR"),
        ("İstanbul", "Türkiye", "TR"),
    ]
    pages = [
        ClusterProfile(
            edition=edition,
            cluster_id=make_cluster_id(name),
            cluster=name,
            economy=economy,
            economy_code=code,
        )
        for edition in (2023, 2024)
        for name, economy, code in places
    ]
    tokyo = (2025, "tokyo-yokohama", "size", 2025, "Tokyo–Yokohama", "JP", 1)
    return make_dataset(pages, rankings=[(*tokyo, *[None] * 9)])


WORLD = make_world()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("boston", "boston-cambridge"),
        ("Cambridge", "cambridge"),
        ("san francisco", "san-jose-san-francisco"),
        ("hong kong", "shenzhen-hong-kong-guangzhou"),
        ("shen", "shenzhen-hong-kong-guangzhou"),
        ("SAO PAULO", "sao-paulo"),
        ("Istanbul", "istanbul"),
        ("tokyo", "tokyo-yokohama"),
    ],
)
def test_a_part_that_is_clear_names_a_cluster(name, found):
    picked = WORLD.select(clusters=name)
    rows = pd.concat([picked.clusters, picked.rankings])
    assert set(rows["cluster_id"]) == {found}


@pytest.mark.parametrize(
    ("economy", "found"),
    [
        ("United States", 3),
        ("us", 3),
        ("USA", 3),
        ("CN", 1),
        ("Hong Kong", 1),
        ("China and Hong Kong, China", 1),
        ("CN/HK", 1),
        ("türkiye", 1),
        ("Turkiye", 1),
        ("tur", 1),
    ],
)
def test_an_economy_is_found_by_name_and_by_both_codes(economy, found):
    assert len(WORLD.select(economy=economy, edition=2024).clusters) == found
    assert len(WORLD.select(economy=economy).clusters) == 2 * found


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"clusters": "san"}, "may be san-diego, san-jose-san-francisco: name one of"),
        ({"clusters": ["boston", "Osaka"]}, "no cluster 'Osaka' among the 8"),
        (
            {"clusters": "boston", "economy": "GB"},
            "no cluster 'boston' among the 1; there are cambridge",
        ),
        (
            {"edition": 2019},
            "no cluster of edition 2019 in the data: there is 2023, 2024, 2025",
        ),
        (
            {"economy": "Atlantis"},
            "no cluster of economy 'Atlantis' in the data: there is BR, CN/HK, GB, JP",
        ),
        (
            {"economy": "JP", "edition": 2023},
            "no cluster of economy 'JP' in the data: there is BR, CN/HK, GB, TR, US",
        ),
    ],
)
def test_a_wrong_selection_says_what_is_allowed(chosen, message):
    with pytest.raises(GiikitError, match=re.escape(message)):
        WORLD.select(**chosen)


def test_a_selection_cuts_every_table():
    cut = DS.select(clusters="qingdao")
    assert list(cut.clusters["cluster_id"]) == ["qingdao"]
    assert cut.organizations.empty
    assert cut.findings.empty
    assert list(cut.rankings["edition"]) == [2023, 2024]
    assert list(DS.select(edition=2023).rankings["edition"]) == [2023]
    assert list(DS.select(clusters="beijing").organizations["rank"]) == [1, 2]
    assert list(DS.select(edition=2023).clusters["edition"]) == [2023, 2023]


def test_a_selection_of_nothing_is_everything():
    stray = Finding(None, None, "2024/x.txt", "error", "not-a-profile", "no")
    ds = make_dataset([BEIJING, QINGDAO], findings=[stray])
    for (_, whole), (name, part) in zip(ds.items(), ds.select().items(), strict=True):
        pd.testing.assert_frame_equal(part, whole, obj=name)


@pytest.mark.parametrize(
    ("profiles", "message"),
    [
        ([ClusterProfile(edition=2024, cluster_id=None, cluster=None)], "has no edi"),
        ([QINGDAO, QINGDAO], r"'2024/qingdao\.txt' is not the only one of its edition"),
    ],
)
def test_profiles_without_a_key_of_their_own_make_no_dataset(profiles, message):
    with pytest.raises(GiikitError, match=message):
        make_dataset(profiles)


def test_the_cut_keeps_dtypes():
    for (_, whole), (name, part) in zip(
        DS.items(), DS.select(clusters=["qingdao"]).items(), strict=True
    ):
        assert list(part.dtypes) == list(whole.dtypes), name


def test_a_profile_comes_back_from_the_tables_as_it_went_in():
    assert select_profile(DS, "beijing") == BEIJING
    assert select_profile(DS, "qingdao") == QINGDAO


def test_a_finding_without_key_belongs_to_no_profile():
    stray = Finding(None, None, "2024/x.txt", "error", "not-a-profile", "no")
    ds = make_dataset([BEIJING, QINGDAO], findings=[stray])
    assert select_profile(ds, "beijing").findings == BEIJING.findings
    assert ds.select(clusters=["qingdao"]).findings.empty


@pytest.mark.parametrize("edition", ["2024", [2023, 2024], 2024.5])
def test_an_edition_that_is_no_year_is_refused(edition):
    ds = make_dataset([BEIJING, QINGDAO], [])
    for choose in (
        lambda: ds.select(edition=edition),
        lambda: select_edition(ds, edition),
    ):
        with pytest.raises(GiikitError, match="is no year: expected one, such as 2024"):
            choose()
