"""Batches of zones: made of zones that lie near each other, queued, taken apart, given up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from clcplus.actions.zone_sets.missing_figures import Lack
from clcplus.jobs import queue
from clcplus.jobs.states import UNIT, Event, transition
from clcplus.models import Run, Zone, ZoneBatch

MOST_ZONES, MOST_CELLS = 400, 40_000_000
"""Of a batch: some seconds of work, in which a block of an edition is read once for its zones."""


def make(run: Run, lacks: Sequence[Lack]) -> None:
    """Batches of zones that lack figures, numbered on from those that the run has."""
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


def left(run: Run) -> list[int]:
    """Batches of a run that are not done, in their order."""
    return list(
        ZoneBatch.objects.filter(run=run, state=ZoneBatch.State.QUEUED).values_list("pk", flat=True)
    )


def failed_zones(run: Run) -> dict[int, str]:
    """Zones that a run could not count, with the reasons."""
    failed: dict[int, str] = {}
    for batch in ZoneBatch.objects.filter(run=run):
        if batch.state == ZoneBatch.State.FAILED:
            failed |= dict.fromkeys(batch.zones, batch.error)
        failed |= {failure["zone"]: failure["reason"] for failure in batch.failures}
    return failed


def failures_of(reasons: dict[int, str]) -> list[dict[str, object]]:
    """What a batch keeps of zones that could not be counted."""
    zones = Zone.objects.filter(pk__in=reasons).order_by("code").only("code", "name")
    return [
        {"zone": zone.pk, "code": zone.code, "name": zone.name, "reason": reasons[zone.pk]}
        for zone in zones
    ]


@transaction.atomic
def take_apart(batch: ZoneBatch) -> None:
    """A batch for each of its zones instead: one of them may be what ends the worker."""
    first = ZoneBatch.objects.filter(run=batch.run_id).order_by("-number").values("number")[:1]
    number = first.get()["number"] + 1
    ZoneBatch.objects.bulk_create(
        ZoneBatch(
            run_id=batch.run_id,
            number=number + position,
            zones=[zone_id],
            cells=batch.cells // len(batch.zones),
        )
        for position, zone_id in enumerate(batch.zones)
    )
    batch.delete()
    queue.send_waiting(batch.run.kind, batch.run_id)


@transaction.atomic
def fail(batch_id: Any, reason: str) -> None:
    """Give a batch up: its zones have failed, the run goes on with the others."""
    row = transition(Event.FAIL, table=UNIT)
    ZoneBatch.objects.filter(pk=batch_id, state__in=row.sources).update(
        state=row.target, error=reason[:400]
    )
    Run.objects.filter(batches=batch_id).update(updated_at=timezone.now())
