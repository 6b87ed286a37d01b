"""Publish, share, rename and delete sets of zones. UnknownZoneSet: it was deleted meanwhile."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from clcplus.actions import reports
from clcplus.actions.territories import layer_zones
from clcplus.actions.zone_sets import staged_zones
from clcplus.actions.zone_sets.set_rows import hold, log, name_of, wrong_stage
from clcplus.errors import WrongState
from clcplus.jobs.states import OPEN
from clcplus.models import AuditEntry, Layer, Level, Publication, Run, ZoneSet


@transaction.atomic
def publish(*, zone_set: ZoneSet, by: Any) -> None:
    """Show a computed set to every reader. Raises WrongState."""
    found = hold(zone_set)
    if found.layer is None:
        raise wrong_stage(found, expected="one that was accepted")
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
    _show(found, AuditEntry.Event.PUBLISHED, by)


@transaction.atomic
def withdraw(*, zone_set: ZoneSet, by: Any) -> None:
    """Hide a published set from readers, except its owner and staff. Raises WrongState."""
    found = hold(zone_set)
    if found.published_at is None or found.layer is None:
        raise WrongState(found.name, found="a set that is not published", expected="one that is")
    found.published_at = None
    _show(found, AuditEntry.Event.WITHDRAWN, by)
    reports.remove_reports_of(level=found.slug)


@transaction.atomic
def share(*, zone_set: ZoneSet, by: Any) -> str:
    """The token of the set's share link, made if there is none. Raises WrongState."""
    found = hold(zone_set)
    if found.layer is None:
        raise WrongState(found.name, found="a set without zones", expected="one that was accepted")
    if not found.share_token:
        found.share_token = secrets.token_urlsafe(32)
        found.save()
        log(AuditEntry.Event.SHARED, found, by=by)
    return found.share_token


@transaction.atomic
def revoke(*, zone_set: ZoneSet, by: Any) -> None:
    """Revoke the share link, if there is one."""
    found = hold(zone_set)
    if found.share_token:
        found.share_token = ""
        found.save()
        log(AuditEntry.Event.REVOKED, found, by=by)


@transaction.atomic
def rename(*, zone_set: ZoneSet, by: Any, name: str) -> None:
    """Rename a set. Raises WrongState for an empty name."""
    found = hold(zone_set)
    plain = name_of(name)
    if not plain:
        raise WrongState(found.name, found="an empty name", expected="a name")
    found.name = plain
    found.save()
    if found.layer is not None:
        Level.objects.filter(pk=found.layer.level_id).update(name=plain, name_plural=plain)
        if found.published_at is not None:
            _announce(found, by)


@transaction.atomic
def delete(*, zone_set: ZoneSet, by: Any) -> None:
    """Remove a set with its zones, figures, runs, reports and files."""
    found = hold(zone_set)
    layer = found.layer
    reports.remove_reports_of(level=found.slug)
    if layer is not None:
        found.layer = None
        layer.delete()
        layer.level.delete()
        if layer.active:
            _announce(found, by)
    log(AuditEntry.Event.DELETED, found, by=by)
    removed = ZoneSet(pk=found.pk)
    found.delete()
    transaction.on_commit(lambda: staged_zones.drop(removed))


def _show(zone_set: ZoneSet, event: AuditEntry.Event, by: Any) -> None:
    """Store that a set was published or withdrawn, and what readers see of it from now on."""
    zone_set.save()
    Layer.objects.filter(zone_set=zone_set).update(active=zone_set.published_at is not None)
    layer_zones.refresh_names()
    _announce(zone_set, by)
    log(event, zone_set, by=by)


def _announce(zone_set: ZoneSet, by: Any) -> None:
    """Give the published data a new identity."""
    Publication.objects.create(event=Publication.Event.ZONE_SET, subject=zone_set.name, by=by)
