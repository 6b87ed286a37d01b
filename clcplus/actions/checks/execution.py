"""The work of a check: read, check, and keep the report."""

from __future__ import annotations

from django.db import transaction

from analytics.checks import Grade, check_edition, worst
from clcplus.actions.checks import readings
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.kinds import Attempt
from clcplus.models import EditionCheck, Run


def work(attempt: Attempt) -> bool:
    """Check the edition of a run. Returns False if the run has ended meanwhile."""
    run = Run.objects.select_related("edition").get(pk=attempt.number)
    edition = run.edition
    assert edition is not None
    with transaction.atomic():
        # Levels are read one after the other: no layer is shown, and no edition loaded, meanwhile.
        locks.lock_until_commit(locks.Kind.FINALISE)
        # The report and the end of the run are one: either both are there, or none.
        if not runs.hold_open(run.pk):
            return False
        against = readings.last_edition(edition)
        results = check_edition(readings.counted_edition(edition, against=against))
        EditionCheck.objects.create(
            edition=edition,
            against=against,
            run=run,
            grade=worst(results),
            report=[one.document() for one in results],
        )
        failing = [one.check for one in results if one.grade in (Grade.WARN, Grade.FAIL)]
        message = f"not passed: {', '.join(failing)}" if failing else "passed"
        return runs.succeed(run.pk, message=message)
