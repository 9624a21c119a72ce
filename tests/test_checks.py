"""A number that cannot be right is reported, and true pages are not."""

import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from generator.drawing import make_clusters
from generator.profiles import make_profile
from generator.rendering import render
from hypothesis import settings
from sampling import sample

from giikit.inference import check_dataset, estimate_quantities
from giikit.inference.bounds import find_common
from giikit.inference.faults import find_overtaken
from giikit.model import Collaboration
from giikit.parsing import parse_profile
from giikit.rankings import read_rankings
from giikit.tables import make_dataset, make_table

RAW = Path(__file__).parent / "pages/real/data/raw"
PAGES = {
    name: (RAW / "2024" / f"{name}.txt").read_text(encoding="utf-8")
    for name in ("beijing", "qingdao")
}
RANKING, SOURCES, _ = read_rankings(RAW)
QUIET = ("info", "chart-empty")


def check(*profiles, rankings=(), sources=()):
    """Return what the checks alone find."""
    ds = make_dataset(profiles, sources, rankings=rankings)
    return check_dataset(ds)


def check_pages(beijing=PAGES["beijing"], qingdao=PAGES["qingdao"]):
    """Return all findings on the two pages and the ranking, of reading and checking."""
    texts = {"beijing": beijing, "qingdao": qingdao}
    profiles = [parse_profile(t, f"2024/{name}.txt") for name, t in texts.items()]
    keyed = [p for p in profiles if p.edition and p.cluster_id]
    lost = [f for p in profiles if p not in keyed for f in p.findings]
    ds = make_dataset(keyed, SOURCES, lost, RANKING)
    return pd.concat([ds.findings, check_dataset(ds)])


def edit(page, old, new):
    assert PAGES[page].count(old) == 1
    return {page: PAGES[page].replace(old, new)}


def test_the_real_pages_and_the_ranking_contradict_nothing():
    findings = check_pages()
    assert set(zip(findings["severity"], findings["code"], strict=True)) == {QUIET}


@pytest.mark.parametrize("edition", [2018, 2025])
def test_many_true_pages_contradict_nothing(edition):
    count = settings.default.max_examples
    profiles = [
        parse_profile(render(cluster), f"{cluster.edition}/{number}.txt")
        for number, cluster in enumerate(make_clusters(4, count, edition=edition))
    ]
    ds = make_dataset(profiles)
    assert len(ds.clusters) == count
    deals = ds.clusters["vc_deals_per_million"].notna()
    assert (deals == (ds.clusters["edition"] >= 2025)).all()
    assert check(*profiles).empty
    assert not (ds.findings["severity"] == "error").any()


