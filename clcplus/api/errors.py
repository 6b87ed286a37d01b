"""What a reader can ask wrongly. Statuses are given at the edge, in :mod:`clcplus.api.problems`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class RequestError(Exception):
    """Base of what a request asks wrongly: one sentence, and members for the problem document."""

    def __init__(self, detail: str, **members: Any) -> None:
        self.detail = detail
        self.members = members
        super().__init__(detail)


class BadParameter(RequestError):
    """A parameter that is unknown or has a value that it cannot have."""

    def __init__(self, parameter: str, *, found: object, allowed: Sequence[str] | str) -> None:
        shown = allowed if isinstance(allowed, str) else ", ".join(allowed)
        super().__init__(
            f"{parameter}: found {found!r}; expected {shown}",
            parameter=parameter,
            allowed=allowed if isinstance(allowed, str) else list(allowed),
        )


class NothingHere(RequestError):
    """An address, level, territory, edition, page or tile that does not exist."""


class UnusablePair(RequestError):
    """Two editions between which no change can be computed."""
