"""A stranger's layer of points as rows of text. Runs in the reader's process only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from analytics.uploads.errors import UploadError, refusal
from analytics.uploads.formats import detection, geojson, geopackage
from analytics.uploads.formats.detection import Format
from analytics.uploads.formats.raw_layer import RawLayer
from analytics.uploads.limits import Limits
from analytics.uploads.records import Choice
from analytics.uploads.reference_systems import placement

LAYER = "points"
"""The layer that is read where a file has several."""
_FORMATS = "GeoPackage or GeoJSON"


def columns(path: Path, *, limits: Limits) -> dict[str, list[str]]:
    """The fields of a layer of points of a GeoPackage or GeoJSON, a text for each point, blank
    where nothing is written; ``x`` and ``y`` are of its geometry, in EPSG:3035.

    Raises UploadError or LimitMet.
    """
    kind = detection.format_of(path)
    if kind is Format.GEOJSON:
        raw = geojson.read(path, limits)
    elif kind is Format.GEOPACKAGE:
        raw = _of_geopackage(path, limits)
    else:
        raise UploadError("unknown-format", found=kind.value, expected=_FORMATS)
    if not len(raw.geometries):
        raise refusal("no-feature", "no feature in the layer")
    limits.check("vertices", int(shapely.get_num_coordinates(raw.geometries).sum()))
    places = _placed(raw)
    is_point = shapely.get_type_id(places) == shapely.GeometryType.POINT
    x, y = (
        [repr(value) if found else "" for value, found in zip(axis.tolist(), is_point, strict=True)]
        for axis in (shapely.get_x(places), shapely.get_y(places))
    )
    return {**raw.fields, "x": x, "y": y}


def _of_geopackage(path: Path, limits: Limits) -> RawLayer:
    layers = geopackage.layers(path, limits)
    if len(layers) > 1:
        names = ", ".join(layer.listing.name for layer in layers[:10])
        layers = [layer for layer in layers if layer.listing.name == LAYER]
        if not layers:
            raise UploadError(
                "unknown-layer", found=f"the layers {names}", expected=f"a layer {LAYER!r}"
            )
    if not layers:
        raise refusal("no-layer", "no layer with geometries")
    raw = layers[0].read()
    # A label that is missing would not be noticed.
    for finding in raw.findings:
        if finding.code == "wal-mode":
            raise refusal(finding.code, finding.found)
    return raw


def _placed(raw: RawLayer) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    # Where each point must lie is known, so that what a file says of itself can be believed.
    choice = Choice(crs=raw.crs, insist=True) if raw.crs is not None else Choice()
    placed = placement.place(raw, choice, coverage=None).geometries
    if placed is None:
        raise refusal("unknown-reference-system", "a layer without a reference system")
    return placed