@pytest.mark.parametrize(
    ("page", "old", "new", "code", "message", "text"),
    [
        (
            "beijing",
            "9,607\t23%",
            "9,607\t3%",
            "share-total-mismatch",
            "no total of patents fits: 9,607 = 3% (BOE TECHNOLOGY) implies 274,486 to "
            "384,280; 3,777 = 9% (BEIJING XIAOMI MOBILE SOFTWARE) implies 39,758 to "
            "44,435; 1,223 = 3% (BEIJING BYTEDANCE NETWORK TECH.) implies 34,943 to "
            "48,920; they would agree if BOE TECHNOLOGY had 994 to 1,555 documents or "
            "21.62% to 24.16%",
            "9,607",
        ),
        (
            "qingdao",
            "732\t9%",
            "32\t9%",
            "share-total-mismatch",
            "they would agree if QINGDAO HAIER REFRIGERATOR had 714 to 826 documents",
            "32",
        ),
        (
            "beijing",
            "**15,893 scientific",
            "**5,893 scientific",
            "population-mismatch",
            "2,189 PCT applications per million imply 18,671,387 to 19,509,709 "
            "inhabitants, 5,893 scientific articles per million imply 48,508,187 to "
            "54,418,498: no population fits; they would agree if pct_per_million were "
            "751 to 880, or if articles_per_million were 14,653 to 17,174",
            "2,189",
        ),
        (
            "qingdao",
            "out of 26 Chinese",
            "out of 25 Chinese",
            "clusters-in-economy-mismatch",
            "clusters_in_economy is 25, but must be one of all pages of its "
            "economy: 25, 26",
            "25",
        ),
        (
            "qingdao",
            "within the top 100",
            "within the top 120",
            "clusters-listed-mismatch",
            "clusters_listed is 120, but must be one of all pages: 100, 120",
            "120",
        ),
        (
            "qingdao",
            "over the last five years",
            "over the last three years",
            "window-years-mismatch",
            "window_years is 3, but must be one of all pages: 3, 5",
            "three",
        ),
        (
            "qingdao",
            "20th largest",
            "3rd largest",
            "rank-duplicate",
            "size_rank 3 is also that of Beijing",
            "3rd",
        ),
        (
            "qingdao",
            "23rd S&T",
            "11th S&T",
            "rank-duplicate",
            "intensity_rank 11 is also that of Beijing",
            "11th",
        ),
        (
            "qingdao",
            "the eighth-ranked",
            "the second-ranked",
            "rank-duplicate",
            "rank_in_economy 2 is also that of Beijing",
            "second",
        ),
        (
            "qingdao",
            "the eighth-ranked",
            "the first-ranked",
            "economy-rank-order",
            "rank 1 in the economy does not go with rank 20 in the world: Beijing has "
            "2 and 3",
            "first",
        ),
        (
            "qingdao",
            "20th largest",
            "8th largest",
            "economy-rank-order",
            "rank 8 in the economy does not go with rank 8 in the world: Beijing has 2 "
            "and 3",
            "eighth",
        ),
        (
            "qingdao",
            "20th largest",
            "2nd largest",
            "economy-rank-order",
            "rank 8 in the economy does not go with rank 2 in the world: the first has "
            "1 and 1",
            "eighth",
        ),
        (
            "qingdao",
            "23rd S&T",
            "3rd S&T",
            "intensity-order",
            "intensity_rank 11 comes after 3 of Qingdao, lower in every output",
            "11th",
        ),
        (
            "qingdao",
            "20th largest",
            "2nd largest",
            "size-order",
            "size_rank 3 comes after 2 of Qingdao, lower in every output",
            "3rd",
        ),
        (
            "beijing",
            "**Los Angeles**",
            "**Los Angelos**",
            "partner-near-name",
            "Los Angelos is no known cluster, but close to Los Angeles, CA",
            "Los Angelos",
        ),
    ],
)
def test_a_contradiction_names_the_numbers_and_their_place(
    page, old, new, code, message, text
):
    pages = PAGES | edit(page, old, new)
    findings = check_pages(**pages)
    reported = findings[findings["code"] == code].itertuples()
    (finding,) = [f for f in reported if message in f.message]
    assert finding.severity == ("warning" if code == "partner-near-name" else "error")
    name = finding.cluster_id
    assert finding.source == f"2024/{name}.txt"
    line = pages[name].splitlines()[finding.line - 1]
    assert line[finding.start : finding.end] == text


def test_a_list_of_two_that_disagree_leaves_both_to_doubt():
    page = make_profile("a", patent=[("A", 960, "23%"), ("B", 3777, "9%")])
    (finding,) = check(page).itertuples()
    assert "agree if A had 8,946 to 10,442 documents" in finding.message
    assert ", or if B had 348 to 405 documents" in finding.message
    assert pd.isna(finding.line)


def test_a_count_above_the_total_of_the_others_needs_no_share():
    page = make_profile("a", patent=[("A", 9999, None), ("B", 65, "9%")])
    (finding,) = check(page).itertuples()
    assert finding.message == (
        "no total of patents fits: 9,999 = ? (A) implies 9,999 or more; 65 = 9% (B) "
        "implies 685 to 764; they would agree if A had 0 to 764 documents, or if B had "
        "850 or more documents or 0.00% to 0.65%"
    )


def test_two_faults_in_one_list_are_said_to_be_more_than_one():
    rows = [("A", 100, "50%"), ("B", 50, "10%"), ("C", 10, "9%"), ("D", 9, "1%")]
    (finding,) = check(make_profile("a", patent=rows)).itertuples()
    assert finding.message.endswith("; no single change would make them agree")


def test_a_list_without_counts_leaves_the_other_to_be_reported():
    rows = [("A", 960, "23%"), ("B", 3777, "9%")]
    page = make_profile("a", patent=rows, publication=[("P", None, "8%")])
    (finding,) = check(page).itertuples()
    assert finding.message.startswith("no total of patents fits")


