"""The reports as a browser shows them, without a network."""

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from giikit.cli import main

pytestmark = pytest.mark.browser
RAW = Path(__file__).parent / "pages/real/data/raw"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--enable-logging=stderr",
]


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The reports on the two real pages, in a folder whose name has a space."""
    study = tmp_path_factory.mktemp("a study")
    shutil.copytree(RAW, study / "data" / "raw")
    assert main(["report", "--data", str(study / "data")]) == 0
    return study / "reports"


def run_chromium(tmp_path, page, *flags):
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium, "chromium is not installed: apt-get install chromium"
    return subprocess.run(
        [
            chromium,
            *FLAGS,
            f"--user-data-dir={tmp_path}/profile",
            *flags,
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


def list_pages(reports):
    return [reports / "index.html", *sorted(reports.glob("*/*.html"))]


def test_every_report_opens_without_a_network_or_an_error(reports, tmp_path):
    pages = list_pages(reports)
    assert len(pages) == 4
    for page in pages:
        shown = run_chromium(tmp_path, page, "--dump-dom")
        assert "<h1" in shown.stdout
        assert "CONSOLE" not in shown.stderr, shown.stderr
        assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", shown.stdout)


def test_the_index_leads_to_every_report_and_shows_its_figures(reports, tmp_path):
    dom = run_chromium(tmp_path, reports / "index.html", "--dump-dom").stdout
    links = {unquote(link) for link in re.findall(r'href="([^"#]+)"', dom)}
    files = {p.relative_to(reports).as_posix() for p in reports.glob("*/*.html")}
    assert files <= links
    assert all((reports / link).is_file() for link in links)
    for text in ("Beijing", "Qingdao", "2,189", "1,742", "15,893", "9,697"):
        assert text in dom


def test_every_figure_says_in_words_what_it_shows(reports, tmp_path):
    for page in list_pages(reports)[1:]:
        dom = run_chromium(tmp_path, page, "--dump-dom").stdout
        images = re.findall(r"<img\b[^>]*>", dom)
        assert len(images) >= 4
        for image in images:
            alt = re.search(r'alt="([^"]*)"', image)
            assert alt, image[:200]
            assert len(alt[1]) > 40, alt[1]


@pytest.mark.parametrize("width", [390, 1280])
def test_no_report_is_wider_than_the_screen(reports, tmp_path, width):
    """A page reports its own width by its title, which the DOM then shows."""
    script = (
        "<script>addEventListener('load', () => document.title = "
        "document.documentElement.scrollWidth)</script>"
    )
    for page in list_pages(reports):
        html = page.read_text(encoding="utf-8")
        probe = tmp_path / page.name
        probe.write_text(html + script, encoding="utf-8")
        shown = run_chromium(
            tmp_path, probe, "--dump-dom", f"--window-size={width},900"
        ).stdout
        found = re.search(r"<title>(\d+)</title>", shown)
        assert found, shown[:300]
        # Headless chromium has a least width of 500.
        assert int(found[1]) <= max(width, 500), page.name
