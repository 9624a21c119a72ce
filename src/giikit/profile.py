"""The model: one profile page as data, every value with its place in the source."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from anyascii import anyascii

from giikit.errors import GiikitError

Output = Literal["patent", "publication"]
Severity = Literal["error", "warning", "info"]
OUTPUTS: tuple[Output, Output] = ("patent", "publication")

_STATE_SUFFIX = re.compile(r",\s*[A-Z]{2,3}\b")
# Straight, curly, backtick and modifier letter: all are seen in names like Xi'an.
_APOSTROPHES = re.compile("['’‘`\N{MODIFIER LETTER APOSTROPHE}]")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=4096)
def make_cluster_id(name: str) -> str:
    """Return the slug of a cluster's name, the same however the name is printed.

    State suffixes go, accents and other scripts become ASCII, dashes and spaces
    become one hyphen, apostrophes vanish.

    Examples
    --------
    >>> make_cluster_id("San Jose–San Francisco, CA")
    'san-jose-san-francisco'
    >>> make_cluster_id("Washington, DC–Baltimore, MD")
    'washington-baltimore'
    >>> make_cluster_id("Xi'an")
    'xian'
    """
    plain = anyascii(_APOSTROPHES.sub("", _STATE_SUFFIX.sub("", name))).lower()
    return _NOT_SLUG.sub("-", plain).strip("-")


def find_cluster_id(name: str, known: Collection[str], where: str = "") -> str:
    """Return which of the cluster_ids ``known`` a name or cluster_id means.

    Raises
    ------
    GiikitError
        If it means none; the text says which are near.
    """
    cluster_id = make_cluster_id(name)
    if cluster_id in known:
        return cluster_id
    names = sorted(known)
    near = [n for n in names if cluster_id in n]
    near += difflib.get_close_matches(cluster_id, names, cutoff=0.5)
    some = ", ".join(list(dict.fromkeys(near or names))[:3])
    hint = f"near: {some}" if near else f"there are {some}{', …' * (len(names) > 3)}"
    message = f"no cluster {name!r} among the {len(names)}{where}; {hint}"
    raise GiikitError(message)


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


class Finding(NamedTuple):
    """A remark on a page; a row of ``findings``."""

    edition: int | None
    cluster_id: str | None
    source: str | None
    severity: Severity
    code: str
    message: str
    line: int | None = None
    start: int | None = None
    end: int | None = None


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
        from giikit.cards import format_text

        return format_text(self)

    def _repr_html_(self) -> str:
        from giikit.cards import format_html

        return format_html(self)