@pytest.mark.parametrize(
    ("patents", "message"),
    [
        (
            {},
            "9,999 scientific articles per million imply 1,101 to 1,100: no "
            "population fits; they would agree if articles_per_million were 0 to "
            "11,008,349",
        ),
        (
            {"patent": [("B", 1, "9%")], "pct_per_million": 9999},
            "9,999 PCT applications per million imply 1,101 to 1,100 inhabitants, "
            "9,999 scientific articles per million imply 1,101 to 1,100: no "
            "population fits; no single change would make them agree",
        ),
    ],
)
def test_a_rate_may_fit_no_whole_number_of_inhabitants(patents, message):
    articles = {"publication": [("A", 1, "9%")], "articles_per_million": 9999}
    (finding,) = check(make_profile("a", **articles, **patents)).itertuples()
    assert (finding.code, finding.message) == ("population-mismatch", message)


def test_a_rate_of_zero_may_be_any_number_of_documents():
    page = make_profile(
        "a",
        patent=[("A", 500, "50%")],
        publication=[("P", 500, "50%")],
        pct_per_million=0,
        articles_per_million=9999,
    )
    (finding,) = check(page).itertuples()
    assert finding.code == "population-mismatch"
    assert "if pct_per_million were 9,810 or more, or if" in finding.message


