"""The kind ``register``: the check of sources that an administrator named."""

from django.utils.translation import gettext_lazy as _

from clcplus.actions.editions import ingest_request
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import undivided_runs
from clcplus.models import Run

KIND = Kind(
    name=Run.Kind.REGISTER,
    label=_("check of a source"),
    queue="clcplus",
    records=undivided_runs(Run.Kind.REGISTER),
    lock=locks.Kind.RUN,
    work=ingest_request.register,
    fail=runs.fail,
)
