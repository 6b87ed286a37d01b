"""The same upload once more, with another word on what to do with features that have an error."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import transaction

from clcplus.actions.zone_sets import zone_acceptance
from clcplus.actions.zone_sets.set_locks import hold
from clcplus.database import locks
from clcplus.errors import WrongState
from clcplus.models import ZoneSet


@transaction.atomic
def insist(*, zone_set: ZoneSet, by: Any, acceptance: ZoneSet.Acceptance) -> None:
    """Do with a set that was uploaded before what is asked for now: at once where its report is
    there, else when its check ends. One that was accepted stays as it is, and so does one whose
    report does not allow it.

    Raises QuotaReached or UnknownZoneSet.
    """
    # In the order in which all who take both take them.
    locks.lock_until_commit(locks.Kind.ACCOUNT, zone_set.owner_id)
    found = hold(zone_set)
    if found.stage == ZoneSet.Stage.ACCEPTED:
        return
    if found.acceptance != acceptance:
        found.acceptance = acceptance
        found.save(update_fields=("acceptance", "changed_at"))
    if found.stage == ZoneSet.Stage.REPORTED and acceptance != ZoneSet.Acceptance.ASK:
        skip_bad = acceptance == ZoneSet.Acceptance.USABLE
        with suppress(WrongState):
            zone_acceptance.accept(zone_set=found, by=by, skip_bad=skip_bad, name=found.name)
