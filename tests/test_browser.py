"""The reports as a browser shows them: on a screen, a phone and paper, offline."""

from io import BytesIO
from pathlib import Path
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

import pytest
from browsing import CLUSTER, HOSTILE, list_violations, make_hostile_page, watch
from generator.rendering import make_clusters, write_pages
from pypdf import PdfReader

from giikit.cli import main

pytestmark = pytest.mark.browser
REAL = Path(__file__).parent / "pages" / "real"


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The reports on two editions, one page of them hostile; a name with a space."""
    raw = tmp_path_factory.mktemp("browser") / "a study" / "data" / "raw"
    write_pages(raw, make_clusters(3, 2, edition=2023))
    for path in (REAL / "data" / "raw" / "2024").iterdir():
        (raw / "2024").mkdir(exist_ok=True)
        (raw / "2024" / path.name).write_bytes(path.read_bytes())
    (raw / "2024" / "zurich.txt").write_text(make_hostile_page(), encoding="utf-8")
    assert main(["report", "--data", str(raw.parent)]) == 0
    return raw.parents[1] / "reports"


@pytest.fixture
def page(browser):
    """A page of the browser, in a window of its own."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.said = watch(page)
    yield page
    page.close()


def list_pages(reports):
    return sorted(reports.rglob("*.html"))


def list_kinds(reports):
    """Return a page of each kind, and the hostile one."""
    pages = {path.parent.name + path.stem[:1]: path for path in list_pages(reports)}
    return sorted({*pages.values(), *reports.rglob("zurich*.html")})


