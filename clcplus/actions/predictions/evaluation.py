"""Hold a prediction against the nearest edition that is not modelled, where they overlap."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from django.conf import settings
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterWindow

from analytics.grid import CELL_SIZE, EPSG, Window
from analytics.nomenclature import NO_DATA
from analytics.rasters import open_store
from clcplus.actions import stored_tiles
from clcplus.actions.predictions import model
from clcplus.actions.predictions.registration import folder_of
from clcplus.actions.predictions.tested import write_zones
from clcplus.models import Edition, EditionTile, Prediction
from inference import checkpoint as checkpoints
from inference.composites import open_composite
from inference.errors import NothingObserved

_STRIP = 512
FOLDER = "evaluation"


def evaluate(prediction: Prediction, *, folder: Path) -> dict[str, Any]:
    """The evaluation, with the edition that it was held against; what hindered it, else."""
    window = open_composite(Path(prediction.composite)).window
    if prediction.window:
        window = window.intersection(Window(**prediction.window)) or window
    edition = nearest_edition(prediction.year, window)
    if edition is None:
        return {"hindered": "no published edition that is not modelled overlaps it"}
    of_edition = {
        "edition": edition.slug,
        "edition_name": str(edition),
        "edition_year": edition.year,
        "edition_origin": edition.origin,
    }
    checkpoint = folder_of(prediction.checkpoint)
    reference, zones = folder / "reference.tif", folder / "tested.gpkg"
    write_reference(edition, window=window, path=reference)
    try:
        tested = write_zones(checkpoints.read(checkpoint), path=zones)
        # Where it was tested it was not trained; elsewhere all that overlaps has to do.
        for areas in (tested, None) if tested is not None else (None,):
            try:
                metrics = model.evaluate(
                    prediction=folder,
                    checkpoint=checkpoint,
                    reference=[reference],
                    zones=areas,
                    imagery=Path(prediction.composite),
                    out=folder / FOLDER,
                )
            except NothingObserved as error:
                hindered = str(error)
            else:
                tests = len(metrics.get("territories", ())) if areas is not None else 0
                return {**of_edition, "test_territories": tests, "metrics": metrics}
        return {**of_edition, "hindered": hindered}
    finally:
        reference.unlink(missing_ok=True)
        zones.unlink(missing_ok=True)


def nearest_edition(year: int, window: Window) -> Edition | None:
    """The published edition of the nearest year that has tiles in a window and is not modelled;
    official before synthetic, and the earlier of two that are as near."""
    tiles = EditionTile.objects.filter(
        row__lt=window.row_stop, column__lt=window.column_stop
    ).select_related("edition")
    found = {
        tile.edition
        for tile in tiles
        if tile.edition.status == Edition.Status.PUBLISHED
        and tile.edition.origin != Edition.Origin.MODELLED
        and stored_tiles.window_of(tile).intersection(window) is not None
    }
    return min(
        found,
        key=lambda e: (abs(e.year - year), e.origin != Edition.Origin.OFFICIAL, e.year),
        default=None,
    )


def write_reference(edition: Edition, *, window: Window, path: Path) -> None:
    """An edition's codes in a window as one raster: it is stored in tiles, maybe in a bucket."""
    west, _south, _east, north = window.bounds
    store = open_store(settings.RASTER_STORE)
    with (
        ExitStack() as stack,
        rasterio.open(
            path,
            "w",
            driver="GTiff",
            width=window.width,
            height=window.height,
            count=1,
            dtype="uint8",
            crs=f"EPSG:{EPSG}",
            transform=from_origin(west, north, CELL_SIZE, CELL_SIZE),
            nodata=NO_DATA,
            compress="deflate",
        ) as raster,
    ):
        readers = [
            (inside, stored_tiles.stored_reader(tile, store=store, stack=stack))
            for tile in EditionTile.objects.filter(edition=edition)
            if (inside := stored_tiles.window_of(tile).intersection(window)) is not None
        ]
        for strip in window.strips(_STRIP):
            codes = np.full(strip.shape, NO_DATA, dtype=np.uint8)
            for inside, read in readers:
                part = inside.intersection(strip)
                if part is not None:
                    row, column = part.row - strip.row, part.column - strip.column
                    codes[row : row + part.height, column : column + part.width] = read(part)
            place = RasterWindow(0, strip.row - window.row, strip.width, strip.height)
            raster.write(codes, 1, window=place)
