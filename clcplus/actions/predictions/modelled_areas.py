"""Sealed area of a prediction: the sum of its probabilities, and the cells that it calls sealed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clcplus.actions.predictions import imagery, model
from clcplus.models import Prediction


def areas(prediction: Prediction, *, folder: Path) -> dict[str, Any]:
    """Both areas; corrected, with an interval, where there is a reference sample of the year."""
    return model.areas(prediction=folder, sample=imagery.sample_of(prediction.year))
