"""The figures: what is drawn, described and labelled, on whatever data."""

import json
import math
import os
import random
import re
import subprocess
import sys
import zlib
from base64 import b64decode
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import product
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
import seaborn as sns
from matplotlib.font_manager import FontProperties
from PIL import Image, ImageDraw
from sampling import sample

import giikit
from giikit import plots
from giikit.errors import GiikitError
from giikit.model import ClusterProfile, Collaboration, Observation, Organization
from giikit.names import make_cluster_id
from giikit.plots import drawing
from giikit.plots.maps import find_places
from giikit.plots.report import make_picture
from giikit.tables import make_dataset, make_table

ONE = ["organizations", "partners", "standing", "implied"]
MANY = ["scatter", "balance", "economies", "concentration", "populations"]
MANY += ["collaborations", "world_map"]
OVER = ["ranks", "rank_changes"]
ALL = ONE + MANY + OVER
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


def make_many(n=36, seed=3):
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


def make_long():
    """Names of clusters, organizations and partners that no axes have room for."""
    return make_data(
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


NAMES = ["Seoul", "Beijing", "Shanghai–Suzhou", "Nanjing", "Wuhan", "Hangzhou"]
NAMES += ["Paris", "London", "Munich", "Cologne", "Zürich", "Madrid"]
NAMES += [
    "Milan",
    "Berlin",
    "Stuttgart",
    "Eindhoven",
    "Taipei–Hsinchu",
    "Tokyo–Yokohama",
]
NAMES += ["Osaka–Kobe–Kyoto", "Daejeon", "Nagoya", "Singapore", "Delhi"]
NUMBERS = {n: (i + 1, 7 * i % 23 + 1, 900 - 7 * i, 50 * i) for i, n in enumerate(NAMES)}


def make_real():
    """Real names, ranked by size as they stand."""
    rows = NUMBERS.items()
    return make_data([make_profile(n, row, economy=("", None)) for n, row in rows], {})


@cache
def get_data(name):
    """Return the data of a name, made when they are first asked for."""
    if name == "two":
        return DS
    if name == "empty":
        return make_data([make_profile("Nowhere")], {})
    makers = {"many": make_many, "long": make_long, "real": make_real}
    return (makers | {"hundred": make_hundred})[name]()


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def list_shown(ax):
    """Return the texts that are seen in the axes, the names of rows included."""
    low, high = sorted(ax.get_ylim())
    rows = [t.label1 for t in ax.yaxis.majorTicks if low <= t.get_loc() <= high]
    heads = [tick.label2 for tick in ax.xaxis.majorTicks]
    texts = [*ax.texts, *rows, *heads]
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
    assert dir(plots) == sorted(ALL)
    assert all(callable(getattr(plots, name)) for name in dir(plots))


@cache
def draw_picture(name, data):
    """Return the picture of a plot, and the figure that was drawn for it."""
    plot, drawn = getattr(plots, name), []

    def watch(*args, **options):
        drawn.append(plot(*args, **options))

    picture = make_picture(watch, get_data(data))
    return picture, drawn[0].figure


@pytest.mark.parametrize("data", ["two", "empty", "many", "long"])
@pytest.mark.parametrize("name", ALL)
def test_every_picture_is_described_on_any_data(name, data):
    picture, _ = draw_picture(name, data)
    title, said = picture.alt.split(". ", 1)
    assert title
    assert "2024" in picture.alt or (name in OVER and data == "empty")
    assert "nan" not in picture.alt.lower()
    assert len(said) > 5


@pytest.mark.parametrize("name", ALL)
def test_a_plot_draws_on_the_axes_given_and_sets_no_title(name):
    figure, axes = plt.subplots(1, 2)
    drawn = getattr(plots, name)(DS, ax=axes[0])
    assert drawn is axes[0]
    assert drawn.get_title() == ""
    figure.draw_without_rendering()
    assert not axes[1].has_data()


@pytest.mark.parametrize("name", ALL)
def test_without_axes_the_current_ones_are_drawn_on(name):
    _, axes = plt.subplots(1, 2)
    assert getattr(plots, name)(DS) is axes[1]


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("organizations", {}, ["BOE TECHNOLOGY 9,607 · 23%"]),
        ("organizations", {"output": "publication"}, ["ACADEMY OF SCIENCES 20,843"]),
        (
            "partners",
            {},
            ["PCT applications made with others: 17%, most with Tokyo–Yokohama"],
        ),
        ("standing", {}, ["World rank by size: 3, among 2 clusters"]),
        ("standing", {"measure": "intensity_rank"}, ["World rank by intensity: 11"]),
        ("implied", {}, ["PCT applications 40,881 – 42,697", "GII 2023 38,067"]),
        ("implied", {"quantity": "population"}, ["All together 18.67 – 19.51"]),
        ("implied", {"quantity": "hhi"}, ["PCT applications 0.059 – 0.084"]),
        ("scatter", {}, ["Beijing: World rank by size 3, World rank by intensity 11"]),
        ("economies", {}, ["China 2"]),
        ("concentration", {}, ["Beijing: PCT applications 34 – 36"]),
        ("concentration", {}, ["Qingdao: PCT applications no bounds"]),
        ("populations", {}, ["All together 18.67 – 19.51", "together 4.81 – 4.95"]),
        ("collaborations", {}, ["Tokyo-Yokohama (2), Beijing (1)"]),
        ("world_map", {}, ["2 of 2 clusters"]),
        ("ranks", {}, ["Beijing 4, 3"]),
        ("ranks", {"measure": "pct_per_million"}, ["Only edition 2024 has values"]),
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


@pytest.mark.parametrize(
    ("name", "args", "options", "words"),
    [
        ("economies", [DS, "beijing"], {}, "it takes ds, edition, ax"),
        ("economies", [DS], {"clusters": "beijing"}, "it takes ds, edition, ax"),
        ("scatter", [None], {}, "a dataset or its table is expected, not None"),
        ("implied", [DS.clusters], {}, "a dataset is expected, not a DataFrame"),
        ("scatter", [DS, 5], {}, "a list of names is expected, not 5"),
        ("standing", [DS, None], {}, "one cluster is expected, not None"),
        ("ranks", [DS], {"editions": 2024}, "a list of years is expected, not 2024"),
        ("scatter", [DS], {"ax": [1]}, "one matplotlib Axes is expected, not [1]"),
        ("organizations", [DS.clusters], {}, "needs 'output', which is no column of"),
        ("scatter", [DS.organizations], {}, "it has edition, cluster_id, output, rank"),
    ],
)
def test_what_a_plot_cannot_draw_is_refused_in_words(name, args, options, words):
    with pytest.raises(GiikitError, match=re.escape(words)):
        getattr(plots, name)(*args, **options)


def draw_pixels(figure):
    figure.canvas.draw()
    return bytes(figure.canvas.buffer_rgba())


def test_four_plots_share_a_figure_with_titles_and_a_theme_of_ones_own():
    with mpl.rc_context():
        sns.set_theme("paper", style="darkgrid", rc={"text.color": "purple"})
        figure, axes = plt.subplots(2, 2, figsize=(9, 7))
        clusters = get_data("many").clusters
        chinese = clusters[clusters["economy"] == "China"]
        plots.organizations(DS, "beijing", ax=axes[0, 0])
        plots.scatter(chinese, hue="economy", ax=axes[0, 1])
        plots.standing(DS.clusters, "beijing", ax=axes[1, 0])
        plots.balance(DS, ["qingdao"], ax=axes[1, 1])
        for number, ax in enumerate(axes.flat):
            ax.set_title(f"Mine {number}")
        axes[0, 1].get_legend().set_title("Of China")
        figure.tight_layout()
        figure.draw_without_rendering()
    assert [ax.get_title() for ax in axes.flat] == [f"Mine {n}" for n in range(4)]
    assert axes[0, 1].get_legend().get_title().get_text() == "Of China"
    for ax in axes.flat:
        assert ax.get_facecolor() == mpl.colors.to_rgba("#EAEAF2")
        for text in [t for t in ax.texts if t.get_visible()]:
            box, inside = text.get_window_extent(), ax.get_tightbbox()
            assert inside.x0 - 1 <= box.x0 <= box.x1 <= figure.bbox.x1
            if text.get_color() not in (drawing.GREY, drawing.RED):
                assert text.get_color() == "purple"


@pytest.mark.parametrize(
    ("name", "size"), sample(product(ONE + MANY, [(5, 4), (9, 6)]), every=2)
)
def test_names_are_cut_to_the_axes_whatever_their_size(name, size):
    figure, axes = plt.subplots(2, 2, figsize=size)
    ax = getattr(plots, name)(get_data("long"), ax=axes[0, 0])
    figure.draw_without_rendering()
    for text in [t for t in ax.texts if t.get_visible()]:
        box = text.get_window_extent()
        assert ax.bbox.x0 - 2 < box.x0 < box.x1 < ax.bbox.x1 + 2, text.get_text()


def test_a_frame_filtered_by_economy_is_drawn():
    clusters = replace_economies(get_data("many")).clusters
    japanese = clusters[clusters["economy"] == "Japan"]
    ax = plots.scatter(japanese)
    assert ax.collections[0].get_offsets().shape == (len(japanese), 2)
    assert len(japanese) == 18


def replace_economies(ds):
    """Every second cluster in Japan."""
    economies = ["China", "Japan"] * (len(ds.clusters) // 2)
    return replace(ds, clusters=ds.clusters.assign(economy=economies))


@pytest.mark.parametrize("name", ["scatter", "balance", "economies", "standing"])
def test_an_empty_frame_is_said_in_words(name):
    ax = getattr(plots, name)(DS.clusters[:0])
    assert [t.get_text() for t in ax.texts] == ["No cluster to show"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("organizations", "Top PCT applicants: none listed"),
        ("standing", "World rank by size: not given for any cluster"),
        ("implied", "Number of documents: too few numbers"),
        ("scatter", "No cluster has both: World rank by size"),
        ("balance", "nothing to compare"),
        ("concentration", "too few numbers"),
        ("populations", "too few numbers"),
        ("collaborations", "No page names a partner"),
        ("ranks", "No edition has values: there is nothing to compare"),
        ("rank_changes", "No edition has values: there is nothing to compare"),
    ],
)
def test_what_cannot_be_shown_is_said_on_the_axes(name, words):
    ax = getattr(plots, name)(get_data("empty"))
    assert words in " ".join(ax.texts[0].get_text().split())


def test_an_organization_without_share_keeps_its_row():
    bare = make_profile("Bare", (), ([("A", None, None), ("B", 5, None)],))
    picture = make_picture(plots.organizations, make_data([bare], {}))
    assert "A not given · not given; B 5 · not given" in picture.alt


def test_a_share_that_is_only_bounded_is_shown_as_printed():
    key, place = (2024, "small"), ("2024/small.txt", 1, 0, 3)
    seen = (*key, "share", "patent", 1, "A", None, "<1%", "fraction", 0.01, *place)
    profile = make_profile("Small", (), ([("A", 3, None)],))
    profile = replace(profile, observations=(Observation(*seen),))
    picture = make_picture(plots.organizations, make_data([profile], {}))
    assert "A 3 · <1%" in picture.alt


def test_further_keywords_reach_the_artist():
    ax = plots.organizations(DS, "beijing", color="red")
    assert ax.patches[0].get_facecolor() == mpl.colors.to_rgba("red")
    assert plots.scatter(DS, s=77).collections[0].get_sizes()[0] == 77


@pytest.mark.parametrize(
    ("name", "odd"),
    sample(product(ALL, [r"A$^2$_B\frac{1} $x_i$ <b>&", "$x$", "_a$\\"]), every=3),
)
def test_page_text_is_never_a_formula(name, odd):
    economy = (odd, None)
    profiles = [
        make_profile(
            odd,
            (1, 1, 1, 1),
            ([(odd, 1, 0.1)],),
            ([odd],),
            (0.1, None),
            edition=edition,
            economy=economy,
        )
        for edition in (2024, 2025)
    ]
    profiles.append(make_profile(odd + "b", (2, 2, 2, 2), economy=economy))
    profiles.append(make_profile("y", (3, 3, 3, 3), edition=2025, economy=economy))
    ds = make_data(profiles, {odd: BOUNDS["Beijing"]})
    options = {"hue": "economy"} if name == "scatter" else {}
    figure, ax = plt.subplots()
    getattr(plots, name)(ds, ax=ax, **options)
    ax.set_title("")
    figure.draw_without_rendering()
    shown = list_shown(ax)
    assert not any(t.get_parse_math() for t in shown if "$" in t.get_text())
    if legend := ax.get_legend():
        assert not any(t.get_parse_math() for t in legend.get_texts())
    picture = make_picture(getattr(plots, name), ds, **options)
    assert picture.png


def test_the_source_line_names_each_edition_that_is_drawn(built, monkeypatch):
    drawn = []
    write = ImageDraw.ImageDraw.text

    def keep(image, at, text, *args):
        drawn.append(text)
        return write(image, at, text, *args)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", keep)
    ds = giikit.load_dataset(built / "data")  # pages of 2024, a ranking of 2023
    make_picture(plots.implied, ds, "beijing", quantity="total")
    make_picture(plots.implied, ds, "beijing", quantity="population")
    sources = [text.split(";")[0] for text in drawn if text.startswith("Source")]
    name = "Source: WIPO, Global Innovation Index"
    assert sources == [f"{name} 2023, 2024", f"{name} 2024"]


def test_text_that_the_font_lacks_is_transliterated():
    shown = drawing.make_drawable("東京 Zürich\n–\tŁódź")
    assert shown == "DongJing Zürich – Łódź"


def test_a_long_text_is_cut_to_its_room():
    font = FontProperties(size=8.5)
    for text in ("x" * 3000, "W" * 120, "Wi " * 90):
        drawn = drawing.make_drawable(text, font, 6)
        assert drawn.endswith("…")
        assert 5.8 < drawing.measure_text(drawn, font) <= 6
    assert drawing.make_drawable("i" * 90, font, 6) == "i" * 90
    lines = drawing.make_drawable("Wi " * 400, font, 6, 3).split("\n")
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(drawing.measure_text(line, font) <= 6 for line in lines)


def test_contradictions_are_shown_in_red_and_draw_no_interval():
    ds = make_data([BEIJING], {"Beijing": BOUNDS["Beijing"]}, consistent=False)
    for name in ("implied", "populations", "concentration"):
        ax = getattr(plots, name)(ds)
        red = [t for t in ax.texts if t.get_color() == drawing.RED]
        assert red
        assert all("contradiction" in t.get_text() for t in red)
        assert not any(line.get_xdata().size for line in ax.lines)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (12, 34, "12 – 34"),
        (20, 20.0, "20"),
        (20, 20.1, "20 – 21"),
        (2.0, None, "at least 2"),
        (None, 0.0, "at most 0"),
        (None, None, "no bounds"),
    ],
)
def test_an_interval_is_told_in_words(low, high, words):
    bounds = {"Beijing": {("patent", "total"): (low, high)}}
    ax = plots.implied(make_data([BEIJING], bounds))
    assert [t.get_text() for t in ax.texts] == [words]


