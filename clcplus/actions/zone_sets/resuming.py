"""Go on with the computation of a set."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from clcplus.actions import runs
from clcplus.actions.zone_sets import computing
from clcplus.errors import WrongState
from clcplus.models import Run, ZoneSet


@transaction.atomic
def resume(*, zone_set: ZoneSet, by: Any) -> Run | None:
    """Have counted what was cancelled or has failed: the run that does so, which may be under way
    already. None where nothing is missing.

    Raises WrongState for a set that has no zones yet.
    """
    if zone_set.layer is None:
        raise WrongState(
            zone_set.name,
            found=f"a set that is {zone_set.get_stage_display()}",
            expected="one that was accepted",
        )
    newest = (
        Run.objects.filter(layer=zone_set.layer, kind=Run.Kind.ZONES)
        .order_by("-created_at")
        .first()
    )
    if newest is not None and newest.state in runs.OPEN:
        return newest
    if newest is not None and newest.state in (Run.State.FAILED, Run.State.CANCELLED):
        computing.take_up(run=newest)
        newest.refresh_from_db()
        return newest
    return computing.plan(layer=zone_set.layer, by=by)
