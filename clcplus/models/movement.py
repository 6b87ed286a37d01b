"""Movement: what an official table says has become of the code of a territory."""

from __future__ import annotations

from django.db import models

from clcplus.models.zone import Level


class Movement(models.Model):
    """One line from a former territory to a later one of the same level, on a day.

    A merger has a line for each former territory, a split one for each later territory. A movement
    names codes, not zones: it may come to pass between any two vintages.
    """

    class Kind(models.TextChoices):
        MERGED = "merged", "merged"
        SPLIT = "split", "split"
        # A territory that was shared out among others.
        DIVIDED = "divided", "divided among others"
        RENAMED = "renamed", "renamed"
        RECODED = "recoded", "given another code"
        # Its ground is no longer of the level.
        ENDED = "ended", "ended"

    level = models.ForeignKey(Level, on_delete=models.CASCADE, related_name="movements")
    date = models.DateField()
    # Place within its day: one that follows from another of the same day has a higher one.
    step = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    former_code = models.CharField(max_length=40)
    former_name = models.CharField(max_length=200)
    # Empty where a territory has ended.
    code = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("level", "date", "step", "former_code", "code")
        constraints = (
            models.UniqueConstraint(
                fields=("level", "former_code", "date", "code"), name="movement_unique"
            ),
        )
        indexes = (models.Index(fields=("level", "code", "date"), name="movement_later"),)

    def __str__(self) -> str:
        return f"{self.date}: {self.former_code} → {self.code}"
