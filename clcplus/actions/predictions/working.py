"""Work on a prediction: imagery, predict, evaluate, measure areas, register.

Every step leaves its result in the prediction's folder or row, and finds there what an attempt
before it has left: a worker may be killed at any point, and the next one ends with the same result.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from analytics.grid import Window
from clcplus import locks
from clcplus.actions import registration, runs
from clcplus.actions.predictions import composing, evaluating, measuring, model
from clcplus.actions.predictions.registering import folder_of
from clcplus.models import Edition, Prediction, Run

PRODUCT = "clcplus"
MOST_ATTEMPTS = 10
"""Attempts without progress after which a prediction is given up: so often its worker has ended."""
SECONDS_BETWEEN_NOTES = 1.0


def work(*, run_id: Any) -> None:
    """Go on with a prediction, unless it has ended or another worker is at it."""
    with locks.try_lock(locks.Kind.RUN, UUID(str(run_id)).int) as held:
        if not held:
            return
        found = Prediction.objects.select_related("run", "checkpoint").filter(run=run_id).first()
        if found is None or found.run.state not in runs.OPEN:
            return
        if found.attempts >= MOST_ATTEMPTS:
            runs.fail_run(
                run_id=run_id, reason=f"the work ended its worker {MOST_ATTEMPTS} times in a row"
            )
            return
        runs.note_start(run_id)
        Prediction.objects.filter(pk=found.pk).update(attempts=F("attempts") + 1)
        _make(found)


def folder_for(prediction: Prediction) -> Path:
    """Where its files lie."""
    root: Path = settings.CLCPLUS_PREDICTIONS
    return root / prediction.folder


def _make(prediction: Prediction) -> None:
    """All steps, one after the other; stops between them, and within, where it was cancelled."""
    cancelled = _watch(prediction.run_id)
    folder = folder_for(prediction)
    folder.mkdir(parents=True, exist_ok=True)
    if not prediction.composite:
        _begin(prediction, Prediction.Stage.COMPOSING, "composing the imagery")
        composite = composing.compose(prediction, progress=_noting(prediction), cancelled=cancelled)
        if composite is None:
            return
        prediction.composite = str(composite)
        prediction.save(update_fields=("composite",))
    window = Window(**prediction.window) if prediction.window else None
    _begin(prediction, Prediction.Stage.PREDICTING, "predicting")
    done = model.predict(
        checkpoint=folder_of(prediction.checkpoint),
        composite=Path(prediction.composite),
        out=folder,
        window=window,
        progress=_noting(prediction),
        cancelled=cancelled,
    )
    if not done or cancelled():
        return
    _begin(prediction, Prediction.Stage.EVALUATING, "evaluating against the nearest edition")
    prediction.evaluation = evaluating.evaluate(prediction, folder=folder)
    prediction.areas = measuring.areas(prediction, folder=folder)
    prediction.save(update_fields=("evaluation", "areas"))
    if cancelled():
        return
    _register(prediction, folder)


def _register(prediction: Prediction, folder: Path) -> None:
    """Hand the classes to the ingest, and end the run, in one transaction."""
    sources = registration.check_sources(
        paths=[folder / "classes.tif"], product=PRODUCT, year=prediction.year
    )
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=prediction.run_id)
        if run.state not in runs.OPEN:
            return
        ingest = registration.register_edition(
            sources=sources,
            product=PRODUCT,
            year=prediction.year,
            origin=Edition.Origin.MODELLED,
            checkpoint=prediction.checkpoint,
            publish=run.publish,
            by=run.requested_by,
        )
        _date(ingest.edition, Path(prediction.composite))
        prediction.edition = ingest.edition
        prediction.stage = Prediction.Stage.REGISTERED
        prediction.save(update_fields=("edition", "stage"))
        run.parameters["ingest"] = str(ingest.pk)
        run.edition = ingest.edition
        run.state = Run.State.SUCCEEDED
        run.message = ""
        run.cells_done = run.cells_total
        run.finished_at = timezone.now()
        run.save()


def _date(edition: Edition | None, composite: Path) -> None:
    """An edition is of the days of its imagery, where the composite says them."""
    days = composing.days_of(composite)
    if edition is not None and edition.window_start is None and days is not None:
        edition.window_start, edition.window_end = days
        edition.save(update_fields=("window_start", "window_end"))


def _begin(prediction: Prediction, stage: str, message: str) -> None:
    prediction.stage = stage
    prediction.save(update_fields=("stage",))
    Run.objects.filter(pk=prediction.run_id).update(message=message, updated_at=timezone.now())


def _noting(prediction: Prediction) -> Callable[[int, int], None]:
    """Writes progress into the run, once a second at most."""
    noted = 0.0
    before = prediction.run.cells_done

    def note(done: int, total: int) -> None:
        nonlocal noted
        if done < total and time.monotonic() - noted < SECONDS_BETWEEN_NOTES:
            return
        noted = time.monotonic()
        Run.objects.filter(pk=prediction.run_id).update(
            cells_done=done, cells_total=total, updated_at=timezone.now()
        )
        if done > before:
            Prediction.objects.filter(pk=prediction.pk).update(attempts=0)

    return note


def _watch(run_id: Any) -> Callable[[], bool]:
    """Tells whether the run is no longer wanted; asks the database once a second at most."""
    asked, answer = float("-inf"), False

    def cancelled() -> bool:
        nonlocal asked, answer
        if time.monotonic() - asked >= SECONDS_BETWEEN_NOTES:
            asked = time.monotonic()
            answer = not Run.objects.filter(pk=run_id, state__in=runs.OPEN).exists()
        return answer

    return cancelled
