"""WatchedFile: a file in the place that the platform watches for new editions."""

from __future__ import annotations

from django.db import models

from clcplus.models.run import Run


class WatchedFile(models.Model):
    """The state in which a file was last seen, and what became of it."""

    place = models.CharField(max_length=400)
    name = models.CharField(max_length=1000)
    size = models.BigIntegerField()
    stamp = models.CharField(max_length=200)
    # When it was first seen in this state.
    since = models.DateTimeField()
    # Why it belongs to no edition, or why its edition waits; each reason is reported once.
    reported = models.CharField(max_length=400, blank=True)
    # The check of the source that has taken it in this state.
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")
    taken = models.BooleanField(default=False)

    class Meta:
        ordering = ("place", "name")
        constraints = (
            models.UniqueConstraint(fields=("place", "name"), name="watched_file_unique"),
        )

    def __str__(self) -> str:
        return self.name
