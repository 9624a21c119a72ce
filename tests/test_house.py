"""What holds of the package and the tree as a whole."""

import hashlib
import importlib
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = [f"giikit.{path.parent.name}" for path in ROOT.glob("src/giikit/*/__init__.py")]
REAL = ROOT / "tests/pages/real/data/raw"


@pytest.mark.parametrize(
    ("file", "digest"),
    [
        (
            "2024/beijing.txt",
            "e4204ea84d12e019bfb263f07cfdae3aa2500a04a1551e68bc2a3471c3bde835",
        ),
        (
            "2024/qingdao.txt",
            "b3fdc5574795b17eb5887bac5c8f15c99da50bc839dcef0d62cadb71264dc712",
        ),
        (
            "rankings/gii-2023-size.csv",
            "dd710a272aa38c062a14fb19bcf5e43236724d1a7c060bdb1686e17a7c83c709",
        ),
    ],
)
def test_the_real_pages_and_the_ranking_are_those_that_wipo_published(file, digest):
    content = (REAL / file).read_bytes()
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


@pytest.mark.parametrize("room", ["giikit", *ROOMS])
def test_a_front_door_shows_what_is_public_and_nothing_else(room):
    door = importlib.import_module(room)
    for name in door.__all__:
        assert getattr(door, name) is not None
    assert sorted(dir(door)) == sorted(door.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = door.no_such_name


def test_the_version_is_that_of_the_installed_package():
    import giikit

    assert giikit.__version__ == metadata.version("giikit")


def test_every_link_in_the_documentation_leads_somewhere():
    links = 0
    for page in (ROOT, ROOT / "docs", ROOT / "docs" / "how-to", ROOT / "data"):
        for path in page.glob("*.md"):
            text = path.read_text(encoding="utf-8")
            for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
                if not re.match(r"[a-z]+:", link):
                    assert (path.parent / link).exists(), f"{path.name} links {link}"
                    links += 1
    assert links > 10
