"""The figures: what is drawn, described and labelled, on whatever data."""

import random
import re
from dataclasses import replace

import matplotlib.pyplot as plt
import pytest

from giikit import plots
from giikit.errors import GiikitError
from giikit.model import ClusterProfile, Collaboration, Organization
from giikit.names import make_cluster_id
from giikit.plots.report import make_picture
from giikit.tables import make_dataset, make_table

ONE = ["organizations", "partners", "standing", "implied"]
MANY = ["scatter", "balance", "economies", "concentration", "populations"]
MANY += ["collaborations", "world_map"]
OVER = ["ranks", "rank_changes"]
COLUMNS = ["size_rank", "intensity_rank", "pct_per_million", "articles_per_million"]
# Output, quantity and bounds of Beijing and Qingdao 2024.
BOUNDS = {
    "Beijing": {
        ("patent", "total"): (40881, 42697),
        ("publication", "total"): (285883, 320661),
        ("patent", "population"): (18671387, 19509709),
        ("publication", "population"): (17987417, 20176875),
        (None, "population"): (18671387, 19509709),
        ("patent", "top3_share"): (0.342, 0.357),
        ("publication", "top3_share"): (0.208, 0.233),
        ("patent", "hhi"): (0.059, 0.084),
        ("publication", "hhi"): (0.014, 0.074),
    },
    "Qingdao": {(None, "population"): (4815495, 4944587)},
}
APPLICANTS = [
    ("BOE TECHNOLOGY", 9607, 0.23),
    ("BEIJING XIAOMI MOBILE SOFTWARE", 3777, 0.09),
]
PUBLISHERS = [("UNIV. OF CHINESE ACADEMY OF SCIENCES", 20843, 0.07)]
PUBLISHED = (2023, "beijing", "size", 2023, "Beijing", "CN", 4, 38067, 279485, None)


def make_profile(
    name,
    numbers=(),
    listed=(),
    partners=(),
    shares=(None, None),
    *,
    edition=2024,
    economy=("China", "CN"),
):
    key = (edition, make_cluster_id(name))
    return ClusterProfile(
        edition=edition,
        cluster_id=key[1],
        cluster=name,
        economy=economy[0],
        economy_code=economy[1],
        source=f"{edition}/{key[1]}.txt",
        patent_collaboration_share=shares[0],
        publication_collaboration_share=shares[1],
        organizations=tuple(
            Organization(*key, output, i + 1, *row)
            for output, rows in zip(("patent", "publication"), listed, strict=False)
            for i, row in enumerate(rows)
        ),
        collaborations=tuple(
            Collaboration(*key, output, i + 1, partner, make_cluster_id(partner))
            for output, names in zip(("patent", "publication"), partners, strict=False)
            for i, partner in enumerate(names)
        ),
        **dict(zip(COLUMNS, numbers, strict=False)),
    )


def make_data(profiles, bounds, consistent=True, rankings=()):
    rows = [
        (2024, make_cluster_id(name), output, quantity, *pair, "documents", consistent)
        for name, estimates in bounds.items()
        for (output, quantity), pair in estimates.items()
    ]
    ds = make_dataset(profiles, rankings=rankings)
    return replace(ds, estimates=make_table("estimates", rows))


BEIJING = make_profile(
    "Beijing",
    (3, 11, 2189, 15893),
    (APPLICANTS, PUBLISHERS),
    (["Tokyo–Yokohama", "Los Angeles"], ["Shenzhen–Hong Kong–Guangzhou"]),
    (0.17, 0.63),
)
QINGDAO = make_profile(
    "Qingdao", (20, 23, 1742, 9697), (), (["Beijing", "Tokyo-Yokohama"],), (0.02, None)
)
DS = make_data(
    [BEIJING, QINGDAO], BOUNDS, rankings=[(*PUBLISHED, 0.03, 0.037, None, 0.068, 3, -1)]
)


def make_many(n=60, seed=3):
    """Many clusters with long names, ranks and rates that spread widely."""
    rng = random.Random(seed)
    ranks = rng.sample(range(1, n + 1), n)
    names = [f"Shenzhen–Hong Kong–Guangzhou {i}" for i in range(n)]
    partners = [f"Frankfurt am Main {i}" for i in range(60)]
    return make_data(
        [
            make_profile(
                name,
                (i + 1, ranks[i], int(10 ** rng.uniform(1, 4)), rng.randint(9, 90000)),
                (APPLICANTS, PUBLISHERS),
                (rng.sample(partners, 3), rng.sample(partners, 3)),
                (rng.random(), rng.random()),
            )
            for i, name in enumerate(names)
        ],
        {name: BOUNDS["Beijing"] for name in names},
    )