def test_a_population_of_one_output_is_in_view_and_told():
    alone = {("publication", "population"): (17987417, 20176875)}
    bounds = {"Beijing": alone, "Qingdao": BOUNDS["Qingdao"]}
    ax = plots.populations(make_data([BEIJING, QINGDAO], bounds))
    texts = " ".join(t.get_text() for t in ax.texts)
    assert "17.98 – 20.18" in texts
    assert "4.81 – 4.95" in texts
    left, right = ax.get_xlim()
    assert left < 4.82 < 20.18 < right


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("concentration", "PCT applications · Scientific articles"),
        ("populations", "All together"),
    ],
)
def test_numbers_of_several_outputs_have_a_heading(name, heading):
    figure, ax = plt.subplots(figsize=(7, 4))
    getattr(plots, name)(DS, ax=ax)
    figure.draw_without_rendering()
    (found,) = [text for text in ax.texts if text.get_text() == heading]
    names = [tick.label1 for tick in ax.yaxis.majorTicks]
    assert found.get_window_extent().y0 > names[0].get_window_extent().y1


def test_clusters_that_cannot_be_placed_are_counted():
    ds = make_data([BEIJING, make_profile("Xian", (None, 3, 5, 5))], {})
    assert "not shown: 1 without both values" in plots.scatter(ds).get_xlabel()
    rates = {"x": "articles_per_million", "y": "pct_per_million"}
    plt.clf()
    assert "not shown" not in plots.scatter(ds, **rates).get_xlabel()


