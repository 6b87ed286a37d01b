"""The kind ``notify``: a notice to the operators, until it has arrived."""

from django.db.models import Q
from django.db.models.functions import Now

from clcplus.actions.notices import announcement, delivery
from clcplus.database import locks
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import UndividedJobs
from clcplus.jobs.states import State
from clcplus.models import Notice

KIND = Kind(
    name=announcement.KIND,
    queue="clcplus",
    # One that waits for its receiver is no work until it is due.
    records=UndividedJobs(
        Notice,
        open=Q(state=Notice.State.QUEUED, due_at__lte=Now()),
        moved="moved_at",
        states={
            Notice.State.QUEUED: State.QUEUED,
            Notice.State.SENT: State.SUCCEEDED,
            Notice.State.FAILED: State.FAILED,
        },
        since="due_at",
    ),
    lock=locks.Kind.NOTICE,
    work=delivery.work,
    fail=delivery.fail,
)
