"""Take up a run that has ended before its work was done, whatever its kind."""

from __future__ import annotations

from django.db import transaction

from clcplus.actions import runs
from clcplus.actions.zone_sets import computing, holding
from clcplus.errors import WrongState
from clcplus.models import Run

ENDED_EARLY = (Run.State.FAILED, Run.State.CANCELLED)


@transaction.atomic
def resume(*, run: Run) -> None:
    """Go on with what failed or was left. Raises WrongState for a run that has nothing left."""
    if run.kind == Run.Kind.ZONES and run.layer_id is not None:
        holding.keep(run.layer_id)
    found = Run.objects.select_for_update().filter(pk=run.pk).first()
    if found is None:
        raise WrongState(f"run {run.pk}", found="none", expected="a run that has ended early")
    if found.state not in ENDED_EARLY:
        raise WrongState(
            f"run {run.pk}",
            found=found.get_state_display(),
            expected="a run that has failed or was cancelled",
        )
    if found.kind == Run.Kind.ZONES:
        computing.take_up(run=found)
    else:
        runs.take_up(found)
