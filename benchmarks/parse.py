"""What reading pages costs: `.venv/bin/python benchmarks/parse.py [--build N ...]`.

Prints, for docs/performance.md: reading a real page beside the scan with five regular
expressions that a user would write; the growth of time with the length of some sixty
awkward pages; and `giikit build` of generated pages, each number in a process of its
own. The status is 1 if the time for an awkward page grows faster than its length, or is
over 20 seconds.
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

from giikit.errors import PageError
from giikit.pages import make_page
from giikit.parsing import parse_page, read_profile

ROOT = Path(__file__).parents[1]
RAW = ROOT / "tests/pages/real/data/raw" / "2024"
sys.path.insert(0, str(ROOT / "tests"))

ROW = "3\tBEIJING BYTEDANCE NETWORK TECH.\t1,223\t3%\n"
EDITION = "Global Innovation Index 2024\n"
COLLABORATION = (
    "17% of Beijing's PCT applications are filed in collaboration with others, "
    "with {} emerging as the top collaborative locations.\n"
)


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


# What is repeated: without end, in the longest lines that are read, as lines of its
# own, in HTML, as attributes of one element, or in MHTML.
SHAPES = {
    "one line of": {
        "letters": "a",
        "spaces": " ",
        "bold markers": "**",
        "entities": "&amp;",
    },
    "long lines of": {
        "pipes": "|",
        "bold markers": "**",
        "digits": "7",
        "commas": "9,",
        "quotation marks": "> ",
        "entities": "&amp;",
        "ampersands": "&",
        "opened tags": "<",
        "soft hyphens": "\N{SOFT HYPHEN}",
        "combining characters": "e\N{COMBINING ACUTE ACCENT}",
        "grouped digits": "1\N{NO-BREAK SPACE}",
        "links": "[a](b) ",
        "half links": "[a](",
        "raised text": "<sup>1",
        "struck-out text": "~~",
        "shares": "23% of ",
        "names of the cluster": "Beijing is the ",
        "numbers of clusters": "out of 26 Chinese clusters ",
        "rates": "filed 2,189 PCT applications ",
        "cells between tabs": "3\tA\t1\t3%\t",
        "cells between spaces": "3   A   1   3%   ",
        "fields in brackets": "medical technology (10%), ",
    },
    "lines of": {
        "rows": ROW,
        "rows of one rank": "1\tABCDEFGHIJKLMNO\t1,223\t3%\n",
        "rows without rank": "NAME OF AN ORGANIZATION\t1,223\t3%\n",
        "rows, one cell a line": "3\n" + "NAME " * 16 + "\n1,223\n3%\n",
        "rows of drawn tables": "│ 3 │ BEIJING │ 1,223 │ 3% │\n",
        "formulas": "3\t=cmd(a, b) AND MORE\t1,223\t3%\n",
        "menus": "About this site and more\n",
        "ranks": "3rd largest science and technology cluster in 2024\n",
        "headings of lists": "Top PCT applicants\nTop publishing organizations\n",
        "headings of fields": "Top technology fields in Beijing\n",
        "headings of editions": EDITION,
        "broken headings": "Global Innovation Index (GII) ########\n    2024\n",
        "titles": "Beijing, China and so on\n",
        "halves of the lead sentence": "Beijing is the second-ranked cluster, out of\n",
        "wrapped sentences": "a cluster that is the only cluster in the world of and\n",
        "quoted sentences": "> > > a cluster that is the only one in the world and\n",
        "collaboration sentences": COLLABORATION.format("**A**, **B** and **C**"),
        "long lists of partners": COLLABORATION.format("**A**, " * 1300 + "and B"),
        "states of partners": COLLABORATION.format("A" + ", AA" * 2000),
        "brackets of partners": COLLABORATION.format("A" + " (A (A) A" * 900),
        "control characters": "a line of words \a with a bell\n",
    },
    "above the title lines of": {
        "front matter": "It falls within the top 100 S&T clusters in 2024.\n" + EDITION,
        "headings of lists": EDITION + "Top PCT applicants\n",
        "other titles": "Qingdao, China and so on\n",
    },
    "HTML of": {
        "nested blocks": "<div>",
        "unclosed paragraphs": "<p>",
        "unclosed items": "<li>some words of a menu",
        "unclosed rows": "<tr><td>3<td>NAME<td>1%",
        "rows": "<tr><td>3</td><td>A</td><td>9</td><td>1%</td></tr>",
        "line breaks": "some words of a menu<br>",
        "comments": "<!-- a -->",
        "unclosed comments": "<!-- a",
        "opened tags": "<",
        "entities": "&nbsp;",
        "badges": '<i class="badge">a</i>',
        "bold words": "<b>a</b> ",
    },
    "attributes of": {"styles": 'style="font-weight" ', "names": "a "},
    "quoted-printable": {"escapes": "=", "words": "words <b>of</b> a page "},
    "base64": {"paragraphs": "<p>words of a page</p>"},
}
PACKED = ("quoted-printable", "base64")
LONGEST = 9_990  # that is read
SMALL, LARGE, MOST_SECONDS = 1_000_000, 4_000_000, 20


def make_awkward_page(kind: str, piece: str, size: int) -> tuple[bytes, str]:
    """Make a page of about ``size`` bytes; return the suffix of its file, too."""
    if kind == "long lines of":
        piece = piece * (LONGEST // len(piece)) + "\n"
    # What is packed takes up to three times the space.
    longest = size // 3 if kind in PACKED else size
    text = piece * (longest // len(piece.encode()))
    page = (RAW / "beijing.txt").read_text(encoding="utf-8")
    if kind.startswith("above"):
        return page.replace(
            "Beijing, China\n", f"{text}Beijing, China\n"
        ).encode(), ".txt"
    if "line" in kind:
        return page.replace(ROW, f"{ROW}{text}\n").encode(), ".txt"
    if kind == "attributes of":
        text = f"<p {text}>A</p>"
    body = page.replace("\n", "</p>\n<p>")
    html = f"<html><body><p>{body}</p>{text}</body></html>".encode()
    if kind in PACKED:
        from generator.rendering import pack_mhtml

        return pack_mhtml(html, kind), ".mhtml"
    return html, ".html"


def measure_awkward_page(kind: str, piece: str, size: int) -> tuple[float, str]:
    """Return the seconds that a page takes, and whether it is refused."""
    content, suffix = make_awkward_page(kind, piece, size)
    start = time.process_time()
    try:
        parse_page(make_page(content, "page", suffix))
        end = ""
    except PageError:
        end = "refused"
    return time.process_time() - start, end


def measure_growth() -> int:
    """Read awkward pages of two lengths; return how many are too slow."""
    print(f"\n{'seconds for a page of':<44}1 MB    4 MB  ratio")
    failed = 0
    for kind, pieces in SHAPES.items():
        for name, piece in pieces.items():
            small, _ = measure_awkward_page(kind, piece, SMALL)
            large, end = measure_awkward_page(kind, piece, LARGE)
            # Of hundredths of a second, a ratio says nothing.
            slow = large > MOST_SECONDS or (large > 1 and large > 6 * small)
            failed += slow
            print(
                f"{kind + ' ' + name:<40}{small:8.2f}{large:8.2f}{large / small:7.1f}  "
                f"{'TOO SLOW' if slow else end}",
                flush=True,
            )
    return failed


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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=int, nargs="*", default=[100, 1000, 10_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        build(options.one)
        return 0
    compare_with_scan()
    failed = measure_growth()
    print("\n pages  seconds  processor  peak MB", flush=True)
    for n in options.build:
        subprocess.run([sys.executable, __file__, "--one", str(n)], check=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
