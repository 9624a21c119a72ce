"""What reading pages costs: `.venv/bin/python benchmarks/parse.py [--build N ...]`.

Prints, for docs/performance.md: reading a real page beside the scan with five regular
expressions that a user would write; the growth of time with the length of five awkward
pages; and `giikit build` of generated pages, each number in a process of its own.
"""

from __future__ import annotations

import argparse
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from giikit.pages import make_page
from giikit.parsing import parse_page, read_profile

ROOT = Path(__file__).parents[1]
RAW = ROOT / "tests/pages/real/data/raw" / "2024"
sys.path.insert(0, str(ROOT / "tests"))


def scan(path: Path) -> tuple[object, ...]:
    """Read a page as a user in a hurry would: values only, no places, no findings."""
    text = path.read_text(encoding="utf-8")
    return (
        re.search(r"Global Innovation Index (\d{4})", text),
        re.findall(r"([\d,]+) (PCT applications|scientific articles)", text),
        re.findall(r"(\d+)(?:st|nd|rd|th) (largest|S&T cluster by intensity)", text),
        re.findall(r"(\d+)\t(.+)\t([\d,]+)\t(\d+)%", text),
        re.findall(r"(\d+)% of (.+)'s .+ in collaboration with .+ with (.+)\.", text),
    )


def scan_anchored(path: Path) -> tuple[object, ...]:
    """Do the same by an expert: every expression bound to where it can begin."""
    text = path.read_text(encoding="utf-8")
    return (
        re.search(r"Global Innovation Index (\d{4})", text),
        re.search(r"filed \**([\d,]+) .*? published \**([\d,]+)", text),
        re.findall(r"^(\d+)(?:st|nd|rd|th) (\S+)", text, re.MULTILINE),
        re.findall(r"^(\d+)\t(.+)\t([\d,]+)\t(\d+)%$", text, re.MULTILINE),
        re.findall(r"^(\d+)% of (.+)'s .+ing.+ with (.+)$", text, re.MULTILINE),
    )


def measure(*actions: Callable[[], object], rounds: int = 200) -> list[float]:
    """Give the median processor seconds of each action, taken in turns."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, own in zip(actions, times, strict=True):
            start = time.process_time_ns()
            action()
            own.append((time.process_time_ns() - start) / 1e9)
    return [statistics.median(own) for own in times]


def compare_with_scan() -> None:
    print("page      read   scan  ratio   anchored scan  ratio   (microseconds)")
    for name in ("beijing", "qingdao"):
        path = RAW / f"{name}.txt"
        read, naive, expert = measure(
            lambda path=path: read_profile(path),
            lambda path=path: scan(path),
            lambda path=path: scan_anchored(path),
            rounds=3000,
        )
        print(
            f"{name:<8}{read * 1e6:6.0f} {naive * 1e6:6.0f} {read / naive:6.1f}"
            f"   {expert * 1e6:12.0f} {read / expert:6.1f}"
        )


def make_awkward_pages(n: int) -> dict[str, str]:
    """Make pages of five shapes that are ``n`` long."""
    page = (RAW / "beijing.txt").read_text(encoding="utf-8")
    row = "3\tBEIJING BYTEDANCE NETWORK TECH.\t1,223\t3%\n"
    cells = "".join(
        f"<tr><td>{i}</td><td>A</td><td>9</td><td>1%</td></tr>" for i in range(n)
    )
    body = page.replace("\n", "</p>\n<p>")
    return {
        "rows of one list": page.replace(row, row * n),
        "lines no rule reads": page.replace(row, row + "Download this\n\n" * n),
        "sentences": page + "\n17% of A's PCT applications are filed in" * n,
        "bold markers, one cell a line": page.replace(
            row, row + "**A** \\- **B**\n" * n
        ),
        "rows of HTML": f"<html><p>{body}</p><table>{cells}</table></html>",
    }


def measure_growth() -> None:
    print("\nshape                             n       2n   ratio   (milliseconds)")
    small, large = make_awkward_pages(2000), make_awkward_pages(4000)
    for shape in small:
        pages = [pages[shape] for pages in (small, large)]
        once, twice = measure(
            *(lambda text=text: parse_page(make_page(text, "page")) for text in pages),
            rounds=15,
        )
        print(f"{shape:<30}{once * 1e3:6.1f} {twice * 1e3:8.1f} {twice / once:7.2f}")


def build(n: int) -> None:
    """Build ``n`` generated pages in a process of its own."""
    from generator.rendering import make_clusters, write_pages

    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "data" / "raw"
        write_pages(raw, make_clusters(1, n))
        command = [Path(sys.executable).with_name("giikit"), "build"]
        command += ["--raw", raw, "--out", Path(folder) / "out"]
        start = time.perf_counter()
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    work, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    print(f"{n:>6} {seconds:8.1f} {work:10.1f} {peak:9.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=int, nargs="*", default=[100, 1000, 10_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        build(options.one)
        return
    compare_with_scan()
    measure_growth()
    print("\n pages  seconds  processor  peak MB", flush=True)
    for n in options.build:
        subprocess.run([sys.executable, __file__, "--one", str(n)], check=True)


if __name__ == "__main__":
    main()
