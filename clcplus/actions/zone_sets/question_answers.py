"""Say what a file does not tell, and have it checked again."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction

from analytics.uploads import Choice
from clcplus.actions.zone_sets.set_locks import hold
from clcplus.errors import WrongState
from clcplus.jobs import queue
from clcplus.models import ZoneSet

KIND = "upload"
"""The kind of job that checks an uploaded file."""


@transaction.atomic
def answer(*, zone_set: ZoneSet, choice: Choice) -> None:
    """Say what was asked, or say it otherwise, and have the file checked again.

    Raises WrongState while it is being checked and once its zones are accepted, UnknownZoneSet once
    it is deleted.
    """
    found = hold(zone_set)
    if found.stage in (ZoneSet.Stage.CHECKING, ZoneSet.Stage.ACCEPTED):
        raise WrongState(
            found.name,
            found=f"a set that is {found.get_stage_display()}",
            expected="one that was checked and not yet decided on",
        )
    found.choice = asdict(choice)
    found.stage = ZoneSet.Stage.CHECKING
    found.refusal = None
    found.attempts = found.percent = 0
    found.save()
    queue.send_waiting(KIND, found.pk)
