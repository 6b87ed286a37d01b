"""Stop the computation of a set."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from clcplus.actions.zone_sets import audit, set_locks
from clcplus.errors import WrongState
from clcplus.jobs import runs
from clcplus.jobs.states import OPEN
from clcplus.models import AuditEntry, Run, ZoneSet


@transaction.atomic
def cancel(*, zone_set: ZoneSet, by: Any) -> None:
    """Cancel the run that computes a set. Raises WrongState where none is under way, also where
    another request has just ended it."""
    run = None
    if zone_set.layer_id is not None and set_locks.keep(zone_set.layer_id):
        run = Run.objects.filter(layer_id=zone_set.layer_id, state__in=OPEN).first()
    if run is None:
        raise WrongState(
            zone_set.name, found="nothing that is under way", expected="a computation to cancel"
        )
    runs.cancel(run.pk)
    audit.note(AuditEntry.Event.CANCELLED, zone_set, by=by)
