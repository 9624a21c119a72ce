"""Run every command that the documentation shows, in a fresh clone.

A command is a line that starts with ``$ `` in a ``console`` block, or a ``python``
block, of README.md, CONTRIBUTING.md or docs/. One whose status is not 0 says so at its
end: ``# exit status 1``. What a comment calls ``(not run in CI)`` is not run.
"""

import os
import re
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
            commands += [["bash", "-c", line] for line in lines]
    return commands


def main() -> int:
    """Run them all; return 1 if one ends otherwise than documented."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]
    failed = ran = 0
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "giikit"
        subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)
        # The clone uses this environment, so that `make` has nothing to install.
        (clone / ".venv").symlink_to(ROOT / ".venv")
        path = f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {"PATH": path, "MPLBACKEND": "agg"}
        environment |= {"PYTHONPATH": str(clone / "src")}
        for page in pages:
            for command in list_commands(page.read_text(encoding="utf-8")):
                if "(not run in CI)" in command[-1]:
                    continue
                run = subprocess.run(
                    command, cwd=clone, env=environment, capture_output=True, text=True
                )
                expected = re.search(r"# exit status (\d)", command[-1])
                ran += 1
                if run.returncode != int(expected[1] if expected else 0):
                    failed += 1
                    print(f"{page.relative_to(ROOT)}: {command[-1]}", file=sys.stderr)
                    print(f"status {run.returncode}", run.stderr, file=sys.stderr)
    print(f"documented commands: {ran} ran, {failed} not as documented")
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
