"""Tokens of accounts: made, revoked, noted as used."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from clcplus.actions import audit
from clcplus.models import ApiToken, AuditEntry
from clcplus.models.api_token import BEGINNING, Scope, digest_of

security = logging.getLogger("clcplus.security")

DAYS = 365
"""How long a token is good for, unless something else is said."""
MOST_DAYS = 730
_PREFIX = "clcplus_"
"""What a key begins with, so that a search for leaked secrets finds it."""


@transaction.atomic
def create(
    *, account: Any, name: str, by: str, scopes: Iterable[str] = (), days: int = DAYS
) -> tuple[ApiToken, str]:
    """A new token, and its key, which cannot be had again. It reads; ``scopes`` are what else it is
    for."""
    wanted = {Scope(scope).value for scope in scopes} | {Scope.READ.value}
    key = f"{_PREFIX}{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        account=account,
        name=name,
        scopes=[scope for scope in Scope.values if scope in wanted],
        digest=digest_of(key),
        beginning=key[:BEGINNING],
        expires_at=timezone.now() + timedelta(days=days),
    )
    security.info(
        "token %s of account %s for %s made by %s",
        token.pk,
        account.get_username(),
        ", ".join(token.scopes),
        by,
    )
    _note(token, AuditEntry.Event.CREATED, by=by)
    return token, key


@transaction.atomic
def revoke(*, token: ApiToken, by: str) -> None:
    """Let a token open nothing any more; it stays in the list."""
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=("revoked_at",))
        security.info("token %s revoked by %s", token.pk, by)
        _note(token, AuditEntry.Event.REVOKED, by=by)


def _note(token: ApiToken, event: AuditEntry.Event, *, by: str) -> None:
    subject = AuditEntry.Subject.TOKEN
    name = f"{token.account.get_username()}: {token.name}"
    audit.record(event, subject=subject, key=token.pk, name=name, by=by)


def note_use(token: ApiToken) -> None:
    """Note the day, once a day."""
    today = timezone.now().date()
    if token.used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(used_on=today)
        token.used_on = today
