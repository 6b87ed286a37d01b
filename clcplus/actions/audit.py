"""The audit log: entries in a chain of digests, verified and exported.

The digest of an entry is the SHA-256 of its content and of the digest before it. A changed, removed
or added entry breaks the chain at its place; that the last entries are gone shows a digest of the
end that was kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from clcplus.database import locks
from clcplus.models import AuditEntry, Publication

_BATCH = 2000
_OF_EDITIONS = {
    Publication.Event.PUBLISHED: (AuditEntry.Event.PUBLISHED, AuditEntry.Subject.EDITION),
    Publication.Event.SUPERSEDED: (AuditEntry.Event.SUPERSEDED, AuditEntry.Subject.EDITION),
    Publication.Event.WITHDRAWN: (AuditEntry.Event.WITHDRAWN, AuditEntry.Subject.EDITION),
    Publication.Event.ACCURACY: (AuditEntry.Event.CHANGED, AuditEntry.Subject.EDITION),
}
_CONTENT = ("account", "event", "subject", "key", "name", "details", "previous")


@transaction.atomic
def record(
    event: AuditEntry.Event,
    *,
    subject: AuditEntry.Subject,
    key: object,
    name: str,
    by: Any,
    **details: str | int | bool | None,
) -> AuditEntry:
    """Add an entry. ``by`` is an account, the name of a program, or None for the platform itself.

    No other transaction adds one, or changes what is published, before the open one ends.
    """
    # That of publications: two locks could be taken in two orders.
    locks.lock_until_commit(locks.Kind.PUBLICATION)
    last = AuditEntry.objects.order_by("-id").values_list("digest", flat=True).first()
    entry = AuditEntry(
        at=timezone.now(),
        by=None if by is None or isinstance(by, str) else by,
        account=("" if by is None else by if isinstance(by, str) else by.get_username())[:150],
        event=event,
        subject=subject,
        key=str(key)[:120],
        name=name[:120],
        details=details,
        previous=last or "",
    )
    entry.digest = digest_of(entry)
    entry.save(force_insert=True)
    return entry


def publish_data(event: Publication.Event, *, subject: str, by: Any) -> None:
    """Give the published data a new identity, and note who did it. ``subject`` is the slug of an
    edition, or a name of what readers see changed."""
    Publication.objects.create(event=event, subject=subject[:120], by=by)
    found, of = _OF_EDITIONS.get(event, (AuditEntry.Event.CHANGED, AuditEntry.Subject.DATA))
    record(found, subject=of, key=subject, name=subject, by=by, publication=event.value)


def digest_of(entry: AuditEntry) -> str:
    """The digest (SHA-256, hexadecimal) of an entry's content and of the digest before it."""
    content = {name: getattr(entry, name) for name in _CONTENT}
    content["at"] = entry.at.isoformat(timespec="microseconds")
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Chain:
    """What a verification found: entries that hold, the last digest, and the first broken entry."""

    entries: int
    head: str
    broken: int | None


def verify() -> Chain:
    """Verify all entries, the oldest first, up to the first that does not hold."""
    head, entries = "", 0
    for entry in _in_order():
        if entry.previous != head or entry.digest != digest_of(entry):
            return Chain(entries, head, entry.pk)
        head, entries = entry.digest, entries + 1
    return Chain(entries, head, None)


def holds(digest: str) -> bool:
    """Whether an entry has a digest: that of an end that was kept elsewhere."""
    return digest == "" or AuditEntry.objects.filter(digest=digest).exists()


def lines() -> Iterator[str]:
    """All entries as JSON, one a line, the oldest first; each can be verified by itself."""
    for entry in _in_order():
        content = {name: getattr(entry, name) for name in (*_CONTENT, "digest")}
        content |= {"number": entry.pk, "at": entry.at.isoformat(timespec="microseconds")}
        yield json.dumps(content, sort_keys=True, ensure_ascii=False)


def _in_order() -> Iterator[AuditEntry]:
    return AuditEntry.objects.order_by("id").iterator(chunk_size=_BATCH)
