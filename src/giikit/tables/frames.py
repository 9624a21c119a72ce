"""The tidy tables: declared once, in columns.csv, and filled from profiles.

Everything that depends on a table's shape (dtypes, validation, ``datapackage.json``,
the data dictionary in docs) is derived from `SCHEMAS`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from importlib.resources import files
from operator import attrgetter
from typing import Any, NamedTuple

import pandas as pd
import pandera.pandas as pa

from giikit.findings import Finding
from giikit.model import ClusterProfile

_ROWS = {
    "clusters": "profile",
    "organizations": "listed applicant or publishing organization",
    "collaborations": "listed partner location",
    "technology_fields": "listed technology field",
    "rankings": "row of a published ranking table",
    "estimates": "implied quantity of a profile",
    "observations": "printed value",
    "sources": "raw file",
    "findings": "remark on a page",
}
KEY = ["edition", "cluster_id"]
_UNIQUE = {"clusters": KEY, "sources": ["source"]}


class Source(NamedTuple):
    """A raw file; a row of ``sources``. ``size`` is in bytes."""

    edition: int | None
    cluster_id: str | None
    source: str
    format: str
    size: int
    sha256: str
    origin: str | None = None
    retrieved: str | None = None


def _declare_column(row: dict[str, str]) -> pa.Column:
    """Turn a row of columns.csv into a column; an empty cell sets no limit."""
    checks = [pa.Check.ge(float(row["low"]))] if row["low"] else []
    checks += [pa.Check.le(float(row["high"]))] if row["high"] else []
    checks += [pa.Check.isin(row["among"].split("|"))] if row["among"] else []
    return pa.Column(
        pd.api.types.pandas_dtype(row["type"]),
        checks,
        nullable=not row["required"],
        description=row["description"],
        metadata={"unit": row["unit"]},
    )


def _load_schemas() -> dict[str, pa.DataFrameSchema]:
    columns: dict[str, dict[str, pa.Column]] = {name: {} for name in _ROWS}
    declared = (
        files("giikit.tables").joinpath("columns.csv").read_text(encoding="utf-8")
    )
    for row in csv.DictReader(declared.splitlines()):
        columns[row["table"]][row["column"]] = _declare_column(row)
    return {
        name: pa.DataFrameSchema(
            columns[name],
            description=f"one row per {what}",
            unique=_UNIQUE.get(name),
            strict=True,
            ordered=True,
        )
        for name, what in _ROWS.items()
    }


SCHEMAS: dict[str, pa.DataFrameSchema] = _load_schemas()


@dataclass(frozen=True)
class Dataset:
    """The tidy tables of one data folder, one pandas frame each.

    Columns, dtypes and units are those of `SCHEMAS` (see docs/data-dictionary.md).
    Shares are fractions; a missing value is missing, never zero.
    """

    clusters: pd.DataFrame
    organizations: pd.DataFrame
    collaborations: pd.DataFrame
    technology_fields: pd.DataFrame
    rankings: pd.DataFrame
    estimates: pd.DataFrame
    observations: pd.DataFrame
    sources: pd.DataFrame
    findings: pd.DataFrame

    def items(self) -> Iterable[tuple[str, pd.DataFrame]]:
        """Give the tables by name, in the order of `SCHEMAS`."""
        return ((f.name, getattr(self, f.name)) for f in fields(self))

    def __repr__(self) -> str:
        editions = ", ".join(str(e) for e in sorted(set(self.clusters["edition"])))
        rows = "\n".join(f"  {name:<18} {len(t):>6} rows" for name, t in self.items())
        return f"<giikit.Dataset: editions {editions or 'none'}>\n{rows}"


def make_table(name: str, rows: Iterable[Sequence[Any]] = ()) -> pd.DataFrame:
    """Return rows as the validated table ``name``, with its columns and dtypes.

    Raises
    ------
    pandera.errors.SchemaError
        If a row does not fit the schema; what reads pages must not let that happen.
    """
    schema = SCHEMAS[name]
    names = list(schema.columns)
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True))
    frame = pd.DataFrame(
        {
            column: pd.array(list(values), dtype=schema.columns[column].dtype.type)
            for column, values in zip(names, columns or [()] * len(names), strict=True)
        }
    )
    return schema.validate(frame)


def make_dataset(
    profiles: Iterable[ClusterProfile],
    sources: Iterable[Source] = (),
    findings: Iterable[Finding] = (),
    rankings: Iterable[Sequence[Any]] = (),
) -> Dataset:
    """Shape profiles into tidy tables; ``estimates`` is left empty.

    Every profile must have an edition and a cluster_id, and no two the same.
    ``findings`` are those that belong to no profile.
    """
    ordered = sorted(profiles, key=lambda p: (p.edition, p.cluster_id))
    cluster_columns = list(SCHEMAS["clusters"].columns)

    def collect(name: str) -> pd.DataFrame:
        return make_table(name, [row for p in ordered for row in getattr(p, name)])

    all_findings = [f for p in ordered for f in p.findings] + list(findings)
    return Dataset(
        clusters=make_table(
            "clusters", [[getattr(p, c) for c in cluster_columns] for p in ordered]
        ),
        organizations=collect("organizations"),
        collaborations=collect("collaborations"),
        technology_fields=collect("technology_fields"),
        rankings=make_table("rankings", rankings),
        estimates=make_table("estimates"),
        observations=collect("observations"),
        sources=make_table("sources", sorted(sources, key=attrgetter("source"))),
        findings=sort_findings(make_table("findings", all_findings)),
    )


def sort_findings(findings: pd.DataFrame) -> pd.DataFrame:
    """Order findings by source, place and code, whoever found them first."""
    return findings.sort_values(
        ["source", "line", "start", "code", "message"],
        na_position="first",
        ignore_index=True,
    )
