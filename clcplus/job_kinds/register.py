"""The kind ``register``: the check of sources that an administrator named."""

from django.utils.translation import gettext_lazy as _

from analytics.errors import StoreError
from clcplus.actions.editions import ingest_request
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import undivided_runs
from clcplus.models import Run
from clcplus.sources.errors import SourceUnavailable

KIND = Kind(
    name=Run.Kind.REGISTER,
    label=_("check of a source"),
    queue="clcplus",
    records=undivided_runs(Run.Kind.REGISTER),
    lock=locks.Kind.RUN,
    work=ingest_request.register,
    fail=runs.fail,
    # A watched bucket that is away for minutes comes back; what was copied is kept meanwhile.
    transient=(SourceUnavailable, StoreError, OSError),
)
