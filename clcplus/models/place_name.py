"""Place name: what a search looks through, one row a name and not one a vintage."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from clcplus.models.zone import Level


class PlaceName(models.Model):
    """A name that the territory of a level and a code has in some vintage, as searches compare it.

    Derived from zones and populations (:mod:`clcplus.actions.place_names`), and narrow: the row of
    a zone is wide with its geometry, and is there once a vintage. Whether readers may see the
    territory is not said here; a search asks its zones.
    """

    level = models.ForeignKey(Level, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    # The newest number: orders territories that match alike.
    inhabitants = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("level", "code", "key")
        constraints = (
            models.UniqueConstraint(fields=("level", "code", "key"), name="place_name_unique"),
        )
        indexes = (
            models.Index(fields=("code",), name="place_code", opclasses=("text_pattern_ops",)),
            models.Index(fields=("key",), name="place_prefix", opclasses=("text_pattern_ops",)),
            GinIndex(fields=("key",), name="place_trigrams", opclasses=("gin_trgm_ops",)),
        )

    def __str__(self) -> str:
        return f"{self.key} ({self.code})"
