"""Compute custom zones: what is missing is planned in batches, counted, and shown as it comes.

Nothing but the database knows what is left: a zone without a row for a published edition, or for a
pair of them, is one to be counted. Whatever is killed, cancelled or published meanwhile, the next
look finds what is missing, and no more.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from clcplus.actions.zone_sets import batch_counts, batches, figures, missing_figures, set_locks
from clcplus.actions.zone_sets.missing_figures import Lack
from clcplus.database import locks
from clcplus.errors import WrongState
from clcplus.jobs import queue, runs, states
from clcplus.jobs.kinds import Attempt
from clcplus.models import Layer, Publication, Run, ZoneBatch, ZoneSet

logger = logging.getLogger(__name__)

PATIENCE = 5
"""Attempts at a batch after which an unreadable raster is the fault of single zones."""
MOST_ATTEMPTS = 10
"""Attempts at a batch after which it is taken apart, and at a zone after which it is given up."""
_SERIES_AGAIN = "series_again"
"""Parameter of a run that has counted series anew."""


@transaction.atomic
def plan(*, layer: Layer, by: Any) -> Run | None:
    """Have counted what the zones of a layer lack: the run, or that which is under way already.
    None where nothing is missing, and of a set that was deleted."""
    if not set_locks.keep(layer.pk):
        return None
    locks.lock_until_commit(locks.Kind.ZONES, layer.pk)
    under_way = _open_run(layer.pk)
    if under_way is not None:
        return under_way
    lacks = missing_figures.of_layer(layer.pk)
    if not lacks:
        return None
    run = Run.objects.create(kind=Run.Kind.ZONES, layer=layer, requested_by=by, **_totals(lacks))
    batches.make(run, lacks)
    queue.send_waiting(run.kind, run.pk)
    return run


def work(attempt: Attempt) -> bool:
    """Do a batch. All its figures are stored in one transaction: it may be killed at any moment
    and done again."""
    batch = ZoneBatch.objects.select_related("run").filter(pk=attempt.number).first()
    if batch is None:
        return False
    began = time.monotonic()
    counted = batch_counts.count(
        batch.zones,
        patient=attempt.count < PATIENCE,
        cancelled=lambda: not runs.is_open(batch.run_id),
    )
    if counted is None:
        return False
    return _store(batch, counted, seconds=time.monotonic() - began)


@transaction.atomic
def finalise(run_id: Any) -> None:
    """End a run of which no batch is left; one that has some, or finds that more has become
    countable, goes on."""
    layer_id = Run.objects.filter(pk=run_id).values_list("layer", flat=True).first()
    if layer_id is None or not set_locks.keep(layer_id):
        return
    run = Run.objects.select_related("layer").filter(pk=run_id).first()
    if run is None or run.layer is None:
        return
    locks.lock_until_commit(locks.Kind.ZONES, run.layer.pk)
    if not runs.is_open(run_id) or batches.left(run):
        return
    failed = batches.failed_zones(run)
    # An edition may have been published while the run was under way.
    more = [lack for lack in missing_figures.of_layer(run.layer.pk) if lack.zone_id not in failed]
    if more and not _gets_nowhere(run, more):
        _extend(run, more, failed=bool(failed))
    else:
        _end(run, run.layer, failed)


@transaction.atomic
def resume(run: Run) -> None:
    """Resume a run that has ended early. Raises WrongState."""
    # The set is locked before its run: see holding.
    if run.layer_id is not None:
        set_locks.keep(run.layer_id)
    take_up(run=runs.hold_ended_early(run.pk))


@transaction.atomic
def take_up(*, run: Run) -> None:
    """Go on with a run that has ended: with what is missing, be it failed or never begun.

    Raises WrongState where another run computes the same zones.
    """
    if run.layer_id is None:
        raise WrongState(f"run {run.pk}", found="no zones", expected="a computation of zones")
    if not set_locks.keep(run.layer_id):
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
    """Have counted what nobody has planned: who published an edition may have ended before saying
    so. The number of layers that were planned.

    A layer of which a run was asked for all editions is left alone: what it still lacks has failed
    or was cancelled, and waits for a further edition, or for somebody who resumes it.
    """
    editions = [edition.pk for edition in missing_figures.published()]
    if not editions:
        return 0
    of_layer = Run.objects.filter(kind=Run.Kind.ZONES, layer=OuterRef("pk"))
    missed = Layer.objects.filter(
        ~Exists(of_layer.filter(state__in=states.OPEN)),
        ~Exists(of_layer.filter(parameters__editions__contains=editions)),
        level__custom=True,
    )
    planned = 0
    for layer in missed:
        if plan(layer=layer, by=None) is not None:
            planned += 1
        else:
            _note_complete(layer, editions)
    return planned


@transaction.atomic
def _note_complete(layer: Layer, editions: list[int]) -> None:
    """Write at the newest run that nothing lacks of these editions: nobody need look again."""
    newest = Run.objects.select_for_update().filter(kind=Run.Kind.ZONES, layer=layer)
    for run in newest.order_by("-created_at")[:1]:
        run.parameters = {**run.parameters, "editions": editions}
        run.save(update_fields=("parameters",))


def _open_run(layer_id: int) -> Run | None:
    return Run.objects.filter(kind=Run.Kind.ZONES, layer=layer_id, state__in=states.OPEN).first()


def _totals(lacks: list[Lack]) -> dict[str, Any]:
    """Of a run that is asked for all that zones lack; the editions tell what it was asked for."""
    return {
        "units_total": len(lacks),
        "cells_total": sum(lack.weight for lack in lacks),
        "parameters": {"editions": [edition.pk for edition in missing_figures.published()]},
    }


def give_up(batch_id: Any) -> None:
    """Find the zone that ends its worker: nobody lives to say what is wrong with it."""
    batch = ZoneBatch.objects.select_related("run").filter(pk=batch_id).first()
    if batch is None:
        return
    if len(batch.zones) > 1:
        batches.take_apart(batch)
        return
    reason = "its computation ended the worker, time and again"
    counted = batch_counts.Counted(failed=dict.fromkeys(batch.zones, reason))
    _store(batch, counted, seconds=0.0)


@transaction.atomic
def _store(batch: ZoneBatch, counted: batch_counts.Counted, *, seconds: float) -> bool:
    """Store what was counted; whether the batch is still wanted."""
    layer_id = batch.run.layer_id
    if layer_id is None:
        return False
    # A set that was deleted, or a run that was taken up anew, has no such batch any more.
    if not set_locks.keep(layer_id) or not ZoneBatch.objects.filter(pk=batch.pk).exists():
        return False
    figures.store(counted.figures)
    now = timezone.now()
    ZoneBatch.objects.filter(pk=batch.pk).update(
        state=states.transition(states.Event.SUCCEED, table=states.UNIT).target,
        seconds=seconds,
        error="",
        failures=batches.failures_of(counted.failed),
    )
    Run.objects.filter(pk=batch.run_id).update(
        units_done=F("units_done") + len(batch.zones),
        cells_done=F("cells_done") + batch.cells,
        updated_at=now,
    )
    ZoneSet.objects.filter(layer=layer_id).update(changed_at=now)
    return True


def _gets_nowhere(run: Run, lacks: list[Lack]) -> bool:
    """Whether series alone are missing again, after they were counted anew once: running sums that
    contradict each other would keep the run going for ever."""
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
    # Zones that have failed are not tried in the editions that have come since: another run is.
    if not failed:
        run.parameters = {**run.parameters, **totals["parameters"]}
    run.save(update_fields=("units_total", "cells_total", "parameters", "updated_at"))
    batches.make(run, lacks)
    queue.send_waiting(run.kind, run.pk)


def _end(run: Run, layer: Layer, failed: dict[int, str]) -> None:
    """Say how the run has ended; published zones are shown with their new figures from now on."""
    counted = run.units_total - len(failed)
    message = ""
    if failed:
        first = next(iter(failed.values()))
        message = f"{len(failed)} zones could not be counted: {first}"
    # Of an edition that was withdrawn meanwhile, not every zone was counted.
    published = {edition.pk for edition in missing_figures.published()}
    tried = [pk for pk in run.parameters.get("editions", ()) if pk in published]
    parameters = {**run.parameters, "editions": tried}
    if failed and counted <= 0:
        runs.fail(run.pk, message, parameters=parameters)
    else:
        runs.succeed(run.pk, message=message, parameters=parameters)
    ZoneSet.objects.filter(layer=layer).update(changed_at=timezone.now())
    if layer.active:
        Publication.objects.create(
            event=Publication.Event.ZONE_SET, subject=layer.level.name, by=run.requested_by
        )
