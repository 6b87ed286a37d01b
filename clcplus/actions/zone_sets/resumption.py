"""Go on with the computation of a set."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from clcplus.actions.zone_sets import computation, set_locks
from clcplus.errors import WrongState
from clcplus.jobs.states import ENDED_EARLY, OPEN
from clcplus.models import Layer, Run, ZoneSet


@transaction.atomic
def resume(*, zone_set: ZoneSet, by: Any) -> Run | None:
    """Have counted what was cancelled or has failed: the run that does so, which may be under way
    already. None where nothing is missing.

    Raises WrongState for a set that has no zones yet, or none any more.
    """
    layer = None
    if zone_set.layer_id is not None and set_locks.keep(zone_set.layer_id):
        layer = Layer.objects.get(pk=zone_set.layer_id)
    if layer is None:
        raise WrongState(
            zone_set.name,
            found=f"a set that is {zone_set.get_stage_display()}",
            expected="one that was accepted",
        )
    newest = zone_set.newest_run
    if newest is not None and newest.state in OPEN:
        return newest
    if newest is not None and newest.state in ENDED_EARLY:
        computation.take_up(run=newest)
        newest.refresh_from_db()
        return newest
    return computation.plan(layer=layer, by=by)
