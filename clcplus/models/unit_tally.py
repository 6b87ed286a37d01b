"""Tally of the units that workers have ended: it only grows, also when runs are removed."""

from __future__ import annotations

from django.db import models


class UnitTally(models.Model):
    """Units of a kind that ended in one way, and the seconds of work that they took."""

    class Outcome(models.TextChoices):
        DONE = "done", "done"
        RETRIED = "retried", "tried again after an error"
        FAILED = "failed", "failed"

    kind = models.CharField(max_length=10)
    outcome = models.CharField(max_length=10, choices=Outcome)
    units = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)

    class Meta:
        ordering = ("kind", "outcome")
        constraints = (
            models.UniqueConstraint(fields=("kind", "outcome"), name="unit_tally_unique"),
        )

    def __str__(self) -> str:
        return f"{self.kind}, {self.outcome}: {self.units}"
