"""Evaluate a prediction against the nearest edition that is not modelled."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
from django.conf import settings
from django.contrib.gis.db.models.functions import AsWKB
from rasterio.merge import merge

from analytics.grid import EPSG, Window
from analytics.nomenclature import NO_DATA
from analytics.rasters import open_store
from clcplus.actions.editions import stored_tiles
from clcplus.actions.predictions.checkpoints import folder_of
from clcplus.models import Edition, EditionTile, Layer, Prediction, Zone
from inference import checkpoint as checkpoints
from inference.composites import open_composite
from inference.errors import NothingObserved


def evaluate(prediction: Prediction, *, folder: Path) -> dict[str, Any]:
    """The metrics, with the edition that was the reference; else what hindered the evaluation."""
    from inference.evaluation import evaluator

    window = open_composite(Path(prediction.composite)).window
    if prediction.window:
        window = window.intersection(Window(**prediction.window)) or window
    edition = _nearest_edition(prediction.year, window)
    if edition is None:
        return {"hindered": "no published edition that is not modelled overlaps it"}
    found = {
        "edition": edition.slug,
        "edition_name": str(edition),
        "edition_year": edition.year,
        "edition_origin": edition.origin,
    }
    checkpoint = folder_of(prediction.checkpoint)
    reference, zones = folder / "reference.tif", folder / "tested.gpkg"
    try:
        _write_reference(edition, window=window, path=reference)
        tested = _write_zones(checkpoints.read(checkpoint), path=zones)
        # The network was not trained on its test territories. Elsewhere every overlap has to do.
        for areas in (zones, None) if tested else (None,):
            try:
                metrics = evaluator.evaluate(
                    prediction=folder,
                    checkpoint=checkpoint,
                    reference=[reference],
                    zones=areas,
                    imagery=Path(prediction.composite),
                    out=folder / "evaluation",
                ).metrics
            except NothingObserved as error:
                hindered = str(error)
            else:
                tests = len(metrics.get("territories", ())) if areas is not None else 0
                return {**found, "test_territories": tests, "metrics": metrics}
        return {**found, "hindered": hindered}
    finally:
        reference.unlink(missing_ok=True)
        zones.unlink(missing_ok=True)


def _nearest_edition(year: int, window: Window) -> Edition | None:
    """The published edition of the nearest year, not modelled, that has tiles in a window.

    Of two that are equally near, an official one comes first, then the earlier one.
    """
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


def _write_reference(edition: Edition, *, window: Window, path: Path) -> None:
    """Write an edition's codes in a window as one raster; the store has them in tiles."""
    store = open_store(settings.RASTER_STORE)
    with ExitStack() as stack:
        tiles = [
            stack.enter_context(store.open(tile.key))
            for tile in EditionTile.objects.filter(edition=edition)
            if stored_tiles.window_of(tile).intersection(window) is not None
        ]
        merge(
            tiles,
            bounds=window.bounds,
            nodata=NO_DATA,
            dst_path=path,
            dst_kwds={"driver": "GTiff", "compress": "deflate"},
        )


def _write_zones(checkpoint: checkpoints.Checkpoint, *, path: Path) -> bool:
    """Write the territories that a checkpoint was tested and trained on, if a layer has them all.

    Returns False if the checkpoint names no test territories, or no layer knows them: it was
    trained elsewhere.
    """
    areas = checkpoint.training.configuration.get("areas", {})
    test = tuple(areas.get("test", ())) if isinstance(areas, dict) else ()
    codes = {*test, *checkpoint.training.areas}
    for layer in Layer.objects.filter(active=True).order_by("-level__rank", "-vintage"):
        zones = Zone.objects.filter(layer=layer, code__in=codes).order_by("code")
        found = dict(zones.values_list("code", AsWKB("geometry")))
        if test and len(found) == len(codes):
            path.unlink(missing_ok=True)
            pyogrio.raw.write(
                path,
                np.array(list(found.values()), dtype=object),
                [np.array(list(found), dtype=object)],
                fields=np.array(["code"], dtype=object),
                crs=f"EPSG:{EPSG}",
                geometry_type="MultiPolygon",
                driver="GPKG",
            )
            return True
    return False
