"""What all tests share: a working directory of their own, and numbers of examples."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from giikit._warm.leaving import leaving_out

with leaving_out("rfc3987_syntax"):
    # As giikit does, which says why: it takes a second of every process.
    import jsonschema  # noqa: F401

REAL = Path(__file__).parent / "pages" / "real"
LONGEST = ("test_warm", "test_reports", "test_plots", "test_pictures", "test_checks")

# The same examples on every run, so that a failure can be repeated.
COMMON = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}
settings.register_profile("quick", max_examples=200, **COMMON)
# pytest -m "hypothesis or thorough" --hypothesis-profile=thorough, as in .ci/run
settings.register_profile("thorough", max_examples=2000, **COMMON)
settings.load_profile("quick")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """One process more than there are processors: some tests wait for kernels."""
    return min((os.cpu_count() or 1) + 1, 4)


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, so that the processes end together."""
    items.sort(key=lambda item: item.path.stem not in LONGEST)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Work in an empty folder: no test may depend on the repository's own data."""
    monkeypatch.delenv("GIIKIT_DATA", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def browser():
    """Chromium, which reaches this machine alone; for tests marked ``browser``."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "chromium is not installed: apt-get install chromium"
    hosts = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    options = ["--no-sandbox", "--disable-gpu", "--disable-quic", hosts]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=options)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A study with the two real pages, the ranking, and the tables; not to be changed.

    Its tables take as long to build as most tests run: who changes it, copies it.
    """
    from giikit.build import build_dataset

    folder = tmp_path_factory.mktemp("built") / "study"
    shutil.copytree(REAL, folder)
    build_dataset(folder / "data" / "raw", folder / "data" / "processed")
    return folder


@pytest.fixture
def study(built, tmp_path, monkeypatch):
    """A copy of the built study of its own; the working directory."""
    folder = tmp_path / "study"
    shutil.copytree(built, folder)
    monkeypatch.chdir(folder)
    return folder
