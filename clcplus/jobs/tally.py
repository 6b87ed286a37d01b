"""Counts what workers have ended, for all machines together.

In the database: workers come and go on any number of machines, and whoever reads the counts need
know none of them. In a statement of its own after the unit's transaction: all workers count in one
row of a kind, and none may wait there for the work of another. A worker that dies in between leaves
its unit uncounted; a count that cannot be written never stops work.
"""

from __future__ import annotations

import logging

from django.db import DatabaseError, transaction
from django.db.models import F

from clcplus.jobs import faults
from clcplus.models import UnitTally

logger = logging.getLogger(__name__)

Outcome = UnitTally.Outcome


def count(kind: str, outcome: UnitTally.Outcome, *, seconds: float = 0.0) -> None:
    """A worker has ended an attempt at a unit; ``seconds`` of work are counted for those that are
    done."""
    try:
        with transaction.atomic():
            row = UnitTally.objects.filter(kind=kind, outcome=outcome)
            if not row.update(units=F("units") + 1, seconds=F("seconds") + seconds):
                UnitTally.objects.bulk_create(
                    [UnitTally(kind=kind, outcome=outcome)], ignore_conflicts=True
                )
                row.update(units=F("units") + 1, seconds=F("seconds") + seconds)
    except (DatabaseError, *faults.DATABASE) as error:
        logger.warning("%s: a unit was not counted: %s", kind, error)
