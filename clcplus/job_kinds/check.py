"""The kind ``check``: the check of an edition that was counted."""

from django.utils.translation import gettext_lazy as _

from clcplus.actions.checks import execution
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import undivided_runs
from clcplus.models import Run

KIND = Kind(
    name=Run.Kind.CHECK,
    label=_("check of an edition"),
    queue="clcplus",
    records=undivided_runs(Run.Kind.CHECK),
    lock=locks.Kind.RUN,
    work=execution.work,
    fail=runs.fail,
)
