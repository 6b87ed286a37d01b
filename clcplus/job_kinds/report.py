"""The kind ``report``: a territory's report as a PDF."""

from django.db.models import Q

from clcplus.actions import reports
from clcplus.database import locks
from clcplus.errors import Outdated
from clcplus.jobs.kinds import Attempt, Kind
from clcplus.jobs.records import UndividedJobs
from clcplus.jobs.states import State
from clcplus.models import Report


def make_report(attempt: Attempt) -> bool:
    """Make a report. Returns False if it was removed meanwhile. Raises Outdated."""
    report = Report.objects.filter(pk=attempt.number).first()
    if report is None:
        return False
    # The web process imports this module too, and does not need WeasyPrint's libraries.
    from clcplus.report.production import make

    def moved(stage: str, percent: int) -> None:
        reports.move_report(report.pk, stage=stage, percent=percent)

    rendered = make(report, moved=moved)
    return reports.finish_report(report, content=rendered.content, pages=rendered.pages)


KIND = Kind(
    name=reports.KIND,
    queue="reports",
    records=UndividedJobs(
        Report,
        open=Q(state__in=reports.OPEN),
        moved="moved_at",
        begun={"state": Report.State.RUNNING, "percent": 5},
        queued={"state": Report.State.QUEUED},
        states={
            Report.State.QUEUED: State.QUEUED,
            Report.State.RUNNING: State.RUNNING,
            Report.State.DONE: State.SUCCEEDED,
            Report.State.FAILED: State.FAILED,
        },
    ),
    lock=locks.Kind.REPORT,
    work=make_report,
    fail=reports.fail_report,
    attempts=reports.ATTEMPTS,
    exhausted=lambda number: reports.fail_report(number, reports.ENDED),
    final=(Outdated,),
    # Forty times what one of the demonstration takes.
    soft_seconds=120,
    reason=reports.reason,
)
