"""Take the pictures of README.md and docs/; `make pictures` runs it (needs chromium).

The reports on one cluster are of the two real pages. What needs many clusters shows
generated ones, and each caption says so.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
CHROMIUM = shutil.which("chromium") or sys.exit("chromium is not installed")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-sync"]
SETTINGS = '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}'
sys.path.insert(0, str(ROOT / "tests"))


def make_study(folder: Path, clusters: int, notebook: str) -> Path:
    """Return a study with reports: of generated clusters, or of the real pages (0)."""
    from generator.drawing import make_clusters
    from generator.rendering import write_pages

    import giikit

    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    if clusters:
        write_pages(folder / "data" / "raw", make_clusters(7, clusters))
    else:
        shutil.copytree(
            ROOT / "data" / "raw" / "2024", folder / "data" / "raw" / "2024"
        )
    giikit.run_reports(data=folder / "data", notebooks=[notebook])
    return folder


@contextmanager
def open_lab(study: Path) -> Iterator[str]:
    """Run JupyterLab on a study; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = study / ".settings"
    settings.mkdir()
    (settings / "overrides.json").write_text(SETTINGS)
    options = ["--no-browser", "--allow-root", f"--port={port}"]
    options += ["--IdentityProvider.token=", f"--LabApp.app_settings_dir={settings}"]
    options += ["--LabApp.expose_app_in_browser=True"]
    options += [f"--LabApp.user_settings_dir={settings / 'user'}"]
    command = [sys.executable, "-m", "jupyterlab", *options]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=study, stdout=quiet, stderr=quiet)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api")
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait()


def take_explorer(page: Page, address: str, path: Path) -> None:
    """Take a picture of the explorer as JupyterLab shows it."""
    page.goto(f"{address}/lab/tree/notebooks/04_explore.ipynb")
    ready = (
        "globalThis.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
    )
    page.wait_for_function(f"{ready}?.status === 'idle'", timeout=120_000)
    page.evaluate("{ jupyterapp.commands.execute('notebook:run-all-cells') }")
    page.wait_for_selector(".giikit-view img", timeout=120_000)
    explorer = page.locator(".widget-tab").first
    explorer.scroll_into_view_if_needed()
    page.wait_for_timeout(2000)
    explorer.screenshot(path=path)


def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as player:
        real = make_study(Path(name) / "real", 0, "cluster-profile")
        many = make_study(Path(name) / "many", 100, "across-clusters")
        browser = player.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        beijing = real / "reports" / "2024" / "cluster-profile" / "beijing.html"
        page.goto(beijing.as_uri())
        page.screenshot(path=IMAGES / "profile.png")
        page.locator(".giikit-source").first.screenshot(path=IMAGES / "source.png")
        across = many / "reports" / "2024" / "across-clusters.html"
        page.goto(f"{across.as_uri()}#size-against-intensity")
        page.wait_for_timeout(2000)  # the page moves there slowly
        page.screenshot(path=IMAGES / "across.png")
        with open_lab(many) as address:
            take_explorer(page, address, IMAGES / "explorer.png")
        browser.close()


if __name__ == "__main__":
    main()
