"""Let coverage guide the damage to pages; nothing but PageError may come of it.

Run by hand, with atheris in an environment of its own, once for each kind of page:

    python benchmarks/fuzz_guided.py --minutes 5 text
    python benchmarks/fuzz_guided.py --minutes 5 html

libFuzzer prints how many pages it read. It ends at the first other exception, or page
that takes 20 seconds, with a status that is not 0, and keeps the page where it was run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["giikit"]):
    from fuzz_parse import make_seeds
    from generator.mutating import TOKENS

    from giikit.errors import PageError
    from giikit.pages import make_page
    from giikit.parsing import mark_lines

SUFFIXES = {"text": (".txt", ".md"), "html": (".html",)}


def main() -> None:
    """Fuzz one kind of page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=SUFFIXES)
    parser.add_argument("--minutes", type=float, default=5)
    options = parser.parse_args()
    suffixes = SUFFIXES[options.kind]

    def read(content: bytes) -> None:
        for suffix in suffixes:
            with suppress(PageError):
                mark_lines(make_page(content, "page", suffix))

    with tempfile.TemporaryDirectory() as name:
        folder, words = Path(name) / "pages", Path(name) / "words"
        folder.mkdir()
        seeds = make_seeds()
        seeds += [
            (".html", b"<p>" + page.replace(b"\n", b"</p>\n<p>")) for _, page in seeds
        ]
        for number, (suffix, content) in enumerate(seeds):
            if suffix in suffixes:
                (folder / f"{number}{suffix}").write_bytes(content)
        escaped = ("".join(f"\\x{byte:02x}" for byte in token) for token in TOKENS)
        words.write_text("".join(f'"{token}"\n' for token in escaped))
        limits = [f"-max_total_time={60 * options.minutes:.0f}", "-timeout=20"]
        limits += ["-max_len=30000", "-len_control=0", f"-dict={words}"]
        atheris.Setup([sys.argv[0], *limits, str(folder)], read)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
