"""Computations of custom zones: a run is planned, extended, ended, cancelled and resumed.

Only the database knows what is left: a zone lacks a figure if it has no row for a published
edition, for a pair of them, or for a preset of a pair that was filtered. After a kill, a
cancellation or a publication the next look finds exactly what is missing.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from clcplus.actions.zone_sets import batches, missing_figures, set_rows
from clcplus.actions.zone_sets.missing_figures import Lack
from clcplus.database import locks
from clcplus.errors import WrongState
from clcplus.jobs import queue, runs
from clcplus.jobs.states import ENDED_EARLY, OPEN
from clcplus.models import AuditEntry, Layer, Publication, Run, ZoneBatch, ZoneSet

logger = logging.getLogger(__name__)

_SERIES_AGAIN = "series_again"
"""Parameter of a run that has counted series anew."""


@transaction.atomic
def plan(*, layer: Layer, by: Any) -> Run | None:
    """Have what a layer's zones lack counted: a new run, or the one under way.

    None if nothing is missing, or if the set was deleted.
    """
    if not set_rows.keep(layer.pk):
        return None
    locks.lock_until_commit(locks.Kind.ZONES, layer.pk)
    under_way = _open_run(layer.pk)
    if under_way is not None:
        return under_way
    lacks = missing_figures.of_layer(layer.pk)
    if not lacks:
        return None
    run = Run(kind=Run.Kind.ZONES, layer=layer, requested_by=by, **_totals(lacks))
    runs.start(run)
    batches.make(run, lacks)
    return run


@transaction.atomic
def finalise(run_id: Any) -> None:
    """End a run without open batches, or extend it by what has become countable."""
    layer_id = Run.objects.filter(pk=run_id).values_list("layer", flat=True).first()
    if layer_id is None or not set_rows.keep(layer_id):
        return
    locks.lock_until_commit(locks.Kind.ZONES, layer_id)
    run = Run.objects.select_related("layer__level").filter(pk=run_id, state__in=OPEN).first()
    queued = ZoneBatch.objects.filter(run=run_id, state=ZoneBatch.State.QUEUED)
    if run is None or run.layer is None or queued.exists():
        return
    failed = batches.failed_zones(run)
    # An edition may have been published while the run was under way.
    more = [lack for lack in missing_figures.of_layer(run.layer.pk) if lack.zone_id not in failed]
    if more and not _gets_nowhere(run, more):
        _extend(run, more, failed=bool(failed))
    else:
        _end(run, run.layer, failed)


@transaction.atomic
def cancel(*, zone_set: ZoneSet, by: Any) -> None:
    """Cancel the run that computes a set. Raises WrongState if none is under way."""
    run = _open_run(zone_set.layer_id) if set_rows.keep(zone_set.layer_id) else None
    if run is None:
        raise WrongState(
            zone_set.name, found="nothing that is under way", expected="a computation to cancel"
        )
    runs.cancel(run.pk)
    set_rows.log(AuditEntry.Event.CANCELLED, zone_set, by=by)


@transaction.atomic
def resume(*, zone_set: ZoneSet, by: Any) -> Run | None:
    """Have counted what was cancelled or has failed: the run, which may be under way already.

    None if nothing is missing. Raises WrongState for a set without zones.
    """
    if not set_rows.keep(zone_set.layer_id):
        raise set_rows.wrong_stage(zone_set, expected="one that was accepted")
    newest = zone_set.newest_run
    if newest is not None and newest.state in OPEN:
        return newest
    if newest is not None and newest.state in ENDED_EARLY:
        take_up(run=newest)
        newest.refresh_from_db()
        return newest
    return plan(layer=Layer.objects.get(zone_set=zone_set), by=by)


@transaction.atomic
def resume_run(run: Run) -> None:
    """Resume a run that has ended early. Raises WrongState."""
    # The set is locked before its run: see set_rows.
    set_rows.keep(run.layer_id)
    take_up(run=runs.hold_ended_early(run.pk))


@transaction.atomic
def take_up(*, run: Run) -> None:
    """Plan a run that has ended anew, with what is missing: what failed or was never begun.

    Raises WrongState if another run computes the same zones.
    """
    if run.layer_id is None:
        raise WrongState(f"run {run.pk}", found="no zones", expected="a computation of zones")
    if not set_rows.keep(run.layer_id):
        raise WrongState(f"run {run.pk}", found="a set that was deleted", expected="one that is")
    locks.lock_until_commit(locks.Kind.ZONES, run.layer_id)
    under_way = _open_run(run.layer_id)
    if under_way is not None and under_way.pk != run.pk:
        raise WrongState(
            f"run {run.pk}",
            found=f"run {under_way.pk}, which computes these zones",
            expected="no other computation of them",
        )
    if under_way is None:
        ZoneBatch.objects.filter(run=run).delete()
        lacks = missing_figures.of_layer(run.layer_id)
        runs.queued(run, units_done=0, cells_done=0, started_at=None, **_totals(lacks))
        batches.make(run, lacks)
        ZoneSet.objects.filter(layer=run.layer_id).update(changed_at=timezone.now())
    queue.send_waiting(run.kind, run.pk)


def after_publication() -> None:
    """Have counted what custom zones lack of the editions that are published now."""
    for layer in Layer.objects.filter(level__custom=True):
        plan(layer=layer, by=None)


def plan_missed() -> int:
    """Plan what nobody has planned: a process that published an edition or filtered change may have
    ended too early.

    A layer with a run for all of that is left alone: what it still lacks has failed or was
    cancelled, and waits for a further edition or for a person. Returns the number of new runs.
    """
    countable = _countable()
    if not countable["editions"]:
        return 0
    of_layer = Run.objects.filter(kind=Run.Kind.ZONES, layer=OuterRef("pk"))
    missed = Layer.objects.filter(
        ~Exists(of_layer.filter(state__in=OPEN)),
        ~Exists(of_layer.filter(parameters__contains=countable)),
        level__custom=True,
    )
    planned = 0
    for layer in missed:
        if plan(layer=layer, by=None) is not None:
            planned += 1
        else:
            _note_complete(layer, countable)
    return planned


@transaction.atomic
def _note_complete(layer: Layer, countable: dict[str, list[Any]]) -> None:
    """Note at the newest run that nothing of all this is missing: nobody looks again."""
    newest = Run.objects.select_for_update().filter(kind=Run.Kind.ZONES, layer=layer)
    for run in newest.order_by("-created_at")[:1]:
        run.parameters = {**run.parameters, **countable}
        run.save(update_fields=("parameters",))


def _open_run(layer_id: int | None) -> Run | None:
    return Run.objects.filter(kind=Run.Kind.ZONES, layer=layer_id, state__in=OPEN).first()


def _countable() -> dict[str, list[Any]]:
    """What a run counts, as its parameters name it: ids of editions, and the rasters of the pairs
    whose change was filtered."""
    return {
        "editions": [edition.pk for edition in missing_figures.published()],
        "filtered": [pair.mask_key for pair in missing_figures.filtered_pairs()],
    }


def _totals(lacks: list[Lack]) -> dict[str, Any]:
    """Fields of a run that counts all that zones lack, with what it counts."""
    return {
        "units_total": len(lacks),
        "cells_total": sum(lack.weight for lack in lacks),
        "parameters": _countable(),
    }


def _gets_nowhere(run: Run, lacks: list[Lack]) -> bool:
    """Whether only series are missing again, after they were counted anew once.

    Running sums that contradict each other would keep the run going for ever.
    """
    if not all(lack.is_series_alone for lack in lacks):
        return False
    if run.parameters.get(_SERIES_AGAIN):
        logger.error("run %s: series of %s zones contradict their statistics", run.pk, len(lacks))
        return True
    run.parameters = {**run.parameters, _SERIES_AGAIN: True}
    run.save(update_fields=("parameters",))
    return False


def _extend(run: Run, lacks: list[Lack], *, failed: bool) -> None:
    totals = _totals(lacks)
    run.units_total += totals["units_total"]
    run.cells_total += totals["cells_total"]
    # Failed zones are not tried in editions that have come since: another run does that.
    if not failed:
        run.parameters = {**run.parameters, **totals["parameters"]}
    run.save(update_fields=("units_total", "cells_total", "parameters", "updated_at"))
    batches.make(run, lacks)
    queue.send_waiting(run.kind, run.pk)


def _end(run: Run, layer: Layer, failed: dict[int, str]) -> None:
    """End the run; readers of a published set see its new figures from now on."""
    counted = run.units_total - len(failed)
    message = ""
    if failed:
        first = next(iter(failed.values()))
        message = f"{len(failed)} zones could not be counted: {first}"
    # Of an edition that was withdrawn meanwhile, not every zone was counted.
    tried = {
        name: [one for one in run.parameters.get(name, ()) if one in still]
        for name, still in _countable().items()
    }
    parameters = {**run.parameters, **tried}
    if failed and counted <= 0:
        runs.fail(run.pk, message, parameters=parameters)
    else:
        runs.succeed(run.pk, message=message, parameters=parameters)
    ZoneSet.objects.filter(layer=layer).update(changed_at=timezone.now())
    if layer.active:
        Publication.objects.create(
            event=Publication.Event.ZONE_SET, subject=layer.level.name, by=run.requested_by
        )
