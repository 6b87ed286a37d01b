"""Rows of zone sets: locked against changes and deletion, named, and logged.

Whoever takes several locks takes them in this order: the account, the set, its zones, its runs.
In another order two requests could wait for each other.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from clcplus.actions import audit
from clcplus.errors import UnknownZoneSet, WrongState
from clcplus.models import AuditEntry, ZoneSet

_LONGEST_NAME = 80


def hold(zone_set: ZoneSet) -> ZoneSet:
    """The set as it is now, locked until the open transaction ends. Raises UnknownZoneSet."""
    found = (
        ZoneSet.objects.select_for_update(of=("self",))
        .select_related("layer__level")
        .filter(pk=zone_set.pk)
        .first()
    )
    if found is None:
        raise UnknownZoneSet(
            str(zone_set.pk), found="no such set of zones", expected="one that was not deleted"
        )
    return found


def keep(layer_id: int | None) -> bool:
    """Keep a layer's set from being deleted until the open transaction ends; False if it is gone.

    Other changes of the set stay possible.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM clcplus_zoneset WHERE layer_id = %s FOR KEY SHARE", [layer_id]
        )
        return cursor.fetchone() is not None


def wrong_stage(zone_set: ZoneSet, *, expected: str) -> WrongState:
    """The error of a set that is in another stage than an action needs."""
    return WrongState(
        zone_set.name, found=f"a set that is {zone_set.get_stage_display()}", expected=expected
    )


def log(event: AuditEntry.Event, zone_set: ZoneSet, *, by: Any, **details: Any) -> None:
    """Add an entry to the audit log. ``by`` is None for the platform itself."""
    subject = AuditEntry.Subject.ZONE_SET
    audit.record(event, subject=subject, key=zone_set.pk, name=zone_set.name, by=by, **details)


def visible(text: str) -> str:
    """A text without characters that cannot be seen."""
    return "".join(character for character in text if character.isprintable())


def name_of(text: str) -> str:
    """A text as the name of a set; may be empty."""
    return visible(text).strip()[:_LONGEST_NAME]
