"""The model: one profile page as data, every value with its place in the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from giikit.findings import Finding
from giikit.vocabulary import Output

# Rows are named tuples, not dataclasses: a page makes some sixty of them, and
# a frozen dataclass of fourteen fields takes five times as long to make.


class Organization(NamedTuple):
    """A listed applicant or publisher; a row of ``organizations``."""

    edition: int | None
    cluster_id: str | None
    output: Output
    rank: int | None
    organization: str
    documents: int | None
    share: float | None


class Collaboration(NamedTuple):
    """A listed partner location; a row of ``collaborations``."""

    edition: int | None
    cluster_id: str | None
    output: Output
    position: int
    partner: str
    partner_id: str


class TechnologyField(NamedTuple):
    """A listed technology field; a row of ``technology_fields``."""

    edition: int | None
    cluster_id: str | None
    output: Output
    position: int
    field: str
    share: float | None


class Observation(NamedTuple):
    """One printed value with its place; a row of ``observations``.

    ``value`` is the number (a share as a fraction), None for a name and for what
    cannot be read. ``resolution`` is the step the value was rounded to, 0 where it
    is exact, None where there is no value. ``start:end`` is the slice of the decoded
    line ``line`` (counted from 1) in which ``text`` stands; None where the source has
    no such slice, or ``text`` goes on in the next line.
    """

    edition: int | None
    cluster_id: str | None
    indicator: str
    output: Output | None
    position: int | None
    entity: str | None
    value: float | None
    text: str
    unit: str | None
    resolution: float | None
    source: str
    line: int | None
    start: int | None
    end: int | None


# The lists of a profile, which are tables too, each with the type of its rows.
ROWS: dict[str, Any] = {
    "organizations": Organization,
    "collaborations": Collaboration,
    "technology_fields": TechnologyField,
    "observations": Observation,
    "findings": Finding,
}


@dataclass(frozen=True, kw_only=True)
class ClusterProfile:
    """One profile page, read.

    The attributes up to ``source`` are the columns of the ``clusters`` table; what the
    page does not print, or what cannot be read there, is None. Shares are fractions,
    rates are documents (or deals) per million inhabitants over ``window_years`` years.
    The items of the five tuples are rows of the tables of the same names.
    """

    edition: int | None
    cluster_id: str | None
    cluster: str | None
    economy: str | None = None
    economy_code: str | None = None
    rank_in_economy: int | None = None
    clusters_in_economy: int | None = None
    size_rank: int | None = None
    intensity_rank: int | None = None
    pct_per_million: int | None = None
    articles_per_million: int | None = None
    vc_deals_per_million: float | None = None
    window_years: int | None = None
    patent_collaboration_share: float | None = None
    publication_collaboration_share: float | None = None
    source: str = ""
    organizations: tuple[Organization, ...] = ()
    collaborations: tuple[Collaboration, ...] = ()
    technology_fields: tuple[TechnologyField, ...] = ()
    observations: tuple[Observation, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        from giikit.model.card import format_text

        return format_text(self)

    def _repr_html_(self) -> str:
        from giikit.model.card import format_html

        return format_html(self)
