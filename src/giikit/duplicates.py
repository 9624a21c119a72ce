"""Pages of the same cluster and edition: one is kept, the others are reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from giikit.ledger import make_finding
from giikit.profile import ClusterProfile, Finding

# The name may be printed with another dash, and a page never says its own source.
_UNCOMPARED = {"cluster", "source", "observations", "findings"}
_COLUMNS = [f.name for f in fields(ClusterProfile) if f.name not in _UNCOMPARED]


def find_duplicates(
    profiles: Iterable[ClusterProfile],
) -> tuple[list[ClusterProfile], list[Finding]]:
    """Keep, of each cluster and edition, the profile whose source comes first.

    Returns
    -------
    list of ClusterProfile
        Those that are kept, in the order of their sources.
    list of Finding
        One for each that is not: ``duplicate-profile`` where it says the same,
        ``duplicate-differs`` where it does not, naming what differs.
    """
    kept: dict[tuple[int | None, str | None], ClusterProfile] = {}
    findings = []
    for profile in sorted(profiles, key=lambda profile: profile.source):
        key = (profile.edition, profile.cluster_id)
        first = kept.setdefault(key, profile)
        if first is profile:
            continue
        names = [c for c in _COLUMNS if _list(profile, c) != _list(first, c)]
        code = "duplicate-differs" if names else "duplicate-profile"
        details = {"other": first.source, "names": "; ".join(names)}
        severity, code, message = make_finding(code, details)
        findings.append(Finding(*key, profile.source, severity, code, message))
    return list(kept.values()), findings


def _list(profile: ClusterProfile, column: str) -> object:
    """Give the value of a column; of partners, only their slugs."""
    value = getattr(profile, column)
    if column == "collaborations":
        return [(row.output, row.position, row.partner_id) for row in value]
    return value
