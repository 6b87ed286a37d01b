"""The log of who did what with which set of zones."""

from __future__ import annotations

from typing import Any

from clcplus.models import AuditEntry, ZoneSet


def note(event: AuditEntry.Event, zone_set: ZoneSet, *, by: Any, **details: Any) -> None:
    """Write an event down; part of the open transaction. ``by`` is None for the platform itself."""
    AuditEntry.objects.create(
        by=by,
        account=by.get_username() if by is not None else "",
        event=event,
        zone_set=zone_set.pk,
        name=zone_set.name,
        details=details,
    )