@pytest.mark.parametrize("name", ["scatter", "standing", "world_map"])
@pytest.mark.parametrize("size", [(7, 5), (4, 3)])
def test_labels_overlap_neither_each_other_nor_other_dots(name, size):
    figure, ax = plt.subplots(figsize=size)
    getattr(plots, name)(get_data("real"), "seoul", ax=ax)
    figure.draw_without_rendering()
    labels = [t for t in ax.texts if t.get_visible() and t.get_text() in NAMES]
    assert len(labels) > 5 or name == "standing"
    assert not overlap(labels)
    dots = ax.transData.transform(drawn_dots(ax))
    for label in labels:
        box = label.get_window_extent()
        assert not any(box.contains(*dot) for dot in dots)
        assert ax.bbox.x0 <= box.x0
        assert box.x1 <= ax.bbox.x1


def drawn_dots(ax):
    offsets = [c.get_offsets() for c in ax.collections if len(c.get_offsets()) > 1]
    lines = [line.get_xydata() for line in ax.lines if line.get_marker() == "o"]
    return [dot for dots in [*offsets, *lines] for dot in dots]


def test_the_first_labels_are_those_highlighted_and_the_extremes():
    figure, ax = plt.subplots(figsize=(7, 5))
    rates = {"x": "articles_per_million", "y": "pct_per_million"}
    chosen = get_data("many").clusters["cluster"][7]
    plots.scatter(get_data("many"), chosen, ax=ax, **rates)
    figure.draw_without_rendering()
    values = (
        get_data("many")
        .clusters.set_index("cluster")[list(rates.values())]
        .astype(float)
    )
    extremes = {*values.idxmax(), *values.idxmin()}
    texts = [t for t in ax.texts if "Shenzhen" in t.get_text()]
    assert texts[0].get_text() == chosen
    assert texts[0].get_fontweight() == "bold"
    assert {t.get_text() for t in texts[1:4]} <= extremes
    assert all(t.get_visible() for t in texts[:4])
    assert sum(t.get_visible() for t in texts) <= 30


