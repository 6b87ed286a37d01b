"""Compose imagery that is not there yet, from the STAC API that the platform is told of."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import rasterio
from django.conf import settings
from rasterio.errors import RasterioError

from analytics.grid import Window
from clcplus.actions.predictions import imagery, model
from clcplus.models import Prediction

_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)")


def compose(
    prediction: Prediction,
    *,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> Path | None:
    """The composite of a prediction's year and window; None where it was cancelled.

    It is kept in the folder of imagery, for the next prediction of the year. Raises NoImagery where
    there is no STAC API to ask, or nothing says which area is wanted, and errors of imagery.
    """
    if not settings.CLCPLUS_STAC or not prediction.window:
        raise imagery.no_imagery(prediction.year, where=prediction.territory_name)
    root: Path = settings.CLCPLUS_IMAGERY
    root.mkdir(parents=True, exist_ok=True)
    out = root / f"composite-{prediction.year}-{prediction.level}-{prediction.code}.tif"
    first, last = settings.CLCPLUS_SEASON.split("/")
    done = model.compose(
        address=settings.CLCPLUS_STAC,
        collection=settings.CLCPLUS_STAC_COLLECTION,
        window=Window(**prediction.window),
        days=(
            date.fromisoformat(f"{prediction.year}-{first}"),
            date.fromisoformat(f"{prediction.year}-{last}"),
        ),
        out=out,
        progress=progress,
        cancelled=cancelled,
    )
    return out if done else None


def days_of(composite: Path) -> tuple[date, date] | None:
    """First and last day of a composite's seasons, where it says them."""
    try:
        with rasterio.open(composite) as dataset:
            told = dataset.tags().get("SEASONS", "")
    except RasterioError:
        return None
    days = [date.fromisoformat(day) for pair in _DAYS.findall(told) for day in pair]
    return (min(days), max(days)) if days else None
