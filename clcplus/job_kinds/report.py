"""The kind ``report``: a territory's report as a PDF."""

from django.db.models import Q

from clcplus import locks
from clcplus.actions import reports
from clcplus.errors import Outdated
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import UndividedJobs
from clcplus.models import Report

KIND = Kind(
    name=reports.KIND,
    queue="reports",
    records=UndividedJobs(
        Report,
        open=Q(state__in=reports.OPEN),
        moved="moved_at",
        begun={"state": Report.State.RUNNING, "percent": 5},
        queued={"state": Report.State.QUEUED},
    ),
    lock=locks.Kind.REPORT,
    work=reports.make_report,
    fail=reports.fail_report,
    attempts=reports.ATTEMPTS,
    exhausted=lambda number: reports.fail_report(number, reports.ENDED),
    final=(Outdated,),
    # Forty times what one of the demonstration takes.
    soft_seconds=120,
    reason=reports.reason,
)