def test_a_label_that_finds_no_room_at_its_dot_is_led_to_by_a_line():
    figure, ax = plt.subplots()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    crowd = [(0.5 + i / 400, 0.5 + j / 300) for i in range(-9, 9) for j in range(-9, 9)]
    drawing.label_points(ax, [(0.5, 0.5, "in the crowd")], crowd, first=1)
    drawing.label_points(ax, [(0.5, 0.5, "too much")], crowd, first=0)
    figure.draw_without_rendering()
    assert [t.get_visible() for t in ax.texts] == [True, False]
    ((start, end),) = ax.collections[0].get_segments()
    assert tuple(start) == tuple(ax.transData.transform((0.5, 0.5)))
    box = ax.texts[0].get_window_extent().padded(6)
    assert box.contains(*end)


def test_drawing_again_changes_nothing():
    figure, ax = plt.subplots()
    plots.scatter(get_data("many"), ax=ax)
    assert draw_pixels(figure) == draw_pixels(figure)
    figure.canvas.draw()
    assert not figure.stale


@pytest.mark.parametrize("n", [2, 24, 40])
def test_names_of_partners_do_not_overlap(n):
    ds = make_many(n)
    figure, ax = plt.subplots(figsize=(7, 5))
    plots.collaborations(ds, ax=ax)
    figure.draw_without_rendering()
    heads = [tick.label1 for tick in ax.xaxis.majorTicks]
    shown = [tick.label2 for tick in ax.xaxis.majorTicks if tick.label2.get_visible()]
    assert not any(t.get_visible() for t in heads)
    assert len(shown) > 5
    assert not overlap(shown)


def test_rarely_named_partners_share_a_column():
    ax = plots.collaborations(get_data("many"))
    heads = [tick.label2.get_text() for tick in ax.xaxis.majorTicks]
    others = len(set(get_data("many").collaborations["partner_id"])) - 40
    assert len(heads) == 41
    assert heads[-1].startswith(f"{others} others (")


