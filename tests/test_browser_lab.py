"""JupyterLab as `make lab` starts it: the notebooks, the explorer, and git."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from browsing import CLUSTER, HOSTILE, list_violations, make_hostile_page, watch
from generator.rendering import make_clusters, render, write_pages

import giikit

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
GIT = ["git", "-c", "user.name=A Person", "-c", "user.email=person@example.org"]
SETTINGS = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
}
EXPLORER = "05_own.ipynb"
PATIENCE = 45_000  # milliseconds, on a machine that is busy with other tests


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A clone, in a folder whose name has a space, with the two real pages."""
    folder = tmp_path_factory.mktemp("lab") / "a study"
    shutil.copytree(ROOT / "tests" / "pages" / "real", folder)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    write_pages(folder / "data" / "raw", make_clusters(3, 5, edition=2023))
    for name in ("Makefile", ".gitattributes", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import giikit\n\ngiikit.explore()")],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    path = folder / "notebooks" / EXPLORER
    nbformat.write(notebook, path)
    subprocess.run([sys.executable, "-m", "nbstripout", path], check=True)
    commands = folder / ".venv" / "bin"
    commands.mkdir(parents=True)
    for name in ("python", "nbstripout"):
        (commands / name).write_text(f"#!/bin/sh\nexec '{sys.executable}' \"$@\"\n")
        (commands / name).chmod(0o755)
    for name in ("requirements.lock", "pyproject.toml", ".venv/ready"):
        (folder / name).touch()
    for command in (["init"], ["add", "."], ["commit", "--message", "all"]):
        subprocess.run(
            [*GIT, *command], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
    return folder


@pytest.fixture(scope="module")
def lab(study, tmp_path_factory):
    """JupyterLab on a free port, with settings of its own; its address."""
    own = tmp_path_factory.mktemp("jupyter")
    (own / "overrides.json").write_text(json.dumps(SETTINGS))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        f"--no-browser --allow-root --port {port} --IdentityProvider.token=''",
        "--LabApp.expose_app_in_browser=True --ServerApp.disable_check_xsrf=True",
        f"--LabApp.app_settings_dir='{own}' --LabApp.user_settings_dir='{own}/user'",
    ]
    places = {
        f"JUPYTER_{name}_DIR": str(own / name) for name in ("CONFIG", "DATA", "RUNTIME")
    }
    with (own / "log").open("w") as log:
        process = subprocess.Popen(
            ["make", "lab", f"LAB={' '.join(options)}"],
            cwd=study,
            env=os.environ | places,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            assert process.poll() is None, (own / "log").read_text()
            try:
                urllib.request.urlopen(f"{address}/api").close()
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


@pytest.fixture
def open_notebook(browser, lab):
    """Return a function that opens a notebook in a window of its own."""
    pages = []

    def open_one(name):
        page = browser.new_page(viewport={"width": 1360, "height": 1000})
        pages.append(page)
        page.set_default_timeout(PATIENCE)
        page.said = watch(page)
        workspace = f"w{len(pages)}-{name.partition('.')[0]}"
        page.goto(f"{lab}/lab/workspaces/{workspace}/tree/notebooks/{name}?reset")
        page.wait_for_function(
            """globalThis.jupyterapp?.shell.currentWidget?.sessionContext?.session
                ?.kernel?.status === 'idle'"""
        )
        return page

    yield open_one
    for page in pages:
        page.evaluate("{ jupyterapp.serviceManager.sessions.shutdownAll() }")
        page.close()


def execute(page, command, **arguments):
    page.evaluate(
        "([command, args]) => { jupyterapp.commands.execute(command, args) }",
        [command, arguments],
    )


def read_status(study):
    """Return what git says of the study, once it has had time to look again."""
    end = time.monotonic() + PATIENCE / 1000
    status = "unknown"
    while status and time.monotonic() < end:
        time.sleep(1)
        command = ["git", "status", "--porcelain"]
        status = subprocess.run(
            command, cwd=study, capture_output=True, text=True, check=True
        ).stdout
    return status


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_to_its_end_and_leaves_git_clean(open_notebook, study, name):
    page = open_notebook(name)
    execute(page, "notebook:run-all-cells")
    page.wait_for_function(
        """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
            .every(prompt => /[[][0-9]+/.test(prompt.innerText))"""
    )
    execute(page, "docmanager:save")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
    cells = nbformat.read(study / "notebooks" / name, 4).cells
    codes = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in codes] == list(range(1, len(codes) + 1))
    outputs = [output for cell in codes for output in cell.outputs]
    assert outputs
    assert not [
        o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"
    ]
    assert read_status(study) == ""
    assert not [said for said in page.said if "404" not in said]


def test_the_study_is_the_root_of_jupyterlab(lab):
    with urllib.request.urlopen(f"{lab}/api/contents/data/raw/2024") as answer:
        names = {item["name"] for item in json.load(answer)["content"]}
    assert names == {"beijing.txt", "qingdao.txt"}


def start_explorer(open_notebook):
    page = open_notebook(EXPLORER)
    execute(page, "notebook:run-all-cells")
    page.wait_for_selector(".giikit-view img")
    return page


def get_picture(page):
    return page.locator(".giikit-view img").first.get_attribute("src")


def wait_for_picture(page, other_than):
    page.wait_for_function(
        "src => document.querySelector('.giikit-view img').src !== src", arg=other_than
    )
    return get_picture(page)


def test_the_explorer_is_used_with_the_mouse(open_notebook, study):
    page = start_explorer(open_notebook)
    before = get_picture(page)
    page.get_by_label("Cluster", exact=True).select_option(index=1)
    after = wait_for_picture(page, before)
    page.get_by_label("Picture").select_option("Partners")
    wait_for_picture(page, after)
    assert "Qingdao" in page.locator(".giikit-view .cards").inner_text()
    page.get_by_role("tab", name="Search and tables").click()
    page.get_by_label("Find words").fill("tsinghua")
    page.wait_for_selector(".giikit-view td:has-text('TSINGHUA')")
    with page.expect_download() as download:
        page.get_by_role("link", name="as CSV").click()
    rows = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + page.locator(".giikit-view tbody tr:visible").count()
    page.get_by_role("tab", name="Add a page").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="upload a file").click()
    chooser.value.set_files(study / "data" / "raw" / "2024" / "beijing.txt")
    page.wait_for_selector(".giikit-view .giikit-source:has-text('2,189')")
    page.get_by_role("button", name="Add to data/raw as 2024/beijing").click()
    page.wait_for_selector("[role=status]:has-text('Same')")


