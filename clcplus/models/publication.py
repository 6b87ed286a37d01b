"""Publication: the log of what readers could see."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction

from clcplus.database import locks


class Publication(models.Model):
    """A change of what readers see.

    The last number is the identity of the published data: keys of caches and ETags contain it.
    """

    class Event(models.TextChoices):
        PUBLISHED = "published", "edition published"
        SUPERSEDED = "superseded", "edition superseded"
        WITHDRAWN = "withdrawn", "edition withdrawn"
        ZONES = "zones", "layer of zones activated"
        ZONE_SET = "zone-set", "custom zones published, withdrawn or computed anew"
        SERIES = "series", "series of territories counted"
        POPULATION = "population", "population imported"
        MOVEMENTS = "movements", "movements of territories imported"
        CHANGE = "change", "change between two editions filtered"
        ACCURACY = "accuracy", "accuracy of an edition entered"
        SAMPLE = "sample", "reference sample published or withdrawn"

    event = models.CharField(max_length=10, choices=Event)
    subject = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.subject}"

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Take a number only after all lower ones are committed.

        Otherwise a change with a lower number, committed last, would not change the identity, and
        caches would go on to serve what it withdraws.
        """
        locks.lock_until_commit(locks.Kind.PUBLICATION)
        super().save(*args, **kwargs)
