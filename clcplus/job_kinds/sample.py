"""The kind ``sample``: the draw of a reference sample."""

from django.utils.translation import gettext_lazy as _

from clcplus.actions.samples import draw
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.kinds import Kind
from clcplus.jobs.records import undivided_runs
from clcplus.models import Run

KIND = Kind(
    name=Run.Kind.SAMPLE,
    label=_("draw of a reference sample"),
    queue="clcplus",
    records=undivided_runs(Run.Kind.SAMPLE),
    lock=locks.Kind.RUN,
    work=draw.work,
    fail=runs.fail,
)