def test_no_report_asks_for_a_network_or_has_an_error(reports, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for path in list_pages(reports):
        page.goto(path.as_uri())
    assert len(list_pages(reports)) >= 9
    assert page.said == []
    assert {urlsplit(url).scheme for url in asked} <= {"file", "data"}


def test_every_link_leads_somewhere(reports, page):
    ids, links = {}, []
    for path in list_pages(reports):
        page.goto(path.as_uri())
        found = "[...document.querySelectorAll('[id]')].map(e => e.id)"
        names = page.evaluate(found)
        assert len(names) == len(set(names)), path
        ids[path] = set(names)
        found = "[...document.querySelectorAll('a[href]')].map(a => a.href)"
        links += [(path, url) for url in page.evaluate(found)]
    assert len(links) > 100
    for path, url in links:
        place = urlsplit(url)
        if place.scheme in ("http", "https"):
            continue
        assert place.scheme == "file", (path, url)
        target = Path(unquote(place.path))
        assert target.exists(), (path, url)
        if place.fragment and target in ids:
            assert unquote(place.fragment) in ids[target], (path, url)


def test_every_figure_says_in_words_what_it_shows(reports, page):
    for path in list_pages(reports):
        page.goto(path.as_uri())
        alts = page.locator("img").evaluate_all("images => images.map(i => i.alt)")
        assert path.name == "index.html" or alts
        assert all(len(alt) > 40 for alt in alts), path


def test_no_page_scrolls_sideways_on_a_phone(reports, page):
    page.set_viewport_size({"width": 375, "height": 800})
    for path in list_pages(reports):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_violation(reports, page, scheme):
    page.emulate_media(color_scheme=scheme)
    for path in list_kinds(reports):
        page.goto(path.as_uri())
        assert list_violations(page) == [], path


def test_nothing_is_cut_on_paper(reports, page):
    """On A4, in its margins, no box is wider than the page or has a scrollbar."""
    for path in list_kinds(reports):
        page.goto(path.as_uri())
        page.emulate_media(media="print")
        landscape = path.name == "index.html"
        page.set_viewport_size({"width": 1017 if landscape else 688, "height": 900})
        cut = page.evaluate(
            """() => [...document.querySelectorAll('main, main *')].filter(e => {
                const {overflowX, display} = getComputedStyle(e);
                const right = e.getBoundingClientRect().right > innerWidth + 1;
                const scrolls = overflowX !== 'visible' && display !== 'inline'
                    && e.scrollWidth > e.clientWidth + 1;
                return !e.closest('small') && (right || scrolls);
            }).map(e => e.outerHTML.slice(0, 200))"""
        )
        assert cut == [], path
        content = page.pdf(format="A4", prefer_css_page_size=True)
        sheets = [sheet.extract_text() for sheet in PdfReader(BytesIO(content)).pages]
        words = page.locator("main").inner_text().split()
        # Some fonts print "fi" as one character.
        printed = normalize("NFKC", "".join("".join(sheets).split()))
        assert [word for word in words if word not in printed] == [], path


def test_a_heading_stays_with_what_follows_it_on_paper(reports, page):
    for path in list_kinds(reports):
        page.goto(path.as_uri())
        page.emulate_media(media="print")
        breaks = page.locator("h2").evaluate_all(
            "heads => heads.map(head => getComputedStyle(head).breakAfter)"
        )
        assert set(breaks) == {"avoid"}, path


def test_hostile_names_are_shown_as_printed_and_run_nothing(reports, page):
    (path,) = reports.rglob("2024/*/zurich*.html")
    page.goto(path.as_uri())
    shown = page.locator("body").text_content()
    assert CLUSTER in page.locator("h1").text_content()
    assert [name for name in HOSTILE if name not in shown] == []
    source = page.locator(".giikit-source").text_content()
    assert [name for name in HOSTILE if name not in source] == []
    page.goto((reports / "index.html").as_uri())
    assert CLUSTER in page.locator("tbody").first.text_content()
    page.wait_for_timeout(500)
    assert page.said == []


def test_a_value_leads_to_its_place_in_the_page_as_read(reports, page):
    (path,) = reports.rglob("2024/*/beijing.html")
    page.goto(path.as_uri())
    link = page.locator(".giikit-brief a[href^='#']").first
    link.click()
    target = page.locator(f"[id='{unquote(urlsplit(page.url).fragment)}']")
    assert target.evaluate("e => e.closest('.giikit-source') !== null")
    assert target.inner_text().startswith(link.inner_text().split()[0])


def test_the_marks_of_a_figure_are_reached_with_the_arrow_keys(reports, page):
    page.goto(next(reports.rglob("2024/across-clusters.html")).as_uri())
    figure = page.locator(".jp-RenderedImage", has=page.locator(".mark[href]")).first
    figure.focus()
    said = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
        said.append(page.evaluate("document.activeElement.title"))
    marks = figure.locator(".mark").evaluate_all("all => all.map(mark => mark.title)")
    assert said == [marks[0], marks[1], marks[0]]
    shown = "getComputedStyle(document.activeElement, '::after').content"
    assert marks[0] in page.evaluate(shown)
    figure.locator(".mark[href]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cluster-profile/*.html")


def test_the_first_sheet_of_a_profile_has_its_first_figure(reports, page):
    (path,) = reports.rglob("2024/*/beijing.html")
    page.goto(path.as_uri())
    content = page.pdf(format="A4", prefer_css_page_size=True)
    printed = PdfReader(BytesIO(content)).pages[0].extract_text()
    assert "Who files, and who publishes" in normalize("NFKC", printed)


def list_names(page):
    return page.locator("section:first-of-type tbody tr:visible th").all_inner_texts()


def test_the_index_finds_sorts_and_says_when_nothing_is_found(reports, page):
    page.goto((reports / "index.html").as_uri())
    first = page.locator("section").first
    assert list_names(page) == ["Beijing", "Qingdao", CLUSTER]
    button = first.locator("thead button").first
    button.click()
    button.click()
    assert list_names(page) == [CLUSTER, "Qingdao", "Beijing"]
    assert first.locator("[aria-sort=descending]").inner_text().startswith("Cluster")
    first.get_by_role("searchbox").fill("zurich")
    assert list_names(page) == [CLUSTER]
    first.get_by_role("searchbox").fill("atlantis")
    assert list_names(page) == []
    assert "No cluster" in first.locator("[aria-live]").inner_text()
    first.get_by_role("searchbox").fill("")
    first.get_by_label("Economy").select_option("China")
    assert sorted(list_names(page)) == ["Beijing", "Qingdao"]
    page.get_by_role("link", name="Beijing", exact=True).click()
    assert "Beijing" in page.locator("h1").inner_text()


def test_a_table_of_a_report_is_sorted_by_a_click(reports, page):
    (path,) = [p for p in reports.rglob("2024/*.html") if "across" in p.stem]
    page.goto(path.as_uri())
    table = page.locator(".giikit-table table", has=page.get_by_role("button")).first
    head = table.get_by_role("columnheader").first
    names = table.locator("tbody tr > :first-child").all_inner_texts
    before = names()
    head.get_by_role("button").click()
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert names() != before
    assert sorted(names()) == sorted(before)
