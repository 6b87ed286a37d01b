"""The doors to the model: torch is imported behind them, and its absence is said in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from analytics.grid import Window
from clcplus.errors import ModelMissing

_PACKAGES = frozenset({"torch", "transformers", "safetensors", "pystac_client"})


def predict(
    *,
    checkpoint: Path,
    composite: Path,
    out: Path,
    window: Window | None,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> bool:
    """Predict into a folder, going on where an earlier call was ended; whether it is done."""
    with _installed():
        from inference.prediction import predictor

        found = predictor.predict(
            checkpoint=checkpoint,
            composite=composite,
            out=out,
            window=window,
            progress=progress,
            cancelled=cancelled,
        )
    return found is not None


def evaluate(
    *,
    prediction: Path,
    checkpoint: Path,
    reference: Sequence[Path],
    zones: Path | None,
    imagery: Path,
    out: Path,
) -> dict[str, Any]:
    """Hold a prediction against rasters of codes, in the test territories among ``zones`` or, for
    None, wherever they overlap; what ``metrics.json`` says then.

    Raises NothingObserved where they overlap nowhere.
    """
    from inference.evaluation import evaluator

    return evaluator.evaluate(
        prediction=prediction,
        checkpoint=checkpoint,
        reference=reference,
        zones=zones,
        imagery=imagery,
        out=out,
    ).metrics


def areas(*, prediction: Path, sample: Path | None) -> dict[str, Any]:
    """Sealed area of a prediction as JSON: both estimates in m², corrected where there is a sample.

    Raises UnreadableSample.
    """
    from inference.prediction import Estimate, sealed_area

    def document(estimate: Estimate) -> dict[str, Any]:
        corrected = estimate.corrected
        return {
            "mapped_m2": estimate.mapped_m2,
            "corrected_m2": corrected.area_m2 if corrected else None,
            "low_m2": corrected.low_m2 if corrected else None,
            "high_m2": corrected.high_m2 if corrected else None,
        }

    found = sealed_area(prediction=prediction, sample=sample)
    return {
        "observed_cells": found.observed,
        "by_probability": document(found.by_probability),
        "by_class": document(found.by_class),
        "points": found.points,
        "points_left_out": found.points_left_out,
    }


def compose(
    *,
    address: str,
    collection: str,
    window: Window,
    days: tuple[date, date],
    out: Path,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> bool:
    """Compose a season's imagery of a STAC API; whether it is done. Raises errors of imagery."""
    with _installed():
        from inference.composites import (
            area,
            assets,
            catalogue,
            composition,
            observation,
            plans,
            seasons,
        )

        patience, season = assets.Patience(), seasons.Season(first=days[0], last=days[1])
        scenes = catalogue.search(
            address, collection=collection, window=window, season=season, patience=patience
        )
        plan = plans.make(
            area=area.Area(window),
            seasons=[(season, scenes)],
            bands=None,
            masking=observation.Masking(),
        )
        found = composition.compose(
            plan=plan, out=out, patience=patience, progress=progress, cancelled=cancelled
        )
    return found is not None


@contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _PACKAGES:
            raise
        raise ModelMissing(
            "this worker",
            found=f"no package {package}",
            expected="the packages of the model",
            hint="Install requirements/model.txt, or serve the queue `inference` elsewhere",
        ) from error
