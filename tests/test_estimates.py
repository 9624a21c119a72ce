"""Intervals hold the truth, and no narrower interval would."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import floor
from pathlib import Path

import pytest
from generator.profiles import BEIJING, QINGDAO, make_profile
from hypothesis import given, settings
from hypothesis import strategies as st

from giikit.inference import estimate_quantities, estimate_world_totals
from giikit.rankings import read_rankings
from giikit.tables import make_dataset, make_table
from giikit.vocabulary import OUTPUTS

RAW = Path(__file__).parent / "pages/real/data/raw"


def estimate(*profiles, rankings=()):
    """Return the intervals by cluster, quantity and output; None: no upper bound."""
    table = estimate_quantities(make_dataset(profiles, rankings=rankings))
    table = table.astype(object).where(table.notna(), None)
    return {
        (row.cluster_id, row.quantity, row.output): (row.low, row.high)
        for row in table.itertuples()
    }


@cache
def estimate_real():
    return estimate(
        make_profile("beijing", **BEIJING), make_profile("qingdao", **QINGDAO)
    )


@pytest.fixture(scope="module")
def ranking():
    return make_table("rankings", read_rankings(RAW)[0])


@pytest.mark.parametrize(
    ("cluster", "quantity", "output", "low", "high"),
    [
        ("beijing", "total", "patent", 40_881, 42_697),
        ("beijing", "total", "publication", 285_883, 320_661),
        ("beijing", "population", "patent", 18_671_387, 19_509_709),
        ("beijing", "population", "publication", 17_987_417, 20_176_875),
        ("beijing", "population", None, 18_671_387, 19_509_709),
        ("beijing", "collaborative_documents", "patent", 6_746, 7_471),
        ("qingdao", "total", "patent", 8_391, 8_611),
        ("qingdao", "total", "publication", 46_276, 48_118),
        ("qingdao", "population", None, 4_815_495, 4_944_587),
        ("qingdao", "collaborative_documents", "patent", 126, 215),
    ],
)
def test_the_real_pages_imply_these_whole_numbers(cluster, quantity, output, low, high):
    assert estimate_real()[cluster, quantity, output] == (low, high)


def test_one_profile_is_estimated_without_a_dataset():
    page = make_profile("beijing", **BEIJING)
    alone = estimate_quantities(page)
    assert alone.equals(estimate_quantities(make_dataset([page])))


@pytest.mark.parametrize(
    ("quantity", "output", "low", "high"),
    [
        ("top3_share", "patent", 14_607 / 42_697, 14_607 / 40_881),
        ("top3_share", "publication", 66_581 / 320_661, 66_581 / 285_883),
        (
            "hhi",
            "patent",
            (9607**2 + 3777**2 + 1223**2) / 42_697**2,
            (9607**2 + 3777**2 + 1223**2 + (40_881 - 14_607) * 1223) / 40_881**2,
        ),
        ("patents_per_100_articles", None, 218_850 / 15_893.5, 218_950 / 15_892.5),
    ],
)
def test_the_page_of_beijing_implies_these_fractions(quantity, output, low, high):
    assert estimate_real()["beijing", quantity, output] == pytest.approx((low, high))


def test_the_published_total_of_sao_paulo_lies_in_its_interval():
    page = make_profile("sao-paulo", patent=[("BRASKEM", 65, "9%")])
    assert estimate(page)["sao-paulo", "total", "patent"] == (685, 764)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1%", 6_667, 20_000),
        ("0.4%", 22_223, 28_571),
        ("<1%", 10_000, None),
        ("<0.5%", 20_000, None),
        ("≤ 0.5 %", 20_000, None),
        ("0%", 20_000, None),
        (None, 100, None),
        ("100%", 100, 100),
    ],
)
def test_a_total_follows_from_the_text_of_the_share(text, low, high):
    page = make_profile("a", patent=[("A", 100, text)])
    assert estimate(page)["a", "total", "patent"] == (low, high)


def test_no_more_is_made_together_than_is_made():
    page = make_profile("a", patent=[("A", 100, "50%")], together=("100%", None))
    assert estimate(page)["a", "collaborative_documents", "patent"] == (199, 202)


def test_both_ends_of_a_rounded_share_are_included():
    page = make_profile("a", patent=[("A", 1, "12%")], publication=[("A", 1, "13%")])
    implied = estimate(page)
    assert implied["a", "total", "patent"] == implied["a", "total", "publication"]
    assert implied["a", "total", "patent"] == (8, 8)


def test_numbers_that_contradict_leave_an_empty_interval_and_nothing_more():
    page = make_profile(
        "a", patent=[("A", 960, "23%"), ("B", 3777, "9%")], pct_per_million=2189
    )
    table = estimate_quantities(make_dataset([page]))
    assert list(table["quantity"]) == ["total"]
    assert (table["low"] > table["high"]).all()
    assert not table["consistent"].any()


def test_shares_of_no_documents_contradict():
    page = make_profile("a", patent=[("A", 0, "5%")])
    assert not estimate_quantities(make_dataset([page]))["consistent"].any()


def test_populations_that_do_not_meet_leave_an_empty_overlap():
    page = make_profile("beijing", **(BEIJING | {"pct_per_million": 189}))
    table = estimate_quantities(make_dataset([page])).fillna({"output": ""})
    assert list(table[~table["consistent"]]["quantity"]) == [
        "population",
        "patents_per_100_articles",
    ]


@pytest.mark.parametrize(
    ("listed", "share", "hhi"),
    [
        ([50], (0.5, 1), (0.25, 0.5)),
        ([50, 10], (0.6, 0.7), (0.26, 0.30)),
        ([50, 10, 10, 10], (0.7, 0.7), (0.28, 0.30)),
        ([20, 60, 10], (0.9, 0.9), (0.41, 0.42)),
        ([5, 60, 20, 10], (0.9, 0.9), (0.4125, 0.415)),
    ],
)
def test_any_number_of_listed_organizations_bounds_concentration(listed, share, hhi):
    rows = [(f"O{n}-{i}", n, f"{n}.00%") for i, n in enumerate(listed)]
    page = make_profile("a", patent=rows)
    implied = estimate(page)
    assert implied["a", "total", "patent"] == (100, 100)
    assert implied["a", "top3_share", "patent"] == pytest.approx(share)
    assert implied["a", "hhi", "patent"] == pytest.approx(hhi)


def test_an_unreadable_count_gives_no_concentration():
    page = make_profile("a", patent=[("A", 65, "9%"), ("B", None, "8%")])
    assert set(estimate(page)) == {("a", "total", "patent")}


@pytest.mark.parametrize(("ranks", "bounded"), [((1, 1), True), ((1, 3), False)])
def test_a_row_missing_above_the_last_gives_no_concentration(ranks, bounded):
    page = make_profile("a", patent=[("A", 65, "9%"), ("B", 58, "8%")])
    listed = zip(page.organizations, ranks, strict=True)
    rows = tuple(row._replace(rank=rank) for row, rank in listed)
    implied = estimate(replace(page, organizations=rows))
    assert (("a", "top3_share", "patent") in implied) == bounded
    assert (("a", "hhi", "patent") in implied) == bounded
    assert ("a", "total", "patent") in implied


def test_an_organization_listed_twice_keeps_its_own_texts():
    page = make_profile("a", patent=[("A", 100, "1%"), ("A", 100, "0.9%")])
    assert estimate(page)["a", "total", "patent"] == (10_527, 11_764)


def test_a_share_without_its_text_is_read_by_its_digits():
    page = make_profile("a", patent=[("A", 100, "0.4%"), ("B", 100, "1%")])
    bare = replace(page, observations=())
    assert estimate(bare) == estimate(page)


@pytest.mark.parametrize(
    ("text", "step", "total"),
    [("<1 per cent", 0.01, (10_000, None)), ("<1.2.3%", None, (100, None))],
)
def test_only_a_bound_that_was_read_bounds_the_total(text, step, total):
    page = make_profile("a", patent=[("A", 100, "<1%")])
    seen = page.observations[0]._replace(text=text, resolution=step)
    implied = estimate(replace(page, observations=(seen,)))
    assert implied["a", "total", "patent"] == total


def test_counts_too_large_for_exact_arithmetic_bound_nothing():
    page = make_profile("a", patent=[("A", 10**15, "9%")], pct_per_million=5)
    low, high = estimate(page)["a", "total", "patent"]
    assert (low, high) == (10**15, None)
    # Someone lives there: nothing may be divided by a population of none.
    assert estimate(page)["a", "population", "patent"] == (1, None)


def test_no_page_implies_nothing():
    assert estimate_quantities(make_dataset([])).empty


def test_all_ranking_rows_together_bound_the_world_totals(ranking):
    totals = estimate_world_totals(ranking).to_dict("records")
    assert totals == [
        {"edition": 2023, "output": "patent", "low": 1_255_350, "high": 1_256_376},
        {"edition": 2023, "output": "publication", "low": 7_452_934, "high": 7_472_195},
    ]


def test_counts_alone_put_the_ranking_in_its_published_order(ranking):
    totals = estimate_world_totals(ranking).set_index("output")
    counts = ranking[["pct_applications", "scientific_publications"]].to_numpy()
    # Whatever the two totals: their ratio decides, and is extreme at these.
    for ends in (("low", "high"), ("high", "low")):
        world = [totals.loc[o, e] for o, e in zip(OUTPUTS, ends, strict=True)]
        scores = ranking.assign(score=(counts / world).sum(axis=1))
        ordered = scores.sort_values("score", ascending=False)
        assert list(ordered["rank"]) == list(range(1, 35))


def test_rows_that_share_no_total_give_none(ranking):
    ranking.loc[0, "pct_applications"] = 27_418
    totals = estimate_world_totals(ranking).set_index("output")
    assert totals.loc["patent", ["low", "high"]].isna().all()
    assert totals.loc["publication", "low"] == 7_452_934


def test_a_row_that_is_the_whole_world_gives_its_total():
    row = (2023, "a", "size", 2023, "A", None, 1, 100, 100, None)
    row += (1.0, 1.0, None, 2.0, None, None)
    totals = estimate_world_totals(make_table("rankings", [row]))
    assert totals[["low", "high"]].to_numpy().tolist() == [[100, 100], [100, 100]]


def test_intensity_needs_world_totals_of_its_own_edition():
    rows = read_rankings(RAW)[0]
    pages = [make_profile("beijing", edition=e, **BEIJING) for e in (2023, 2024)]
    table = estimate_quantities(make_dataset(pages, rankings=rows))
    intensity = table[table["quantity"] == "intensity_score"]
    assert list(intensity["edition"]) == [2023]
    low = 100 * (2188.5 / 1_256_376 + 15_892.5 / 7_472_195)
    high = 100 * (2189.5 / 1_255_350 + 15_893.5 / 7_452_934)
    assert list(intensity[["low", "high"]].iloc[0]) == pytest.approx([low, high])


MEXICO = {
    "edition": 2025,
    "economy_code": "MX",
    "pct_per_million": 15,
    "articles_per_million": 1190,
    "vc_deals_per_million": 39.0,
    "publication": [("UNAM", 4000, "20%")],
}


def rank(cluster, counts, shares, edition=2025, kind="size"):
    """Return a row of a ranking."""
    key = (edition, cluster, kind, edition, cluster.title(), None, None)
    return (*key, *counts, *shares, None, None, None)


def test_the_three_outputs_of_mexico_city_meet_in_one_population():
    page = make_profile("mexico-city", **MEXICO)
    row = rank("mexico-city", (251, None, 672), (None, None, None))
    implied = estimate(page, rankings=[row])
    name = "mexico-city"
    assert implied[name, "population", "patent"] == (16_193_549, 17_310_344)
    assert implied[name, "population", "publication"] == (16_390_593, 17_244_220)
    assert implied[name, "population", "venture_capital"] == (17_012_659, 17_454_545)
    assert implied[name, "population", None] == (17_012_659, 17_244_220)
    assert implied[name, "total", "venture_capital"] == (655, 681)


def test_the_deals_of_a_cluster_follow_from_its_population():
    page = make_profile("tehran", vc_deals_per_million=0.4, **QINGDAO)
    # 4.8 to 4.9 million inhabitants, 0.35 to 0.45 deals for each million.
    assert estimate(page)["tehran", "total", "venture_capital"] == (2, 2)
    table = estimate_quantities(page)
    deals = table[table["output"] == "venture_capital"]
    assert deals[["quantity", "unit"]].to_numpy().tolist() == [["total", "deals"]]
    assert ("tehran", "population", "venture_capital") not in estimate(page)


def test_a_count_of_the_ranking_narrows_the_population_of_its_output():
    page = make_profile("qingdao", **QINGDAO)
    row = rank("qingdao", (8500, None, None), (None,) * 3, edition=2024)
    implied = estimate(page, rankings=[row])
    assert implied["qingdao", "total", "patent"] == (8_391, 8_611)
    assert implied["qingdao", "population", "patent"] == (4_878_049, 4_880_849)
    assert implied["qingdao", "population", None] == (4_878_049, 4_880_849)


@pytest.mark.parametrize(
    ("edition", "kind", "count"),
    [(2023, "size", 8500), (2024, "intensity", 8500), (2024, "size", 9999)],
)
def test_other_counts_leave_the_population_as_the_page_implies_it(edition, kind, count):
    page = make_profile("qingdao", **QINGDAO)
    row = rank("qingdao", (count, None, None), (None,) * 3, edition, kind)
    assert estimate(page, rankings=[row]) == estimate(page)


def test_the_intensity_score_is_of_as_many_outputs_as_the_method():
    shares = (0.101, 0.051, 0.021)
    two, three = (
        [rank("a", (100, 500, deals), (*shares[:2], share), edition)]
        for edition, deals, share in [(2024, None, None), (2025, 40, shares[2])]
    )
    old = make_profile("b", vc_deals_per_million=31.0, **BEIJING)
    new = replace(old, edition=2025)
    low, high = estimate(old, rankings=two)["b", "intensity_score", None]
    # 986 to 995 patents and 9,709 to 9,900 articles in the world.
    assert low == pytest.approx(100 * (2188.5 / 995 + 15_892.5 / 9900))
    least, most = estimate(new, rankings=three)["b", "intensity_score", None]
    # 1,861 to 1,951 deals.
    assert least == pytest.approx(low + 100 * 30.5 / 1951)
    assert most == pytest.approx(high + 100 * 31.5 / 1861)
    assert ("b", "intensity_score", None) not in estimate(new, rankings=two)


def round_half(value, even):
    """Round a fraction to a whole number, ties up or to even."""
    return round(value) if even else floor(value + Fraction(1, 2))


def print_share(documents, total, decimals, even, below):
    """Print a share as a page would; with ``below``, as less than the first step."""
    steps = 10 ** (2 + decimals)
    if below and documents * steps < total:
        return f"<{Decimal(1).scaleb(-decimals)}%"
    rounded = round_half(Fraction(documents * steps, total), even)
    return f"{Decimal(rounded).scaleb(-decimals)}%"


@st.composite
def truths(draw):
    """Draw one output of a cluster: every document has its organization."""
    listed = sorted(
        (draw(st.integers(1, 30_000)) for _ in range(draw(st.integers(1, 4)))),
        reverse=True,
    )
    rest = draw(st.integers(0, 300_000))
    others = draw(st.integers(1, listed[-1]))
    full, last = divmod(rest, others)
    total = sum(listed) + rest
    return {
        "total": total,
        "listed": listed,
        "squares": sum(n**2 for n in listed) + full * others**2 + last**2,
        "top3": sum((listed + [others] * min(full, 3) + [last])[:3]),
        "together": draw(st.integers(0, total)),
        "decimals": draw(st.integers(0, 1)),
    }


def write_profile(number, truth):
    """Print a true cluster."""
    both, population, even, below, deals, _ = truth
    printed, together = {}, []
    for output, one in zip(("patent", "publication"), both, strict=True):
        how = (one["total"], one["decimals"], even, below)
        printed[output] = [
            (f"O{i}", n, print_share(n, *how)) for i, n in enumerate(one["listed"])
        ]
        together.append(print_share(one["together"], *how))
    totals = [*(one["total"] for one in both), deals]
    rates = [round_half(Fraction(n * 10**6, population), even) for n in totals]
    return make_profile(
        f"c{number:03}",
        edition=2025,
        vc_deals_per_million=float(rates[2]),
        pct_per_million=rates[0],
        articles_per_million=rates[1],
        together=tuple(together),
        **printed,
    )


def write_ranking(world, counts, even, clusters):
    """Print a true ranking of one edition, without the shares of some clusters."""
    rows = []
    for number, (both, _, _, _, deals, published) in enumerate(clusters):
        if published:
            key = (2025, f"c{number:03}", "size", 2025, f"C{number}", None, None)
            rows.append((*key, *(one["total"] for one in both), deals, *[None] * 3))
    for number, pair in enumerate(counts):
        shares = [
            round_half(Fraction(1000 * n, total), even) / 1000
            for n, total in zip(pair, world, strict=True)
        ]
        key = (2025, f"w{number}", "size", 2025, f"W{number}", None, None)
        rows.append((*key, *pair, *shares))
    return [(*row, None, None, None) for row in rows]


ROWS = st.lists(
    st.tuples(st.integers(0, 130_000), st.integers(0, 280_000), st.integers(0, 9000)),
    min_size=1,
    max_size=9,
)
WORLD = st.tuples(*(st.integers(n, 10**7) for n in (420_004, 420_004, 9000)))
CLUSTER = st.tuples(
    st.tuples(truths(), truths()),
    st.integers(20_000, 40_000_000),
    st.booleans(),
    st.booleans(),
    st.integers(0, 9000),
    st.booleans(),
)


# Of 50 clusters each: estimating a frame costs the same for 1 as for 50.
@settings(max_examples=settings.default.max_examples // 20)
@given(st.lists(CLUSTER, min_size=50, max_size=50), WORLD, ROWS, st.booleans())
def test_the_truth_lies_in_every_interval_and_the_ends_are_reached(
    clusters, world, counts, even
):
    profiles = [write_profile(i, truth) for i, truth in enumerate(clusters)]
    table = estimate(*profiles, rankings=write_ranking(world, counts, even, clusters))
    for page, truth in zip(profiles, clusters, strict=True):
        both, population, _, _, deals, published = truth
        totals = [both[0]["total"], both[1]["total"], deals]
        implied = {k[1:]: v for k, v in table.items() if k[0] == page.cluster_id}
        true = {
            ("population", None): population,
            ("patents_per_100_articles", None): Fraction(
                100 * both[0]["total"], both[1]["total"]
            ),
            ("intensity_score", None): sum(
                Fraction(100 * 10**6 * total, population * all_)
                for total, all_ in zip(totals, world, strict=True)
            ),
            ("total", "venture_capital"): deals,
        }
        for output, one in zip(("patent", "publication"), both, strict=True):
            total = one["total"]
            true |= {
                ("total", output): total,
                ("population", output): population,
                ("top3_share", output): Fraction(one["top3"], total),
                ("hhi", output): Fraction(one["squares"], total**2),
                ("collaborative_documents", output): one["together"],
            }
            assert_total_is_tight(page, output, *implied["total", output])
            if not published:
                assert_population_is_tight(page, output, implied)
        if published:
            true["population", "venture_capital"] = population
        assert set(implied) == set(true)
        for key, value in true.items():
            low, high = implied[key]
            assert low <= value, key
            assert high is None or value <= high, key


def prints(page, output, total):
    """Tell if a total gives every printed share of the output, rounded either way."""
    texts = {
        o.entity: o
        for o in page.observations
        if (o.indicator, o.output) == ("share", output)
    }
    for row in page.organizations:
        if row.output != output:
            continue
        seen = texts[row.organization]
        share, step = Fraction(row.documents, total), Fraction(str(seen.resolution))
        if seen.value is None:
            fits = share <= step
        else:
            # A tie may go either way: up, to even, or (23/40 in floating point) down.
            fits = abs(share - Fraction(str(seen.value))) <= step / 2
        if not fits or share > 1:
            return False
    return True


def assert_total_is_tight(page, output, low, high):
    assert prints(page, output, int(low))
    assert low == 1 or not prints(page, output, int(low) - 1)
    if high is not None:
        assert prints(page, output, int(high))
        assert not prints(page, output, int(high) + 1)


def assert_population_is_tight(page, output, implied):
    totals = implied["total", output]
    rate = page.pct_per_million if output == "patent" else page.articles_per_million
    for total, end, outside in zip(
        totals, implied["population", output], (-1, 1), strict=True
    ):
        if end is None or end < rate:  # fewer inhabitants than documents per million
            continue
        assert abs(Fraction(int(total) * 10**6, int(end)) - rate) <= Fraction(1, 2)
        beyond = Fraction(int(total) * 10**6, int(end) + outside) - rate
        assert outside * beyond < Fraction(-1, 2)
