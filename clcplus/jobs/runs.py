"""Runs: how they begin and move, the one place that ends them, and how they are resumed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clcplus.errors import WrongState
from clcplus.jobs import kinds, queue
from clcplus.jobs.states import ENDED_EARLY, OPEN, UNIT, Event, transition
from clcplus.models import Run, Unit


def is_open(run_id: Any) -> bool:
    """Whether a run still has work to do."""
    return Run.objects.filter(pk=run_id, state__in=OPEN).exists()


def begin(run_id: Any) -> None:
    """Note that a worker has begun a unit."""
    row, now = transition(Event.BEGIN), timezone.now()
    Run.objects.filter(pk=run_id, state__in=row.sources).update(state=row.target, updated_at=now)
    Run.objects.filter(pk=run_id, started_at__isnull=True).update(started_at=now)


def end(run_id: Any, event: Event, **fields: Any) -> bool:
    """End a run: succeed, fail or cancel. False where its state does not allow it."""
    row, now = transition(event), timezone.now()
    changed = Run.objects.filter(pk=run_id, state__in=row.sources).update(
        state=row.target, finished_at=now, updated_at=now, **fields
    )
    return bool(changed)


def succeed(run_id: Any, *, message: str = "", **fields: Any) -> bool:
    """End a run whose work is done."""
    return end(run_id, Event.SUCCEED, message=message[:400], **fields)


def fail(run_id: Any, reason: str, **fields: Any) -> bool:
    """End a run with a reason that a person understands."""
    return end(run_id, Event.FAIL, message=reason[:400], **fields)


@transaction.atomic
def cancel(run_id: Any) -> None:
    """Stop a run before its next unit; what it has counted is kept, unseen. Raises WrongState."""
    run = Run.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise WrongState(f"run {run_id}", found="none", expected="a run that is under way")
    if not end(run.pk, Event.CANCEL):
        raise WrongState(
            f"run {run_id}", found=run.get_state_display(), expected="a run that is under way"
        )


def hold_open(run_id: Any) -> bool:
    """Keep a run from being cancelled until the open transaction ends; False where it has ended."""
    held = Run.objects.select_for_update().filter(pk=run_id, state__in=OPEN)
    return held.first() is not None


def hold_ended_early(run_id: Any) -> Run:
    """A run that may be resumed, locked until the open transaction ends. Raises WrongState."""
    run = Run.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise WrongState(f"run {run_id}", found="none", expected="a run that has ended early")
    if run.state not in ENDED_EARLY:
        raise WrongState(
            f"run {run_id}",
            found=run.get_state_display(),
            expected="a run that has failed or was cancelled",
        )
    return run


@transaction.atomic
def resume(run: Run) -> None:
    """Go on with what failed or was left, whatever the kind. Raises WrongState."""
    kind = kinds.find(run.kind)
    if kind.resume is not None:
        kind.resume(run)
    else:
        take_up(hold_ended_early(run.pk))


@transaction.atomic
def take_up(run: Run) -> None:
    """Queue again what failed or was left of a run that is not yet done."""
    row = transition(Event.RESUME, table=UNIT)
    Unit.objects.filter(run=run, state__in=row.sources).update(
        state=row.target, error="", attempts=0
    )
    queued(run)
    queue.send_waiting(run.kind, run.pk)


def queued(run: Run, **fields: Any) -> None:
    """Note that a run that has ended early waits again."""
    Run.objects.filter(pk=run.pk).update(
        state=transition(Event.RESUME).target,
        message="",
        attempts=0,
        finished_at=None,
        updated_at=timezone.now(),
        **fields,
    )


def unit_done(unit: Unit, *, seconds: float) -> None:
    """A unit has ended well: part of the transaction that stores its counts."""
    row = transition(Event.SUCCEED, table=UNIT)
    Unit.objects.filter(pk=unit.pk).update(state=row.target, seconds=seconds, error="")
    Run.objects.filter(pk=unit.run_id).update(
        units_done=F("units_done") + 1,
        cells_done=F("cells_done") + unit.cells,
        updated_at=timezone.now(),
    )


@transaction.atomic
def fail_unit(number: Any, reason: str) -> None:
    """A unit has failed for good; so has its run, though its other units may go on."""
    row = transition(Event.FAIL, table=UNIT)
    unit = Unit.objects.select_for_update().get(pk=number)
    if unit.state not in row.sources:
        return
    Unit.objects.filter(pk=number).update(state=row.target, error=reason[:400])
    fail(unit.run_id, f"tile {unit.tile}: {reason}")
