"""Where jobs and their units are kept: runs divided into units, and jobs that are one unit each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Model, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from clcplus.jobs import runs
from clcplus.jobs.kinds import Number
from clcplus.jobs.states import OPEN, WORKABLE, Event, UnitState, transition
from clcplus.models import Run


@dataclass(frozen=True, slots=True)
class DividedRuns:
    """Runs of a kind whose units are rows of a model with ``run``, ``state`` and ``attempts``."""

    kind: str
    units: Any
    """The model of the units: Unit or ZoneBatch."""

    def attempts(self, number: Number) -> int | None:
        found: int | None = (
            self._waiting(run__state__in=WORKABLE, pk=number)
            .values_list("attempts", flat=True)
            .first()
        )
        return found

    def begin(self, number: Number) -> None:
        runs.begin(self._all().values_list("run", flat=True).get(pk=number))
        self._all().filter(pk=number).update(attempts=F("attempts") + 1)

    def take_back(self, number: Number) -> None:
        self._all().filter(pk=number, attempts__gt=0).update(attempts=F("attempts") - 1)

    def open_jobs(self, *, quiet_since: datetime | None) -> list[Number]:
        return _quiet(Run.objects.filter(kind=self.kind, state__in=OPEN), "updated_at", quiet_since)

    def waiting(self, job: Number) -> list[Number]:
        return list(self._waiting(run=job).order_by("pk").values_list("pk", flat=True))

    def touch(self, job: Number) -> None:
        Run.objects.filter(pk=str(job)).update(updated_at=timezone.now())

    def to_finish(self, number: Number) -> Number | None:
        run = self._all().filter(pk=number, run__state__in=OPEN).values_list("run", flat=True)
        job: Number | None = run.first()
        return None if job is None or self._waiting(run=job).exists() else job

    def _all(self) -> Any:
        return self.units.objects.filter(run__kind=self.kind)

    def _waiting(self, **conditions: Any) -> Any:
        return self._all().filter(state=UnitState.QUEUED, **conditions)


@dataclass(frozen=True, slots=True)
class UndividedJobs:
    """Jobs that are one unit each: rows of a model with ``attempts``.

    ``open`` says which of them have work to do, ``moved`` is the field that says when a row last
    moved, ``begun`` and ``queued`` are the fields that a worker sets when it begins, and the
    schedule when it queues a row again.
    """

    model: type[Model]
    open: Q
    moved: str
    begun: Mapping[str, Any] = field(default_factory=dict)
    queued: Mapping[str, Any] = field(default_factory=dict)

    def attempts(self, number: Number) -> int | None:
        found: int | None = self._open(number).values_list("attempts", flat=True).first()
        return found

    def begin(self, number: Number) -> None:
        self._open(number).update(
            attempts=F("attempts") + 1, **{self.moved: timezone.now()}, **self.begun
        )

    def take_back(self, number: Number) -> None:
        self._open(number).filter(attempts__gt=0).update(attempts=F("attempts") - 1)

    def open_jobs(self, *, quiet_since: datetime | None) -> list[Number]:
        return _quiet(self._rows().filter(self.open), self.moved, quiet_since)

    def waiting(self, job: Number) -> list[Number]:
        return list(self._open(job).values_list("pk", flat=True))

    def touch(self, job: Number) -> None:
        self._open(job).update(**{self.moved: timezone.now()}, **self.queued)

    def to_finish(self, number: Number) -> Number | None:
        return None

    def _rows(self) -> Any:
        return self.model._default_manager

    def _open(self, number: Number) -> Any:
        return self._rows().filter(self.open, pk=number)


def undivided_runs(kind: str) -> UndividedJobs:
    """Runs of a kind that are one unit each."""
    return UndividedJobs(
        Run,
        open=Q(kind=kind, state__in=OPEN),
        moved="updated_at",
        begun={
            "state": transition(Event.BEGIN).target,
            "started_at": Coalesce("started_at", Now()),
        },
    )


def _quiet(rows: Any, moved: str, since: datetime | None) -> list[Number]:
    if since is not None:
        rows = rows.filter(**{f"{moved}__lte": since})
    return list(rows.order_by("pk").values_list("pk", flat=True))
