"""What git takes of a notebook that was run and saved, as `make lab` sets it up."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOK = "notebooks/02_across_clusters.ipynb"
# This Python, which starts no JupyterLab.
PYTHON = f"""#!/bin/sh
test "$2" = jupyterlab || exec '{sys.executable}' "$@"
"""
GIT = ["git", "-c", "user.name=A Person", "-c", "user.email=person@example.org"]


def run(folder, *command):
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def clone(tmp_path):
    """A clone, in a folder whose name has a space, that `make lab` was run in."""
    folder = tmp_path / "a clone"
    (folder / "notebooks").mkdir(parents=True)
    shutil.copy(ROOT / NOTEBOOK, folder / "notebooks")
    for name in ("Makefile", ".gitattributes", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    bin_ = folder / ".venv" / "bin"
    bin_.mkdir(parents=True)
    for name in ("python", "nbstripout"):
        (bin_ / name).write_text(PYTHON)
        (bin_ / name).chmod(0o755)
    for name in ("requirements.lock", "pyproject.toml", ".venv/ready"):
        (folder / name).touch()
    return folder


def save_with_outputs(path):
    """Save a notebook as JupyterLab does once it was run."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["metadata"]["language_info"] |= {"version": "3.11.2", "mimetype": "x"}
    cell = next(c for c in notebook["cells"] if c["cell_type"] == "code")
    cell |= {"execution_count": 3}
    cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["seen\n"]}]
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.mark.thorough
def test_git_stores_what_was_run_as_it_was_before(clone):
    run(clone, *GIT, "init", "--quiet")
    run(clone, "make", "-s", "lab")
    run(clone, *GIT, "add", ".")
    run(clone, *GIT, "commit", "--quiet", "--message", "all")
    path = clone / NOTEBOOK
    save_with_outputs(path)
    assert run(clone, *GIT, "diff") == ""
    assert "seen" in path.read_text(encoding="utf-8")
    edited = path.read_text(encoding="utf-8").replace("# Across clusters", "# Mine")
    path.write_text(edited, encoding="utf-8")
    assert '+    "# Mine' in run(clone, *GIT, "diff")


def test_where_there_is_no_git_or_environment_nothing_is_in_the_way(clone):
    run(clone, "make", "-s", "lab")
    run(clone, *GIT, "init", "--quiet")
    run(clone, "make", "-s", "lab")
    (clone / ".venv" / "bin" / "nbstripout").unlink()
    save_with_outputs(clone / NOTEBOOK)
    run(clone, *GIT, "add", "notebooks")
    stored = run(clone, *GIT, "show", f":{NOTEBOOK}")
    assert "seen" in stored
