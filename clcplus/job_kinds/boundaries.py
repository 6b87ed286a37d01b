"""The kind ``boundaries``: boundaries are downloaded and imported."""

from django.utils.translation import gettext_lazy as _

from analytics.errors import StoreError
from clcplus.actions.territories import boundary_request
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import undivided_runs
from clcplus.models import Run
from clcplus.sources.errors import SourceUnavailable

KIND = Kind(
    name=Run.Kind.BOUNDARIES,
    label=_("import of boundaries"),
    queue="clcplus",
    records=undivided_runs(Run.Kind.BOUNDARIES),
    lock=locks.Kind.RUN,
    work=boundary_request.work,
    fail=runs.fail,
    # A server that is away for minutes comes back; what was downloaded is kept meanwhile.
    transient=(SourceUnavailable, StoreError, OSError),
)
