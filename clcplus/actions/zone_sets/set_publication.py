"""Publish, withdraw, share, rename and delete sets of zones. All raise UnknownZoneSet for one that
was deleted meanwhile."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from clcplus.actions import place_names, reports
from clcplus.actions.zone_sets import audit, staged_zones
from clcplus.actions.zone_sets.set_locks import hold
from clcplus.actions.zone_sets.set_names import name_of
from clcplus.errors import WrongState
from clcplus.jobs.states import OPEN
from clcplus.models import (
    AuditEntry,
    Layer,
    Level,
    PlaceName,
    Publication,
    Run,
    Zone,
    ZoneSet,
)


@transaction.atomic
def publish(*, zone_set: ZoneSet, by: Any) -> None:
    """Show a set to every reader, once it is computed. Raises WrongState."""
    found = hold(zone_set)
    if found.layer is None:
        raise WrongState(
            found.name,
            found=f"a set that is {found.get_stage_display()}",
            expected="one that was accepted",
        )
    if found.published_at is not None:
        return
    if Run.objects.filter(layer=found.layer, state__in=OPEN).exists():
        raise WrongState(
            found.name,
            found="a set that is still being computed",
            expected="one whose figures are complete",
            hint="Wait for the computation to end",
        )
    found.published_at = timezone.now()
    found.save()
    _show(found.layer, active=True)
    _tell(found, AuditEntry.Event.PUBLISHED, by)


@transaction.atomic
def withdraw(*, zone_set: ZoneSet, by: Any) -> None:
    """Hide a published set from readers; its owner and staff still see it. Raises WrongState."""
    found = hold(zone_set)
    if found.published_at is None or found.layer is None:
        raise WrongState(found.name, found="a set that is not published", expected="one that is")
    found.published_at = None
    found.save()
    _show(found.layer, active=False)
    reports.remove_reports_of(level=found.slug)
    _tell(found, AuditEntry.Event.WITHDRAWN, by)


@transaction.atomic
def share(*, zone_set: ZoneSet, by: Any) -> str:
    """The token of the set's share link; the one that there is, or a new one. Raises WrongState."""
    found = hold(zone_set)
    if found.layer is None:
        raise WrongState(found.name, found="a set without zones", expected="one that was accepted")
    if not found.share_token:
        found.share_token = secrets.token_urlsafe(32)
        found.save()
        audit.note(AuditEntry.Event.SHARED, found, by=by)
    return found.share_token


@transaction.atomic
def revoke(*, zone_set: ZoneSet, by: Any) -> None:
    """Make the share link worthless."""
    found = hold(zone_set)
    if found.share_token:
        found.share_token = ""
        found.save()
        audit.note(AuditEntry.Event.REVOKED, found, by=by)


@transaction.atomic
def rename(*, zone_set: ZoneSet, by: Any, name: str) -> None:
    """Call a set otherwise. Raises WrongState for an empty name."""
    found = hold(zone_set)
    plain = name_of(name)
    if not plain:
        raise WrongState(found.name, found="an empty name", expected="a name")
    found.name = plain
    found.save()
    if found.layer is not None:
        Level.objects.filter(pk=found.layer.level_id).update(name=plain, name_plural=plain)
        if found.published_at is not None:
            Publication.objects.create(event=Publication.Event.ZONE_SET, subject=plain, by=by)


@transaction.atomic
def delete(*, zone_set: ZoneSet, by: Any) -> None:
    """Remove a set with all that was made of it: zones, figures, runs, reports, files."""
    found = hold(zone_set)
    layer, slug = found.layer, found.slug
    reports.remove_reports_of(level=slug)
    found.layer = None
    if layer is not None:
        _remove(layer)
        if layer.active:
            Publication.objects.create(event=Publication.Event.ZONE_SET, subject=found.name, by=by)
    audit.note(AuditEntry.Event.DELETED, found, by=by)
    removed = ZoneSet(pk=found.pk)
    found.delete()
    transaction.on_commit(lambda: staged_zones.drop(removed))


def _show(layer: Layer, *, active: bool) -> None:
    layer.active = active
    layer.save(update_fields=("active",))
    place_names.refresh()


def _tell(zone_set: ZoneSet, event: AuditEntry.Event, by: Any) -> None:
    Publication.objects.create(event=Publication.Event.ZONE_SET, subject=zone_set.name, by=by)
    audit.note(event, zone_set, by=by)


def _remove(layer: Layer) -> None:
    level = layer.level
    ZoneSet.objects.filter(layer=layer).update(layer=None)
    Run.objects.filter(layer=layer).delete()
    Zone.objects.filter(layer=layer).delete()
    PlaceName.objects.filter(level=level).delete()
    layer.delete()
    level.delete()
