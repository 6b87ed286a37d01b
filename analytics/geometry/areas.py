"""The area that rings enclose by the even-odd rule, however they cross, touch or repeat each other.

A point lies inside where a line from it to infinity crosses the rings an odd number of times. GEOS'
``make_valid`` does not follow this rule where rings share a side: it drops one of the two.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

SMALLEST_AREA = 1.0
"""Square metres below which an overlap or a gap is the rounding of coordinates, not a finding."""

_TESTS_AT_ONCE = 4_000_000
"""Pairs of a point and a side that are tested at once; bounds the memory."""


def multipolygon(geometry: Any) -> Any:
    """A polygon as a multipolygon of one part; a multipolygon as it is."""
    return shapely.multipolygons([geometry]) if geometry.geom_type == "Polygon" else geometry


def valid_area(geometry: Any) -> Any:
    """The area of a geometry as a valid polygon or multipolygon, empty where it has none.

    What is valid stays as it is. All rings of a polygon or multipolygon together follow the
    even-odd rule. Of a collection, the areas of all members count, however deep they lie, and a
    place that several share counts once; points and lines have no area. Coordinates are finite.
    """
    areas = [area if shapely.is_valid(area) else _enclosed(area) for area in areas_in(geometry)]
    return areas[0] if len(areas) == 1 else _union(np.array(areas, dtype=object))


def area_as_drawn(geometry: Any) -> float:
    """The area of the rings of a geometry, each for itself: outer rings less their holes.

    It is what the author of an invalid geometry drew, to be compared with ``valid_area``. A ring
    that crosses itself goes round all its loops: their areas are added, whichever way they turn.
    """
    polygons = [polygon for area in areas_in(geometry) for polygon in shapely.get_parts(area)]
    return float(sum(_polygon_as_drawn(polygon) for polygon in polygons))


def _polygon_as_drawn(polygon: Any) -> float:
    if shapely.is_empty(polygon):
        return 0.0
    rings = shapely.polygons(shapely.get_rings(polygon))
    shell, *holes = shapely.area(shapely.make_valid(rings)).tolist()
    return float(max(0.0, shell - sum(holes)))


def areas_in(geometry: Any) -> list[Any]:
    """The polygons and multipolygons of a geometry, however deep they lie in collections."""
    found, waiting = [], [geometry]
    while waiting:
        member = waiting.pop()
        if member.geom_type in {"Polygon", "MultiPolygon"}:
            found.append(member)
        elif member.geom_type == "GeometryCollection":
            waiting.extend(member.geoms)
    return found


def _enclosed(area: Any) -> Any:
    rings = shapely.get_rings(shapely.get_parts(area))
    # A union of lines splits them wherever they meet, and keeps each piece once.
    pieces = shapely.get_parts(shapely.union_all(rings))
    faces = shapely.get_parts(shapely.polygonize(pieces))
    inside = _crossings(shapely.get_coordinates(shapely.point_on_surface(faces)), rings) % 2 == 1
    return _union(faces[inside])


def _union(areas: npt.NDArray[np.object_]) -> Any:
    union = shapely.union_all(areas)
    return shapely.MultiPolygon() if shapely.is_empty(union) else union


def _crossings(
    points: npt.NDArray[np.float64], rings: npt.NDArray[np.object_]
) -> npt.NDArray[np.int64]:
    """How often a line from each point to the east crosses the rings; shape (points,)."""
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    joined = (ring[1:] == ring[:-1]) & (corners[1:, 1] != corners[:-1, 1])
    (x0, y0), (x1, y1) = corners[:-1][joined].T, corners[1:][joined].T
    found = np.zeros(len(points), dtype=np.int64)
    step = max(_TESTS_AT_ONCE // max(len(x0), 1), 1)
    for start in range(0, len(points), step):
        some = slice(start, start + step)
        x, y = points[some, :1], points[some, 1:]
        beside = (y0 <= y) != (y1 <= y)
        east = (x1 - x0) * ((y - y0) / (y1 - y0)) + x0 > x
        found[some] = (beside & east).sum(axis=1)
    return found
