"""Limits between two grades."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.checks.records import Grade


@dataclass(frozen=True, slots=True)
class Limits:
    """Values above which a check warns, and fails."""

    warn: float
    fail: float

    def grade(self, value: float) -> Grade:
        """The grade of a value. A value that is no number fails."""
        if value <= self.warn:
            return Grade.PASS
        return Grade.WARN if value <= self.fail else Grade.FAIL
