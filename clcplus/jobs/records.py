"""Rows of jobs and their units: runs divided into units, and jobs that are their own only unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Model, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from clcplus.jobs.states import JOB, OPEN, WORKABLE, Event, State, UnitState, move
from clcplus.models import Run

Number = int | str | UUID
"""Primary key of a unit, or of a job that is its own only unit."""


@dataclass(frozen=True, slots=True)
class DividedRuns:
    """Runs of a kind whose units are rows of a model with ``run``, ``state`` and ``attempts``."""

    kind: str
    units: Any
    """The model of the units: Unit or ZoneBatch."""

    def attempts(self, number: Number) -> int | None:
        """How often a unit was begun; None if there is nothing to do."""
        workable = self._waiting(run__state__in=WORKABLE, pk=number)
        found: int | None = workable.values_list("attempts", flat=True).first()
        return found

    def begin(self, number: Number) -> None:
        """Note that an attempt begins."""
        now = timezone.now()
        run = Run.objects.filter(pk=self._all().values_list("run", flat=True).get(pk=number))
        move(run, Event.BEGIN, updated_at=now)
        run.filter(started_at__isnull=True).update(started_at=now)
        self._all().filter(pk=number).update(attempts=F("attempts") + 1)

    def take_back(self, number: Number) -> None:
        """Do not count the attempt: a server went away, which was not the unit's fault."""
        self._all().filter(pk=number, attempts__gt=0).update(attempts=F("attempts") - 1)

    def open_jobs(self, *, quiet_since: datetime | None) -> list[Number]:
        """Jobs with work to do; with a time only those in which nothing has moved since."""
        return _quiet(Run.objects.filter(kind=self.kind, state__in=OPEN), "updated_at", quiet_since)

    def waiting(self, job: Number) -> list[Number]:
        """Units of a job that are to be done, in their order."""
        return list(self._waiting(run=job).order_by("pk").values_list("pk", flat=True))

    def touch(self, job: Number) -> None:
        """Note that a job was looked at, so that the next look waits."""
        Run.objects.filter(pk=str(job)).update(updated_at=timezone.now())

    def to_finish(self, number: Number) -> Number | None:
        """The job of a unit, if it is open and all its units have ended."""
        run = self._all().filter(pk=number, run__state__in=OPEN).values_list("run", flat=True)
        job: Number | None = run.first()
        return None if job is None or self._waiting(run=job).exists() else job

    def _all(self) -> Any:
        return self.units.objects.filter(run__kind=self.kind)

    def _waiting(self, **conditions: Any) -> Any:
        return self._all().filter(state=UnitState.QUEUED, **conditions)


@dataclass(frozen=True, slots=True)
class UndividedJobs:
    """Jobs that are one unit each, with the methods of DividedRuns.

    ``open`` selects rows with work to do, and ``moved`` is the field with the time of their last
    move. ``begun`` and ``queued`` are set when a worker begins a row, and when the schedule queues
    it again. ``states`` says which state of a job each value of ``state`` is; where none of them is
    running, a job runs from its first attempt on. ``since`` is the field with the time since which
    a queued row waits.
    """

    model: type[Model]
    open: Q
    moved: str
    begun: Mapping[str, Any] = field(default_factory=dict)
    queued: Mapping[str, Any] = field(default_factory=dict)
    state: str = "state"
    states: Mapping[str, str] = field(default_factory=lambda: {one: one for one in State.values})
    since: str = "queued_at"

    def attempts(self, number: Number) -> int | None:
        found: int | None = self._open(pk=number).values_list("attempts", flat=True).first()
        return found

    def begin(self, number: Number) -> None:
        self._move(number, attempts=F("attempts") + 1, **self.begun)

    def take_back(self, number: Number) -> None:
        self._open(pk=number, attempts__gt=0).update(attempts=F("attempts") - 1)

    def open_jobs(self, *, quiet_since: datetime | None) -> list[Number]:
        return _quiet(self._open(), self.moved, quiet_since)

    def waiting(self, job: Number) -> list[Number]:
        return list(self._open(pk=job).values_list("pk", flat=True))

    def touch(self, job: Number) -> None:
        self._move(job, **self.queued)

    def to_finish(self, number: Number) -> Number | None:
        return None

    def _open(self, **conditions: Any) -> Any:
        return self.model._default_manager.filter(self.open, **conditions)

    def _move(self, number: Number, **fields: Any) -> None:
        self._open(pk=number).update(**{self.moved: timezone.now()}, **fields)


def undivided_runs(kind: str) -> UndividedJobs:
    """Runs of a kind that are one unit each."""
    begun = {"state": JOB[Event.BEGIN].target, "started_at": Coalesce("started_at", Now())}
    return UndividedJobs(Run, open=Q(kind=kind, state__in=OPEN), moved="updated_at", begun=begun)


def _quiet(rows: Any, moved: str, since: datetime | None) -> list[Number]:
    if since is not None:
        rows = rows.filter(**{f"{moved}__lte": since})
    return list(rows.order_by("pk").values_list("pk", flat=True))
