"""Write docs/data-dictionary.md from the schemas; `make docs` runs it."""

from pathlib import Path

import pandera.pandas as pa

from giikit.tables import SCHEMAS

INTRODUCTION = """# Data dictionary

Written by `make docs` from `src/giikit/columns.csv`; do not edit.

Every table is in `data/processed/` as CSV and as Parquet. Shares are fractions
(23% is 0.23). A missing value is an empty cell, and nothing else is: `NA` is Namibia.
"""
LIMITS = {
    "greater_than_or_equal_to": "at least {min_value:g}",
    "less_than_or_equal_to": "at most {max_value:g}",
    "isin": "one of {allowed_values}",
}


def write_table(name: str, schema: pa.DataFrameSchema) -> str:
    """Return the section of one table."""
    lines = [
        f"\n## {name}\n",
        f"{schema.description.capitalize()}.\n",
        "| column | type | unit | may be empty | limits | meaning |",
        "|---|---|---|---|---|---|",
    ]
    for column in schema.columns.values():
        limits = "; ".join(
            LIMITS[check.name].format(**check.statistics) for check in column.checks
        )
        cells = [
            f"`{column.name}`",
            str(column.dtype.type),
            column.metadata["unit"],
            "yes" if column.nullable else "no",
            limits,
            column.description,
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write_dictionary() -> str:
    """Return the whole page."""
    return INTRODUCTION + "".join(write_table(n, s) for n, s in SCHEMAS.items())


if __name__ == "__main__":
    page = Path(__file__).with_name("data-dictionary.md")
    page.write_text(write_dictionary(), encoding="utf-8", newline="\n")
