"""The worked examples of CONTRIBUTING.md work as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sampling import sample

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "tests/pages/real/data/raw/2024/beijing.txt"
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PRELUDE = f"""
import json
from pathlib import Path
import giikit
from giikit import make_dataset, parse_profile
BEIJING = Path({str(PAGE)!r}).read_text(encoding="utf-8")
"""


def find_blocks(section: str) -> list[tuple[str, str]]:
    """Return the blocks of code of a section, each with its language."""
    (body,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)
    return re.findall(r"^```(\w+)\n(.*?)^```$", body, re.M | re.S)


def add_to_grammar(package: Path, block: str) -> None:
    """Put fields and rules beside those that the grammar has."""
    grammar = package / "parsing" / "grammar.toml"
    text = grammar.read_text(encoding="utf-8")
    fields, heading, rule = block.partition("[[rules]]\n")
    text = text.replace("[fields]\n", fields or "[fields]\n", 1)
    text = text.replace("[[rows]]\n", f"{heading}{rule}\n[[rows]]\n", 1)
    grammar.write_text(text, encoding="utf-8")


def apply(package: Path, language: str, block: str) -> None:
    """Put what a block declares into a copy of the package."""
    if language == "toml":
        add_to_grammar(package, block)
    elif language == "csv":
        with (package / "tables" / "columns.csv").open("a", encoding="utf-8") as file:
            file.write(block)
    elif block.startswith("import "):
        name = re.search(r'@register\("(\w+)"', block)[1]
        path = package / "pages" / "formats" / f"saved_{name}.py"
        path.write_text(block, encoding="utf-8")
    else:
        model = package / "model" / "profile.py"
        text = model.read_text(encoding="utf-8")
        text = text.replace('    source: str = ""\n', f'{block}    source: str = ""\n')
        model.write_text(text, encoding="utf-8")


def run_example(folder: Path, test: str) -> str:
    """Run an example's test on the package in a folder; return what went wrong."""
    name, argument = re.search(r"def (\w+)\((\w*)\)", test).groups()
    call = f"{name}({f'Path({str(folder)!r})' if argument else ''})\n"
    run = subprocess.run(
        [sys.executable, "-c", f"{PRELUDE}\n{test}\n{call}"],
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stderr


@pytest.mark.parametrize(
    "section", sample(["A column", "A wording", "A format"], every=3)
)
def test_an_addition_works_as_contributing_shows_it(section, tmp_path):
    shutil.copytree(ROOT / "src" / "giikit", tmp_path / "giikit")
    *declarations, (_, test) = find_blocks(section)
    assert "Error" in run_example(tmp_path, test), "the test must fail before"
    for language, block in declarations:
        apply(tmp_path / "giikit", language, block)
    assert run_example(tmp_path, test) == ""


def test_contributing_names_every_room_of_the_house():
    rooms = re.findall(r"^\| `(\w+)/?`.* \|$", TEXT, re.M)
    paths = (ROOT / "src" / "giikit").iterdir()
    code = {p.stem for p in paths if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert set(rooms) == code - {"__init__", "__main__"}
    assert len(set(rooms)) == len(rooms)