def test_rates_are_logarithmic_only_where_they_spread():
    rates = {"x": "articles_per_million", "y": "pct_per_million"}
    assert plots.scatter(get_data("many"), **rates).get_xscale() == "log"
    plt.clf()
    assert plots.scatter(DS, **rates).get_xscale() == "linear"


def test_balance_orders_from_patents_to_articles_and_draws_zero_at_the_edge():
    rates = {"Mid": (100, 1000), "Pat": (300, 1000), "Art": (100, 9000), "Nil": (0, 10)}
    ranks = enumerate(rates.items(), 1)
    profiles = [make_profile(name, (i, i, *rate)) for i, (name, rate) in ranks]
    ax = plots.balance(make_data(profiles, {}))
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert names.index("Pat") < names.index("Mid") < names.index("Art")
    patents = ax.collections[1].get_offsets()
    assert patents[names.index("Pat")][0] == 3
    assert patents[names.index("Nil")][0] == ax.get_xlim()[0]
    assert "none at all" in " ".join(ax.get_xlabel().split())


def test_economies_count_what_is_in_the_data_of_what_the_pages_say():
    profiles = [
        replace(make_profile(name, economy=economy), clusters_in_economy=of)
        for name, economy, of in [
            ("A", ("China", "CN"), 26),
            ("B", ("China and Hong Kong, China", "CN/HK"), 26),
            ("C", ("Japan", "JP"), 1),
            ("D", (None, None), None),
        ]
    ]
    ax = plots.economies(make_data(profiles, {}))
    assert [t.get_text() for t in ax.get_yticklabels()] == ["China", "Japan"]
    assert [t.get_text() for t in ax.texts] == ["2 of 26", "1"]
    assert "in its first economy" in ax.get_xlabel()


@pytest.mark.parametrize(
    ("name", "codes", "found"),
    [
        ("Tokyo-Yokohama", "JP", 2),
        ("Tokyo–Yokohama", None, 2),
        ("San Jose–San Francisco", None, 2),
        ("Xi’an", "CN", 1),
        ("Zurich", "CH", 1),
        ("Cambridge", "GB", 1),
        ("Cambridge", "US", 1),
        ("Yokohama–Tokyo", None, 2),
        ("Tokyo–Atlantis", "JP", 0),
        ("Tokyo", "BR", 0),
        ("Valencia", None, 0),
        ("", None, 0),
    ],
)
def test_a_name_is_placed_whole_or_not_at_all(name, codes, found):
    assert len(find_places(name, codes)) == found


def test_cambridge_is_where_its_economy_is():
    assert find_places("Cambridge", "GB")[0][0] > -1
    assert find_places("Cambridge", "US")[0][0] < -71


def test_a_map_lists_what_it_cannot_place():
    ds = make_data(
        [BEIJING, make_profile("Atlantis", (1, 1, 1, 1), partners=(["Lemuria"],))], {}
    )
    of_all = make_picture(plots.world_map, ds).alt
    assert "1 of 2 clusters on the map; No place is known of Atlantis" in of_all
    of_one = make_picture(plots.world_map, ds, "atlantis").alt
    assert "No place is known of Atlantis, Lemuria" in of_one
    assert "clusters on the map" not in of_one


def test_a_map_leads_from_one_cluster_to_its_partners():
    ax = plots.world_map(DS, "beijing")
    lines = [line.get_xydata() for line in ax.lines]
    assert len(lines) == 3
    assert all(tuple(line[0]) == find_places("Beijing")[0] for line in lines)
    plt.clf()
    assert not plots.world_map(DS, ["beijing", "qingdao"]).lines


def make_editions():
    rows = {
        2023: {"Alpha": 1, "Beta": 2, "Gamma": 3, "Old": 4, "Nil": None},
        2024: {"Alpha": 2, "Beta": 1, "Gamma": 3, "Old": 4},
        2025: {"Beta": 1, "Alpha": 2, "New": 3, "Gamma": 4},
    }
    return make_data(
        [
            make_profile(name, (rank,), edition=edition)
            for edition, names in rows.items()
            for name, rank in names.items()
        ],
        {},
    )


def test_rank_changes_tell_who_rose_fell_entered_and_left():
    clusters = make_editions().clusters
    picture = make_picture(plots.rank_changes, clusters)
    assert picture.alt == (
        "Slope chart of GII 2024 to 2025: World rank by size. entered: New; left: Old; "
        "down: Gamma 3 to 4; unchanged: Beta, Alpha."
    )
    picture = make_picture(plots.rank_changes, clusters, editions=(2023, 2024))
    assert "up: Beta 2 to 1; down: Alpha 1 to 2; unchanged: Gamma, Old" in picture.alt
    years = (2023, 2024, 2025)
    picture = make_picture(plots.rank_changes, clusters, editions=years)
    assert "GII 2023 to 2025" in picture.alt
    assert "up in 2024: Beta 2 to 1; down in 2024: Alpha 1 to 2" in picture.alt
    assert "left in 2025: Old" in picture.alt


def rank_row(edition, name, rank, method=None):
    key = (edition, make_cluster_id(name), "size", method or edition, name, "CN", rank)
    return (*key, *[None] * 9)


