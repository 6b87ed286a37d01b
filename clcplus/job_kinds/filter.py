"""The kind ``filter``: the filter of the change between two editions."""

from django.utils.translation import gettext_lazy as _

from analytics.errors import StoreError, UnreadableRaster
from clcplus.actions.change import filter_plans, filter_run
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import undivided_runs
from clcplus.models import Run

KIND = Kind(
    name=Run.Kind.FILTER,
    label=_("filter of change"),
    queue="clcplus",
    records=undivided_runs(Run.Kind.FILTER),
    lock=locks.Kind.RUN,
    work=filter_run.work,
    fail=runs.fail,
    # A store that is away shows as tiles that cannot be read.
    transient=(StoreError, UnreadableRaster, OSError),
    missed=filter_plans.plan_missed,
)
