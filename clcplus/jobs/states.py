"""States of a job and of a unit of work, and the transitions between them: one table each.

docs/jobs.md shows the tables as diagrams, which :func:`diagram` makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """State of a job. Run.State has the same values, with labels."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class UnitState(StrEnum):
    """State of a unit of work."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


class Event(StrEnum):
    """What moves a job or a unit to another state."""

    BEGIN = "begin"
    SUCCEED = "succeed"
    FAIL = "fail"
    CANCEL = "cancel"
    RESUME = "resume"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True)
class Transition:
    """An event, the states in which it may happen, the state that follows, and the cause."""

    event: Event
    sources: tuple[StrEnum, ...]
    target: StrEnum
    cause: str


JOB = (
    Transition(Event.BEGIN, (State.QUEUED,), State.RUNNING, "a worker begins a unit"),
    Transition(
        Event.SUCCEED, (State.QUEUED, State.RUNNING), State.SUCCEEDED, "the last step has ended"
    ),
    Transition(
        Event.FAIL,
        # The newest failure is the one that a person reads.
        (State.QUEUED, State.RUNNING, State.FAILED),
        State.FAILED,
        "an error that does not pass, or too many attempts",
    ),
    Transition(Event.CANCEL, (State.QUEUED, State.RUNNING), State.CANCELLED, "a person cancels"),
    Transition(Event.RESUME, (State.FAILED, State.CANCELLED), State.QUEUED, "a person resumes"),
)
UNIT = (
    Transition(Event.SUCCEED, (UnitState.QUEUED,), UnitState.DONE, "its results are stored"),
    Transition(
        Event.FAIL,
        (UnitState.QUEUED, UnitState.FAILED),
        UnitState.FAILED,
        "an error that does not pass, or too many attempts",
    ),
    Transition(Event.RESUME, (UnitState.FAILED,), UnitState.QUEUED, "a person resumes the job"),
    Transition(
        Event.EXTEND,
        (UnitState.DONE,),
        UnitState.QUEUED,
        "more became countable while the job ran",
    ),
)
OPEN = (State.QUEUED, State.RUNNING)
"""States of a job that still has work to do."""
ENDED_EARLY = (State.FAILED, State.CANCELLED)
"""States from which a person may resume a job."""
WORKABLE = (State.QUEUED, State.RUNNING, State.FAILED)
"""States of a job whose units are worked on: after one has failed the others go on."""


def transition(event: Event, *, table: Sequence[Transition] = JOB) -> Transition:
    """The row of an event."""
    return next(row for row in table if row.event == event)


def diagram(table: Sequence[Transition], *, first: StrEnum) -> str:
    """A table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {first}"]
    for row in table:
        lines += [
            f"    {source} --> {row.target}: {row.event} ({row.cause})" for source in row.sources
        ]
    left = {source for row in table for source in row.sources if source != row.target}
    targets = dict.fromkeys(row.target for row in table)
    lines += [f"    {target} --> [*]" for target in targets if target not in left]
    return "\n".join(lines)
