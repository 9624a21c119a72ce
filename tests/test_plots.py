"""The figures: what is drawn, described and labelled, on whatever data."""

import math
import random
import re
from base64 import b64decode
from dataclasses import replace
from io import BytesIO

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes
from PIL import Image

from giikit import plots
from giikit.errors import GiikitError
from giikit.model import ClusterProfile, Collaboration, Observation, Organization
from giikit.names import make_cluster_id
from giikit.plots import drawing as figures
from giikit.plots.drawing import Interval, make_drawable
from giikit.tables import make_dataset, make_table

ONE = ["organizations", "partners", "standing", "implied_quantities"]
MANY = ["size_against_intensity", "rates", "top_shares", "populations"]
MANY += ["collaborations"]
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


def make_profile(name, numbers=(), listed=(), partners=(), shares=(None, None)):
    key = (2024, make_cluster_id(name))
    return ClusterProfile(
        edition=2024,
        cluster_id=key[1],
        cluster=name,
        source=f"2024/{key[1]}.txt",
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


def draw(name, ds, **options):
    """Draw a plot and return its axes and its figure."""
    axes = getattr(plots, name)(ds, **options)
    axes = [axes] if isinstance(axes, Axes) else axes
    return axes, axes[0].figure


def list_texts(axes):
    return [t for ax in axes for t in ax.texts]


@pytest.mark.parametrize(
    "ds", [DS, EMPTY, CROWD, LONG], ids=["two", "empty", "many", "long"]
)
@pytest.mark.parametrize("name", ONE + MANY)
def test_every_figure_is_whole_on_any_data(name, ds):
    axes, figure = draw(name, ds)
    figure.canvas.draw()
    assert all(ax.get_xlabel() for ax in axes)
    assert "Source: WIPO, Global Innovation Index 2024; giikit" in [
        t.get_text() for t in figure.texts
    ]
    kind, title, said = figure.alt.split(". ", 2)
    assert kind.endswith(("chart", "charts", "matrix"))
    assert "GII 2024" in title
    assert "nan" not in figure.alt.lower()
    assert len(said) > 10
    page = figure.bbox
    for text in list_texts(axes):
        box = text.get_window_extent()
        assert page.x0 <= box.x0 < box.x1 <= page.x1, text.get_text()
        assert page.y0 <= box.y0 < box.y1 <= page.y1, text.get_text()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("organizations", ["BOE TECHNOLOGY 9,607 · 23%", "ACADEMY OF SCIENCES 20,843"]),
        ("partners", ["17% of PCT applications, most with Tokyo–Yokohama", "63% of"]),
        ("standing", ["among 2 clusters in the data", "World rank by intensity: 11"]),
        (
            "implied_quantities",
            ["implied, 2024 40,881 – 42,697, published, 2023 38,067"],
        ),
        (
            "implied_quantities",
            ["from both 18.67 – 19.51", "HHI, PCT applications 0.059"],
        ),
        ("size_against_intensity", ["Beijing 3 and 11; Qingdao 20 and 23"]),
        ("rates", ["Beijing 15,893 and 2,189"]),
        (
            "top_shares",
            ["Beijing: PCT applications 34 – 36, scientific articles 21 – 23"],
        ),
        ("top_shares", ["Qingdao: PCT applications no bounds"]),
        ("populations", ["both 18.67 – 19.51", "Qingdao: ", "both 4.82 – 4.94"]),
        ("collaborations", ["Tokyo-Yokohama (2), Beijing (1)"]),
    ],
)
def test_the_alternative_text_tells_the_numbers(name, words):
    _, figure = draw(name, DS)
    for part in words:
        assert part in figure.alt


@pytest.mark.parametrize("name", ONE)
def test_what_is_missing_is_said(name):
    _, figure = draw(name, EMPTY)
    assert re.search("not given|none listed|no bounds", figure.alt)


def test_an_organization_without_share_keeps_its_row():
    bare = make_profile("Bare", (), ([("A", None, None), ("B", 5, None)],))
    _, figure = draw("organizations", make_data([bare], {}))
    assert "A not given · not given, B 5 · not given" in figure.alt


def test_deals_are_placed_where_they_are_printed():
    ds = make_data([replace(BEIJING, vc_deals_per_million=7.5), QINGDAO], {})
    axes, figure = draw("standing", ds, cluster="beijing")
    assert len(axes) == 5
    assert "Venture capital deals per million inhabitants: 7.5" in figure.alt
    assert len(draw("standing", DS)[0]) == 4


