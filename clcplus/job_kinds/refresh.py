"""The kind ``refresh``: new editions are found, fetched, ingested, checked, published or held."""

from django.utils.translation import gettext_lazy as _

from clcplus.actions.refresh import execution, requests
from clcplus.database import locks
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import undivided_runs
from clcplus.models import Run
from clcplus.sources.errors import SourceUnavailable

KIND = Kind(
    name=Run.Kind.REFRESH,
    label=_("refresh"),
    queue="clcplus",
    records=undivided_runs(Run.Kind.REFRESH),
    lock=locks.Kind.RUN,
    work=execution.work,
    fail=execution.fail,
    # A source that is away for a while comes back.
    transient=(SourceUnavailable, OSError),
    missed=requests.plan_due,
    resume=requests.resume,
)
