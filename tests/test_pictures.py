"""Figures as a report shows them: described, in one size, whatever the data."""

import json
import os
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
from charted import (
    ALL,
    BEIJING,
    BOUNDS,
    DS,
    NAMES,
    OVER,
    get_data,
    list_shown,
    make_data,
    make_editions,
    make_profile,
    overlap,
    rank_row,
)
from PIL import Image, ImageDraw
from sampling import sample

import giikit
from giikit import plots
from giikit.errors import GiikitError
from giikit.model import Observation
from giikit.names import make_cluster_id
from giikit.plots.report import make_picture


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@cache
def draw_picture(name, data="two", **options):
    """Return the picture of a plot, and the figure that was drawn for it."""
    plot, drawn = getattr(plots, name), []

    def watch(*args, **options):
        drawn.append(plot(*args, **options))

    picture = make_picture(watch, get_data(data), **options)
    return picture, drawn[0].figure


@pytest.mark.parametrize("data", sample(["many", "two", "long", "empty"], every=2))
@pytest.mark.parametrize("name", ALL)
def test_every_picture_is_described_on_any_data(name, data):
    picture, _ = draw_picture(name, data)
    title, said = picture.alt.split(". ", 1)
    assert title
    assert "2024" in picture.alt or (name in OVER and data == "empty")
    assert "nan" not in picture.alt.lower()
    assert len(said) > 5


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
    picture, _ = draw_picture(name, **options)
    for part in words:
        assert part in picture.alt


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


def test_a_map_lists_what_it_cannot_place():
    ds = make_data(
        [BEIJING, make_profile("Atlantis", (1, 1, 1, 1), partners=(["Lemuria"],))], {}
    )
    of_all = make_picture(plots.world_map, ds).alt
    assert "1 of 2 clusters on the map; No place is known of Atlantis" in of_all
    of_one = make_picture(plots.world_map, ds, "atlantis").alt
    assert "No place is known of Atlantis, Lemuria" in of_one
    assert "clusters on the map" not in of_one


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
    assert draw_picture(name)[0].alt.startswith(f"{kind} of ")


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


@pytest.mark.parametrize("name", ALL)
def test_a_picture_is_the_same_bytes_whatever_the_theme(name):
    first, _ = draw_picture(name, "two")
    with mpl.rc_context({"figure.facecolor": "black", "font.family": "monospace"}):
        before = dict(mpl.rcParams)
        second = make_picture(getattr(plots, name), DS)
        assert dict(mpl.rcParams) == before
    assert first == second
    assert not plt.get_fignums()


@pytest.mark.parametrize("data", sample(["many", "two", "long"], every=2))
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
    assert len(json.loads(metadata["image/png"]["marks"])) == 2
    with Image.open(BytesIO(b64decode(data["image/png"]))) as image:
        assert image.width == round(691 * 150 / 96)
        assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


# Prints what a picture shows, drawn where sets and dicts have another order of hashes.
DRAWN_AGAIN = """
import test_pictures
for name in test_pictures.HASHED:
    print(ascii(test_pictures.describe(name)))
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
