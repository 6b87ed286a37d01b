"""Publication: the log of what readers were shown, and from when."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction

from clcplus.database import locks


class Publication(models.Model):
    """A change of what readers see. The last one's number is the identity of the published data:
    caches and ETags are keyed by it."""

    class Event(models.TextChoices):
        PUBLISHED = "published", "edition published"
        WITHDRAWN = "withdrawn", "edition withdrawn"
        ZONES = "zones", "layer of zones activated"
        ZONE_SET = "zone-set", "custom zones published, withdrawn or computed anew"
        SERIES = "series", "series of territories counted"
        POPULATION = "population", "population imported"

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
        """Take a number only once all lower ones are committed.

        Otherwise the change of a lower number, committed last, would leave the identity as it is:
        what it withdraws would be served from caches on and on.
        """
        locks.lock_until_commit(locks.Kind.PUBLICATION)
        super().save(*args, **kwargs)
