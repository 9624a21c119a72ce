import pytest

from giikit.errors import GiikitError
from giikit.findings import Finding
from giikit.model import ClusterProfile, Organization
from giikit.tables import (
    make_dataset,
    select_cluster,
    select_clusters,
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
    ],
)
def test_a_cluster_is_found_by_id_or_name(cluster, edition, expected):
    assert select_cluster(DS, cluster, edition) == expected


def test_a_cluster_without_rank_comes_last():
    ds = make_dataset([make_profile(2024, "a", None), QINGDAO])
    assert select_cluster(ds) == (2024, "qingdao")
    assert list(select_edition(ds)["cluster_id"]) == ["qingdao", "a"]


@pytest.mark.parametrize(
    ("cluster", "edition", "message"),
    [
        ("bejing", 0, r"no cluster 'bejing' among the 3; near: beijing"),
        ("xian", 2024, r"no cluster 'xian' among the 2 of edition 2024; there are "),
        ("osaka", 0, r"no cluster 'osaka' among the 3; there are beijing, qing"),
        ("xi", 0, r"no cluster 'xi' among the 3; near: xian$"),
        ("", 2019, r"no profile of edition 2019: there is 2023, 2024 \(0: the newest"),
    ],
)
def test_a_wrong_choice_says_what_there_is(cluster, edition, message):
    with pytest.raises(GiikitError, match=message):
        select_cluster(DS, cluster, edition)
    with pytest.raises(GiikitError, match=r"no (cluster|profile)"):
        select_clusters(DS, [cluster], edition or 2024)


def test_an_empty_dataset_asks_for_pages():
    with pytest.raises(GiikitError, match="save pages below data/raw"):
        select_cluster(make_dataset([]))


def test_clusters_are_cut_in_every_table_but_other_editions_of_rankings():
    cut = select_clusters(DS, ["qingdao"])
    assert list(cut.clusters["cluster_id"]) == ["qingdao"]
    assert cut.organizations.empty
    assert cut.findings.empty
    assert list(cut.rankings["edition"]) == [2023, 2024]
    assert list(select_clusters(DS, "beijing").organizations["rank"]) == [1, 2]
    assert len(select_clusters(DS).clusters) == 2
    assert list(select_clusters(DS, edition=2023).clusters["edition"]) == [2023, 2023]


def test_the_cut_keeps_dtypes():
    for (_, whole), (name, part) in zip(
        DS.items(), select_clusters(DS, ["qingdao"]).items(), strict=True
    ):
        assert list(part.dtypes) == list(whole.dtypes), name


def test_a_profile_comes_back_from_the_tables_as_it_went_in():
    assert select_profile(DS, "beijing") == BEIJING
    assert select_profile(DS, "qingdao") == QINGDAO


def test_a_finding_without_key_belongs_to_no_profile():
    stray = Finding(None, None, "2024/x.txt", "error", "not-a-profile", "no")
    ds = make_dataset([BEIJING, QINGDAO], findings=[stray])
    assert select_profile(ds, "beijing").findings == BEIJING.findings
    assert select_clusters(ds, ["qingdao"]).findings.empty
