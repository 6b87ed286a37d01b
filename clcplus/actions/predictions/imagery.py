"""Composites of a year: found in the folder of imagery, or composed from a STAC API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import rasterio
from django.conf import settings
from rasterio.errors import RasterioError

from analytics.grid import Window
from clcplus.actions.predictions.guarded_network import GuardedNetwork
from clcplus.errors import ModelMissing, NoImagery
from clcplus.models import Prediction
from inference.composites import Composite, open_composite

_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)")
_PACKAGES = frozenset({"torch", "transformers", "safetensors", "pystac_client"})


def composites(year: int | None = None) -> list[Path]:
    """Files of a year's composites, or of all years, by name."""
    folder: Path = settings.CLCPLUS_IMAGERY
    return sorted(folder.glob(f"composite-{'' if year is None else year}*.tif"))


def find_composite(*, year: int, window: Window | None) -> Composite | None:
    """The composite of a year that shares most cells with a window; without one, the first.

    Raises errors of imagery for a file that is no composite.
    """
    found = [open_composite(path) for path in composites(year)]
    if window is None:
        return found[0] if found else None
    shared = [(composite.window.intersection(window), composite) for composite in found]
    overlapping = [(part.cells, composite) for part, composite in shared if part is not None]
    return max(overlapping, key=lambda pair: pair[0])[1] if overlapping else None


def no_imagery(year: int, *, where: str = "") -> NoImagery:
    """The error of a year without a composite."""
    area = f" over {where}" if where else ""
    return NoImagery(
        f"imagery of {year}",
        found=f"no composite{area} in {settings.CLCPLUS_IMAGERY}",
        expected=f"composite-{year}.tif, or one of its kind",
        hint="Make one with `python -m inference compose`, or set CLCPLUS_STAC",
    )


def compose(
    prediction: Prediction, *, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> Path | None:
    """Compose the imagery of a prediction's year and window from the STAC API.

    The composite stays in the folder of imagery for later ones. Returns None if ``cancelled``
    returned True. Raises NoImagery without a STAC API or a window, and errors of imagery.
    """
    year = prediction.year
    if not settings.CLCPLUS_STAC or not prediction.window:
        raise no_imagery(year, where=prediction.territory_name)
    root: Path = settings.CLCPLUS_IMAGERY
    root.mkdir(parents=True, exist_ok=True)
    out = root / f"composite-{year}-{prediction.level}-{prediction.code}.tif"
    window = Window(**prediction.window)
    days = [date.fromisoformat(f"{year}-{day}") for day in settings.CLCPLUS_SEASON.split("/")]
    with model_required():
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
            settings.CLCPLUS_STAC,
            collection=settings.CLCPLUS_STAC_COLLECTION,
            window=window,
            season=season,
            patience=patience,
            network=GuardedNetwork(),
        )
        plan = plans.make(
            area=area.Area(window),
            seasons=[(season, scenes)],
            bands=None,
            masking=observation.Masking(),
        )
        made = composition.compose(
            plan=plan, out=out, patience=patience, progress=progress, cancelled=cancelled
        )
    return out if made is not None else None


def days_of(composite: Path) -> tuple[date, date] | None:
    """First and last day of a composite's seasons, if its tags name them."""
    try:
        with rasterio.open(composite) as dataset:
            seasons = dataset.tags().get("SEASONS", "")
    except RasterioError:
        return None
    days = [date.fromisoformat(day) for pair in _DAYS.findall(seasons) for day in pair]
    return (min(days), max(days)) if days else None


@contextmanager
def model_required() -> Iterator[None]:
    """Around imports of the model's packages: raises ModelMissing if one is not installed."""
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
