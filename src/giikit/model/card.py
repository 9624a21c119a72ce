"""A profile to look at: as text in a terminal, as a card in Jupyter."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from giikit.vocabulary import LABELS, MISSING, OUTPUTS, format_value, load_templates

if TYPE_CHECKING:
    from giikit.model.profile import ClusterProfile

_HEADLINES = (
    *("size_rank", "intensity_rank", "rank_in_economy"),
    *("pct_per_million", "articles_per_million", "vc_deals_per_million"),
)


def _render(template: str, profile: ClusterProfile) -> str:
    counts = Counter(finding.severity for finding in profile.findings)
    words = [f"{counts[s]} {s}" for s in ("error", "warning", "info") if counts[s]]
    place = ", ".join(filter(None, (profile.cluster, profile.economy)))
    return (
        load_templates(Path(__file__).parent)
        .get_template(template)
        .render(
            profile=profile,
            title=f"{place or 'unnamed cluster'} · GII {profile.edition or '?'}",
            headlines=_list_headlines(profile),
            findings=", ".join(words) or "none",
            has_errors=counts["error"] > 0,
            # A share such as <1% is a bound, which no table of values can hold.
            printed=defaultdict(
                lambda: MISSING,
                {
                    (o.output, o.entity): o.text
                    for o in profile.observations
                    if o.indicator == "share"
                },
            ),
            outputs=OUTPUTS,
        )
    )


def _list_headlines(profile: ClusterProfile) -> list[tuple[str, str]]:
    """Return the headline figures, each with its label."""
    headlines = {c: format_value(getattr(profile, c), c) for c in _HEADLINES}
    if profile.clusters_in_economy is not None:
        headlines["rank_in_economy"] += f" of {profile.clusters_in_economy}"
    if profile.vc_deals_per_million is None:  # printed from the 2025 edition
        del headlines["vc_deals_per_million"]
    return [(LABELS[column], text) for column, text in headlines.items()]


def format_text(profile: ClusterProfile) -> str:
    """Return a profile as readable lines."""
    return _render("card.txt.j2", profile)


def format_html(profile: ClusterProfile) -> str:
    """Return a profile as a card that follows Jupyter's light or dark theme."""
    return _render("card.html.j2", profile)
