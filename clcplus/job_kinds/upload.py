"""The kind ``upload``: the check of an uploaded file of zones."""

from django.db.models import Q

from analytics.errors import StoreError
from clcplus.actions.zone_sets import question_answers, upload_checks
from clcplus.database import locks
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import UndividedJobs
from clcplus.jobs.states import State
from clcplus.models import ZoneSet

KIND = Kind(
    name=question_answers.KIND,
    queue="uploads",
    records=UndividedJobs(
        ZoneSet,
        open=Q(stage=ZoneSet.Stage.CHECKING),
        moved="changed_at",
        state="stage",
        states={
            ZoneSet.Stage.CHECKING: State.QUEUED,
            ZoneSet.Stage.ASKING: State.SUCCEEDED,
            ZoneSet.Stage.REPORTED: State.SUCCEEDED,
            ZoneSet.Stage.ACCEPTED: State.SUCCEEDED,
            ZoneSet.Stage.REFUSED: State.FAILED,
        },
        since="created_at",
    ),
    lock=locks.Kind.UPLOAD,
    work=upload_checks.check,
    fail=lambda number, _reason: upload_checks.give_up(number),
    attempts=upload_checks.ATTEMPTS,
    # A store that is away is not the file's fault.
    outages=(StoreError, OSError),
    # Nothing else is foreseen either: what is wrong with a file is written down.
    transient=(Exception,),
)
