"""The kind ``series``: the count of series, tile by tile."""

from django.utils.translation import gettext_lazy as _

from clcplus import locks
from clcplus.actions import completion, units
from clcplus.jobs import runs
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import DividedRuns
from clcplus.models import Run, Unit

KIND = Kind(
    name=Run.Kind.SERIES,
    label=_("count of series"),
    queue="clcplus",
    records=DividedRuns(Run.Kind.SERIES, Unit),
    lock=locks.Kind.UNIT,
    work=units.work,
    fail=runs.fail_unit,
    finish=completion.finalise,
    fail_job=runs.fail,
)
