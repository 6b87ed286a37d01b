"""The work on a prediction: compose imagery, predict, evaluate, measure areas, register.

Every step leaves its result in the prediction's folder or row, and finds there what an earlier
attempt has left. A worker may be killed at any point: the next one ends with the same result.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analytics.grid import Window
from clcplus.actions.editions import registration
from clcplus.actions.predictions import evaluation, imagery
from clcplus.actions.predictions.checkpoints import folder_of
from clcplus.jobs.kinds import Attempt
from clcplus.jobs.runs import Progress
from clcplus.models import Edition, Prediction, Run
from inference.prediction import Estimate, sealed_area

PRODUCT = "clcplus"


def folder_for(prediction: Prediction) -> Path:
    """The folder of a prediction's files."""
    root: Path = settings.CLCPLUS_PREDICTIONS
    return root / str(prediction.run_id)


def work(attempt: Attempt) -> bool:
    """Do all steps of a prediction; stops between them, and within, if it was cancelled."""
    prediction = Prediction.objects.select_related("run", "checkpoint").get(run=attempt.number)
    progress = Progress(prediction.run)
    folder = folder_for(prediction)
    folder.mkdir(parents=True, exist_ok=True)
    if not prediction.composite:
        _begin(prediction, Prediction.Stage.COMPOSING, "composing the imagery")
        composite = imagery.compose(
            prediction, progress=progress.note, cancelled=progress.cancelled
        )
        if composite is None:
            return False
        prediction.composite = str(composite)
        prediction.save(update_fields=("composite",))
    _begin(prediction, Prediction.Stage.PREDICTING, "predicting")
    if not _predict(prediction, folder, progress) or progress.cancelled():
        return False
    _begin(prediction, Prediction.Stage.EVALUATING, "evaluating against the nearest edition")
    prediction.evaluation = evaluation.evaluate(prediction, folder=folder)
    prediction.areas = _areas(prediction, folder)
    prediction.save(update_fields=("evaluation", "areas"))
    return not progress.cancelled() and _register(prediction, folder)


def _begin(prediction: Prediction, stage: str, message: str) -> None:
    prediction.stage = stage
    prediction.save(update_fields=("stage",))
    Run.objects.filter(pk=prediction.run_id).update(message=message, updated_at=timezone.now())


def _predict(prediction: Prediction, folder: Path, progress: Progress) -> bool:
    with imagery.model_required():
        from inference.prediction import predictor

        predicted = predictor.predict(
            checkpoint=folder_of(prediction.checkpoint),
            composite=Path(prediction.composite),
            out=folder,
            window=Window(**prediction.window) if prediction.window else None,
            progress=progress.note,
            cancelled=progress.cancelled,
        )
    return predicted is not None


def _areas(prediction: Prediction, folder: Path) -> dict[str, Any]:
    """Both estimates of the sealed area in m², corrected by the year's reference sample, if any."""
    sample: Path = settings.CLCPLUS_IMAGERY / f"sample-{prediction.year}.csv"
    found = sealed_area(prediction=folder, sample=sample if sample.is_file() else None)

    def document(estimate: Estimate) -> dict[str, Any]:
        corrected = estimate.corrected
        return {
            "mapped_m2": estimate.mapped_m2,
            "corrected_m2": corrected.area_m2 if corrected else None,
            "low_m2": corrected.low_m2 if corrected else None,
            "high_m2": corrected.high_m2 if corrected else None,
        }

    return {
        "observed_cells": found.observed,
        "by_probability": document(found.by_probability),
        "by_class": document(found.by_class),
        "points": found.points,
        "points_left_out": found.points_left_out,
    }


def _register(prediction: Prediction, folder: Path) -> bool:
    """Hand the classes to the ingest, and end the run, in one transaction."""
    sources = registration.check_sources(
        paths=[folder / "classes.tif"], product=PRODUCT, year=prediction.year
    )
    with transaction.atomic():
        edition = registration.end_with_ingest(
            prediction.run,
            sources=sources,
            product=PRODUCT,
            year=prediction.year,
            origin=Edition.Origin.MODELLED,
            checkpoint=prediction.checkpoint,
        )
        if edition is None:
            return False
        days = imagery.days_of(Path(prediction.composite))
        if edition.window_start is None and days is not None:
            edition.window_start, edition.window_end = days
            edition.save(update_fields=("window_start", "window_end"))
        prediction.edition = edition
        prediction.stage = Prediction.Stage.REGISTERED
        prediction.save(update_fields=("edition", "stage"))
    return True
