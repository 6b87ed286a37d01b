"""Errors of the demonstration region. Each message is one line for a person."""

from analytics.errors import ExplainedError


class NoTruth(ExplainedError):
    """A folder without a region, or a year without land cover."""
