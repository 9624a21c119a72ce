"""The worked example of docs/extending-the-grammar.md works as it stands there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECTION = (ROOT / "docs" / "extending-the-grammar.md").read_text(encoding="utf-8")


def find_block(language: str) -> str:
    return re.search(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)[1]


def run_example(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the example's test on the package that lies in ``folder``."""
    page = ROOT / "tests/pages/real/data/raw" / "2024" / "beijing.txt"
    test = folder / "example.py"
    test.write_text(
        "from pathlib import Path\n"
        "from giikit.parse import parse_profile\n"
        f"BEIJING = Path({str(page)!r}).read_text(encoding='utf-8')\n"
        f"{find_block('python')}\n"
        "test_trademarks_are_read()\n",
        encoding="utf-8",
    )
    return subprocess.run(
        [sys.executable, test],
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_entry_teaches_the_grammar_a_new_wording(tmp_path):
    shutil.copytree(ROOT / "src" / "giikit", tmp_path / "giikit")
    assert "ValueError: not enough values" in run_example(tmp_path).stderr
    grammar = tmp_path / "giikit" / "parsing" / "grammar.toml"
    fields, rule = find_block("toml").split("\n[[rules]]\n")
    text = grammar.read_text(encoding="utf-8")
    text = text.replace("[fields]\n", f"{fields}\n", 1)
    text = text.replace("[[rows]]\n", f"[[rules]]\n{rule}\n[[rows]]\n", 1)
    grammar.write_text(text, encoding="utf-8")
    run = run_example(tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
