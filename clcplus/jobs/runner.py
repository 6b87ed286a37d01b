"""The runner: does units of work and ends jobs, whatever their kind, and takes up what was left.

A step that fails is tried again with back-off, given up, or left to the schedule, as its kind says:

- An *outage* (a server that is away) is never counted. The message is queued again for about a
  minute; after that the schedule takes the job up when the server is back.
- A *transient* error is counted by the database. After the kind's last attempt the unit fails.
- A *final* error fails the unit at once.
- A worker that dies counts as an attempt: the attempt is written down before it begins.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection
from django.utils import timezone

from clcplus.database import locks
from clcplus.jobs import faults, kinds, queue
from clcplus.jobs.kinds import Attempt, Kind, Number
from clcplus.jobs.queue import Step

logger = logging.getLogger(__name__)

MESSAGES = 7
"""Times that a step is queued during an outage: for about a minute."""
LONGEST_PAUSE = 30.0
"""Seconds between two tries, at most."""
SILENCE = timedelta(seconds=2 * settings.JOBS_LOOK_SECONDS)
"""Time without progress after which an open job is taken up."""


def work(kind: str, number: Number) -> bool:
    """Do a unit, unless it is done or another worker is at it; whether it is done now.

    Raises what the kind's ``work`` raises.
    """
    found = kinds.find(kind)
    with locks.try_lock(found.lock, kinds.lock_number(number)) as held:
        if not held:
            return False
        attempts = found.records.attempts(number)
        if attempts is None:
            return False
        if attempts >= found.attempts:
            _give_up(found, number)
            return False
        found.records.begin(number)
        try:
            return found.work(Attempt(number, attempts + 1))
        except Exception as error:
            if _is_outage(found, error):
                _reconnect()
                # The next attempt is counted as this one where the database is the server.
                with suppress(*faults.DATABASE):
                    found.records.take_back(number)
            raise


def finish(kind: str, job: Number) -> None:
    """End a job whose units have all ended; one that has some left is left as it is."""
    found = kinds.find(kind)
    if found.finish is None:
        return
    with locks.try_lock(locks.Kind.RUN, kinds.lock_number(job)) as held:
        if held:
            found.finish(job)


def handle_work(kind: str, number: Number, *, tries: int = 0) -> None:
    """Do a unit, and what follows from how it ended. Raises what nobody has foreseen."""
    found = kinds.find(kind)
    step = _Handled(
        Step.WORK,
        kind=found,
        number=number,
        tries=tries,
        do=lambda: work(kind, number),
        spent=lambda: found.records.attempts(number) or 0,
        fail=found.fail,
    )
    try:
        step.run()
    finally:
        with suppress(*faults.DATABASE):
            _finish_after(found, number)


def handle_finish(kind: str, job: Number, *, tries: int = 0) -> None:
    """End a job, and do what follows from how that went. Raises what nobody has foreseen."""
    found = kinds.find(kind)
    _Handled(
        Step.FINISH,
        kind=found,
        number=job,
        tries=tries,
        do=lambda: finish(kind, job),
        spent=lambda: tries + 1,
        fail=found.fail_job or found.fail,
    ).run()


def take_up(*, at_once: bool = False) -> int:
    """Queue again the units that nobody works on, of open jobs in which nothing has moved for
    :data:`SILENCE`, or of all open jobs ``at_once`` (a worker has just started). Their number.

    A unit that is worked on holds a lock, which PostgreSQL frees when its worker dies. To queue a
    unit twice is harmless.
    """
    return sum(_take_up(kind, at_once=at_once) for kind in kinds.all_kinds())


def plan_missed() -> None:
    """Plan the jobs that were due and that nobody has planned."""
    for kind in kinds.all_kinds():
        if kind.missed is not None:
            kind.missed()


def _take_up(kind: Kind, *, at_once: bool) -> int:
    taken_up = 0
    quiet_since = None if at_once else timezone.now() - SILENCE
    for job in kind.records.open_jobs(quiet_since=quiet_since):
        waiting = kind.records.waiting(job)
        free = [n for n in waiting if not locks.is_held(kind.lock, kinds.lock_number(n))]
        if len(free) < len(waiting) and not at_once:
            continue
        if waiting:
            for number in free:
                queue.send(Step.WORK, kind.name, number)
        elif not locks.is_held(locks.Kind.RUN, kinds.lock_number(job)):
            queue.send_units(kind.name, job, ())
        taken_up += len(free)
        kind.records.touch(job)
    return taken_up


@dataclass(frozen=True, slots=True)
class _Handled:
    """A step with what follows from its errors."""

    step: Step
    kind: Kind
    number: Number
    tries: int
    do: Callable[[], object]
    spent: Callable[[], int]
    fail: Callable[[Number, str], Any]

    def run(self) -> None:
        try:
            try:
                self.do()
            except Exception as error:
                if _is_outage(self.kind, error):
                    raise
                self._failed(error)
        except Exception as error:
            if not _is_outage(self.kind, error):
                raise
            logger.warning("%s %s: %s", self.kind.name, self.number, error)
            if self.tries + 1 < MESSAGES:
                self._again()
            # Else the schedule takes the job up.

    def _failed(self, error: Exception) -> None:
        kind = self.kind
        _reconnect()
        transient = isinstance(error, (*kind.transient, *faults.DATABASE))
        if transient and self.spent() < kind.attempts:
            logger.warning("%s %s: %s", kind.name, self.number, error, exc_info=error)
            self._again()
            return
        self.fail(self.number, kind.reason(error))
        if not transient and not isinstance(error, (*kind.final, SoftTimeLimitExceeded)):
            raise error

    def _again(self) -> None:
        longest = min(LONGEST_PAUSE, 2.0**self.tries)
        # Workers that met the same fault do not come back at the same moment.
        pause = random.uniform(longest / 2, longest)
        queue.send(self.step, self.kind.name, self.number, tries=self.tries + 1, pause=pause)


def _finish_after(kind: Kind, number: Number) -> None:
    """Queue the end of a unit's job if that was its last."""
    job = kind.records.to_finish(number)
    if job is not None:
        queue.send_units(kind.name, job, ())


def _give_up(kind: Kind, number: Number) -> None:
    if kind.exhausted is not None:
        kind.exhausted(number)
    else:
        kind.fail(number, f"the work ended its worker {kind.attempts} times in a row")


def _is_outage(kind: Kind, error: Exception) -> bool:
    return faults.is_outage(error) or isinstance(error, kind.outages)


def _reconnect() -> None:
    """Drop a connection that the error may have broken; the next statement makes a new one."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
