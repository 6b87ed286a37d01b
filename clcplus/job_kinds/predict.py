"""The kind ``predict``: the prediction of an edition, by a worker that has the model."""

from django.utils.translation import gettext_lazy as _

from clcplus.actions.predictions import execution
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import undivided_runs
from clcplus.models import Run

KIND = Kind(
    name=Run.Kind.PREDICT,
    label=_("prediction of an edition"),
    queue="inference",
    records=undivided_runs(Run.Kind.PREDICT),
    lock=locks.Kind.RUN,
    work=execution.work,
    fail=runs.fail,
    # Those without progress: a prediction goes on where the last attempt ended.
    attempts=10,
)