def test_ranking_tables_are_followed_by_their_own_method_where_pages_lack():
    rows = [
        rank_row(2023, "Alpha", 1),
        rank_row(2023, "Beta", 2),
        rank_row(2024, "Alpha", 3),
        rank_row(2024, "Alpha", 9, method=2023),
        rank_row(2024, "Beta", 1),
    ]
    page = make_profile("Beta", (5,), edition=2024)
    ds = make_data([page], {}, rankings=rows)
    assert "Alpha 1, 3; Beta 2, 5" in make_picture(plots.ranks, ds).alt
    told = make_picture(plots.rank_changes, ds).alt
    assert "down: Alpha 1 to 3, Beta 2 to 5" in told


def test_who_may_only_lack_a_page_is_not_said_to_have_entered_or_left():
    rows = [rank_row(2023, "Alpha", 1), rank_row(2023, "Beta", 30)]
    pages = [make_profile(name, (2,), edition=2024) for name in ("Alpha", "Gamma")]
    ds = make_data(pages, {}, rankings=rows)
    told = make_picture(plots.rank_changes, ds).alt
    said = " ".join(giikit.list_changes(ds, 2023, 2024))
    assert told == (
        "Slope chart of GII 2023 to 2024: World rank by size. down: Alpha 1 to 2. "
        + said
    )
    ds = make_data(pages[1:], {}, rankings=rows)
    assert "No cluster is known to have" in make_picture(plots.rank_changes, ds).alt
    assert "No cluster has values of two" in make_picture(plots.ranks, ds).alt


def make_hundred():
    """A hundred clusters of two editions, of which five left and five entered."""
    rng = random.Random(5)
    many = []
    for edition, first in ((2024, 0), (2025, 5)):
        ranks = rng.sample(range(1, 101), 100)
        for number, rank in enumerate(ranks, first):
            rates = [rng.randint(1, 5000) for _ in range(2)]
            partners = [[f"Partner {rng.randint(1, 99)}"]] * 2
            many.append(
                make_profile(
                    f"Cluster {number}",
                    (rank, 101 - rank, *rates),
                    partners=partners,
                    edition=edition,
                )
            )
    ds = make_data(many, {})
    rows = [
        (2025, p.cluster_id, "patent", quantity, 0.1, 0.2, "fraction", True)
        for p in many[100:]
        for quantity in ("top3_share", "population")
    ]
    return replace(ds, estimates=make_table("estimates", rows))


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("balance", "and 64 less skewed"),
        ("concentration", "and 64 more"),
        ("populations", "and 64 more"),
        ("collaborations", "and 64 more"),
        ("rank_changes", r"and \d\d more"),
    ],
)
def test_a_hundred_rows_are_cut_to_a_page_that_has_those_highlighted(name, rest):
    last = (
        get_data("hundred")
        .clusters.set_index("size_rank")
        .loc[[77, 99, 100], "cluster"]
    )
    chosen = [cluster for cluster in last if int(cluster.split()[1]) > 4]
    picture = make_picture(getattr(plots, name), get_data("hundred"), chosen)
    # In print, figures are made at most 232 mm high.
    assert measure(picture)[1] / 150 * 25.4 < 260
    assert re.search(r"and \d\d more", picture.alt)
    ax = getattr(plots, name)(get_data("hundred"), chosen)
    texts = [*ax.texts, *ax.get_yticklabels()]
    assert any(re.fullmatch(rest, text.get_text()) for text in texts)
    bold = [t.get_text() for t in texts if t.get_fontweight() == "bold"]
    assert {re.search(r"Cluster \d+", text)[0] for text in bold} == {*chosen}


def test_those_that_entered_or_left_are_drawn_of_a_hundred():
    ax = plots.rank_changes(get_data("hundred").clusters)
    drawn = " ".join(text.get_text() for text in ax.texts) + " "
    assert all(f" Cluster {n} " in drawn for n in [*range(5), *range(100, 105)])
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[:2] == ["entered (5)", "left (5)"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("organizations", "Bar chart"),
        ("partners", "Dot plot"),
        ("implied", "Chart of intervals"),
        ("scatter", "Scatter plot"),
        ("economies", "Bar chart"),
        ("collaborations", "Matrix of dots"),
        ("world_map", "Map"),
        ("ranks", "Line chart"),
    ],
)
def test_the_alternative_text_begins_with_the_kind_of_chart(name, kind):
    assert make_picture(getattr(plots, name), DS).alt.startswith(f"{kind} of ")


def test_labels_do_not_lie_on_the_line_of_equal_ranks():
    figure, ax = plt.subplots(figsize=(7, 5))
    plots.scatter(get_data("many"), ax=ax)
    figure.draw_without_rendering()
    line = [ax.transData.transform((n / 4, n / 4)) for n in range(4, 400)]
    labels = [t for t in ax.texts if t.get_visible() and "Shenzhen" in t.get_text()]
    assert labels
    for label in labels:
        box = label.get_window_extent()
        assert not any(box.contains(*at) for at in line), label.get_text()


def test_no_coastline_crosses_the_map():
    ax = plots.world_map(DS)
    for line in ax.collections[0].get_segments():
        assert max(abs(line[1:, 0] - line[:-1, 0])) < 180


