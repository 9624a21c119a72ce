"""Time `giikit report` against the shell loop and papermill, on generated clusters.

    python benchmarks/report.py              # 24 and 100 clusters
    python benchmarks/report.py 10 --sample 2

The loop and papermill run on a sample, one cluster after the other; giikit makes all
reports, with everything it does: build, notebooks, HTML, index, records. The limit is
what no runner can beat: the time of the cells alone, measured one notebook at a time
on warm kernels, over the processors.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
BIN = Path(sys.executable).parent
CORES = len(os.sched_getaffinity(0))
MB = 2**20
ONE_PROCESS = """
import json, sys, papermill
from pathlib import Path
for name in json.loads(sys.argv[2]):
    papermill.execute_notebook(
        sys.argv[1], f"{name}-one.ipynb", {"cluster": name}, progress_bar=False
    )
"""


def make_study(folder: Path, n: int) -> list[str]:
    """Make a study of ``n`` generated clusters; return their cluster_ids."""
    from generator.rendering import make_clusters, write_pages

    pages = write_pages(folder / "data" / "raw", make_clusters(1, n))
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    return [page.stem for page in pages]


def time_command(*command: object, **options: object) -> float:
    """Run a command to its end; return its seconds."""
    started = time.perf_counter()
    texts = [str(part) for part in command]
    output = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(texts, check=True, **output, **options)
    return time.perf_counter() - started


def time_loop(study: Path, names: list[str]) -> float:
    """Return the seconds a report of the loop that people write in a shell."""
    notebook = study / "notebooks" / "01_cluster_profile.ipynb"
    seconds = []
    for name in names:
        made = study / f"{name}.ipynb"
        choice = ("-p", "cluster", name)
        seconds.append(
            time_command(BIN / "papermill", notebook, made, *choice, cwd=study)
            + time_command(
                BIN / "jupyter", "nbconvert", "--to", "html", made, cwd=study
            )
        )
    return statistics.mean(seconds)


def time_one_process(study: Path, names: list[str]) -> float:
    """Return the seconds a report of papermill in one process, without HTML."""
    notebook = study / "notebooks" / "01_cluster_profile.ipynb"
    command = (sys.executable, "-c", ONE_PROCESS, notebook, json.dumps(names))
    return time_command(*command, cwd=study) / len(names)


class Memory(threading.Thread):
    """Watch the memory of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.ended = pid, threading.Event()
        self.total = self.kernel = self.main = 0.0

    def run(self) -> None:
        """Sample until told to end; a forked kernel's share counts, not its RSS."""
        while not self.ended.wait(0.3):
            with suppress(psutil.Error):
                main = psutil.Process(self.pid)
                shares = []
                for process in main.children(recursive=True):
                    with suppress(psutil.Error):
                        memory = process.memory_full_info()
                        shares.append(memory.pss)
                        self.kernel = max(self.kernel, memory.rss / MB)
                own = main.memory_full_info().pss
                self.main = max(self.main, own / MB)
                self.total = max(self.total, (own + sum(shares)) / MB)


def time_report(study: Path, *options: str) -> float:
    """Run `giikit report`; return its seconds."""
    command = BIN / "giikit", "report", "--data", study / "data"
    return time_command(*command, *options, cwd=study)


def watch_report(study: Path) -> Memory:
    """Run `giikit report`; return the memory it took: to watch it costs a tenth."""
    command = [BIN / "giikit", "report", "--data", study / "data"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=study)
    memory = Memory(process.pid)
    memory.start()
    process.wait()
    memory.ended.set()
    memory.join()
    if process.returncode:
        message = f"giikit report ended with {process.returncode}"
        raise SystemExit(message)
    return memory


def read_records(study: Path) -> dict[str, dict[str, float]]:
    """Return what run.json records of each report."""
    text = (study / "reports" / "run.json").read_text(encoding="utf-8")
    return json.loads(text)["reports"]


def compare(n: int, sample: int) -> None:
    """Print one comparison."""
    with TemporaryDirectory() as name:
        study = Path(name)
        names = make_study(study, n)
        chosen = names[:: max(1, n // sample)][:sample]
        memory = watch_report(study)
        time_report(study, "--force", "--jobs", "1", *chosen)
        records = read_records(study)
        cells = [
            records[f"2024/cluster-profile/{key}"]["cell_seconds"] for key in chosen
        ]
        across = records["2024/across-clusters"]["cell_seconds"]
        limit = (statistics.mean(cells) * n + across) / CORES
        seconds = time_report(study, "--force")
        nothing = time_report(study)
        page = next((study / "data" / "raw").rglob(f"{names[0]}.txt"))
        page.write_bytes(page.read_bytes() + b" ")
        one = time_report(study)
        loop = time_loop(study, chosen)
        single = time_one_process(study, chosen)
    each = seconds / (n + 1)
    print(f"\n{n} clusters, {n + 1} reports; {CORES} processors, {platform.machine()}")
    print(f"{'seconds a report':<44}{'s':>8}{'times giikit':>14}")
    print(f"{f'shell loop, papermill + nbconvert ({sample})':<44}{loop:>8.2f}", end="")
    print(f"{loop / each:>14.1f}")
    print(
        f"{f'papermill in one process, no HTML ({sample})':<44}{single:>8.2f}", end=""
    )
    print(f"{single / each:>14.1f}")
    print(f"{'giikit report --force':<44}{each:>8.3f}{1:>14.1f}")
    print(
        f"in all: giikit report --force {seconds:.1f} s; limit {limit:.1f} s; ", end=""
    )
    print(f"1.3 times the limit and 3 s: {1.3 * limit + 3:.1f} s")
    print(f"nothing changed {nothing:.2f} s; one page changed {one:.1f} s")
    print(
        f"memory: {memory.total:.0f} MB in all at the peak, giikit {memory.main:.0f} "
    )
    print(f"MB, largest kernel {memory.kernel:.0f} MB (with what it shares)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clusters", nargs="*", type=int, default=[24, 100])
    parser.add_argument("--sample", type=int, default=3)
    chosen = parser.parse_args()
    for number in chosen.clusters:
        compare(number, chosen.sample)
