"""Print hashes of tables, notebooks and pages that two very different accounts make.

    python benchmarks/hashes.py

They differ in folder, time zone, locale, hash seed, number of jobs, and in what stands
in the account's matplotlibrc and in its IPython start-up file. The exit status is 1 if
a hash differs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
KINDS = {
    "tables": "data/processed/*.*",
    "notebooks": "reports/**/*.ipynb",
    "pages": "reports/**/*.html",
}
ACCOUNTS = (
    {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
    {"TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"},
)


def make_reports(study: Path, home: Path, jobs: int, env: dict[str, str]) -> None:
    """Make all reports of the two real pages, as an account would."""
    shutil.copytree(ROOT / "tests/pages/real/data/raw", study / "data/raw")
    shutil.copytree(ROOT / "notebooks", study / "notebooks")
    command = [Path(sys.executable).parent / "giikit", "report", "--jobs", str(jobs)]
    subprocess.run(
        [*command, "--data", study / "data"],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(home), **env},
    )


def spoil_settings(home: Path) -> None:
    """Give an account settings that would change every figure and every notebook."""
    for folder in (".config/matplotlib", ".ipython/profile_default/startup"):
        (home / folder).mkdir(parents=True)
    settings = "figure.dpi: 33\nfont.family: serif\naxes.facecolor: red\n"
    (home / ".config/matplotlib/matplotlibrc").write_text(settings)
    source = "import pandas\nprint('hello')\npandas.options.display.max_rows = 1\n"
    (home / ".ipython/profile_default/startup/00.py").write_text(source)


def hash_files(study: Path, pattern: str) -> str:
    """Return one hash of the names and contents of some files of a study."""
    paths = sorted(p for p in study.glob(pattern) if not p.name.startswith("."))
    found = hashlib.sha256()
    for path in paths:
        found.update(f"{path.relative_to(study)}\n".encode() + path.read_bytes())
    return f"{found.hexdigest()} ({len(paths)} files)"


def main() -> int:
    """Make the reports twice, and compare."""
    with TemporaryDirectory() as name:
        studies = Path(name) / "one", Path(name) / "an öther, deeper" / "folder"
        for number, (study, env) in enumerate(zip(studies, ACCOUNTS, strict=True), 1):
            home = Path(name) / f"home-{number}"
            home.mkdir()
            if number == 2:
                spoil_settings(home)
            make_reports(study, home, number, env)
        same = True
        for kind, pattern in KINDS.items():
            hashes = [hash_files(study, pattern) for study in studies]
            same = same and hashes[0] == hashes[1]
            print("\n".join(f"{kind:<10} {line}" for line in hashes))
    print("equal" if same else "NOT equal")
    return int(not same)


if __name__ == "__main__":
    sys.exit(main())
