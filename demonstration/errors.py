"""What can go wrong with the demonstration region; one line each, for a person."""

from analytics.errors import ExplainedError


class NoTruth(ExplainedError):
    """A folder without a region, or a year whose land cover was not made."""
