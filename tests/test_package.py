"""What the wheel and the source distribution hold."""

import json
import os
import re
import subprocess
import sys
import tarfile
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from giikit.vocabulary import WIPO

ROOT = Path(__file__).parent.parent
EXAMPLES = ("2024/beijing.txt", "2024/qingdao.txt", "rankings/gii-2023-size.csv")


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """A folder with the wheel and the source distribution of the repository."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def wheel(dist):
    (path,) = dist.glob("*.whl")
    with ZipFile(path) as archive:
        yield archive


def list_files(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix()
        for path in files
        if "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts
    }


def test_the_wheel_holds_the_package_and_what_a_study_begins_with(wheel):
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == (
        {f"giikit/{name}" for name in list_files(ROOT / "src" / "giikit")}
        | {f"giikit/notebooks/{p.name}" for p in (ROOT / "notebooks").glob("*.ipynb")}
        | {f"giikit/data/raw/{name}" for name in EXAMPLES}
    )


def test_the_wheel_holds_notebooks_and_pages_as_the_repository_does(wheel):
    for name in wheel.namelist():
        if name.startswith(("giikit/notebooks/", "giikit/data/")):
            path = ROOT / name.removeprefix("giikit/")
            assert wheel.read(name) == path.read_bytes()


def test_the_wheel_says_what_it_is(wheel):
    (name,) = [n for n in wheel.namelist() if n.endswith("METADATA")]
    fields = Parser().parsestr(wheel.read(name).decode())
    assert fields["Name"] == "giikit"
    assert fields["License-Expression"] == "MIT"
    assert fields["Requires-Python"] == ">=3.11"
    assert "LICENSE" in fields.get_all("License-File")
    assert fields.get_all("Provides-Extra") == ["dask"]
    assert fields.get_all("Project-URL") == [f"Data (WIPO), {WIPO}"]
    text = fields.get_payload()
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert [link for link in links if not link.startswith("https://")] == []
    assert "![" not in text
    assert "<!--" not in text
    assert "each is a finding, never a silently wrong number" in text
    assert "make report" not in text
    commands = re.findall(r"^giikit init|^giikit report|^jupyter lab", text, re.M)
    assert commands == ["giikit init", "giikit report", "giikit report", "jupyter lab"]
    (name,) = [n for n in wheel.namelist() if n.endswith("entry_points.txt")]
    assert b"giikit = giikit.__main__:main" in wheel.read(name)


START = """
import os, giikit
from giikit.cli import main
print(giikit.__file__)
assert main(["init", "study"]) == 0
os.chdir("study")
print(giikit.select_profile(giikit.load_dataset(), "qingdao")._repr_html_())
assert main(["report", "qingdao", "--notebook", "cluster-profile"]) == 0
"""


@pytest.mark.thorough
def test_a_study_starts_and_reports_from_the_wheel_alone(wheel, tmp_path):
    wheel.extractall(tmp_path / "site")
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    environment.pop("GIIKIT_DATA", None)

    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path / "site"))
    assert "giikit-card" in done.stdout
    assert " 0 failed" in done.stdout


def test_the_source_distribution_holds_what_a_build_and_a_test_need(dist):
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers()}
    folders = ("src", "tests", "docs", "notebooks", "benchmarks", "binder")
    for folder in (*folders, ".ci", ".devcontainer"):
        expected = {f"{folder}/{name}" for name in list_files(ROOT / folder)}
        assert {n for n in names if n.startswith(f"{folder}/")} == expected
    assert {name for name in names if "/" not in name} == {
        *(".editorconfig", ".gitattributes", ".gitignore", "CHANGELOG.md"),
        *("CITATION.cff", "CONTRIBUTING.md", "LICENSE", "Makefile", "PKG-INFO"),
        *("README.md", "SECURITY.md", "pyproject.toml", "requirements.lock"),
        "hatch_build.py",
    }
    assert {name for name in names if name.startswith("data/")} == {
        *(f"data/raw/{name}" for name in EXAMPLES),
        *("data/README.md", "data/raw/rankings/README.md"),
    }


def test_what_starts_in_the_cloud_can_be_read():
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    assert "make lab" in container["postAttachCommand"]
    subprocess.run(["bash", "-n", ROOT / "binder" / "postBuild"], check=True)
    assert (ROOT / "binder" / "postBuild").stat().st_mode & 0o100


def test_every_dependency_declares_its_licence():
    command = [sys.executable, ROOT / ".ci" / "licences.py"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "giikit                       " in done.stdout
    assert "pandas" in done.stdout


def test_an_index_would_take_both(dist):
    command = [sys.executable, "-m", "twine", "check", "--strict", *dist.iterdir()]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
