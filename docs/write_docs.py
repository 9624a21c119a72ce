"""Write the pages of docs/ that are made from the code; `make docs` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from giikit.findings import KINDS, Kind
from giikit.tables import COLUMNS, TABLES, Column

DICTIONARY = """# Data dictionary

Written by `make docs` from `src/giikit/tables/columns.csv`; do not edit.

Every table is in `data/processed/` as CSV and as Parquet. Shares are fractions
(23% is 0.23). A missing value is an empty cell, and nothing else is: `NA` is Namibia.
"""
FINDINGS = """# Findings

Written by `make docs` from `src/giikit/findings.csv`; do not edit.

What giikit remarks on a page. A finding has a code, a severity, a message, and the
place in the source that it is about; `giikit check` prints them, `giikit build` writes
them to the table `findings`.

- **error**: the page contradicts itself or another page, or a value cannot be read. A
  value that cannot be read is left empty, never guessed.
- **warning**: something that a page usually has is absent, a line is not understood, or
  something had to be guessed to read the page.
- **info**: nothing is wrong, but you may wonder.

A share printed as `<1%` is a bound, not a value: the column is empty, `observations`
keeps the text `<1%` with the resolution 0.01, and the estimates use it as a bound.

Some printed numbers fill no column; `observations` has them all the same, as the
indicators `clusters_listed` (the "top 100"), `inhabitants_base` (the "1 million"),
`partners_stated` (the "three" of "the top three collaborating locations") and `remark`
(what follows a world rank, such as "same as last year").

What no finding can show: a technology field that is lost from a list without ranks, as
long as the shares still fall. Such a list says neither how many fields it has nor what
their shares add up to.
"""
USAGE = """# Commands

Written by `make docs` from the commands themselves; do not edit.
"""
COMMANDS = ("init", "add", "build", "check", "show", "cite", "report")
SECTIONS = {
    "page": "From reading a page",
    "file": "From a file",
    "numbers": "From what the numbers of a page imply",
    "edition": "From the pages and rankings of an edition together",
}


def write_row(*cells: str) -> str:
    """Return a row of a Markdown table."""
    return "| " + " | ".join(cells) + " |"


def write_table(name: str, columns: list[Column]) -> str:
    """Return the section of the data dictionary on one table."""
    lines = [f"\n## {name}\n", f"One row per {TABLES[name]}.\n"]
    lines += [
        "| column | type | unit | may be empty | limits | meaning |",
        "|---|---|---|---|---|---|",
    ]
    for column in columns:
        limits = [f"at least {column.low}"] if column.low else []
        limits += [f"at most {column.high}"] if column.high else []
        if column.among:
            limits.append("one of " + ", ".join(column.among.split("|")))
        empty = "no" if column.required else "yes"
        form = (f"`{column.name}`", column.type, column.unit, empty)
        lines.append(write_row(*form, "; ".join(limits), column.description))
    return "\n".join(lines) + "\n"


def write_dictionary() -> str:
    """Return the page docs/data-dictionary.md."""
    return DICTIONARY + "".join(write_table(*table) for table in COLUMNS.items())


def write_section(about: str, kinds: list[Kind]) -> str:
    """Return the section on the findings of one origin."""
    lines = [
        f"\n## {SECTIONS[about]}\n",
        "| code | severity | example | what to do |",
        "|---|---|---|---|",
    ]
    if about == "numbers":
        lines.insert(1, "See [method.md](method.md) for the arithmetic.\n")
    for kind in sorted(kinds):
        lines.append(
            write_row(f"`{kind.code}`", kind.severity, kind.example, kind.remedy)
        )
    return "\n".join(lines) + "\n"


def write_findings() -> str:
    """Return the page docs/findings.md."""
    return FINDINGS + "".join(
        write_section(about, [k for k in KINDS.values() if k.about == about])
        for about in SECTIONS
    )


def write_commands() -> str:
    """Return the page docs/reference/commands.md: what each command says of itself."""
    environment = os.environ | {"COLUMNS": "88", "NO_COLOR": "1"}
    sections = []
    for command in ("", *COMMANDS):
        run_it = "import sys; from giikit.cli import main; sys.exit(main())"
        words = [sys.executable, "-c", run_it, *command.split(), "--help"]
        run = subprocess.run(
            words, env=environment, capture_output=True, text=True, check=True
        )
        heading = f"## giikit {command}\n\n" if command else ""
        sections.append(f"{heading}```text\n{run.stdout}```\n")
    return USAGE + "\n" + "\n".join(sections)


PAGES = {
    "data-dictionary.md": write_dictionary,
    "findings.md": write_findings,
    "reference/commands.md": write_commands,
}

if __name__ == "__main__":
    for page, write in PAGES.items():
        path = Path(__file__).parent / page
        path.write_text(write(), encoding="utf-8", newline="\n")