@pytest.mark.parametrize("name", ["scatter", "balance", "world_map", "concentration"])
def test_clusters_that_are_named_bring_their_newest_edition(name):
    left = get_data("hundred").clusters["cluster"][:1].item()
    bounds = get_data("hundred").estimates.assign(
        edition=2024, cluster_id=make_cluster_id(left)
    )
    ds = replace(get_data("hundred"), estimates=bounds.drop_duplicates("quantity"))
    assert "GII 2024" in make_picture(getattr(plots, name), ds, left).alt
    with pytest.raises(GiikitError, match="of edition 2025"):
        getattr(plots, name)(ds, left, edition=2025)


def test_one_cluster_is_expected_where_one_is_drawn():
    with pytest.raises(GiikitError, match="one cluster is expected, not"):
        plots.standing(DS, ["beijing"])


def test_highlighted_clusters_all_have_labels_in_the_colour_of_their_line():
    figure, ax = plt.subplots(figsize=(6, 4))
    ranked = get_data("hundred").clusters[
        get_data("hundred").clusters["edition"] == 2025
    ]
    chosen = ranked.sort_values("size_rank")["cluster"][40:46].to_list()
    plots.ranks(get_data("hundred"), chosen, ax=ax)
    figure.draw_without_rendering()
    shown = {t.get_text(): t for t in ax.texts if t.get_visible()}
    assert {*chosen} <= {*shown}
    lines = [line.get_color() for line in ax.lines[1:]]
    assert {shown[name].get_color() for name in chosen} == {*lines}


def test_names_of_ranks_do_not_overlap_in_small_axes():
    with mpl.rc_context():
        sns.set_theme("talk", style="darkgrid")
        figure, axes = plt.subplots(2, 2, figsize=(12, 9))
        ax = plots.rank_changes(get_data("hundred").clusters, ax=axes[1, 1])
        figure.tight_layout()
        figure.draw_without_rendering()
    names = [t for t in list_shown(ax) if "Cluster" in t.get_text()]
    assert len(names) > 20
    assert not overlap(names)


def test_the_highest_rates_and_the_first_ranks_are_followed_unless_others_are_named():
    for measure, best in (("size_rank", 1), ("pct_per_million", None)):
        plt.clf()
        ax = plots.ranks(get_data("hundred"), measure=measure)
        newest = get_data("hundred").clusters[
            get_data("hundred").clusters["edition"] == 2025
        ]
        own = newest.sort_values(measure, ascending=best == 1)["cluster"][:5]
        bold = {t.get_text() for t in ax.texts if t.get_fontweight() == "bold"}
        assert bold == {*own}


def test_ranks_of_an_edition_that_is_not_there_are_refused():
    with pytest.raises(GiikitError, match="no edition 2022; there is 2023, 2024, 2025"):
        plots.rank_changes(make_editions(), editions=(2022, 2024))


def test_series_break_where_an_edition_lacks_the_cluster():
    profiles = [
        make_profile(name, (rank,), edition=year)
        for year, name, rank in [
            (2023, "A", 1),
            (2024, "B", 2),
            (2025, "A", 3),
            (2025, "B", 1),
        ]
    ]
    ax = plots.ranks(make_data(profiles, {}), "a")
    blue = sns.color_palette("colorblind")[0]
    drawn = {line.get_color(): line.get_ydata() for line in ax.lines}
    assert math.isnan(drawn[blue][1])
    assert list(drawn[blue][::2]) == [1, 3]
    low, high = ax.get_ylim()
    assert low > high


@pytest.mark.parametrize("name", ALL)
def test_a_picture_is_the_same_bytes_whatever_the_theme(name):
    first, _ = draw_picture(name, "two")
    with mpl.rc_context({"figure.facecolor": "black", "font.family": "monospace"}):
        before = dict(mpl.rcParams)
        second = make_picture(getattr(plots, name), DS)
        assert dict(mpl.rcParams) == before
    assert first == second
    assert not plt.get_fignums()


@pytest.mark.parametrize("data", ["two", "many", "long"])
@pytest.mark.parametrize("name", ALL)
def test_nothing_in_a_picture_is_cut_off_or_overlaps(name, data):
    _, figure = draw_picture(name, data)
    page = figure.bbox
    for text in [t for ax in figure.axes for t in list_shown(ax)] + figure.texts:
        box = text.get_window_extent()
        assert page.x0 <= box.x0 <= box.x1 <= page.x1, text.get_text()
        assert page.y0 <= box.y0 <= box.y1 <= page.y1, text.get_text()
    rows = [t for ax in figure.axes for t in ax.get_yticklabels() if t.get_text()]
    assert not overlap(rows)


@pytest.mark.parametrize("name", ["standing", "scatter", "balance", "world_map"])
def test_marks_lie_on_their_dots_inside_the_picture(name):
    picture, _ = draw_picture(name, "real")
    ids = {make_cluster_id(n) for n in NAMES}
    assert {mark["cluster_id"] for mark in picture.marks} == ids
    for mark in picture.marks:
        assert mark["edition"] == 2024
        assert mark["title"].startswith(tuple(NAMES))
        assert 0 <= mark["left"] < mark["left"] + mark["width"] <= 1.0001
        assert 0 <= mark["top"] < mark["top"] + mark["height"] <= 1.0001
    json.dumps(picture.marks)
    if name == "scatter":
        with Image.open(BytesIO(picture.png)) as image:
            pixels = image.convert("RGB")
        for mark in picture.marks:
            x = (mark["left"] + mark["width"] / 2) * pixels.width
            y = (mark["top"] + mark["height"] / 2) * pixels.height
            assert pixels.getpixel((int(x), int(y))) != (255, 255, 255)


