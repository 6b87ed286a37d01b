"""Accept the zones of a checked upload, all or the usable ones: they become a layer."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from analytics.uploads import Report, accept_all_or_nothing, from_json, skip_bad_ones
from clcplus.actions.territories import layer_zones
from clcplus.actions.zone_sets import computation, staged_zones
from clcplus.actions.zone_sets.set_rows import hold, log, name_of, wrong_stage
from clcplus.database import locks
from clcplus.errors import QuotaReached, WrongState
from clcplus.models import AuditEntry, Layer, Level, Run, ZoneSet

RANK = 90
"""Rank of the levels of sets: below all levels of territories."""


@transaction.atomic
def accept(*, zone_set: ZoneSet, by: Any, skip_bad: bool, name: str) -> Run | None:
    """Make zones of the features, and have them counted. Returns None if there is no edition.

    With ``skip_bad``, features with an error are left out. Without it, one of them is enough for
    nothing to be stored. Raises WrongState, QuotaReached or UnknownZoneSet.
    """
    locks.lock_until_commit(locks.Kind.ACCOUNT, zone_set.owner_id)
    found = hold(zone_set)
    if found.stage != ZoneSet.Stage.REPORTED:
        raise wrong_stage(found, expected="one that was checked and not yet decided on")
    report = from_json(found.reading).report if found.reading else None
    if report is None:
        raise WrongState(found.name, found="no report", expected="one that was checked")
    indices = _chosen(found, report, skip_bad=skip_bad)
    _check_quota(found, len(indices))
    found.name = name_of(name) or found.name
    found.layer = _store(found, report, indices)
    found.stage = ZoneSet.Stage.ACCEPTED
    found.accepted_at = timezone.now()
    found.refusal = None
    found.save()
    left_out = len(report.features) - len(indices)
    log(AuditEntry.Event.ACCEPTED, found, by=by, zones=len(indices), left_out=left_out)
    run = computation.plan(layer=found.layer, by=by)
    transaction.on_commit(lambda: staged_zones.drop(found))
    return run


def _chosen(zone_set: ZoneSet, report: Report, *, skip_bad: bool) -> tuple[int, ...]:
    usable = skip_bad_ones(report)
    indices = usable if skip_bad else accept_all_or_nothing(report)
    if indices:
        return indices
    bad = len(report.features) - len(usable)
    hopeless = skip_bad or not usable
    raise WrongState(
        zone_set.name,
        found=f"{bad} of {len(report.features)} features with an error",
        expected="one usable feature at least" if hopeless else "no error",
        hint="Mend them and upload the file again" if hopeless else "Mend them, or leave them out",
    )


def _check_quota(zone_set: ZoneSet, more: int) -> None:
    kept = ZoneSet.objects.filter(owner=zone_set.owner_id)
    zones = kept.aggregate(total=Sum("layer__zones_total", default=0))["total"] + more
    if zones > settings.ZONES_PER_ACCOUNT:
        raise QuotaReached(
            "zones",
            found=f"{zones} zones of this account, with these",
            expected=f"at most {settings.ZONES_PER_ACCOUNT}",
            hint="Delete a set that is no longer needed",
        )


def _store(zone_set: ZoneSet, report: Report, indices: tuple[int, ...]) -> Layer:
    level = Level.objects.create(
        slug=zone_set.slug, name=zone_set.name, name_plural=zone_set.name, rank=RANK, custom=True
    )
    layer = Layer.objects.create(
        level=level,
        vintage=timezone.now().year,
        source=zone_set.file_name,
        content_hash=zone_set.sha256,
        report=_summary(report, indices),
    )
    zones = staged_zones.kept(zone_set)
    features = [report.features[index] for index in indices]
    layer_zones.store(
        layer,
        (
            (feature.code, feature.name or feature.code, "", zones[feature.index], feature.cells)
            for feature in features
        ),
    )
    return layer


def _summary(report: Report, indices: tuple[int, ...]) -> dict[str, Any]:
    """The part of the report that outlives it."""
    kept = set(indices)
    shared = [o for o in report.overlaps if o.index in kept and o.other_index in kept]
    return {
        "features": len(report.features),
        "left_out": len(report.features) - len(kept),
        "area_m2": sum(report.features[index].area for index in indices),
        "overlaps": len(shared),
        "overlap_m2": sum(overlap.area for overlap in shared),
    }
