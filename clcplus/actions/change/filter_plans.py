"""Runs that filter change: planned as editions are loaded and layers of territories are shown.

Only the database knows what is left: :func:`pairs.lacking` finds it after a kill, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from clcplus.actions.change import pairs
from clcplus.actions.change.pairs import EditionPair
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.states import OPEN
from clcplus.models import Run


def plan_missed() -> list[Run]:
    """Have every pair filtered that lacks it. A run that has failed or was cancelled waits for a
    person, unless there are other layers of territories or of confidence now."""
    if not pairs.lacking():
        return []
    with transaction.atomic():
        locks.lock_until_commit(locks.Kind.FILTER)
        layers = pairs.shown_layers()
        planned = []
        for pair in pairs.lacking():
            newest = _newest(pair)
            wanted = _parameters(pair, layers)
            if newest is None or newest.state == Run.State.SUCCEEDED or _outdated(newest, wanted):
                planned.append(_start(pair, layers, by=None))
        return planned


@transaction.atomic
def request(chosen: Sequence[EditionPair], *, by: Any = None) -> list[Run]:
    """Have pairs filtered, whether they were before or not: new runs, or those under way."""
    locks.lock_until_commit(locks.Kind.FILTER)
    layers = pairs.shown_layers()
    found = []
    for pair in chosen:
        newest = _newest(pair)
        is_open = newest is not None and newest.state in OPEN
        found.append(newest if newest and is_open else _start(pair, layers, by=by))
    return found


def _newest(pair: EditionPair) -> Run | None:
    earlier, later = pair
    found = Run.objects.filter(kind=Run.Kind.FILTER, edition=later, parameters__earlier=earlier.pk)
    return found.order_by("-created_at").first()


def _parameters(pair: EditionPair, layers: Sequence[int]) -> dict[str, Any]:
    return {
        "earlier": pair[0].pk,
        "layers": list(layers),
        "confidence": pairs.confidence_of(pair),
    }


def _outdated(run: Run, wanted: dict[str, Any]) -> bool:
    """Whether a run has ended early, and was to do something else."""
    return run.state not in OPEN and run.parameters != wanted


def _start(pair: EditionPair, layers: Sequence[int], *, by: Any) -> Run:
    earlier, later = pair
    return runs.start(
        Run(
            kind=Run.Kind.FILTER,
            edition=later,
            requested_by=by,
            parameters=_parameters(pair, layers),
            message=f"{earlier.slug} → {later.slug}"[:400],
        )
    )
