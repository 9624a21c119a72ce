"""The tidy tables: declared once, in columns.csv, and filled from profiles.

Everything that depends on a table's shape (dtypes, validation, ``datapackage.json``,
the data dictionary in docs) is derived from `COLUMNS`, the rows of that file.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from giikit.errors import GiikitError
from giikit.findings import Finding
from giikit.model import ROWS, ClusterProfile

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

KEY = ["edition", "cluster_id"]


class Column(NamedTuple):
    """A column of a table: a row of columns.csv, where an empty cell sets no limit.

    A row without a name declares a table: its description is what a row stands for.
    ``type`` is the pandas dtype. ``required`` is ``yes`` where no value may be
    missing, and ``key`` where the values of all such columns of the table together
    may not repeat either. ``among`` are the allowed values, parted by ``|``.
    """

    table: str
    name: str
    type: str
    required: str
    unit: str
    low: str
    high: str
    among: str
    description: str

    @property
    def constraints(self) -> dict[str, Any]:
        """What values are held to, in the words of the Frictionless standard."""
        limits = {
            "required": True if self.required else None,
            "minimum": float(self.low) if self.low else None,
            "maximum": float(self.high) if self.high else None,
            "enum": self.among.split("|") if self.among else None,
        }
        return {name: limit for name, limit in limits.items() if limit is not None}


class Source(NamedTuple):
    """A raw file; a row of ``sources``."""

    edition: int | None
    cluster_id: str | None
    source: str
    format: str
    bytes: int
    sha256: str
    origin: str | None = None
    retrieved: str | None = None


_PATH = files("giikit.tables").joinpath("columns.csv")
_ROWS = [Column(*r) for r in csv.reader(_PATH.read_text(encoding="utf-8").splitlines())]
# The tables in their order, each with what it has one row for.
TABLES = {row.table: row.description for row in _ROWS if not row.name}
COLUMNS = {
    table: [row for row in _ROWS if row.table == table and row.name] for table in TABLES
}


def list_key(table: str) -> list[str]:
    """Return the columns of a table of which the values together do not repeat."""
    return [column.name for column in COLUMNS[table] if column.required == "key"]


@cache
def _load_schema(table: str) -> DataFrameSchema:
    """Return the checks of a table as pandera wants them, but for the dtypes.

    To load pandera takes long, and only what fills tables needs it.
    """
    import pandera.pandas as pa

    check: dict[str, Any] = {
        "minimum": pa.Check.ge,
        "maximum": pa.Check.le,
        "enum": pa.Check.isin,
    }
    columns = {}
    for column in COLUMNS[table]:
        limits = column.constraints
        optional = not limits.pop("required", False)
        checks = [check[name](limit) for name, limit in limits.items()]
        columns[column.name] = pa.Column(checks=checks, nullable=optional)
    key = list_key(table) or None
    return pa.DataFrameSchema(columns, unique=key, strict=True, ordered=True)


@dataclass(frozen=True)
class Dataset:
    """The tidy tables of one data folder, one pandas frame each.

    Their columns, dtypes and units are those of docs/data-dictionary.md.
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
        """Return the tables with their names, in the order of `TABLES`."""
        return ((f.name, getattr(self, f.name)) for f in fields(self))

    def select(
        self,
        *,
        clusters: str | Iterable[str] = (),
        economy: str = "",
        edition: int = 0,
    ) -> Dataset:
        """Return the tables cut down to some clusters, economies or editions.

        Parameters
        ----------
        clusters
            One or several: cluster_ids, names or clear parts of names, with or without
            accents (``"boston"``); empty: all.
        economy
            Name as printed (``"China"``), or code of two or three letters (``"CN"``,
            ``"CHN"``); clusters across borders belong to each economy; empty: all.
        edition
            Year; 0: all.

        Raises
        ------
        GiikitError
            If there is no such cluster, economy or edition, or a name may mean several;
            the text says what there is.

        Examples
        --------
        >>> import giikit
        >>> ds = giikit.make_dataset([])
        >>> ds.select(edition=2024)
        Traceback (most recent call last):
        ...
        giikit.errors.GiikitError: no cluster of edition 2024 in the data: there is none
        """
        from giikit.tables.selection import select_rows

        return select_rows(self, clusters=clusters, economy=economy, edition=edition)

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
    names = [column.name for column in COLUMNS[name]]
    return fit_table(name, pd.DataFrame(list(rows), columns=names, dtype=object))


def fit_table(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of the columns of the table ``name`` in its dtypes, validated.

    Raises
    ------
    pandera.errors.SchemaError
        If a row does not fit the schema.
    """
    frame = frame.astype({column.name: column.type for column in COLUMNS[name]})
    return _load_schema(name).validate(frame) if len(frame) else frame


def make_dataset(
    profiles: Iterable[ClusterProfile],
    sources: Iterable[Source] = (),
    findings: Iterable[Finding] = (),
    rankings: Iterable[Sequence[Any]] = (),
) -> Dataset:
    """Shape profiles into tidy tables; ``estimates`` is left empty.

    ``findings`` are those that belong to no profile.

    Raises
    ------
    GiikitError
        If a profile has no edition or no cluster_id, or two have the same.
    """
    profiles = list(profiles)
    several = Counter((p.edition, p.cluster_id) for p in profiles)
    for profile in profiles:
        key = profile.edition, profile.cluster_id
        if None in key or several[key] > 1:
            fault = "has no" if None in key else "is not the only one of its"
            message = f"{profile.source!r} {fault} edition and cluster_id: leave it out"
            raise GiikitError(message)
    ordered = sorted(profiles, key=lambda p: (p.edition, p.cluster_id))
    tables: dict[str, Iterable[Any]] = {
        name: [row for profile in ordered for row in getattr(profile, name)]
        for name in (*ROWS, "findings")
    }
    columns = attrgetter(*[column.name for column in COLUMNS["clusters"]])
    tables["clusters"] = map(columns, ordered)
    tables["rankings"] = rankings
    tables["sources"] = sorted(sources, key=attrgetter("source"))
    tables["findings"] = [*tables["findings"], *findings]
    made = {name: make_table(name, tables.get(name, ())) for name in TABLES}
    return Dataset(**made | {"findings": sort_findings(made["findings"])})


def sort_findings(findings: pd.DataFrame) -> pd.DataFrame:
    """Order findings by source, place and code, whoever found them first."""
    return findings.sort_values(
        ["source", "line", "start", "code", "message"],
        na_position="first",
        ignore_index=True,
    )