def test_a_fault_on_one_page_of_many_is_reported_there_alone():
    pages = [make_profile(f"c{n}", clusters_in_economy=n // 4 + 3) for n in range(5)]
    (finding,) = check(*pages).itertuples()
    assert (finding.cluster_id, finding.code) == ("c4", "clusters-in-economy-mismatch")


def test_clusters_across_borders_have_no_economy_to_agree_with():
    pages = [
        make_profile(
            f"c{n}",
            economy_code=code,
            rank_in_economy=1,
            clusters_in_economy=n,
            size_rank=n,
        )
        for n, code in enumerate(["CH/DE/FR", "CH/DE/FR", None, None], 1)
    ]
    assert check(*pages).empty


def test_one_wrong_rank_gives_one_finding_not_one_for_every_other():
    pages = [
        make_profile(
            f"c{n}",
            pct_per_million=1000 - n,
            articles_per_million=1000 - n,
            intensity_rank=n or 20,
        )
        for n in range(20)
    ]
    (finding,) = check(*pages).itertuples()
    assert (finding.cluster_id, finding.code) == ("c0", "intensity-order")
    assert "20 comes after 1" in finding.message.replace("19 of C19 and 18 more", "1")


def test_of_clusters_that_share_a_rank_each_names_another():
    pages = [make_profile(f"c{n}", size_rank=1) for n in range(3)]
    assert [f.message for f in check(*pages).itertuples()] == [
        "size_rank 1 is also that of C2",
        "size_rank 1 is also that of C0",
        "size_rank 1 is also that of C0",
    ]


@pytest.mark.parametrize(
    ("overtaken", "message"), [(1, "2 of C1,"), (2, "3 of C2 and 1 more,")]
)
def test_what_is_overtaken_is_counted(overtaken, message):
    rates = [9, *range(overtaken, 0, -1)]
    pages = [
        make_profile(
            f"c{n}", pct_per_million=r, articles_per_million=r, intensity_rank=n + 1
        )
        for n, r in enumerate(rates)
    ]
    pages[0] = replace(pages[0], intensity_rank=overtaken + 2)
    (finding,) = check(*pages).itertuples()
    assert f"comes after {message} lower in every output" in finding.message


def test_venture_capital_counts_towards_the_intensity():
    rates = [(10, 10, 3.0), (9, 9, 5.0), (8, 8, 2.0)]
    pages = [
        make_profile(
            f"c{n}",
            edition=2025,
            pct_per_million=pct,
            articles_per_million=articles,
            vc_deals_per_million=deals,
            intensity_rank=rank,
        )
        for n, ((pct, articles, deals), rank) in enumerate(
            zip(rates, (2, 3, 1), strict=True)
        )
    ]
    (finding,) = check(*pages).itertuples()
    assert (finding.cluster_id, finding.code) == ("c1", "intensity-order")


@pytest.mark.parametrize(
    ("partner", "known", "near"),
    [
        ("Bejing", "Beijing", True),
        ("San Jose–San Fransisco", "San Jose–San Francisco, CA", True),
        ("Shenzen-Hong Kong-Guangzou", "Shenzhen–Hong Kong–Guangzhou", True),
        ("Tokyo", "Tokyo–Yokohama", True),
        ("New York City", "New York, NY", True),
        ("Xian", "Xi'an", False),
        ("Fuzhou", "Xuzhou", False),
        ("Changzhou", "Hangzhou", False),
        ("Valencia", "Vienna", False),
        ("Rio de Janeiro", "Beijing", False),
    ],
)
def test_only_a_misspelled_partner_is_near_a_cluster(partner, known, near):
    page = make_profile("a")
    row = make_table("collaborations").columns
    slug = re.sub("[^a-z]+", "-", partner.lower())
    assert list(row[2:]) == ["output", "position", "partner", "partner_id"]
    collaboration = Collaboration(2024, "a", "patent", 1, partner, slug)
    other = replace(make_profile(slug_of(known)), cluster=known)
    findings = check(replace(page, collaborations=(collaboration,)), other)
    assert list(findings["code"]) == ["partner-near-name"] * near
    assert list(findings["severity"]) == ["warning"] * near


def test_a_word_that_many_clusters_share_hides_no_misspelling():
    names = [f"San {chr(97 + n % 26) * 3}{chr(97 + n // 26) * 4}" for n in range(90)]
    known = [replace(make_profile(slug_of(n)), cluster=n) for n in names]
    partner = Collaboration(2024, "a", "patent", 1, "San aabbbb", "san-aabbbb")
    page = replace(make_profile("a"), collaborations=(partner,))
    (finding,) = check(page, *known).itertuples()
    assert "San aabbbb is no known cluster, but close to San aaabbbb" in finding.message


def slug_of(name):
    from giikit.names import make_cluster_id

    return make_cluster_id(name)


def change_ranking(row, **values):
    """Return the published ranking with other values in one row."""
    columns = make_table("rankings").columns
    rows = [list(r) for r in RANKING]
    for name, value in values.items():
        rows[row][list(columns).index(name)] = value
    return rows


@pytest.mark.parametrize(
    ("row", "values", "code", "message"),
    [
        (
            3,
            {"pct_applications": 8067},
            "ranking-share-mismatch",
            "8,067 pct_applications and their share imply 264,492 to 273,457 in the "
            "world, other rows 1,255,350 to 1,256,376",
        ),
        (
            3,
            {"publication_share": 0.007},
            "ranking-share-mismatch",
            "279,485 scientific_publications and their share imply",
        ),
        (
            3,
            {"total_share": 0.048},
            "ranking-total-mismatch",
            "total_share is 4.80%, but counts imply 6.77% to 6.78%",
        ),
        (
            3,
            {"total_share": 0.086},
            "ranking-total-mismatch",
            "total_share is 8.60%, but counts imply 6.77% to 6.78%",
        ),
        (
            3,
            {"rank_change": 1},
            "rank-change-mismatch",
            "rank_change is 1, from 3 to 4",
        ),
        (
            3,
            {"rank": 3, "rank_change": 0},
            "rank-duplicate",
            "3 is also that of Seoul",
        ),
        (
            3,
            {"rank": 40, "rank_change": -37},
            "ranking-order",
            "rank 40 comes after 34 of Tehran and 29 more",
        ),
    ],
)
def test_a_ranking_row_that_disagrees_is_reported(row, values, code, message):
    rows = change_ranking(row, **values)
    findings = check(rankings=rows, sources=SOURCES)
    found = [
        f for f in findings.itertuples() if f.code == code and message in f.message
    ]
    assert found
    assert {f.severity for f in found} == {"error"}
    assert {f.source for f in found} == {"rankings/gii-2023-size.csv"}
    assert {f.edition for f in found} == {2023}


@pytest.mark.parametrize("column", ["pct_applications", "scientific_publications"])
@pytest.mark.parametrize(("row", "times"), [(0, 0.99), (1, 1.01), (2, 1.02), (3, 0.98)])
def test_a_wrong_count_in_a_ranking_is_not_blamed_on_other_rows(column, row, times):
    at = list(make_table("rankings").columns).index(column)
    rows = change_ranking(row, **{column: round(RANKING[row][at] * times)})
    named = list(check(rankings=rows)["cluster_id"])
    # Two rows may contradict each other, and nothing else tell which of them is wrong.
    assert len(set(named)) <= 2
    assert not named or RANKING[row][1] in named


def test_of_two_tables_of_an_edition_none_is_blamed():
    sources = [*SOURCES, SOURCES[0]._replace(source="rankings/gii-2023-more.csv")]
    (finding,) = check(
        rankings=change_ranking(3, rank_change=1), sources=sources
    ).itertuples()
    assert pd.isna(finding.source)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((3, 41_500, 301_300), None),
        ((None, None, None), None),
        ((4, 41_500, 301_300), "size_rank: the page has 3, the ranking has 4"),
        (
            (3, 40_800, 300_000),
            "pct_applications: the page implies 40,881 to 42,697, the ranking has "
            "40,800",
        ),
        (
            (3, 42_000, 321_000),
            "scientific_publications: the page implies 285,883 to 320,661, the "
            "ranking has 321,000",
        ),
    ],
)
def test_a_page_is_held_against_its_row_in_the_ranking(row, message):
    page = parse_profile(PAGES["beijing"], "2024/beijing.txt")
    name = ("Beijing", "CN")
    ranking = [(2024, "beijing", "size", 2024, *name, *row, *[None] * 7)]
    ranking += [
        (2023, "beijing", "size", 2023, *name, 9, 9, 9, *[None] * 7),
        (2024, "beijing", "size", 2023, *name, 9, 9, 9, *[None] * 7),
        (2024, "beijing", "intensity", 2024, *name, 9, 9, 9, *[None] * 7),
    ]
    found = check(page, rankings=ranking)
    expected = [("ranking-differs", "warning", "2024/beijing.txt", message)]
    columns = ["code", "severity", "source", "message"]
    assert list(found[columns].itertuples(index=False)) == expected[: bool(message)]


