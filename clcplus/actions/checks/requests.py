"""Checks of editions that are asked for."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from clcplus.jobs import runs
from clcplus.jobs.states import OPEN
from clcplus.models import Edition, Run


@transaction.atomic
def request_check(edition: Edition, *, by: Any = None) -> Run:
    """Queue the check of an edition that was counted: a new run, or the one that waits already."""
    # One request at a time for each edition.
    Edition.objects.select_for_update().get(pk=edition.pk)
    waiting = Run.objects.filter(kind=Run.Kind.CHECK, edition=edition, state__in=OPEN).first()
    return waiting or runs.start(Run(kind=Run.Kind.CHECK, edition=edition, requested_by=by))
