"""The kind ``zones``: the computation of custom zones, batch by batch."""

from django.utils.translation import gettext_lazy as _

from clcplus import locks
from clcplus.actions.zone_sets import batches, computation
from clcplus.jobs import runs
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import DividedRuns
from clcplus.models import Run, ZoneBatch


def _reason(error: Exception) -> str:
    return f"not foreseen ({type(error).__name__})"


KIND = Kind(
    name=Run.Kind.ZONES,
    label=_("computation of custom zones"),
    queue="zones",
    records=DividedRuns(Run.Kind.ZONES, ZoneBatch),
    lock=locks.Kind.ZONE_BATCH,
    work=batches.work,
    fail=batches.fail,
    attempts=batches.MOST_ATTEMPTS,
    finish=computation.finalise,
    fail_job=runs.fail,
    exhausted=batches.give_up,
    # Of a server or a drive, not of a zone: what is a zone's fault is found in the batch.
    outages=(OSError,),
    final=(),
    reason=_reason,
    missed=computation.plan_missed,
    resume=computation.resume_run,
)
