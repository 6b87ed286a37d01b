"""What the owner says of a received file: answers to the check's questions, and when to accept."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from django.db import transaction

from analytics.uploads import Choice
from clcplus import locks
from clcplus.actions.zone_sets import zone_acceptance
from clcplus.actions.zone_sets.set_rows import hold, wrong_stage
from clcplus.errors import WrongState
from clcplus.jobs import queue
from clcplus.models import ZoneSet

KIND = "upload"
"""The kind of job that checks an uploaded file."""

REFERENCE_QUESTIONS: Mapping[str, str] = {
    "missing": "The file does not say in which reference system its coordinates are.",
    "unreadable": "The reference system of the file cannot be understood.",
    "foreign": "The file names a reference system that GeoJSON does not allow; it has to be "
    "confirmed.",
    "contradicted": "The coordinates cannot be in the reference system that the file names.",
    "doubted": "The coordinates cannot be in the reference system that was named.",
    "sphere": "The file names a Mercator projection of a sphere, as old programs do for EPSG:3857.",
    "axes": "The axes of the coordinates seem to be swapped.",
}
"""Why a check asks for the reference system, by ``Reference.status``, in English for programs."""


@transaction.atomic
def answer(*, zone_set: ZoneSet, choice: Choice) -> None:
    """Replace the owner's choice and have the file checked again.

    Raises WrongState during a check and once the zones are accepted, UnknownZoneSet.
    """
    found = hold(zone_set)
    if found.stage in (ZoneSet.Stage.CHECKING, ZoneSet.Stage.ACCEPTED):
        raise wrong_stage(found, expected="one that was checked and not yet decided on")
    found.choice = asdict(choice)
    found.stage = ZoneSet.Stage.CHECKING
    found.refusal = None
    found.attempts = found.percent = 0
    found.save()
    queue.send_waiting(KIND, found.pk)


@transaction.atomic
def insist(*, zone_set: ZoneSet, by: Any, acceptance: ZoneSet.Acceptance) -> None:
    """Replace the wish for acceptance of a set that was uploaded before.

    It is followed at once if the report is there, else when the check ends. A set that was
    accepted, or whose report does not allow it, stays as it is. Raises QuotaReached and
    UnknownZoneSet.
    """
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
