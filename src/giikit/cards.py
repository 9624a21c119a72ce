"""A profile to look at: as text in a terminal, as a card in Jupyter."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import category

if TYPE_CHECKING:
    import jinja2

    from giikit.profile import ClusterProfile

MISSING = "not given"
# Controls, invisible formatting (direction overrides), surrogates, line separators.
_OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def make_printable(text: str) -> str:
    """Replace what a terminal would obey, not show: a page is untrusted text."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if category(c) in _OBEYED else c for c in text
    )


def format_number(value: float | None) -> str:
    """Write a number with thousands separators."""
    return MISSING if value is None else f"{value:,}"


def format_share(share: float | None, printed: str = MISSING) -> str:
    """Write a fraction as a percentage; a missing one as what is printed."""
    return printed if share is None else f"{share * 100:.6g}%"


@cache
def load_templates() -> jinja2.Environment:
    """Return the templates; what fills one that is HTML comes out escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("giikit"),
        autoescape=lambda name: name is None or not name.endswith(".txt.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "number": format_number,
        "share": format_share,
        "printable": make_printable,
    }
    return environment


def _render(template: str, profile: ClusterProfile) -> str:
    counts = Counter(finding.severity for finding in profile.findings)
    words = [f"{counts[s]} {s}" for s in ("error", "warning", "info") if counts[s]]
    place = ", ".join(filter(None, (profile.cluster, profile.economy)))
    return (
        load_templates()
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
            outputs={
                "patent": ("Top PCT applicants", "PCT applications"),
                "publication": ("Top publishing organizations", "scientific articles"),
            },
        )
    )


def _list_headlines(profile: ClusterProfile) -> list[tuple[str, str]]:
    """Return the headline figures, each with its label."""
    rank = format_number(profile.rank_in_economy)
    if profile.clusters_in_economy is not None:
        rank += f" of {profile.clusters_in_economy}"
    headlines = [
        ("world rank by size", format_number(profile.size_rank)),
        ("world rank by intensity", format_number(profile.intensity_rank)),
        (f"rank in {profile.economy or 'its economy'}", rank),
        ("PCT applications per million", format_number(profile.pct_per_million)),
        ("articles per million", format_number(profile.articles_per_million)),
    ]
    if profile.vc_deals_per_million is not None:
        deals = format_number(profile.vc_deals_per_million)
        headlines.append(("VC deals per million", deals))
    return headlines


def format_text(profile: ClusterProfile) -> str:
    """Return a profile as readable lines."""
    return _render("card.txt.j2", profile)


def format_html(profile: ClusterProfile) -> str:
    """Return a profile as a card that follows Jupyter's light or dark theme."""
    return _render("card.html.j2", profile)
