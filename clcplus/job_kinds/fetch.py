"""The kind ``fetch``: an edition, or a part of it, is fetched from a service elsewhere."""

from django.utils.translation import gettext_lazy as _

from analytics.errors import StoreError
from clcplus.actions.editions import fetch
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import undivided_runs
from clcplus.models import Run
from clcplus.sources.errors import SourceChanged, SourceUnavailable

KIND = Kind(
    name=Run.Kind.FETCH,
    label=_("fetch of an edition"),
    queue="clcplus",
    records=undivided_runs(Run.Kind.FETCH),
    lock=locks.Kind.RUN,
    work=fetch.work,
    fail=runs.fail,
    # A service that is away for minutes comes back; what was fetched is kept meanwhile.
    transient=(SourceUnavailable, SourceChanged, StoreError, OSError),
)
