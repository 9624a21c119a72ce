"""Leave a module out that another library loads if it is installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def leaving_out(name: str) -> Iterator[None]:
    """Import in the block as if a module that is not loaded yet were not there."""
    modules: dict[str, Any] = sys.modules
    module = modules.setdefault(name, None)
    try:
        yield
    finally:
        if module is None:
            del modules[name]
