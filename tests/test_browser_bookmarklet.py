"""The bookmark of docs/how-to/add-pages.md saves what the browser shows."""

from html import escape
from pathlib import Path

import pytest

import giikit

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[1]
REAL = ROOT / "tests" / "pages" / "real" / "data" / "raw" / "2024" / "beijing.txt"


def make_site():
    """Return Beijing's page as a site would show it: blocks, tables and a menu."""
    blocks = ["<nav>Menu</nav>"]
    for line in REAL.read_text(encoding="utf-8").splitlines():
        cells = [escape(cell.replace("**", "")) for cell in line.split("\t")]
        if len(cells) > 1:
            blocks.append(f"<table><tr><td>{'</td><td>'.join(cells)}</td></tr></table>")
        else:
            blocks.append(f"<p>{cells[0]}</p>")
    return f"<title>Beijing | WIPO</title>{''.join(blocks)}"


def test_the_bookmark_saves_a_page_that_giikit_reads(browser):
    text = (ROOT / "docs" / "how-to" / "add-pages.md").read_text(encoding="utf-8")
    (line,) = [s for s in text.splitlines() if s.startswith("javascript:")]
    page = browser.new_page(accept_downloads=True)
    page.set_content(make_site())
    with page.expect_download() as download:
        page.evaluate(line.removeprefix("javascript:"))
    assert download.value.suggested_filename == "Beijing-WIPO.txt"
    saved = giikit.parse_profile(Path(download.value.path()).read_text("utf-8"))
    page.close()
    real = giikit.read_profile(REAL)
    for name in ("cluster_id", "size_rank", "organizations", "collaborations"):
        assert getattr(saved, name) == getattr(real, name)
    assert not [f for f in saved.findings if f.severity == "error"]
