"""UnusedFile: a file in the store that no other row refers to."""

from __future__ import annotations

from django.db import models


class UnusedFile(models.Model):
    """A file in the store that nothing refers to: not yet, or no longer. It is removed in time."""

    key = models.CharField(max_length=200, primary_key=True)
    since = models.DateTimeField()

    class Meta:
        ordering = ("since",)

    def __str__(self) -> str:
        return self.key
