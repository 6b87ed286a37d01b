"""Take up a run that has ended before its work was done, whatever its kind."""

from __future__ import annotations

from django.db import transaction

from clcplus.actions import runs
from clcplus.actions.zone_sets import computing
from clcplus.errors import WrongState
from clcplus.models import Run

ENDED_EARLY = (Run.State.FAILED, Run.State.CANCELLED)


@transaction.atomic
def resume(*, run: Run) -> None:
    """Go on with what failed or was left. Raises WrongState for a run that has nothing left."""
    found = Run.objects.select_for_update().get(pk=run.pk)
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
