"""ApiToken: what a program sends instead of a password."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

BEGINNING = 14
"""Characters of a key that are stored, to recognise it by."""


class Scope(models.TextChoices):
    """What a token is for, within the rights of its account."""

    READ = "read", "read what the account may see"
    ZONES = "zones", "upload and change sets of zones; count areas with the account's rate"
    SAMPLES = "samples", "label reference samples"
    JOBS = "jobs", "cancel and resume jobs"


def reading() -> list[str]:
    """The scopes of a token of which nothing else is said."""
    return [Scope.READ.value]


def digest_of(key: str) -> str:
    """The stored hash of a key. A plain hash is enough: a key has 256 random bits."""
    return hashlib.sha256(key.encode()).hexdigest()


class ApiToken(models.Model):
    """A key to the API with the rights of an account. The key itself is not stored."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=80, help_text="What uses it, such as: nightly import")
    scopes = ArrayField(
        models.CharField(max_length=10, choices=Scope.choices),
        default=reading,
        db_default=[Scope.READ.value],
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    beginning = models.CharField(max_length=BEGINNING, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, editable=False)
    used_on = models.DateField(null=True, editable=False)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.beginning}…)"

    @property
    def state(self) -> str:
        """``valid``, ``revoked`` or ``expired``."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "valid"
