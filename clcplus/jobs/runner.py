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
import time
from contextlib import suppress
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from clcplus.database import locks
from clcplus.jobs import faults, kinds, queue, tally
from clcplus.jobs.kinds import Attempt, Kind
from clcplus.jobs.queue import Step
from clcplus.jobs.records import Number
from clcplus.jobs.runs import EndedRun

logger = logging.getLogger(__name__)

MESSAGES = 7
"""Times that a step is queued during an outage: for about a minute."""
LONGEST_PAUSE = 30.0
"""Seconds between two tries, at most."""
SILENCE = timedelta(seconds=2 * settings.JOBS_LOOK_SECONDS)
"""Time without progress after which an open job is taken up."""


def work(kind: str, number: Number) -> bool:
    """Do a unit, unless another worker does it; whether it is done now. Raises its errors."""
    found = kinds.find(kind)
    with locks.try_lock(found.lock, kinds.lock_number(number)) as held:
        if not held:
            return False
        attempts = found.records.attempts(number)
        if attempts is None:
            return False
        if attempts >= found.attempts:
            tally.count(kind, tally.Outcome.FAILED)
            if found.exhausted is not None:
                found.exhausted(number)
            else:
                times = f"{found.attempts} times in a row"
                found.fail(number, f"the work ended its worker {times}")
            return False
        found.records.begin(number)
        began = time.monotonic()
        try:
            done = found.work(Attempt(number, attempts + 1))
        except EndedRun:
            return False
        except Exception as error:
            if _is_outage(found, error):
                _reconnect()
                # If the database itself is away, the attempt stays counted.
                with suppress(*faults.DATABASE):
                    found.records.take_back(number)
            raise
        if done:
            tally.count(kind, tally.Outcome.DONE, seconds=time.monotonic() - began)
        return done


def finish(kind: str, job: Number) -> None:
    """End a job if all its units have ended."""
    found = kinds.find(kind)
    if found.finish is None:
        return
    with locks.try_lock(locks.Kind.RUN, kinds.lock_number(job)) as held:
        if held:
            found.finish(job)


def handle_work(kind: str, number: Number, *, tries: int = 0) -> None:
    """Do a unit and handle its errors. Raises unforeseen errors."""
    found = kinds.find(kind)
    with bound_contextvars(kind=kind, unit=str(number)):
        try:
            _handle(Step.WORK, found, number, tries)
        finally:
            with suppress(*faults.DATABASE):
                job = found.records.to_finish(number)
                if job is not None:
                    queue.send_units(kind, job, ())


def handle_finish(kind: str, job: Number, *, tries: int = 0) -> None:
    """End a job and handle errors of its end. Raises unforeseen errors."""
    with bound_contextvars(kind=kind, job=str(job)):
        _handle(Step.FINISH, kinds.find(kind), job, tries)


def take_up(*, at_once: bool = False) -> int:
    """Queue units of open jobs again that nobody works on. Returns their number.

    Without ``at_once`` only jobs in which nothing has moved for :data:`SILENCE` are taken up. A
    unit in work holds a lock, which PostgreSQL frees when its worker dies. To queue a unit twice is
    harmless.
    """
    taken_up = 0
    quiet_since = None if at_once else timezone.now() - SILENCE
    for kind in kinds.all_kinds():
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


def plan_missed() -> None:
    """Plan jobs that were due and that nobody has planned."""
    for kind in kinds.all_kinds():
        if kind.missed is not None:
            kind.missed()


def _handle(step: Step, kind: Kind, number: Number, tries: int) -> None:
    do = work if step == Step.WORK else finish
    try:
        try:
            do(kind.name, number)
        except Exception as error:
            if _is_outage(kind, error):
                raise
            _fail(step, kind, number, tries, error)
    except Exception as error:
        if not _is_outage(kind, error):
            raise
        logger.warning("%s %s: %s", kind.name, number, error)
        if tries + 1 < MESSAGES:
            _send_again(step, kind, number, tries)
        # Otherwise the schedule takes the job up.


def _fail(step: Step, kind: Kind, number: Number, tries: int, error: Exception) -> None:
    _reconnect()
    transient = isinstance(error, (*kind.transient, *faults.DATABASE))
    if transient:
        spent = kind.records.attempts(number) or 0 if step == Step.WORK else tries + 1
        if spent < kind.attempts:
            logger.warning("%s %s: %s", kind.name, number, error, exc_info=error)
            if step == Step.WORK:
                tally.count(kind.name, tally.Outcome.RETRIED)
            _send_again(step, kind, number, tries)
            return
    fail = kind.fail if step == Step.WORK else kind.fail_job or kind.fail
    fail(number, kind.reason(error))
    if step == Step.WORK:
        tally.count(kind.name, tally.Outcome.FAILED)
    if not transient and not isinstance(error, (*kind.final, SoftTimeLimitExceeded)):
        raise error


def _send_again(step: Step, kind: Kind, number: Number, tries: int) -> None:
    longest = min(LONGEST_PAUSE, 2.0**tries)
    # Workers that met the same fault do not come back at the same moment.
    pause = random.uniform(longest / 2, longest)
    queue.send(step, kind.name, number, tries=tries + 1, pause=pause)


def _is_outage(kind: Kind, error: Exception) -> bool:
    return faults.is_outage(error) or isinstance(error, kind.outages)


def _reconnect() -> None:
    """Drop a connection that the error may have broken; the next statement makes a new one."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