def test_the_explorer_is_used_with_the_keyboard_alone(open_notebook, study):
    """A cluster is chosen, and a page pasted, seen, added and known."""
    (cluster,) = make_clusters(11, 1)
    page = start_explorer(open_notebook)
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    before = get_picture(page)
    page.get_by_role("tab", name="Clusters").focus()
    press = page.keyboard.press

    def tell_focus():
        return page.evaluate(
            "(e => e.labels?.[0]?.innerText ?? e.innerText)(document.activeElement)"
        )

    for _ in range(3):
        press("Tab")
    assert tell_focus() == "Cluster"
    # JupyterLab's own keys: down leaves for the next cell, d d deletes this one.
    for key in ("ArrowDown", "d", "d", "b", "x"):
        press(key)
    assert tell_focus() == "Cluster"
    after = wait_for_picture(page, before)
    press("Shift+Tab")
    page.keyboard.type("bei")
    wait_for_picture(page, after)
    assert "Beijing" in page.locator(".giikit-view .cards").inner_text()
    for _ in range(2):
        press("Shift+Tab")
    for _ in range(2):
        press("ArrowRight")
    press("Enter")
    press("Tab")
    assert tell_focus() == "Paste the text of a page"
    page.keyboard.insert_text(render(cluster))
    page.wait_for_selector(f".giikit-view .giikit-card:has-text('{cluster.name}')")
    page.wait_for_selector(".giikit-view .giikit-source:has-text('values read')")
    for _ in range(3):
        press("Tab")
    assert tell_focus().startswith("Add to data/raw as 2024/")
    press("Enter")
    page.wait_for_selector("[role=status]:has-text('Added')")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    known = giikit.load_dataset(study / "data").clusters
    (path,) = known.loc[known["cluster"] == cluster.name, "source"]
    assert (study / "data" / "raw" / path).read_text(encoding="utf-8") == render(
        cluster
    )


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_explorer_has_no_serious_violation(open_notebook, theme):
    page = start_explorer(open_notebook)
    execute(page, "apputils:change-theme", theme=theme)
    chosen = f"body[data-jp-theme-name='{theme}']"
    page.wait_for_selector(chosen, state="attached")
    for tab in ("Clusters", "Search and tables", "Add a page"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(1000)
        if tab == "Add a page":
            page.get_by_label("Paste the text").fill(render(make_clusters(12, 1)[0]))
            page.wait_for_selector(
                ".giikit-view .giikit-source:has-text('values read')"
            )
        assert list_violations(page, ".giikit-explorer") == []


def test_hostile_names_run_nothing_in_jupyterlab(open_notebook):
    page = start_explorer(open_notebook)
    page.get_by_role("tab", name="Add a page").click()
    page.get_by_label("Paste the text").fill(make_hostile_page())
    page.wait_for_selector(".giikit-view .giikit-source:has-text('values read')")
    for part in (".giikit-card", ".giikit-source"):
        shown = page.locator(f".giikit-view {part}").inner_text()
        assert [name for name in [CLUSTER, *HOSTILE] if name not in shown] == []
    assert not [said for said in page.said if "404" not in said]
