"""The outlines of a checked upload for the map of its report: no finer than a map shows them, and
no more of them than a browser takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from analytics.grid import CELL_SIZE, EPSG
from analytics.uploads import Report
from clcplus.views.zones.check.report import worst_of

MOST_POSITIONS = 60_000
"""Of all outlines together: with 10 000 zones less than half a megabyte, compressed."""
_DECIMALS = 5
_ACROSS = 2_000
"""Steps across the whole that outlines show at first."""

_Shapes = npt.NDArray[np.object_]


def collection(report: Report, zones: _Shapes) -> dict[str, Any]:
    """A GeoJSON feature collection of ``zones``, which are in EPSG:3035 by the report's indices.

    ``worst`` is 0 to 3, as of :func:`~clcplus.views.zones.check.report.worst_of`. A feature with an
    error is the rectangle around it, where it lies anywhere. ``bbox`` is what a map should show at
    first: one feature that lies far off shall not make the others too small to be seen.
    """
    shapes = np.array(zones, dtype=object)
    for index, feature in enumerate(report.features):
        if shapes[index] is None and feature.extent is not None:
            shapes[index] = shapely.box(*feature.extent)
    present = np.flatnonzero(~shapely.is_missing(shapes))
    shown = shapes[_shown(report, present)]
    simple = _geographic(simplified(shapes[present], most=MOST_POSITIONS, shown=shown))
    features = []
    for index, shape in zip(present.tolist(), simple, strict=True):
        # A corner of the rectangle around what lies far off may lie nowhere.
        if not np.isfinite(shapely.bounds(shape)).all():
            continue
        feature = report.features[index]
        features.append(
            {
                "type": "Feature",
                "id": index,
                "properties": {
                    "number": index + 1,
                    "code": feature.code,
                    "name": feature.name,
                    "worst": worst_of(feature),
                },
                "geometry": shapely.geometry.mapping(shape),
            }
        )
    outlines: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if len(shown):
        outlines["bbox"] = shapely.total_bounds(_geographic(shapely.envelope(shown))).tolist()
    return outlines


def _shown(report: Report, present: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Features that a map should show at first: those that are usable and lie within the map, else
    the usable ones, else all."""
    usable = [index for index in present.tolist() if report.features[index].usable]
    inside = [
        index
        for index in usable
        if all(finding.code != "outside-coverage" for finding in report.features[index].findings)
    ]
    return np.array(inside or usable or present.tolist(), dtype=np.intp)


def simplified(shapes: _Shapes, *, most: int, shown: _Shapes | None = None) -> _Shapes:
    """Shapes with at most so many positions together, as fine as a map of ``shown`` (else of all)
    needs; rectangles where that is too few."""
    if not len(shapes) or int(shapely.get_num_coordinates(shapes).sum()) <= most:
        return shapes
    west, south, east, north = shapely.total_bounds(shapes if shown is None else shown)
    tolerance = max(max(east - west, north - south) / _ACROSS, CELL_SIZE)
    for _ in range(6):
        simple = np.asarray(shapely.simplify(shapes, tolerance, preserve_topology=False))
        gone = shapely.is_empty(simple)
        simple[gone] = shapely.envelope(shapes[gone])
        if int(shapely.get_num_coordinates(simple).sum()) <= most:
            return simple
        tolerance *= 2
    return np.asarray(shapely.envelope(shapes))


def _geographic(shapes: _Shapes) -> _Shapes:
    transformer = pyproj.Transformer.from_crs(EPSG, "EPSG:4326", always_xy=True)

    def move(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1])).round(_DECIMALS)

    return np.asarray(shapely.transform(shapes, move))
