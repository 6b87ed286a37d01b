"""The kind ``ingest``: the ingest of an edition, tile by tile."""

from django.utils.translation import gettext_lazy as _

from clcplus import locks
from clcplus.actions import completion, units
from clcplus.jobs import runs
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import DividedRuns
from clcplus.models import Run, Unit

KIND = Kind(
    name=Run.Kind.INGEST,
    label=_("ingest of an edition"),
    queue="clcplus",
    records=DividedRuns(Run.Kind.INGEST, Unit),
    lock=locks.Kind.UNIT,
    work=units.work,
    fail=runs.fail_unit,
    finish=completion.finalise,
    fail_job=runs.fail,
)