def test_a_title_and_a_height_of_ones_own_are_taken():
    titled = make_picture(plots.organizations, DS, "beijing", title="My title")
    assert titled.alt.startswith("Bar chart of My title. ")
    tall = make_picture(plots.organizations, DS, "beijing", height=5)
    assert measure(tall)[1] > 5 * 150


def measure(picture):
    with Image.open(BytesIO(picture.png)) as image:
        return image.size


def list_displayed(monkeypatch, *args, **options):
    """Return the pictures that a notebook is sent."""
    sent = []
    monkeypatch.setattr("IPython.display.display", lambda shown: sent.append(shown))
    giikit.show_figure(*args, **options)
    return sent


def test_several_values_of_a_keyword_make_a_picture_each(monkeypatch):
    panels = {"cluster": ["beijing", "qingdao"]}
    pictures = list_displayed(monkeypatch, plots.standing, DS, panels=panels)
    assert [picture.alt for picture in pictures] == [
        "Dot plot of Beijing, GII 2024: World rank by size. "
        "World rank by size: 3, among 2 clusters.",
        "Dot plot of Qingdao, GII 2024: World rank by size. "
        "World rank by size: 20, among 2 clusters.",
    ]
    # Two of them stand side by side in the column of a report, which has 992 pixels.
    assert sum(picture.width for picture in pictures) + 16 <= 992


def test_a_notebook_gets_one_picture_with_its_text(monkeypatch):
    (picture,) = list_displayed(monkeypatch, plots.scatter, DS)
    data, metadata = picture._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == picture.alt
    assert metadata["image/png"]["width"] == 691
    assert len(metadata["image/png"]["marks"]) == 2
    with Image.open(BytesIO(b64decode(data["image/png"]))) as image:
        assert image.width == round(691 * 150 / 96)
        assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_tables_of_one_kind_are_enough_where_one_is():
    ax = plots.organizations(DS.organizations, "beijing")
    assert ax.texts[0].get_text() == "BOE TECHNOLOGY"
    plt.clf()
    ax = plots.partners(DS.clusters, "beijing")
    assert ax.texts[1].get_text() == "no partner listed"
    plt.clf()
    assert not plots.world_map(DS.clusters, "beijing").lines


# Prints what a picture shows, drawn where sets and dicts have another order of hashes.
DRAWN_AGAIN = """
import test_plots
for name in test_plots.HASHED:
    print(ascii(test_plots.describe(name)))
"""
HASHED = ("world_map", "scatter", "economies", "balance")


def describe(name):
    """Return all that a picture holds, its pixels as a number."""
    picture, _ = draw_picture(name, "real")
    return picture.alt, picture.marks, zlib.crc32(picture.png)


def test_marks_and_words_have_one_order_whatever_the_hashes():
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    again = subprocess.run(
        [sys.executable, "-c", DRAWN_AGAIN],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parent,
        env=os.environ | {"PYTHONHASHSEED": seed, "MPLBACKEND": "agg"},
        text=True,
    )
    assert again.stdout.splitlines() == [ascii(describe(name)) for name in HASHED]


def test_each_cluster_that_is_meant_is_named_however_crowded_its_place():
    ranks = random.Random(7).sample(range(1, 101), 100)
    names = [f"Shenzhen–Hong Kong–Guangzhou {n}" for n in range(100)]
    pages = [
        make_profile(name, (n, rank, 1, 1))
        for n, (name, rank) in enumerate(zip(names, ranks, strict=True), start=1)
    ]
    ds = make_data(pages, {})
    for name in names[::9]:
        plt.close("all")
        ax = plots.scatter(ds, [name])
        ax.figure.draw_without_rendering()
        assert name in [t.get_text() for t in ax.texts if t.get_visible()]


@pytest.mark.parametrize("name", ["scatter", "concentration", "balance"])
def test_a_label_is_no_longer_than_its_axis_whatever_the_size_of_text(name):
    with mpl.rc_context(sns.plotting_context("poster")):
        figure, axes = plt.subplots(1, 2, figsize=(12, 6))
        getattr(plots, name)(get_data("hundred"), ax=axes[1])
        figure.draw_without_rendering()
    label = axes[1].xaxis.label
    assert label.get_window_extent().width <= axes[1].bbox.width
    assert "\n" in label.get_text()


@pytest.mark.parametrize("context", ["paper", "poster"])
def test_names_cover_neither_each_other_nor_the_legend(context):
    with mpl.rc_context(sns.plotting_context(context)):
        figure, ax = plt.subplots(figsize=(9, 7))
        plots.scatter(get_data("hundred"), hue="economy", ax=ax)
        figure.draw_without_rendering()
    names = [text for text in ax.texts if text.get_visible()]
    assert len(names) > 2
    assert not overlap([*names, ax.get_legend()])
