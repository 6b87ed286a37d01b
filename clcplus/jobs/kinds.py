"""Kinds of jobs: what a kind declares, and how kinds are found."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

from analytics.errors import ExplainedError, StoreError
from clcplus.database import locks
from clcplus.jobs import faults
from clcplus.jobs.records import DividedRuns, Number, UndividedJobs

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_PACKAGE = "clcplus.job_kinds"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a unit; ``count`` is 1 for the first."""

    number: Any
    """Primary key of the unit, of the type that its model has."""
    count: int


def plain_reason(error: Exception) -> str:
    """The text of an error for a person."""
    if isinstance(error, (ExplainedError, OSError, *faults.DATABASE)):
        return str(error)
    return f"{type(error).__name__}: {error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of job.

    ``work`` does a unit and returns whether it is done. It stores everything in one transaction and
    replaces what an earlier attempt stored; it may raise EndedRun (clcplus.jobs.runs) once its run
    has ended. ``finish`` ends a job whose units have all ended; a
    kind without it ends its job in ``work``. Both may be called twice, and killed at any moment.
    """

    name: str
    queue: str
    records: DividedRuns | UndividedJobs
    lock: locks.Kind
    """The lock of a unit during work; PostgreSQL frees it when the worker dies."""
    work: Callable[[Attempt], bool]
    fail: Callable[[Number, str], Any]
    """Gives up a unit, with the reason."""
    attempts: int = 5
    """Attempts after which a unit is given up; outages are not counted."""
    label: StrOrPromise = ""
    """Name for readers of the jobs' pages; empty for a kind whose jobs are no runs."""
    finish: Callable[[Number], Any] | None = None
    fail_job: Callable[[Number, str], Any] | None = None
    """Gives up a job whose ``finish`` failed; ``fail`` by default."""
    exhausted: Callable[[Number], Any] | None = None
    """Called for a unit that has ended its worker ``attempts`` times; ``fail`` by default."""
    outages: tuple[type[Exception], ...] = ()
    """Errors that count as outages beside those of :mod:`clcplus.jobs.faults`."""
    transient: tuple[type[Exception], ...] = (StoreError, OSError)
    """Errors that may pass by themselves: the unit is tried again, and the attempt counts."""
    final: tuple[type[Exception], ...] = (ExplainedError,)
    """Errors that end the unit. All others are logged as well."""
    soft_seconds: int | None = None
    reason: Callable[[Exception], str] = plain_reason
    missed: Callable[[], Any] | None = None
    """Plans jobs that nobody has planned; the schedule calls it."""
    resume: Callable[[Any], Any] | None = None
    """Resumes a run that has ended early; by default its units are queued again."""


def lock_number(number: Number) -> int:
    """The number of a unit's or a job's lock."""
    return number if isinstance(number, int) else UUID(str(number)).int


@cache
def find(name: str) -> Kind:
    """The kind of a name: ``KIND`` of the module of this name in ``clcplus.job_kinds``."""
    kind: Kind = import_module(f"{_PACKAGE}.{name}").KIND
    return kind


def names() -> list[str]:
    """Names of all kinds, sorted."""
    package = import_module(_PACKAGE)
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def all_kinds() -> list[Kind]:
    """All kinds, by name."""
    return [find(name) for name in names()]


def labels() -> list[tuple[str, StrOrPromise]]:
    """Names and labels of the kinds whose jobs are runs: the choices of Run.kind."""
    return [(kind.name, kind.label) for kind in all_kinds() if kind.label]