LONG = make_data(
    [
        make_profile(
            f"{letter} {'WIDE NAME ' * 30}",
            (1, 2, 3, 4),
            ([("W" * 300, 3, 0.3)],),
            (["PARTNER WITH A LONG NAME " * 8] * 6,),
            (0.1, None),
        )
        for letter in "ABCDEFGHIJKLMN"
    ],
    {},
)
EMPTY = make_data([make_profile("Nowhere")], {})
CROWD = make_many()


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def list_shown(ax):
    """Return the texts that are seen in the axes, the names of rows included."""
    texts = [*ax.texts, *ax.get_yticklabels(), *ax.get_xticklabels()]
    return [t for t in texts if t.get_visible() and t.get_text()]


def overlap(texts):
    boxes = [text.get_window_extent() for text in texts]
    return [
        (texts[i].get_text(), texts[j].get_text())
        for i in range(len(boxes))
        for j in range(i)
        if boxes[i].overlaps(boxes[j])
    ]


def test_tab_shows_the_plots_alone():
    assert dir(plots) == sorted(ONE + MANY + OVER)
    assert all(callable(getattr(plots, name)) for name in dir(plots))


@pytest.mark.parametrize(
    "ds", [DS, EMPTY, CROWD, LONG], ids=["two", "empty", "many", "long"]
)
@pytest.mark.parametrize("name", ONE + MANY + OVER)
def test_every_picture_is_described_on_any_data(name, ds):
    picture = make_picture(getattr(plots, name), ds)
    title, said = picture.alt.split(". ", 1)
    assert title
    assert "2024" in picture.alt or (name in OVER and ds is EMPTY)
    assert "nan" not in picture.alt.lower()
    assert len(said) > 5


@pytest.mark.parametrize("name", ONE + MANY + OVER)
def test_a_plot_draws_on_the_axes_given_and_sets_no_title(name):
    figure, axes = plt.subplots(1, 2)
    drawn = getattr(plots, name)(DS, ax=axes[0])
    assert drawn is axes[0]
    assert drawn.get_title() == ""
    figure.canvas.draw()
    assert not axes[1].has_data()


@pytest.mark.parametrize("name", ONE + MANY + OVER)
def test_without_axes_the_current_ones_are_drawn_on(name):
    _, axes = plt.subplots(1, 2)
    assert getattr(plots, name)(DS) is axes[1]


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("organizations", {}, ["BOE TECHNOLOGY 9,607 · 23%"]),
        ("organizations", {"output": "publication"}, ["ACADEMY OF SCIENCES 20,843"]),
        ("partners", {}, ["17% of PCT applications, most with Tokyo–Yokohama"]),
        ("standing", {}, ["World rank by size: 3, among 2 clusters"]),
        ("standing", {"measure": "intensity_rank"}, ["World rank by intensity: 11"]),
        ("implied", {}, ["PCT applications 40,881 – 42,697", "GII 2023 38,067"]),
        ("implied", {"quantity": "population"}, ["all together 18.67 – 19.51"]),
        ("implied", {"quantity": "hhi"}, ["PCT applications 0.059 – 0.084"]),
        ("scatter", {}, ["Beijing: World rank by size 3, World rank by intensity 11"]),
        ("economies", {}, ["China 2"]),
        ("concentration", {}, ["Beijing: PCT applications 34 – 36"]),
        ("concentration", {}, ["Qingdao: PCT applications no bounds"]),
        ("populations", {}, ["all together 18.67 – 19.51", "together 4.82 – 4.94"]),
        ("collaborations", {}, ["Tokyo-Yokohama (2), Beijing (1)"]),
        ("world_map", {}, ["2 of 2 clusters"]),
        ("ranks", {}, ["Only edition 2024 has values"]),
    ],
)
def test_the_alternative_text_tells_the_numbers(name, options, words):
    picture = make_picture(getattr(plots, name), DS, **options)
    for part in words:
        assert part in picture.alt


@pytest.mark.parametrize(
    ("name", "options", "allowed"),
    [
        ("organizations", {"output": "patents"}, "patent, publication"),
        ("standing", {"measure": "size"}, "size_rank, intensity_rank"),
        ("scatter", {"y": "size"}, "size_rank, intensity_rank"),
        ("scatter", {"hue": "red"}, "economy, economy_code"),
        ("implied", {"quantity": "sum"}, "total, population, top3_share"),
        ("rank_changes", {"measure": "pct_per_million"}, "size_rank, intensity_rank"),
        ("balance", {"edition": 1999}, "2024"),
        ("scatter", {"clusters": "bejing"}, "near: beijing"),
        ("organizations", {"cluster": "bejing"}, "near: beijing"),
        ("ranks", {"clusters": ["bejing"]}, "near: beijing"),
    ],
)
def test_a_wrong_name_says_what_is_allowed(name, options, allowed):
    with pytest.raises(GiikitError, match=re.escape(allowed)):
        getattr(plots, name)(DS, **options)
