"""Kill `giikit report` at random moments; each time, run again and compare.

    python benchmarks/kill_report.py --times 200

After every kill there must be no process left, every file must be whole, and the next
run must end with the same bytes as an undisturbed run. The exit status is 1 if not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
MARK = "GIIKIT_KILL_MARK"


def run_report(study: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start `giikit report` on a study."""
    command = [Path(sys.executable).parent / "giikit", "report", *options]
    return subprocess.Popen(
        [*command, "--data", study / "data"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {MARK: str(study)},
    )


def read_files(study: Path) -> dict[str, bytes]:
    """Return all files of the reports but those that tell times."""
    reports = study / "reports"
    paths = [path for path in reports.rglob("*") if path.is_file()]
    return {
        path.relative_to(reports).as_posix(): path.read_bytes()
        for path in paths
        if path.name != "run.json"
    }


def list_survivors(study: Path) -> list[int]:
    """Return the processes of a killed run, once they had ten seconds to end."""
    deadline = time.monotonic() + 10
    while True:
        alive = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get(MARK) == str(study):
                    alive.append(process.pid)
        if not alive or time.monotonic() > deadline:
            return alive
        time.sleep(0.05)


def find_faults(study: Path, wanted: dict[str, bytes], delay: float) -> list[str]:
    """Kill a run after ``delay`` seconds; return what is wrong then."""
    # A changed notebook makes all reports stale, so there is always work to kill.
    notebook = study / "notebooks" / "01_cluster_profile.ipynb"
    text = notebook.read_text(encoding="utf-8")
    other = text.replace("# One cluster", "# Another")
    notebook.write_text(other, encoding="utf-8")
    run = run_report(study)
    time.sleep(delay)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    notebook.write_text(text, encoding="utf-8")
    faults = [f"process {pid} survived" for pid in list_survivors(study)]
    for name, content in read_files(study).items():
        if name.startswith(".work"):
            continue
        if name.endswith(".html") and not content.rstrip().endswith(b"</html>"):
            faults.append(f"{name} is not whole")
        if name.endswith(".ipynb"):
            try:
                json.loads(content)
            except ValueError:
                faults.append(f"{name} is not whole")
    again = run_report(study)
    _, told = again.communicate()
    if again.returncode:
        faults.append(f"the next run ended with {again.returncode}: {told.decode()}")
    found = read_files(study)
    changed = sorted(n for n in wanted | found if wanted.get(n) != found.get(n))
    return faults + [f"{name} differs" for name in changed]


def main() -> int:
    """Run all trials."""
    from generator.rendering import make_clusters, write_pages

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    failed = 0
    with TemporaryDirectory() as name:
        study = Path(name)
        write_pages(study / "data" / "raw", make_clusters(options.seed, 6))
        shutil.copytree(ROOT / "tests" / "notebooks" / "study", study / "notebooks")
        started = time.monotonic()
        run_report(study).communicate()
        seconds = time.monotonic() - started
        wanted = read_files(study)
        print(f"an undisturbed run: {seconds:.1f} s, {len(wanted)} files", flush=True)
        for trial in range(1, options.times + 1):
            delay = rng.uniform(0, seconds * 1.1)
            faults = find_faults(study, wanted, delay)
            failed += bool(faults)
            words = "; ".join(faults) or "whole and equal"
            print(f"{trial:>4}  killed after {delay:5.2f} s: {words}", flush=True)
    print(f"{options.times} kills, {failed} with faults")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
