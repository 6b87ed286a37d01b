"""Batches of neighbouring zones: made, counted, taken apart, given up."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from clcplus.actions.zone_sets import batch_counts, figures, set_rows
from clcplus.actions.zone_sets.figures import Figures
from clcplus.actions.zone_sets.missing_figures import Lack
from clcplus.jobs import queue, runs
from clcplus.jobs.kinds import Attempt
from clcplus.jobs.states import UNIT, Event, move
from clcplus.models import Run, Zone, ZoneBatch, ZoneSet

MOST_ZONES, MOST_CELLS = 400, 40_000_000
"""Of a batch: some seconds of work, in which a block of an edition is read once for its zones."""
PATIENCE = 5
"""Attempts at a batch after which an unreadable raster is the fault of single zones."""
MOST_ATTEMPTS = 10
"""Attempts at a batch after which it is taken apart, and at a zone after which it is given up."""


def make(run: Run, lacks: Sequence[Lack]) -> None:
    """Add batches of zones that lack figures to a run."""
    first = ZoneBatch.objects.filter(run=run).count()
    ZoneBatch.objects.bulk_create(
        ZoneBatch(
            run=run,
            number=number,
            zones=[lack.zone_id for lack in some],
            cells=sum(lack.weight for lack in some),
        )
        for number, some in enumerate(_bounded(lacks), start=first)
    )


def _bounded(lacks: Sequence[Lack]) -> Iterator[list[Lack]]:
    some: list[Lack] = []
    cells = 0
    for lack in lacks:
        if some and (len(some) == MOST_ZONES or cells + lack.cells > MOST_CELLS):
            yield some
            some, cells = [], 0
        some.append(lack)
        cells += lack.cells
    if some:
        yield some


def failed_zones(run: Run) -> dict[int, str]:
    """Zones that a run could not count, with the reasons."""
    failed: dict[int, str] = {}
    for batch in ZoneBatch.objects.filter(run=run):
        if batch.state == ZoneBatch.State.FAILED:
            failed |= dict.fromkeys(batch.zones, batch.error)
        failed |= {failure["zone"]: failure["reason"] for failure in batch.failures}
    return failed


def work(attempt: Attempt) -> bool:
    """Count a batch. Its figures are stored in one transaction, so the worker may be killed."""
    batch = ZoneBatch.objects.select_related("run").filter(pk=attempt.number).first()
    if batch is None:
        return False
    began = time.monotonic()
    counted = batch_counts.count(
        batch.zones,
        patient=attempt.count < PATIENCE,
        cancelled=lambda: not runs.is_open(batch.run_id),
    )
    return counted is not None and _store(batch, counted, seconds=time.monotonic() - began)


def give_up(batch_id: Any) -> None:
    """Find the zone that ends its worker: a batch for each zone, until one zone is left."""
    batch = ZoneBatch.objects.select_related("run").filter(pk=batch_id).first()
    if batch is None:
        return
    if len(batch.zones) > 1:
        _take_apart(batch)
    else:
        reason = "its computation ended the worker, time and again"
        _store(batch, Figures(failed=dict.fromkeys(batch.zones, reason)), seconds=0.0)


@transaction.atomic
def fail(batch_id: Any, reason: str) -> None:
    """Give a batch up: its zones have failed, the run continues with the others."""
    batch = ZoneBatch.objects.filter(pk=batch_id)
    move(batch, Event.FAIL, table=UNIT, error=reason[:400])
    Run.objects.filter(batches=batch_id).update(updated_at=timezone.now())


@transaction.atomic
def _take_apart(batch: ZoneBatch) -> None:
    of_run = ZoneBatch.objects.filter(run=batch.run_id)
    first = of_run.aggregate(last=Max("number"))["last"] + 1
    ZoneBatch.objects.bulk_create(
        ZoneBatch(
            run_id=batch.run_id,
            number=number,
            zones=[zone_id],
            cells=batch.cells // len(batch.zones),
        )
        for number, zone_id in enumerate(batch.zones, start=first)
    )
    batch.delete()
    queue.send_waiting(batch.run.kind, batch.run_id)


@transaction.atomic
def _store(batch: ZoneBatch, counted: Figures, *, seconds: float) -> bool:
    """Store what was counted. Returns False if the set was deleted or its run planned anew."""
    layer_id = batch.run.layer_id
    if not set_rows.keep(layer_id) or not ZoneBatch.objects.filter(pk=batch.pk).exists():
        return False
    figures.store(counted)
    failed = Zone.objects.filter(pk__in=counted.failed).order_by("code").only("code", "name")
    now = timezone.now()
    ZoneBatch.objects.filter(pk=batch.pk).update(
        state=UNIT[Event.SUCCEED].target,
        seconds=seconds,
        error="",
        failures=[
            {"zone": z.pk, "code": z.code, "name": z.name, "reason": counted.failed[z.pk]}
            for z in failed
        ],
    )
    Run.objects.filter(pk=batch.run_id).update(
        units_done=F("units_done") + len(batch.zones),
        cells_done=F("cells_done") + batch.cells,
        updated_at=now,
    )
    ZoneSet.objects.filter(layer=layer_id).update(changed_at=now)
    return True
