"""Plots on the axes of whoever calls them: what is drawn and labelled."""

import math
import random
import re
from dataclasses import replace
from itertools import product

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
import seaborn as sns
from charted import (
    ALL,
    BEIJING,
    BOUNDS,
    DS,
    MANY,
    NAMES,
    ONE,
    QINGDAO,
    get_data,
    list_shown,
    make_data,
    make_editions,
    make_many,
    make_profile,
    overlap,
)
from matplotlib.font_manager import FontProperties
from sampling import sample

from giikit import plots
from giikit.errors import GiikitError
from giikit.plots import drawing
from giikit.plots.maps import find_places


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_tab_shows_the_plots_alone():
    assert dir(plots) == sorted(ALL)
    assert all(callable(getattr(plots, name)) for name in dir(plots))


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


def test_further_keywords_reach_the_artist():
    ax = plots.organizations(DS, "beijing", color="red")
    assert ax.patches[0].get_facecolor() == mpl.colors.to_rgba("red")
    assert plots.scatter(DS, s=77).collections[0].get_sizes()[0] == 77


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


def test_a_map_leads_from_one_cluster_to_its_partners():
    ax = plots.world_map(DS, "beijing")
    lines = [line.get_xydata() for line in ax.lines]
    assert len(lines) == 3
    assert all(tuple(line[0]) == find_places("Beijing")[0] for line in lines)
    plt.clf()
    assert not plots.world_map(DS, ["beijing", "qingdao"]).lines


def test_those_that_entered_or_left_are_drawn_of_a_hundred():
    ax = plots.rank_changes(get_data("hundred").clusters)
    drawn = " ".join(text.get_text() for text in ax.texts) + " "
    assert all(f" Cluster {n} " in drawn for n in [*range(5), *range(100, 105)])
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[:2] == ["entered (5)", "left (5)"]


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


def test_tables_of_one_kind_are_enough_where_one_is():
    ax = plots.organizations(DS.organizations, "beijing")
    assert ax.texts[0].get_text() == "BOE TECHNOLOGY"
    plt.clf()
    ax = plots.partners(DS.clusters, "beijing")
    assert ax.texts[1].get_text() == "no partner listed"
    plt.clf()
    assert not plots.world_map(DS.clusters, "beijing").lines


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