def test_counts_of_a_ranking_that_imply_two_populations_are_named():
    page = parse_profile(PAGES["beijing"], "2024/beijing.txt")
    name = ("Beijing", "CN", 3, 41_500, 290_000)
    row = (2024, "beijing", "size", 2024, *name, *[None] * 7)
    (finding,) = check(page, rankings=[row]).itertuples()
    assert (finding.severity, finding.code) == ("error", "population-mismatch")
    assert finding.message == (
        "2,189 PCT applications per million (41,500 in the ranking) imply 18,954,100 "
        "to 18,962,759 inhabitants, 15,893 scientific articles per million (290,000 in "
        "the ranking) imply 18,246,453 to 18,247,601: no population fits; they would "
        "agree if pct_per_million were 2,274 to 2,274, or if articles_per_million were "
        "15,293 to 15,300"
    )


def test_a_page_without_an_upper_bound_is_held_to_the_lower():
    page = make_profile("a", patent=[("A", 100, "<1%")])
    (finding,) = check(
        page, rankings=[(2024, "a", "size", 2024, "A", None, None, 9_999, *[None] * 8)]
    ).itertuples()
    assert "the page implies 10,000 or more" in finding.message


def test_a_ranking_by_a_method_of_three_outputs_is_not_held_to_two():
    rows = change_ranking(3, total_share=0.12, rank=40, rank_change=-37)
    assert check(rankings=[(2025, r[1], r[2], 2025, *r[4:]) for r in rows]).empty
    by_two = check(rankings=[(2025, r[1], r[2], 2024, *r[4:]) for r in rows])
    assert set(by_two["code"]) == {"ranking-total-mismatch", "ranking-order"}


def test_the_common_interval_is_that_of_most():
    low, high = np.array([1.0, 2, 3, 90, np.nan]), np.array([9.0, 8, 7, np.inf, 5])
    assert find_common(low, high) == (3, 7)
    assert np.isnan(find_common(low[4:], high[4:])).all()
    assert find_common(low[:2], np.array([np.nan, np.nan])) == (2, np.inf)
    assert find_common(np.array([2.0, 1]), np.array([3.0, 0])) == (2, 3)
    assert find_common(low[:1], low[:1]) == (1, 1)


def test_a_ranking_without_shares_is_held_to_its_ranks_alone():
    rows = [[*r[:10], *[None] * 4, *r[14:]] for r in change_ranking(3, rank=3)]
    codes = set(check(rankings=rows, sources=SOURCES)["code"])
    assert codes == {"rank-duplicate", "rank-change-mismatch"}


