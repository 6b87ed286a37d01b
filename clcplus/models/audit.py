"""Audit entry: who did what, and when. Each entry holds the digest of the one before."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """What somebody did to something that readers see or that gives access.

    It outlives the thing and the account, and so has the names of both. Entries are never changed:
    :mod:`clcplus.actions.audit` writes and verifies them.
    """

    class Event(models.TextChoices):
        UPLOADED = "uploaded", "uploaded"
        REFUSED = "refused", "refused"
        ACCEPTED = "accepted", "accepted"
        CANCELLED = "cancelled", "computation cancelled"
        RESUMED = "resumed", "computation resumed"
        PUBLISHED = "published", "published"
        SUPERSEDED = "superseded", "superseded"
        WITHDRAWN = "withdrawn", "withdrawn"
        REJECTED = "rejected", "rejected"
        CHANGED = "changed", "changed"
        SHARED = "shared", "share link made"
        REVOKED = "revoked", "access revoked"
        CREATED = "created", "created"
        DELETED = "deleted", "deleted"

    class Subject(models.TextChoices):
        ZONE_SET = "zone-set", "set of zones"
        EDITION = "edition", "edition"
        DATA = "data", "published data"
        SAMPLE = "sample", "reference sample"
        RUN = "run", "job"
        TOKEN = "token", "token of the API"
        CHECKPOINT = "checkpoint", "checkpoint of the model"

    at = models.DateTimeField()
    # For quotas; the name beside it is what the digest holds.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    account = models.CharField(max_length=150)
    event = models.CharField(max_length=10, choices=Event)
    subject = models.CharField(max_length=10, choices=Subject)
    # The subject's id or slug.
    key = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("subject", "key"), name="audit_subject"),)
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.account}: {self.get_event_display()} {self.name}"
