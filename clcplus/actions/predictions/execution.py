"""Work on a prediction: imagery, predict, evaluate, measure areas, register.

Every step leaves its result in the prediction's folder or row, and finds there what an attempt
before it has left: a worker may be killed at any point, and the next one ends with the same result.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from analytics.grid import Window
from clcplus.actions import registration
from clcplus.actions.predictions import composition, evaluation, model, modelled_areas
from clcplus.actions.predictions.registration import folder_of
from clcplus.jobs import runs
from clcplus.jobs.kinds import Attempt
from clcplus.jobs.progress import Progress
from clcplus.models import Edition, Prediction, Run

PRODUCT = "clcplus"


def work(attempt: Attempt) -> bool:
    """Go on with a prediction."""
    found = Prediction.objects.select_related("run", "checkpoint").get(run=attempt.number)
    return _make(found)


def folder_for(prediction: Prediction) -> Path:
    """Where its files lie."""
    root: Path = settings.CLCPLUS_PREDICTIONS
    return root / prediction.folder


def _make(prediction: Prediction) -> bool:
    """All steps, one after the other; stops between them, and within, where it was cancelled."""
    progress = Progress(prediction.run)
    folder = folder_for(prediction)
    folder.mkdir(parents=True, exist_ok=True)
    if not prediction.composite:
        _begin(prediction, Prediction.Stage.COMPOSING, "composing the imagery")
        composite = composition.compose(
            prediction, progress=progress.note, cancelled=progress.cancelled
        )
        if composite is None:
            return False
        prediction.composite = str(composite)
        prediction.save(update_fields=("composite",))
    window = Window(**prediction.window) if prediction.window else None
    _begin(prediction, Prediction.Stage.PREDICTING, "predicting")
    done = model.predict(
        checkpoint=folder_of(prediction.checkpoint),
        composite=Path(prediction.composite),
        out=folder,
        window=window,
        progress=progress.note,
        cancelled=progress.cancelled,
    )
    if not done or progress.cancelled():
        return False
    _begin(prediction, Prediction.Stage.EVALUATING, "evaluating against the nearest edition")
    prediction.evaluation = evaluation.evaluate(prediction, folder=folder)
    prediction.areas = modelled_areas.areas(prediction, folder=folder)
    prediction.save(update_fields=("evaluation", "areas"))
    if progress.cancelled():
        return False
    return _register(prediction, folder)


def _register(prediction: Prediction, folder: Path) -> bool:
    """Hand the classes to the ingest, and end the run, in one transaction."""
    sources = registration.check_sources(
        paths=[folder / "classes.tif"], product=PRODUCT, year=prediction.year
    )
    with transaction.atomic():
        run = prediction.run
        if not runs.hold_open(run.pk):
            return False
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
        return runs.succeed(
            run.pk,
            parameters={**run.parameters, "ingest": str(ingest.pk)},
            edition=ingest.edition,
            cells_done=F("cells_total"),
        )


def _date(edition: Edition | None, composite: Path) -> None:
    """An edition is of the days of its imagery, where the composite says them."""
    days = composition.days_of(composite)
    if edition is not None and edition.window_start is None and days is not None:
        edition.window_start, edition.window_end = days
        edition.save(update_fields=("window_start", "window_end"))


def _begin(prediction: Prediction, stage: str, message: str) -> None:
    prediction.stage = stage
    prediction.save(update_fields=("stage",))
    Run.objects.filter(pk=prediction.run_id).update(message=message, updated_at=timezone.now())
