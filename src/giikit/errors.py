"""What giikit raises, each with the fields that a caller needs to react."""

from __future__ import annotations

from typing import Any


class GiikitError(Exception):
    """Base of every error that giikit raises on purpose."""


class PageError(GiikitError, ValueError):
    """A file or text that cannot be read as a cluster profile.

    Parameters
    ----------
    message
        What was found, what was expected and what to do.
    source
        Path below ``data/raw``, or whatever name the caller gave; may be empty.
    line
        Line number from 1, where the fault has one.
    """

    def __init__(self, message: str, source: str = "", line: int | None = None) -> None:
        self.message = message
        self.source = source
        self.line = line
        place = source or "<text>"
        super().__init__(f"{place}{f':{line}' if line else ''}: {message}")

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception.__reduce__ would hand the composed text back as the message.
        return type(self), (self.message, self.source, self.line)


class RunError(GiikitError, RuntimeError):
    """A report run, or a command, that cannot go on."""
