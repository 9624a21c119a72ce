"""What `make test` tries a sample of, and `.ci/run` in full."""

import pytest


def sample(cases, every):
    """Return cases for `parametrize`; `make test` tries one in ``every`` of them."""
    thorough = [pytest.mark.thorough]
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=thorough if number % every else [],
        )
        for number, case in enumerate(cases)
    ]
