"""How many examples hypothesis tries: the same ones on every run, in every file."""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("GIIKIT_EXAMPLES", "2000"))


def draw_examples(share: float) -> settings:
    """Settings for a test that takes its share of the examples."""
    return settings(
        max_examples=round(share * EXAMPLES),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
