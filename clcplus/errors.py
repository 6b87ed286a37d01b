"""What can go wrong in the platform itself; the engine's errors are in analytics.errors."""

from __future__ import annotations

from analytics.errors import ExplainedError


class PlatformError(ExplainedError):
    """Base of the platform's errors."""


class UnknownEdition(PlatformError):
    """An edition that is not registered."""


class WrongState(PlatformError):
    """Something that cannot be done in the state that a run, edition or layer is in."""


class UnknownLevel(PlatformError):
    """A level, layer or zone that was not imported."""


class BadTable(PlatformError):
    """A table of figures, such as a population, that cannot be used as it is."""


class BrokenInvariant(PlatformError):
    """Counts that contradict each other: nothing may be published from them."""


class QueueFull(PlatformError):
    """More work than may wait at once; to be asked for again later."""


class Outdated(PlatformError):
    """Something asked for of published data that are no longer the newest."""


class RunFailed(PlatformError):
    """A run that ended with failures."""
