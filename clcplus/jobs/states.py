"""States of a job and of a unit of work, and the transitions between them: one table each.

docs/jobs.md shows the tables as diagrams, which ``python -m tests.jobs.diagrams`` makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import QuerySet

from clcplus.models import Run, Unit

State = Run.State
UnitState = Unit.State


class Event(StrEnum):
    """What moves a job or a unit to another state."""

    BEGIN = "begin"
    SUCCEED = "succeed"
    FAIL = "fail"
    CANCEL = "cancel"
    RESUME = "resume"
    EXTEND = "extend"


class Transition(NamedTuple):
    """The states in which an event may happen, and the state that follows."""

    sources: tuple[str, ...]
    target: str


Table = Mapping[Event, Transition]

OPEN = (State.QUEUED, State.RUNNING)
"""States of a job that still has work to do."""
ENDED_EARLY = (State.FAILED, State.CANCELLED)
"""States from which a person may resume a job."""
WORKABLE = (*OPEN, State.FAILED)
"""States of a job whose units are worked on: after one has failed the others go on."""

JOB: Table = {
    Event.BEGIN: Transition((State.QUEUED,), State.RUNNING),
    Event.SUCCEED: Transition(OPEN, State.SUCCEEDED),
    # The newest failure is the one that a person reads.
    Event.FAIL: Transition((*OPEN, State.FAILED), State.FAILED),
    Event.CANCEL: Transition(OPEN, State.CANCELLED),
    Event.RESUME: Transition(ENDED_EARLY, State.QUEUED),
}
UNIT: Table = {
    Event.SUCCEED: Transition((UnitState.QUEUED,), UnitState.DONE),
    Event.FAIL: Transition((UnitState.QUEUED, UnitState.FAILED), UnitState.FAILED),
    Event.RESUME: Transition((UnitState.FAILED,), UnitState.QUEUED),
    # More became countable while the job ran.
    Event.EXTEND: Transition((UnitState.DONE,), UnitState.QUEUED),
}


def transition(event: Event, *, table: Table = JOB) -> Transition:
    """The transition of an event."""
    return table[event]


def move(rows: QuerySet[Any], event: Event, *, table: Table = JOB, **fields: Any) -> int:
    """Move jobs or units by an event if their state allows it. Returns the number of moved rows."""
    sources, target = table[event]
    return rows.filter(state__in=sources).update(state=target, **fields)