def test_a_share_that_is_only_bounded_is_shown_as_printed():
    key, place = (2024, "small"), ("2024/small.txt", 1, 0, 3)
    seen = (*key, "share", "patent", 1, "A", None, "<1%", "fraction", 0.01, *place)
    profile = make_profile("Small", (), ([("A", 3, None)],))
    profile = replace(profile, observations=(Observation(*seen),))
    _, figure = draw("organizations", make_data([profile], {}))
    assert "A 3 · <1%" in figure.alt


def test_one_output_alone_can_be_drawn():
    (ax,), figure = draw("organizations", DS, cluster="beijing", output="patent")
    assert "BOE" in figure.alt
    assert "ACADEMY" not in figure.alt
    assert ax.get_xlim()[1] == pytest.approx(130 * 0.23)
    (ax,), _ = draw("organizations", DS, cluster="beijing", output="publication")
    assert ax.get_xlim()[1] == pytest.approx(130 * 0.07)


def test_a_population_of_one_output_is_in_view_and_told():
    alone = {("publication", "population"): (17987417, 20176875)}
    bounds = {"Beijing": alone, "Qingdao": BOUNDS["Qingdao"]}
    (ax,), _ = draw("populations", make_data([BEIJING, QINGDAO], bounds))
    texts = [t.get_text() for t in list_texts([ax])]
    assert {"17.99 – 20.18", "4.82 – 4.94"} <= set(texts)
    left, right = ax.get_xlim()
    assert all(left < x < right for line in ax.lines for x in line.get_xdata())


def test_populations_that_contradict_are_in_view():
    ds = make_data([BEIJING], BOUNDS)
    table = ds.estimates
    both = table["output"].isna()
    ds = replace(ds, estimates=table.assign(consistent=~both))
    (ax,), _ = draw("populations", ds)
    assert "contradiction" in [t.get_text() for t in list_texts([ax])]
    left, right = ax.get_xlim()
    drawn = [x for line in ax.lines for x in line.get_xdata()]
    assert len(drawn) == 4
    assert all(left < x < right for x in drawn)


@pytest.mark.parametrize("name", [*ONE, "collaborations", "populations"])
def test_page_text_is_never_a_formula(name):
    odd = r"A$^2$_B\frac{1} $x_i$ <b>&"
    profile = make_profile(odd, (1, 1, 1, 1), ([(odd, 1, 0.1)],), ([odd],), (0.1, None))
    axes, figure = draw(name, make_data([profile], {odd: BOUNDS["Beijing"]}))
    figure.canvas.draw()
    shown = [t for t in [*list_texts(axes), *figure.texts] if "$" in t.get_text()]
    assert shown
    assert not any(t.get_parse_math() for t in shown)
    assert any(odd in t.get_text() for t in shown)


def test_contradictions_are_shown_in_red():
    ds = make_data([BEIJING], {"Beijing": BOUNDS["Beijing"]}, consistent=False)
    for name in ("implied_quantities", "populations", "top_shares"):
        axes, figure = draw(name, ds)
        assert "contradiction" in figure.alt
        red = [t for t in list_texts(axes) if t.get_color() == figures.RED]
        assert all("contradiction" in t.get_text() for t in red)
        assert red
        assert not any(line.get_xdata().size for ax in axes for line in ax.lines)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (1.2, 3.4, "1 – 3"),
        (2.0, 2.1, "2"),
        (2.0, None, "at least 2"),
        (None, 0.0, "at most 0"),
        (None, None, "no bounds"),
    ],
)
def test_an_interval_is_told_in_words(low, high, words):
    assert Interval("", low, high, "k").tell("{:.0f}") == words


def test_text_that_the_font_lacks_is_transliterated():
    assert make_drawable("東京 Zürich\n–\tŁódź") == "DongJing Zürich – Łódź"


@pytest.mark.parametrize("name", ONE)
def test_the_longest_real_names_stand_whole_in_the_title(name):
    for cluster in ("Shenzhen–Hong Kong–Guangzhou", "Washington, DC–Baltimore, MD"):
        _, figure = draw(name, make_data([make_profile(cluster)], {}))
        assert figure.texts[0].get_text().startswith(f"{cluster}, GII 2024: ")
        assert "…" not in figure.texts[0].get_text()


def test_a_long_text_is_cut_to_its_room():
    for text in ("x" * 3000, "W" * 120, "Wi " * 90):
        drawn = make_drawable(text, 8.5, 6)
        assert drawn.endswith("…")
        assert 5.8 < figures.measure_text(drawn, 8.5) <= 6
    assert make_drawable("i" * 90, 8.5, 6) == "i" * 90


