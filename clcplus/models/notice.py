"""Notice: what the platform tells its operators, until it has arrived."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from clcplus.models.edition import Edition
from clcplus.models.run import Run


class Notice(models.Model):
    """An event on its way through one channel. It is sent until it has arrived, or is given up."""

    class Event(models.TextChoices):
        PUBLISHED = "edition.published", "edition published"
        HELD = "edition.held", "edition waits for a person"
        FAILED = "refresh.failed", "refresh failed"
        NOTHING_NEW = "refresh.nothing-new", "refresh found nothing new"

    class Channel(models.TextChoices):
        MAIL = "mail", "mail"
        WEBHOOK = "webhook", "webhook"

    class State(models.TextChoices):
        QUEUED = "queued", "queued"
        SENT = "sent", "sent"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The same in each channel and at each attempt: receivers know by it what they have had.
    event_id = models.UUIDField()
    event = models.CharField(max_length=20, choices=Event)
    channel = models.CharField(max_length=10, choices=Channel)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, null=True, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")
    content = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    # Of the worker since the last one that it survived, and of the delivery in all.
    attempts = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    moved_at = models.DateTimeField(default=timezone.now)
    # By the clock of the database, which decides whether it is due.
    due_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=("event_id", "channel"), name="notice_once_a_channel"),
        )

    def __str__(self) -> str:
        return f"{self.event} ({self.channel})"
