"""Runs: started, moved, ended in one place, and resumed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from analytics.phrases import phrase as _
from clcplus.errors import WrongState
from clcplus.jobs import kinds, queue
from clcplus.jobs.states import ENDED_EARLY, JOB, OPEN, UNIT, Event, move
from clcplus.models import Run, Unit

PROGRESS_SECONDS = 1.0
"""Least time between two notes of progress, and between two checks for a cancellation."""


@transaction.atomic
def start(run: Run, units: Sequence[Unit] = ()) -> Run:
    """Store a new run with its units, and queue them."""
    if units:
        run.units_total = len(units)
        run.cells_total = sum(unit.cells for unit in units)
    run.save(force_insert=True)
    Unit.objects.bulk_create(units)
    queue.send_waiting(run.kind, run.pk)
    return run


def is_open(run_id: Any) -> bool:
    """Whether a run still has work to do."""
    return Run.objects.filter(pk=run_id, state__in=OPEN).exists()


def end(run_id: Any, event: Event, **fields: Any) -> bool:
    """End a run by an event. Returns False if its state does not allow it."""
    now = timezone.now()
    run = Run.objects.filter(pk=run_id)
    return bool(move(run, event, finished_at=now, updated_at=now, **fields))


def succeed(run_id: Any, *, message: str = "", **fields: Any) -> bool:
    """End a run whose work is done."""
    return end(run_id, Event.SUCCEED, message=message[:400], **fields)


def fail(run_id: Any, reason: str, **fields: Any) -> bool:
    """End a run with a reason that a person understands."""
    return end(run_id, Event.FAIL, message=reason[:400], **fields)


@transaction.atomic
def cancel(run_id: Any) -> None:
    """Stop a run before its next unit; its counts are kept, unseen. Raises WrongState."""
    run = Run.objects.select_for_update().filter(pk=run_id).first()
    if not end(run_id, Event.CANCEL):
        raise WrongState(
            _("run %(id)s", id=run_id),
            found=_("none") if run is None else str(run.get_state_display()),
            expected=_("a run that is under way"),
        )


def hold_open(run_id: Any) -> bool:
    """Keep a run from being cancelled until the open transaction ends; False if it has ended."""
    held = Run.objects.select_for_update().filter(pk=run_id, state__in=OPEN)
    return held.first() is not None


def hold_ended_early(run_id: Any) -> Run:
    """A run that may be resumed, locked until the open transaction ends. Raises WrongState."""
    run = Run.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise WrongState(
            _("run %(id)s", id=run_id),
            found=_("none"),
            expected=_("a run that has failed or was cancelled"),
        )
    if run.state not in ENDED_EARLY:
        raise WrongState(
            _("run %(id)s", id=run_id),
            found=run.get_state_display(),
            expected=_("a run that has failed or was cancelled"),
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
    move(Unit.objects.filter(run=run), Event.RESUME, table=UNIT, error="", attempts=0)
    queued(run)
    queue.send_waiting(run.kind, run.pk)


def queued(run: Run, **fields: Any) -> None:
    """Note that a run that has ended early waits again."""
    now = timezone.now()
    Run.objects.filter(pk=run.pk).update(
        state=JOB[Event.RESUME].target,
        message="",
        attempts=0,
        finished_at=None,
        queued_at=now,
        updated_at=now,
        **fields,
    )


def unit_done(unit: Unit, *, seconds: float) -> None:
    """A unit has ended well: part of the transaction that stores its counts."""
    Unit.objects.filter(pk=unit.pk).update(
        state=UNIT[Event.SUCCEED].target, seconds=seconds, error=""
    )
    Run.objects.filter(pk=unit.run_id).update(
        units_done=F("units_done") + 1,
        cells_done=F("cells_done") + unit.cells,
        updated_at=timezone.now(),
    )


@transaction.atomic
def fail_unit(number: Any, reason: str) -> None:
    """A unit has failed for good; so has its run, though its other units may go on."""
    units = Unit.objects.filter(pk=number)
    if move(units, Event.FAIL, table=UNIT, error=reason[:400]):
        unit = units.get()
        fail(unit.run_id, f"tile {unit.tile}: {reason}")


class EndedRun(Exception):
    """A run has ended while its work was under way, for instance because a person cancelled it: the
    work stops there, and nothing of it is stored."""


class Progress:
    """Stores how far a run of one unit is, which is also a sign of life for the schedule."""

    def __init__(self, run: Run) -> None:
        self._run_id = run.pk
        self._reached = run.cells_done
        self._noted = self._asked = float("-inf")
        self._cancelled = False

    def note(self, done: int, total: int, **fields: Any) -> None:
        """Store the cells done, now and then and at the end; progress resets the attempts."""
        if done < total and time.monotonic() - self._noted < PROGRESS_SECONDS:
            return
        self._noted = time.monotonic()
        if done > self._reached:
            fields["attempts"] = 0
        Run.objects.filter(pk=self._run_id).update(
            cells_done=done, cells_total=total, updated_at=timezone.now(), **fields
        )

    def go_on(self, done: int, total: int, **fields: Any) -> None:
        """Store the cells done. Raises EndedRun, which the runner expects of any work."""
        if self.cancelled():
            raise EndedRun
        self.note(done, total, **fields)

    def cancelled(self) -> bool:
        """Whether the run has ended, for instance because a person cancelled it."""
        if time.monotonic() - self._asked >= PROGRESS_SECONDS:
            self._asked = time.monotonic()
            self._cancelled = not is_open(self._run_id)
        return self._cancelled
