"""What holds of the package and the tree as a whole."""

import ast
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "giikit"
# Nothing imports from its right.
ORDER = """
    errors fingerprints folders cards profile markup pages numbers grammar economies
    ledger reader parse duplicates tables bounds rankings estimates faults checks
    storage dataset selection figures comparisons plots kernels parameters execution
    store reports cli
""".split()  # noqa: SIM905  a list of thirty quoted words is harder to read


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


def list_imports(path):
    """The giikit modules that a module imports when it runs."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body.clear()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "giikit"
        ):
            parts = node.module.split(".")
            yield from parts[1:2] or [alias.name for alias in node.names]


@pytest.mark.parametrize("name", ORDER)
def test_nothing_imports_from_its_right(name):
    allowed = ORDER[: ORDER.index(name)]
    assert set(list_imports(SOURCE / f"{name}.py")) <= set(allowed)


def test_every_module_has_its_place_in_the_order():
    assert {p.stem for p in SOURCE.glob("*.py")} == {"__init__", *ORDER}


def test_the_library_stays_thin():
    lines = {p.name: len(p.read_text().splitlines()) for p in SOURCE.glob("*.py")}
    assert max(lines.values()) <= 300, lines
    assert sum(lines.values()) < 2500, lines


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


def test_no_registry_and_no_machine_path_is_named():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    forbidden = [
        "py" + "pi.org",
        "files.python" + "hosted",
        "npm" + "js.",
        "/ro" + "ot/",
    ]
    for name in tracked:
        content = (ROOT / name).read_bytes()
        for host in forbidden:
            assert host.encode() not in content, f"{name} names {host}"
