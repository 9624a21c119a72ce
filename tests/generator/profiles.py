"""Profiles made from their printed numbers alone, without a page."""

from __future__ import annotations

from decimal import Decimal

from giikit.model import ClusterProfile, Observation, Organization
from giikit.vocabulary import OUTPUTS

BEIJING = {
    "pct_per_million": 2189,
    "articles_per_million": 15893,
    "patent": [("BOE", 9607, "23%"), ("XIAOMI", 3777, "9%"), ("BYTEDANCE", 1223, "3%")],
    "publication": [
        ("TSINGHUA", 24300, "8%"),
        ("PEKING", 21438, "7%"),
        ("UCAS", 20843, "7%"),
    ],
    "together": ("17%", "63%"),
}
QINGDAO = {
    "pct_per_million": 1742,
    "articles_per_million": 9697,
    "patent": [("AIR", 2131, "25%"), ("WASHING", 881, "10%"), ("FRIDGE", 732, "9%")],
    "publication": [
        ("QINGDAO UNIVERSITY", 7510, "16%"),
        ("OCEAN UNIVERSITY", 6710, "14%"),
        ("PETROLEUM", 6496, "14%"),
    ],
    "together": ("2%", "63%"),
}


def make_profile(
    cluster_id,
    *,
    edition=2024,
    patent=(),
    publication=(),
    together=(None, None),
    economy_code="CN",
    **printed,
):
    """Return the profile that prints these numbers; shares are text such as <1%."""
    source = f"{edition}/{cluster_id}.txt"
    organizations, observations, shares = [], [], {}

    def observe(indicator, output, position, entity, text):
        share = None
        if text is not None:
            percent = Decimal(text.strip("<≤ %"))
            step = float(Decimal(1).scaleb(percent.as_tuple().exponent - 2))
            share = None if text[0] in "<≤" else float(percent / 100)
            key = (edition, cluster_id, indicator, output, position, entity)
            place = (source, 20 + position, 1, 1 + len(text))
            observations.append(
                Observation(*key, share, text, "fraction", step, *place)
            )
        return share

    for output, listed in zip(OUTPUTS, (patent, publication), strict=True):
        for rank, (name, documents, text) in enumerate(listed, 1):
            share = observe("share", output, rank, name, text)
            row = (output, rank, name, documents, share)
            organizations.append(Organization(edition, cluster_id, *row))
    for output, text in zip(OUTPUTS, together, strict=True):
        column = f"{output}_collaboration_share"
        shares[column] = observe(column, output, 1, None, text)
    return ClusterProfile(
        edition=edition,
        cluster_id=cluster_id,
        cluster=cluster_id.title(),
        economy_code=economy_code,
        source=source,
        organizations=tuple(organizations),
        observations=tuple(observations),
        **shares,
        **printed,
    )
