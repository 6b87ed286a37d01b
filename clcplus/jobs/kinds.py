"""Kinds of jobs: what a kind declares, and where kinds are found."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from analytics.errors import ExplainedError, StoreError
from clcplus.database import locks
from clcplus.jobs import faults

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Number = int | str | UUID
"""Primary key of a unit, or of a job that is its own only unit."""

_PACKAGE = "clcplus.job_kinds"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a unit; ``count`` is 1 for the first."""

    number: Any
    """Primary key of the unit, of the type that its model has."""
    count: int


class Records(Protocol):
    """Where the jobs of a kind are kept, and their units.

    ``number`` is that of a unit. In a kind whose jobs are not divided each job is its own unit.
    """

    def attempts(self, number: Number) -> int | None:
        """How often the unit was begun; None where there is nothing to do."""

    def begin(self, number: Number) -> None:
        """Note that an attempt begins."""

    def take_back(self, number: Number) -> None:
        """Do not count the attempt: a server went away, which was not the unit's fault."""

    def open_jobs(self, *, quiet_since: datetime | None) -> list[Number]:
        """Jobs with work to do; with a time only those in which nothing has moved since."""

    def waiting(self, job: Number) -> list[Number]:
        """Units of an open job that are to be done, in their order."""

    def touch(self, job: Number) -> None:
        """Note that the job was looked at, so that the next look waits."""

    def to_finish(self, number: Number) -> Number | None:
        """The job of a unit, if it is open and all its units have ended; else None."""


def plain_reason(error: Exception) -> str:
    """What a person reads of an error."""
    if isinstance(error, (ExplainedError, OSError, *faults.DATABASE)):
        return str(error)
    return f"{type(error).__name__}: {error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of job.

    ``work`` does a unit and says whether it is done; it stores everything in one transaction and
    replaces what an earlier attempt stored. ``finish`` ends a job whose units have all ended; a
    kind without it ends its job in ``work``. Both may be called twice, and may be killed at any
    moment.
    """

    name: str
    queue: str
    records: Records
    lock: locks.Kind
    """Of a unit that is worked on; PostgreSQL frees it when the worker dies."""
    work: Callable[[Attempt], bool]
    fail: Callable[[Number, str], Any]
    """Gives a unit up, with the reason."""
    attempts: int = 5
    """Attempts after which a unit is given up; outages are not counted."""
    label: StrOrPromise = ""
    """What readers of the jobs' pages see; empty for a kind whose jobs are no runs."""
    finish: Callable[[Number], Any] | None = None
    fail_job: Callable[[Number, str], Any] | None = None
    """Gives a job up whose ``finish`` failed."""
    exhausted: Callable[[Number], Any] | None = None
    """Called for a unit that has ended its worker ``attempts`` times; ``fail`` by default."""
    outages: tuple[type[Exception], ...] = ()
    """Errors that count as outages beside those of :mod:`clcplus.jobs.faults`."""
    transient: tuple[type[Exception], ...] = (StoreError, OSError)
    """Errors that may pass by themselves: tried again, and counted."""
    final: tuple[type[Exception], ...] = (ExplainedError,)
    """Errors that are the answer. All others are logged as well."""
    soft_seconds: int | None = None
    reason: Callable[[Exception], str] = plain_reason
    missed: Callable[[], Any] | None = None
    """Plans jobs that nobody has planned; the schedule calls it."""
    resume: Callable[[Any], Any] | None = None
    """Resumes a run that has ended early, where units alone are not enough."""


def lock_number(number: Number) -> int:
    """A unit or a job as the number of its lock."""
    return number if isinstance(number, int) else UUID(str(number)).int


@cache
def find(name: str) -> Kind:
    """The kind of a name: ``KIND`` of the module of this name in ``clcplus.job_kinds``."""
    kind: Kind = import_module(f"{_PACKAGE}.{name}").KIND
    return kind


def names() -> list[str]:
    """Names of all kinds."""
    package = import_module(_PACKAGE)
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def labels() -> list[tuple[str, StrOrPromise]]:
    """Names and labels of the kinds whose jobs are runs: the choices of Run.kind."""
    return [(kind.name, kind.label) for kind in all_kinds() if kind.label]


def all_kinds() -> list[Kind]:
    """All kinds, by name."""
    return [find(name) for name in names()]