def test_overtaking_needs_a_surely_higher_value_in_every_column():
    rank = np.array([1.0, 2, 3, 4, np.nan])
    low = np.array([[5.0, 6, 4, 5, 9], [5, 6, 9, 5, 9]])
    assert find_overtaken(rank, low, low) == {1: [0]}
    assert find_overtaken(rank, low, low + 1) == {}
    assert find_overtaken(np.ones(5), low, low) == {}
    missing = np.array([[4.0, np.nan, 5], [4, 6, 5]])
    assert find_overtaken(rank[:3], missing, missing) == {2: [0]}


COUNTED = (None, 0, 1, 65, 9607, 10**12, 10**17)
SHARES = (None, "0%", "<1%", "0.4%", "9%", "23%", "50%", "100%")


def draw_page(rng, number):
    """Return a profile of numbers that the tables allow, whatever they say together."""

    def draw_list():
        names = rng.choices("ABCDE", k=rng.randrange(5))
        return [(name, rng.choice(COUNTED), rng.choice(SHARES)) for name in names]

    columns = {
        **dict.fromkeys(("pct_per_million", "articles_per_million"), COUNTED),
        **dict.fromkeys(("size_rank", "intensity_rank"), (None, 1, 2, 3, 10**17)),
        **dict.fromkeys(("rank_in_economy", "clusters_in_economy"), (None, 1, 2, 26)),
        "vc_deals_per_million": (None, None, None, 0.4),
        "economy_code": (None, "CN", "CN/HK"),
    }
    return make_profile(
        f"c{number}",
        edition=rng.choice((2024, 2025)),
        patent=draw_list(),
        publication=draw_list(),
        together=(rng.choice(SHARES), rng.choice(SHARES)),
        **{name: rng.choice(values) for name, values in columns.items()},
    )


def draw_ranking(rng, number):
    """Return a row of a ranking, alike."""
    counts, shares = (None, 0, 65, 38067, 10**9), (None, 0.0, 0.005, 0.101, 1.0)
    numbers = [rng.choice(kind) for kind in [counts] * 3 + [shares] * 4]
    ranks = [rng.choice((None, 1, 2)) for _ in range(3)]
    table = rng.choice(("size", "intensity")), rng.choice((2024, 2025))
    key = (rng.choice((2024, 2025)), f"c{number}", *table, f"C{number}", None, ranks[0])
    return (*key, *numbers, *ranks[1:])


@pytest.mark.parametrize("seed", sample(range(20), every=4))
def test_no_numbers_that_the_tables_allow_stop_the_checks(seed):
    rng = random.Random(seed)
    pages = [draw_page(rng, n) for n in range(rng.randrange(6))]
    rows = [draw_ranking(rng, n) for n in range(rng.randrange(6))]
    ds = make_dataset(pages, rankings=rows)
    check_dataset(replace(ds, estimates=estimate_quantities(ds)))


def change_edition(profile, edition):
    """Return a profile as one of another edition."""
    lists = ("organizations", "collaborations", "technology_fields", "observations")
    rows = {
        name: tuple(row._replace(edition=edition) for row in getattr(profile, name))
        for name in lists
    }
    return replace(profile, edition=edition, **rows)


def test_the_loss_of_a_digit_goes_unnoticed_in_a_collaboration_share_only():
    pages = {name: parse_profile(text) for name, text in PAGES.items()}
    digits = [(n, d) for n, page in PAGES.items() for d in re.finditer("[0-9]", page)]
    unread, editions = {}, []
    for number, (name, digit) in enumerate(digits, start=1000):
        text = PAGES[name]
        changed = parse_profile(text[: digit.start()] + text[digit.end() :])
        if all(f.severity == "info" for f in changed.findings):
            unread[number] = name, digit
            # Each pair of pages, one of them changed, is checked as an edition.
            pair = {**pages, name: changed}.values()
            editions += [change_edition(page, number) for page in pair]
    noticed = set(check(*editions)["edition"])
    silent = []
    for name, digit in [unread[number] for number in unread if number not in noticed]:
        before, rest = PAGES[name][: digit.start()], PAGES[name][digit.start() :]
        start = before.rfind("\n") + 1
        silent.append(f"{name}: {before[start:]}[{rest[0]}]{rest[1:4]}")
    # docs/method.md lists these, with the reason.
    assert silent == [
        "beijing: [1]7% ",
        "beijing: 1[7]% o",
        "beijing: [6]3% ",
        "beijing: 6[3]% o",
        "qingdao: [6]3% ",
        "qingdao: 6[3]% o",
    ]
    assert len(digits) == 154
    assert len(silent) / len(digits) < 0.05
