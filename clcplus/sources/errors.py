"""What can go wrong with sources elsewhere."""

from __future__ import annotations

from clcplus.errors import PlatformError


class SourceError(PlatformError):
    """A service elsewhere that answers otherwise than its documentation says."""


class SourceUnavailable(SourceError):
    """A service elsewhere that does not answer, or is too slow or too busy; this may pass.

    ``retry_seconds`` is the pause that the service asks for, if any.
    """

    def __init__(
        self, subject: str, *, retry_seconds: float | None = None, **explanation: str
    ) -> None:
        self.retry_seconds = retry_seconds
        super().__init__(subject, **explanation)


class ForbiddenAddress(SourceError):
    """An address that the platform does not ask."""


class SourceChanged(SourceError):
    """Data that changed while they were fetched."""


class OrderFailed(SourceError):
    """An order that a service has given up."""


class AccessRefused(SourceError):
    """A service that does not accept the key or the token."""
