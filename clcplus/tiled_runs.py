"""Kinds of runs that count tile by tile: they differ only in their name and label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clcplus.actions.editions import completion, units
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import DividedRuns
from clcplus.models import Unit

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def tiled(name: str, *, label: StrOrPromise) -> Kind:
    """A kind whose unit of work is a 100 km tile, on the general queue."""
    return Kind(
        name=name,
        label=label,
        queue="clcplus",
        records=DividedRuns(name, Unit),
        lock=locks.Kind.UNIT,
        work=units.work,
        fail=runs.fail_unit,
        finish=completion.finalise,
        fail_job=runs.fail,
    )
