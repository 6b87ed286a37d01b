"""What can go wrong in the platform itself; the engine's errors are in analytics.errors."""

from __future__ import annotations

import math

from analytics.errors import ExplainedError


class PlatformError(ExplainedError):
    """Base of the platform's errors."""


class UnknownEdition(PlatformError):
    """An edition that is not registered."""


class WrongState(PlatformError):
    """Something that cannot be done in the state that a run, edition or layer is in."""


class UnknownZoneSet(PlatformError):
    """A set of zones that was deleted, perhaps a moment ago."""


class UnknownSample(PlatformError):
    """A reference sample, or a point of one, that there is not."""


class UnknownLevel(PlatformError):
    """A level, layer or zone that was not imported."""


class UnknownArea(PlatformError):
    """An area that a person names in a way that the platform does not understand."""


class UnfitBoundaries(PlatformError):
    """Files of boundaries that no preset fits as they are."""


class BadTable(PlatformError):
    """A table of figures, such as a population, that cannot be used as it is."""


class BrokenInvariant(PlatformError):
    """Counts that contradict each other: nothing may be published from them."""


class QueueFull(PlatformError):
    """More work than may wait at once; to be asked for again later."""


class QuotaReached(PlatformError):
    """More than one account may keep, or may send in an hour; ``retry_seconds`` says when it may
    come again, where time alone helps."""

    def __init__(
        self, subject: str, *, retry_seconds: int | None = None, **explanation: str
    ) -> None:
        self.retry_seconds = retry_seconds
        super().__init__(subject, **explanation)


class ShareReached(QueueFull):
    """As much work of one client as may wait at once; others are let in."""


class TooManyAttempts(PlatformError):
    """Wrong passwords or tokens, so many that the next one has to wait."""

    def __init__(self, *, retry_seconds: float) -> None:
        self.retry_seconds = math.ceil(retry_seconds)
        super().__init__(
            "sign-in",
            found="too many wrong attempts",
            expected="a pause",
            hint=f"Try again in {self.retry_seconds} s",
        )


class Outdated(PlatformError):
    """Something asked for of published data that are no longer the newest."""


class UnknownCheckpoint(PlatformError):
    """A checkpoint that is not registered."""


class NoImagery(PlatformError):
    """A year or a territory that no composite covers."""


class ModelMissing(PlatformError):
    """A worker without the packages that the model needs."""


class RunFailed(PlatformError):
    """A run that ended with failures."""
