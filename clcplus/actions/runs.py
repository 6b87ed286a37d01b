"""Runs: queue their units, note progress and failures, take up what was left undone."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError

from clcplus import locks
from clcplus.errors import WrongState
from clcplus.models import Prediction, Run, Unit

logger = logging.getLogger(__name__)

OPEN = (Run.State.QUEUED, Run.State.RUNNING)
_NEXT: dict[str, str] = {
    Run.Kind.INGEST: "clcplus.tasks.finalise_run",
    Run.Kind.COUNT: "clcplus.tasks.finalise_run",
    Run.Kind.SERIES: "clcplus.tasks.finalise_run",
    Run.Kind.REGISTER: "clcplus.tasks.register_requested",
    Run.Kind.PREDICT: "clcplus.tasks.predict_edition",
}
"""What is left to do of an open run without waiting units."""
SILENCE = timedelta(seconds=60)
"""Time without progress after which an open run is looked at again."""


def send(task: str, *arguments: Any) -> None:
    """Queue a task. Where the broker is away, the schedule queues it again later."""
    try:
        current_app.send_task(task, args=arguments)
    except OperationalError as error:
        logger.warning("the broker cannot be reached (%s): %s waits", error, task)


def queue_units(run: Run) -> None:
    """Queue what is left of a run, once the open transaction is committed."""

    def after_commit() -> None:
        waiting = list(
            Unit.objects.filter(run=run, state=Unit.State.QUEUED).values_list("pk", flat=True)
        )
        for number in waiting:
            send("clcplus.tasks.work_unit", number)
        if not waiting:
            send(_NEXT[run.kind], str(run.pk))

    transaction.on_commit(after_commit)


def note_start(run_id: Any) -> None:
    """A first unit has begun."""
    now = timezone.now()
    Run.objects.filter(pk=run_id, state=Run.State.QUEUED).update(
        state=Run.State.RUNNING, updated_at=now
    )
    Run.objects.filter(pk=run_id, started_at__isnull=True).update(started_at=now)


def note_done(unit: Unit, *, seconds: float) -> None:
    """A unit has ended well: part of the transaction that stores its counts."""
    Unit.objects.filter(pk=unit.pk).update(state=Unit.State.DONE, seconds=seconds, error="")
    Run.objects.filter(pk=unit.run_id).update(
        units_done=F("units_done") + 1,
        cells_done=F("cells_done") + unit.cells,
        updated_at=timezone.now(),
    )


@transaction.atomic
def note_failure(*, unit_id: int, reason: str) -> None:
    """A unit has failed for good; so has its run, though its other units may go on."""
    unit = Unit.objects.select_for_update().get(pk=unit_id)
    if unit.state == Unit.State.DONE:
        return
    Unit.objects.filter(pk=unit_id).update(state=Unit.State.FAILED, error=reason[:400])
    fail_run(run_id=unit.run_id, reason=f"tile {unit.tile}: {reason}")


def fail_run(*, run_id: Any, reason: str) -> None:
    """End a run with a reason that a person understands."""
    Run.objects.filter(pk=run_id).exclude(state=Run.State.SUCCEEDED).update(
        state=Run.State.FAILED, message=reason[:400], finished_at=timezone.now()
    )


@transaction.atomic
def cancel_run(*, run_id: Any) -> None:
    """Stop a run before its next unit; what it has counted is kept, unseen. Raises WrongState."""
    run = Run.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise WrongState(f"run {run_id}", found="none", expected="a run that is under way")
    if run.state not in OPEN:
        raise WrongState(
            f"run {run_id}", found=run.get_state_display(), expected="a run that is under way"
        )
    run.state = Run.State.CANCELLED
    run.finished_at = timezone.now()
    run.save(update_fields=("state", "finished_at", "updated_at"))


@transaction.atomic
def take_up(run: Run) -> None:
    """Queue again what failed or was left of a run that is not yet done."""
    Unit.objects.filter(run=run, state=Unit.State.FAILED).update(
        state=Unit.State.QUEUED, error="", attempts=0
    )
    Prediction.objects.filter(run=run).update(attempts=0)
    Run.objects.filter(pk=run.pk).update(
        state=Run.State.QUEUED, message="", finished_at=None, updated_at=timezone.now()
    )
    queue_units(run)


def resume_runs(*, at_once: bool = False) -> int:
    """Queue again the units that nobody works on, of open runs in which nothing has moved for a
    minute, or of all of them ``at_once`` (a worker has just started). Their number.

    A unit that is worked on holds a lock, which PostgreSQL frees when its worker dies; to queue a
    unit twice is harmless.
    """
    resumed = 0
    # Runs of custom zones have no units: clcplus.actions.zone_sets.computing resumes them.
    for run in Run.objects.filter(state__in=OPEN).exclude(kind=Run.Kind.ZONES):
        if not at_once and run.updated_at > timezone.now() - SILENCE:
            continue
        waiting = list(
            Unit.objects.filter(run=run, state=Unit.State.QUEUED).values_list("pk", flat=True)
        )
        busy = [number for number in waiting if locks.is_held(locks.Kind.UNIT, number)]
        if busy and not at_once:
            continue
        for number in waiting:
            if number not in busy:
                send("clcplus.tasks.work_unit", number)
                resumed += 1
        if not waiting and not locks.is_held(locks.Kind.RUN, run.pk.int):
            send(_NEXT[run.kind], str(run.pk))
        Run.objects.filter(pk=run.pk).update(updated_at=timezone.now())
    return resumed
