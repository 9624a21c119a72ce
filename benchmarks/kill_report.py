"""Kill `giikit report` and `giikit build` in four ways; then run again and compare.

    python benchmarks/kill_report.py --times 200

In turn: SIGKILL at a random moment, Ctrl-C in the first two seconds, SIGKILL of the
kernels' server alone, and SIGKILL at the renames of a build.

After every kill there must be no process left, every file must be whole, no mixed
tables may be loaded, and the next run must end with the bytes of an undisturbed one.
The exit status is 1 if not.
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
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

import giikit

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


def find_torn(study: Path) -> list[str]:
    """Return what is not whole: reports, or tables that are loaded though mixed."""
    faults = []
    for name, content in read_files(study).items():
        if "/." in f"/{name}":
            continue
        if name.endswith(".html") and not content.rstrip().endswith(b"</html>"):
            faults.append(f"{name} is not whole")
        if name.endswith(".ipynb"):
            try:
                json.loads(content)
            except ValueError:
                faults.append(f"{name} is not whole")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that old tables are not used
        loaded = giikit.load_dataset(study / "data")
    made = giikit.build.assemble(study / "data" / "raw")
    mixed = [
        n
        for (n, t), (_, m) in zip(loaded.items(), made.items(), strict=True)
        if not t.equals(m)
    ]
    return faults + [f"the table {name} is loaded, and old" for name in mixed]


def change_study(study: Path) -> dict[Path, str]:
    """Make all reports and tables stale, and return the texts that were there."""
    page = next((study / "data" / "raw").rglob("*.txt"))
    changes = {
        study / "notebooks" / "01_cluster_profile.ipynb": ("# One", "# Another"),
        page: ("GLOBAL", "Global"),
    }
    before = {path: path.read_text(encoding="utf-8") for path in changes}
    for path, (old, new) in changes.items():
        text = before[path].replace(old, new) + " " * (path == page)
        path.write_text(text, encoding="utf-8")
    return before


def kill_run(study: Path, delay: float) -> list[str]:
    """Kill a run with SIGKILL after ``delay`` seconds."""
    run = run_report(study)
    time.sleep(delay)
    run.kill()
    run.communicate()
    return []


def interrupt_run(study: Path, delay: float) -> list[str]:
    """Press Ctrl-C twice in the first two seconds; it must end in two more."""
    # Before it minds Ctrl-C, Python itself is starting.
    run = run_report(study)
    time.sleep(0.3 + delay % 1.7)
    started = time.monotonic()
    run.send_signal(signal.SIGINT)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate()
    faults = []
    if (seconds := time.monotonic() - started) > 2:
        faults.append(f"it took {seconds:.1f} s to end")
    if run.returncode == 130 and told != b"giikit: interrupted\n":
        faults.append(f"it told {told.decode()}")
    return faults


def kill_server(study: Path, delay: float) -> list[str]:
    """Kill the kernels' server alone; the run must still come to an end."""
    run = run_report(study)
    time.sleep(delay)
    with suppress(psutil.Error, IndexError):  # it has none yet, or no longer
        guard = psutil.Process(run.pid).children()[0]
        (guard.children() or [guard])[0].kill()
    run.communicate(timeout=120)
    return []


def kill_build(study: Path, delay: float) -> list[str]:
    """Kill `giikit build` at one of the renames that put its tables in place."""
    code = (
        "import os, pathlib, sys\n"
        "replace, left = pathlib.Path.replace, [int(sys.argv[1])]\n"
        "def kill(path, target):\n"
        "    left[0] -= 1\n"
        "    left[0] < 0 and os.kill(os.getpid(), 9)\n"
        "    return replace(path, target)\n"
        "pathlib.Path.replace = kill\n"
        "from giikit.build import build_dataset\n"
        "build_dataset(sys.argv[2], sys.argv[3])\n"
    )
    folders = [study / "data" / name for name in ("raw", "processed")]
    number = str(int(delay * 1000) % 20)
    subprocess.run([sys.executable, "-c", code, number, *folders], check=False)
    return []


WAYS = (kill_run, interrupt_run, kill_server, kill_build)


def find_faults(
    study: Path,
    wanted: dict[str, bytes],
    kill: Callable[[Path, float], list[str]],
    delay: float,
) -> list[str]:
    """Kill a run in one of the ways; return what is wrong then."""
    before = change_study(study)
    faults = kill(study, delay)
    faults += [f"process {pid} survived" for pid in list_survivors(study)]
    faults += find_torn(study)
    for path, text in before.items():
        path.write_text(text, encoding="utf-8")
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
            kill, delay = WAYS[trial % len(WAYS)], rng.uniform(0, seconds * 1.1)
            faults = find_faults(study, wanted, kill, delay)
            failed += bool(faults)
            words = "; ".join(faults) or "whole and equal"
            print(f"{trial:>4}  {kill.__name__} {delay:5.2f} s: {words}", flush=True)
    print(f"{options.times} kills, {failed} with faults")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
