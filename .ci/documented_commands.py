"""Run what the documentation shows, in a copy of the repository.

That is every ``python`` block and every line that starts with ``$ `` in a ``console``
block of README.md, CONTRIBUTING.md and docs/. Not run again are ``make`` commands,
which .ci/run runs itself.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.M | re.S)


def list_commands(text: str) -> list[list[str]]:
    """Return the commands of a page, each as the words that run it."""
    commands = []
    for kind, body in BLOCK.findall(text):
        if kind == "python":
            commands.append([sys.executable, "-c", body])
        else:
            lines = re.findall(r"^\$ (.*)$", body, re.M)
            commands += [
                ["bash", "-c", line] for line in lines if not line.startswith("make ")
            ]
    return commands


def main() -> int:
    """Run them all in order; return 1 if one fails."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    pages += sorted(ROOT.glob("docs/**/*.md"))
    failed = ran = 0
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "a study"
        for name in ("data/raw", "notebooks"):
            shutil.copytree(ROOT / name, study / name)
        path = f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {"PATH": path, "MPLBACKEND": "agg"}
        for command in [["bash", "-c", "giikit build"]] + [
            command
            for page in pages
            for command in list_commands(page.read_text(encoding="utf-8"))
        ]:
            run = subprocess.run(
                command, cwd=study, env=environment, capture_output=True, text=True
            )
            ran += 1
            if run.returncode:
                failed += 1
                print(f"status {run.returncode}: {command[-1]}\n{run.stderr}")
    print(f"{ran - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