def test_clusters_that_cannot_be_placed_are_counted():
    ds = make_data([BEIJING, make_profile("Xian", (None, 3, 5, 5))], {})
    (ax,), figure = draw("size_against_intensity", ds)
    assert "not shown: 1 without both values" in figure.alt
    assert "not shown: 1" in ax.get_xlabel()
    assert "not shown" not in draw("rates", ds)[1].alt


@pytest.mark.parametrize("name", ["size_against_intensity", "rates", "standing"])
def test_labels_of_points_do_not_overlap(name):
    axes, _ = draw(name, CROWD)
    for ax in axes:
        boxes = [t.get_window_extent() for t in ax.texts if "Shenzhen" in t.get_text()]
        assert boxes
        for i, box in enumerate(boxes):
            assert not box.count_overlaps(boxes[:i])


def test_the_first_labels_are_the_extremes():
    (ax,), _ = draw("rates", CROWD)
    clusters = CROWD.clusters.set_index("cluster")
    values = clusters[["pct_per_million", "articles_per_million"]].astype(float)
    extremes = {*values.idxmax(), *values.idxmin()}
    assert {t.get_text() for t in ax.texts[:3]} <= extremes
    assert len(ax.texts) <= 30


def test_labels_stay_inside_the_axes():
    ax = plt.figure(FigureClass=figures.DescribedFigure).add_subplot()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    corners = [(0, 0.5, "left"), (1, 0.5, "right"), (0.5, 0, "below")]
    figures.label_points(ax, corners, [], [(0, -9)])
    assert not ax.texts
    figures.label_points(ax, corners, [], [(0, -9), (6, 9), (-6, 9)])
    assert [t.get_ha() for t in ax.texts] == ["left", "right", "left"]


@pytest.mark.parametrize("n", [2, 24, 40])
def test_names_of_partners_do_not_overlap(n):
    (ax,), figure = draw("collaborations", make_many(n))
    figure.canvas.draw()
    heads = [t.get_window_extent() for t in ax.texts if t.get_rotation() == 90]
    assert len(heads) > 12 or n == 2
    for i, box in enumerate(heads):
        assert not box.count_overlaps(heads[:i])


def test_rates_are_logarithmic_only_where_they_spread():
    assert draw("rates", CROWD)[0][0].get_xscale() == "log"
    assert draw("rates", DS)[0][0].get_xscale() == "linear"


def test_rarely_named_partners_share_a_column():
    (ax,), _ = draw("collaborations", CROWD, most=5)
    heads = [t.get_text() for t in ax.texts if "others" in t.get_text()]
    others = len(set(CROWD.collaborations["partner_id"])) - 5
    assert len(heads) == 1
    assert heads[0].startswith(f"{others} others (")


def test_an_unknown_cluster_is_refused_with_near_names():
    with pytest.raises(GiikitError, match="near: beijing"):
        plots.organizations(DS, "bejing")


@pytest.mark.parametrize("name", ["organizations", "rates"])
def test_a_notebook_gets_one_picture_with_its_text(name, monkeypatch):
    sent = []
    monkeypatch.setattr(
        "IPython.display.display", lambda *args, **options: sent.append((args, options))
    )
    for _ in range(2):
        _, figure = draw(name, DS)
        figure._ipython_display_()
    ((data,), options), again = sent
    assert options["raw"]
    assert data["text/plain"] == options["metadata"]["image/png"]["alt"] == figure.alt
    assert options["metadata"]["image/png"]["width"] == 691
    with Image.open(BytesIO(b64decode(data["image/png"]))) as picture:
        assert picture.width == round(691 * figures.DPI / figures.CSS_DPI)
        assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    assert again == (({**data},), options), "the same data give the same bytes"


def test_the_theme_is_ours_whatever_the_user_set_and_stays_ours():
    with mpl.rc_context({"figure.facecolor": "black", "font.family": "monospace"}):
        before = dict(mpl.rcParams)
        axes, figure = draw("organizations", DS)
        assert dict(mpl.rcParams) == before
    assert figure.get_facecolor() == (1, 1, 1, 1)
    assert {t.get_fontname() for t in list_texts(axes)} == {figures.FONT}


def test_measured_widths_are_those_drawn():
    axes, figure = draw("organizations", DS)
    figure.canvas.draw()
    for text in list_texts(axes):
        if text.get_fontweight() == "normal":
            drawn = text.get_window_extent().width / figure.dpi
            measured = figures.measure_text(text.get_text(), text.get_fontsize())
            assert math.isclose(drawn, measured, rel_tol=0.06, abs_tol=0.03)
