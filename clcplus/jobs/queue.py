"""Messages to workers. The database knows what is to be done; a message only wakes a worker."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from enum import StrEnum

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from clcplus.jobs import kinds
from clcplus.jobs.records import Number

logger = logging.getLogger(__name__)

_HARD_AFTER_SOFT = 30
"""Seconds from the soft time limit to the end of the process."""


class Step(StrEnum):
    """What a message asks for: a unit of work, or the end of a job."""

    WORK = "work"
    FINISH = "finish"


def send(step: Step, kind: str, number: Number, *, tries: int = 0, pause: float = 0.0) -> None:
    """Queue a step, to begin after ``pause`` seconds; ``tries`` counts the messages before it.

    If the broker is away, the schedule queues it again later.
    """
    found = kinds.find(kind)
    arguments = (kind, number if isinstance(number, int) else str(number))
    soft = found.soft_seconds
    try:
        current_app.send_task(
            f"clcplus.tasks.{step}",
            args=arguments,
            kwargs={"tries": tries},
            queue=found.queue,
            countdown=pause or None,
            soft_time_limit=soft,
            time_limit=None if soft is None else soft + _HARD_AFTER_SOFT,
        )
    except OperationalError as error:
        logger.warning("the broker cannot be reached (%s): %s %s waits", error, *arguments)


def send_waiting(kind: str, job: Number) -> None:
    """Queue what is left of a job, once the open transaction is committed."""

    def send_all() -> None:
        waiting = kinds.find(kind).records.waiting(job)
        # With the id of the request that asked for it: from here on workers' lines have it too.
        logger.info("%s %s: %s units are queued", kind, job, len(waiting))
        send_units(kind, job, waiting)

    transaction.on_commit(send_all)


def send_units(kind: str, job: Number, waiting: Sequence[Number]) -> None:
    """Queue units of a job, or its end where there are none."""
    for number in waiting:
        send(Step.WORK, kind, number)
    if not waiting and kinds.find(kind).finish is not None:
        send(Step.FINISH, kind, job)
