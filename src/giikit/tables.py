"""The tidy tables: declared once here, filled from profiles, written and read back.

Everything that depends on a table's shape (dtypes, validation, ``datapackage.json``,
the data dictionary in docs) is derived from `SCHEMAS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np
import pandas as pd
import pandera.pandas as pa

from giikit.profile import OUTPUTS, ClusterProfile, Finding, Severity

STRING = pd.StringDtype(na_value=np.nan)


class Source(NamedTuple):
    """A raw file; a row of ``sources``. ``size`` is in bytes."""

    edition: int | None
    cluster_id: str | None
    source: str
    format: str
    size: int
    sha256: str


def _text(
    description: str, *, required: bool = False, among: Iterable[str] = ()
) -> pa.Column:
    checks = [pa.Check.isin(tuple(among))] if among else []
    return pa.Column(STRING, checks, nullable=not required, description=description)


def _whole(
    description: str, unit: str = "", *, low: int = 0, required: bool = False
) -> pa.Column:
    return pa.Column(
        "Int64",
        pa.Check.ge(low),
        nullable=not required,
        description=description,
        metadata={"unit": unit},
    )


def _real(
    description: str,
    unit: str = "",
    *,
    low: float | None = 0,
    high: float | None = None,
) -> pa.Column:
    checks = [] if low is None else [pa.Check.ge(low)]
    checks += [] if high is None else [pa.Check.le(high)]
    return pa.Column(
        "float64",
        checks,
        nullable=True,
        description=description,
        metadata={"unit": unit},
    )


def _share(description: str) -> pa.Column:
    return _real(description, "fraction", high=1)


def _output(*, required: bool = True) -> pa.Column:
    return _text("patent or publication", required=required, among=OUTPUTS)


def _schema(
    title: str,
    columns: dict[str, pa.Column],
    *,
    unique: Sequence[str] | None = None,
    keyed: bool = True,
) -> pa.DataFrameSchema:
    key = {
        "edition": _whole("year of the GII edition", "year", low=1, required=keyed),
        "cluster_id": _text("slug of the cluster's name", required=keyed),
    }
    return pa.DataFrameSchema(
        key | columns,
        description=title,
        unique=list(unique) if unique else None,
        strict=True,
        ordered=True,
    )


_RANK = "rank by {} in the world"
_POSITION = "place in the printed order, from 1"
_PLACE = {
    "line": _whole("line in the source, from 1", low=1),
    "start": _whole("where the text starts in its line", "characters"),
    "end": _whole("where the text ends in its line", "characters"),
}

SCHEMAS: dict[str, pa.DataFrameSchema] = {
    "clusters": _schema(
        "one row per profile",
        {
            "cluster": _text("name as in the page's title", required=True),
            "economy": _text("economy as printed"),
            "economy_code": _text("ISO 3166-1 alpha-2, /-joined across borders"),
            "rank_in_economy": _whole("rank among the economy's clusters", low=1),
            "clusters_in_economy": _whole("clusters of the economy listed", low=1),
            "size_rank": _whole(_RANK.format("size"), low=1),
            "intensity_rank": _whole(_RANK.format("intensity"), low=1),
            "pct_per_million": _whole(
                "PCT applications per million inhabitants", "1 / million inhabitants"
            ),
            "articles_per_million": _whole(
                "scientific articles per million inhabitants",
                "1 / million inhabitants",
            ),
            "vc_deals_per_million": _real(
                "venture capital deals per million inhabitants",
                "1 / million inhabitants",
            ),
            "window_years": _whole("years that the counts cover", "years", low=1),
            "patent_collaboration_share": _share(
                "share of PCT applications filed with inventors elsewhere"
            ),
            "publication_collaboration_share": _share(
                "share of articles published with organizations elsewhere"
            ),
            "source": _text("path below data/raw", required=True),
        },
        unique=("edition", "cluster_id"),
    ),
    "organizations": _schema(
        "one row per listed applicant or publishing organization",
        {
            "output": _output(),
            "rank": _whole("rank as printed", low=1),
            "organization": _text("name as printed", required=True),
            "documents": _whole("PCT applications or articles", "documents"),
            "share": _share("share of the cluster's documents"),
        },
    ),
    "collaborations": _schema(
        "one row per listed partner location",
        {
            "output": _output(),
            "position": _whole(_POSITION, low=1, required=True),
            "partner": _text("location as printed", required=True),
            "partner_id": _text("its slug, as cluster_id", required=True),
        },
    ),
    "technology_fields": _schema(
        "one row per listed technology field",
        {
            "output": _output(),
            "position": _whole(_POSITION, low=1, required=True),
            "field": _text("field as printed", required=True),
            "share": _share("share of the cluster's documents"),
        },
    ),
    "rankings": _schema(
        "one row per row of a published ranking table",
        {
            "cluster": _text("name as printed", required=True),
            "economy_code": _text("ISO 3166-1 alpha-2, /-joined across borders"),
            "size_rank": _whole(_RANK.format("size"), low=1),
            "pct_applications": _whole("PCT applications", "documents"),
            "scientific_publications": _whole("scientific publications", "documents"),
            "pct_share": _share("share of the world's PCT applications"),
            "publication_share": _share("share of the world's publications"),
            "total_share": _real("sum of the two unrounded shares", "fraction", high=2),
            "previous_rank": _whole("rank in the edition before", low=1),
            "rank_change": pa.Column(
                "Int64",
                nullable=True,
                description="previous_rank less size_rank, as printed",
                metadata={"unit": ""},
            ),
        },
    ),
    "estimates": _schema(
        "one row per implied quantity of a profile",
        {
            "output": _output(required=False),
            "quantity": _text("what is estimated", required=True),
            "low": _real("lower bound, reached", "see unit", low=None),
            "high": _real("upper bound, reached; empty: none", "see unit", low=None),
            "unit": _text("unit of low and high", required=True),
            "consistent": pa.Column(
                "bool", description="false where the printed numbers contradict"
            ),
        },
    ),
    "observations": _schema(
        "one row per printed value",
        {
            "indicator": _text("the column that the value fills", required=True),
            "output": _output(required=False),
            "position": _whole("place in the printed order, from 1", low=1),
            "entity": _text("organization, partner or field it belongs to"),
            "value": _real("the number; empty for a name", "see unit", low=None),
            "text": _text("what is printed", required=True),
            "unit": _text("unit of value"),
            "resolution": _real("step the value was rounded to; 0: exact", "see unit"),
            "source": _text("path below data/raw", required=True),
            **_PLACE,
        },
    ),
    "sources": _schema(
        "one row per raw file",
        {
            "source": _text("path below data/raw", required=True),
            "format": _text("text, markdown, html, pdf, csv", required=True),
            "bytes": _whole("size of the file", "bytes", required=True),
            "sha256": _text("SHA-256 of the file, hexadecimal", required=True),
        },
        unique=("source",),
        keyed=False,
    ),
    "findings": _schema(
        "one row per remark on a page",
        {
            "source": _text("path below data/raw"),
            "severity": _text(
                "error, warning or info", required=True, among=get_args(Severity)
            ),
            "code": _text("kind of finding, see docs/findings.md", required=True),
            "message": _text("what was found", required=True),
            **_PLACE,
        },
        keyed=False,
    ),
}


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


def _format_float(value: Any) -> str:
    """Write a float as the shortest text that reads back the same."""
    return repr(float(value)).removesuffix(".0")


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8 CSV: LF, empty for missing, shortest exact numbers."""
    frame.to_csv(
        path,
        index=False,
        lineterminator="\n",
        encoding="utf-8",
        float_format=_format_float,
    )


def read_csv(name: str, path: Path) -> pd.DataFrame:
    """Read the CSV of table ``name`` back with the dtypes that it was written with."""
    schema = SCHEMAS[name]
    # Only an empty cell is missing: "NA" is Namibia.
    frame = pd.read_csv(
        path,
        dtype={n: c.dtype.type for n, c in schema.columns.items()},
        keep_default_na=False,
        na_values=[""],
        float_precision="round_trip",
    )
    return schema.validate(frame)
