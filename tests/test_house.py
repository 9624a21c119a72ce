"""What holds of the package and the tree as a whole."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "giikit"


@pytest.mark.parametrize(
    ("page", "digest"),
    [
        (
            "beijing.txt",
            "e4204ea84d12e019bfb263f07cfdae3aa2500a04a1551e68bc2a3471c3bde835",
        ),
        (
            "qingdao.txt",
            "b3fdc5574795b17eb5887bac5c8f15c99da50bc839dcef0d62cadb71264dc712",
        ),
    ],
)
def test_raw_pages_are_those_that_wipo_published(page, digest):
    content = (ROOT / "data" / "raw" / "2024" / page).read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest


def test_importing_giikit_loads_no_heavy_library():
    code = (
        "import sys, giikit; print([m for m in ('pandas', 'matplotlib', 'seaborn', "
        "'papermill', 'nbconvert', 'pandera', 'lxml') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


def test_every_public_name_can_be_had():
    import giikit

    for name in giikit.__all__:
        assert getattr(giikit, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = giikit.no_such_name


def list_files():
    """The files of the repository, also where there is no git."""
    made = {".git", ".venv", "processed", "reports", "node_modules", "__pycache__"}
    for folder in (ROOT, ROOT / ".ci"):
        for path in folder.iterdir():
            if path.is_file():
                yield path
    for folder in ("benchmarks", "data", "docs", "notebooks", "src", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and made.isdisjoint(path.relative_to(ROOT).parts):
                yield path


def test_every_link_in_the_documentation_leads_somewhere():
    links = 0
    for page in (ROOT, ROOT / "docs", ROOT / "data"):
        for path in page.glob("*.md"):
            text = path.read_text(encoding="utf-8")
            for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
                if not re.match(r"[a-z]+:", link):
                    assert (path.parent / link).exists(), f"{path.name} links {link}"
                    links += 1
    assert links > 10


def test_no_registry_and_no_machine_path_is_named():
    # In two parts, so that this file does not name them itself.
    hosts = [("py", "pi.org"), ("python", "hosted"), ("npm", "js."), ("/ro", "ot/")]
    for path in list_files():
        content = path.read_bytes()
        for host in hosts:
            assert "".join(host).encode() not in content, f"{path} names {host}"
