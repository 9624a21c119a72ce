"""The explorer without a browser: its controls moved, and what it then shows."""

import csv
import html
import io
import re
import shutil
from base64 import b64decode
from datetime import UTC, datetime

import pytest
from generator.rendering import make_clusters, render, write_pages
from sampling import sample

import giikit
from giikit.tables import format_csv

CLUSTERS = make_clusters(3, 5)
HOSTILE = ["<script>alert(1)</script>", '"><img/src=x/onerror=alert(1)>', "$x$"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Five generated clusters of 2024 and two of 2023, built; not to be changed."""
    folder = tmp_path_factory.mktemp("explorer") / "data"
    write_pages(folder / "raw", CLUSTERS)
    write_pages(folder / "raw", make_clusters(3, 2, edition=2023))
    giikit.build_dataset(folder / "raw", folder / "processed")
    return folder


@pytest.fixture
def data(whole, tmp_path):
    """A data folder of its own with the same pages; nothing is built."""
    folder = tmp_path / "a study" / "data"
    shutil.copytree(whole / "raw", folder / "raw")
    return folder


@pytest.fixture(scope="module")
def shared(whole):
    return giikit.explore(whole)


@pytest.fixture
def explorer(shared):
    """An explorer of which nothing is added to the data, as it was when opened."""
    choices = [*shared.views["Clusters"], *shared.views["Search and tables"]]
    before = [(control, control.value) for control in choices]
    yield shared
    for control, value in before:
        control.value = value
    shared.tabs.selected_index = 0


@pytest.fixture
def adding(data):
    """An explorer of data of its own, on the view that adds pages."""
    explorer = giikit.explore(data)
    explorer.tabs.selected_index = 2
    return explorer


def find_page(data):
    """Return the page of the first cluster."""
    (path,) = [
        p
        for p in data.rglob("2024/*.txt")
        if p.read_bytes().decode() == render(CLUSTERS[0])
    ]
    return path


def get_result(explorer):
    return explorer.results[explorer.tabs.selected_index].value


def get_error(explorer):
    found = re.search(
        '<div class="said error" role="alert">(.*?)</div>',
        get_result(explorer),
        re.DOTALL,
    )
    return html.unescape(found[1]) if found else ""


def get_code(explorer):
    (code,) = re.findall(
        '<pre tabindex="0">(.*?)</pre>', get_result(explorer), re.DOTALL
    )
    return html.unescape(code)


def get_csv(explorer):
    (content,) = re.findall(
        'href="data:text/csv;charset=utf-8;base64,([^"]*)"', get_result(explorer)
    )
    return list(csv.reader(io.StringIO(b64decode(content).decode())))


def get_pictures(explorer):
    found = re.findall('<img src="data:image/png;base64,([^"]*)"', get_result(explorer))
    return [b64decode(content) for content in found]


def test_a_cluster_is_found_by_a_part_of_its_name(explorer):
    names = giikit.load_dataset(explorer.data, edition=2024).clusters
    for row in names.itertuples():
        explorer.find.value = row.cluster[:5].upper()
        assert row.cluster_id in [value for _, value in explorer.cluster.options]
        assert get_error(explorer) == ""
    explorer.find.value = ""
    assert len(explorer.cluster.options) == 5


def test_every_view_has_a_title(explorer):
    assert all(explorer.tabs.titles)
    assert len(explorer.tabs.titles) == len(explorer.tabs.children) == 3


def test_what_no_cluster_is_called_is_said_in_place(explorer):
    explorer.find.value = "atlantis"
    assert get_error(explorer) == "no cluster or economy of 2024 is called 'atlantis'"
    explorer.find.value = ""
    assert get_error(explorer) == ""


def test_a_choice_changes_cards_and_picture(explorer):
    before = get_pictures(explorer)
    explorer.cluster.index = 3
    after = get_pictures(explorer)
    assert before != after
    explorer.other.index = 1
    assert get_pictures(explorer) not in (before, after)
    assert get_result(explorer).count("<section>") == 2
    explorer.cluster.index, explorer.other.index = 0, 0
    assert get_pictures(explorer) == before


@pytest.mark.parametrize("at", sample(range(8), every=2))
def test_the_code_of_each_picture_draws_it(explorer, at, monkeypatch):
    explorer.other.index = 2
    explorer.picture.index = at
    assert get_error(explorer) == ""
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    exec("import giikit\n" + get_code(explorer))
    assert [picture.png for picture in shown] == get_pictures(explorer)


def test_the_measures_of_the_scatter_are_chosen(explorer):
    explorer.x.value, explorer.y.value = "articles_per_million", "pct_per_million"
    assert "x='articles_per_million', y='pct_per_million'" in get_code(explorer)
    assert explorer.x.layout.display == ""
    explorer.picture.value = "Partners"
    assert explorer.x.layout.display == explorer.y.layout.display == "none"


def test_organizations_and_partners_are_searched(explorer):
    ds = giikit.load_dataset(explorer.data)
    explorer.tabs.selected_index = 1
    for table, column in (
        ("organizations", "organization"),
        ("collaborations", "partner"),
    ):
        name = getattr(ds, table)[column].iloc[-1]
        explorer.table.value, explorer.words.value = table, name[:7].lower()
        rows = get_csv(explorer)
        assert name in [row[rows[0].index(column)] for row in rows]
        assert all(name[:7].lower() in " ".join(row).lower() for row in rows[1:])


def test_the_code_of_a_table_shows_it_and_the_link_holds_all_of_it(explorer, tmp_path):
    explorer.tabs.selected_index = 1
    explorer.words.value, explorer.years.value = "a", 2023
    for name, _ in giikit.load_dataset(explorer.data).items():
        explorer.table.value = name
        *setup, call = get_code(explorer).splitlines()
        scope = {"giikit": giikit}
        exec("\n".join(setup), scope)
        assert eval(call, scope).html in get_result(explorer)
        table = eval(call.removeprefix("giikit.show_table"), scope)
        if len(table):
            (tmp_path / "table.csv").write_bytes(format_csv(table).encode())
            written = (tmp_path / "table.csv").read_text(encoding="utf-8")
            assert get_csv(explorer) == list(csv.reader(io.StringIO(written)))
    explorer.words.value = "no such words"
    assert "nothing to show" in get_result(explorer)
    assert "download" not in get_result(explorer)


@pytest.fixture
def page(adding):
    """A page that is in no table yet, on the view that adds pages."""
    known = set(giikit.load_dataset(adding.data).clusters["cluster"])
    return next(c for c in make_clusters(99, 50) if c.name not in known)


def test_a_pasted_page_is_shown_then_added_and_then_known(adding, page):
    assert adding.add.disabled
    adding.text.value = render(page)
    profile = giikit.parse_profile(render(page))
    assert profile._repr_html_().partition("<footer>")[0] in get_result(adding)
    assert "values read" in get_result(adding)
    assert adding.add.description.endswith(f"as 2024/{profile.cluster_id}")
    assert not list((adding.data / "raw").glob(f"2024/{profile.cluster_id}.*"))
    adding.add.click()
    assert 'role="status"' in get_result(adding)
    ds = giikit.load_dataset(adding.data)
    assert profile.cluster_id in set(ds.clusters["cluster_id"])
    adding.tabs.selected_index = 0
    assert adding.cluster.value == profile.cluster_id
    assert adding.edition.value == 2024


def test_a_page_of_another_edition_is_chosen_once_it_is_added(adding):
    (cluster,) = make_clusters(5, 1, edition=2022)
    adding.text.value = render(cluster)
    adding.add.click()
    adding.tabs.selected_index = 0
    assert adding.edition.value == 2022
    assert len(adding.cluster.options) == 1


def test_an_uploaded_file_takes_the_place_of_a_pasted_text(adding, page):
    adding.text.value = "no profile"
    assert get_error(adding)
    content = render(page, "html").encode()
    file = {"name": "saved page.html", "type": "text/html", "size": len(content)}
    file |= {"content": memoryview(content), "last_modified": datetime.now(UTC)}
    adding.upload.value = (file,)
    assert adding.text.value == ""
    assert get_error(adding) == ""
    adding.add.click()
    (path,) = (adding.data / "raw" / "2024").glob("*.html")
    assert path.read_bytes() == content


def test_a_page_that_differs_is_added_only_where_that_is_asked(adding):
    path = find_page(adding.data)
    before = path.read_text(encoding="utf-8")
    changed = before.replace("1\t", "1\tNEW ", 1)
    adding.text.value = changed
    adding.add.click()
    assert "is in the way" in get_error(adding)
    assert path.read_text(encoding="utf-8") == before
    adding.replace.value = True
    adding.add.click()
    assert "Replaced" in get_result(adding)
    assert path.read_text(encoding="utf-8") == changed
    assert adding.replace.value is False


def test_what_is_no_page_cannot_be_added(adding):
    adding.text.value = "Dear diary"
    assert adding.add.disabled
    assert get_error(adding)


def test_a_study_without_pages_says_so_and_takes_its_first_one(tmp_path):
    (tmp_path / "data" / "raw").mkdir(parents=True)
    explorer = giikit.explore(tmp_path / "data")
    assert "no profile page" in get_error(explorer)
    explorer.tabs.selected_index = 2
    (cluster,) = make_clusters(5, 1)
    explorer.text.value = render(cluster)
    explorer.add.click()
    explorer.tabs.selected_index = 0
    assert get_error(explorer) == ""
    assert len(explorer.cluster.options) == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_printed(data, name):
    path = find_page(data)
    text = path.read_text(encoding="utf-8").replace("1\t", f"1\t{name} ", 1)
    path.write_text(text, encoding="utf-8")
    explorer = giikit.explore(data)

    def check():
        assert "<script>alert" not in get_result(explorer)
        assert "<img/" not in get_result(explorer)
        assert name in html.unescape(get_result(explorer))

    explorer.find.value = name
    check()
    explorer.tabs.selected_index = 1
    explorer.words.value = name
    assert len(get_csv(explorer)) == 2
    check()
    explorer.tabs.selected_index = 2
    explorer.text.value = text
    check()


def test_no_fault_of_drawing_goes_unseen(whole, monkeypatch):
    def fail(*args, **options):
        raise ZeroDivisionError("no room")

    explorer = giikit.explore(whole)
    monkeypatch.setattr("giikit.jupyter.explorer.make_picture", fail)
    explorer.cluster.index = 1
    assert get_error(explorer) == "ZeroDivisionError: no room"
