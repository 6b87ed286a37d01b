"""Reference systems that a layer may be in, the likeliest first, with where it would lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from analytics.grid import EPSG, EUROPE
from analytics.uploads.formats.raw_layer import simple_parts
from analytics.uploads.formats.wkb import Geometries
from analytics.uploads.records import CrsGuess

CANDIDATES = (
    "EPSG:4326", "EPSG:2154", "EPSG:3035", "EPSG:2180", "EPSG:25831", "EPSG:25832", "EPSG:25833",
    "EPSG:32631", "EPSG:32632", "EPSG:32633", "EPSG:32634", "EPSG:32635", "EPSG:31370",
    "EPSG:28992", "EPSG:31287", "EPSG:21781", "EPSG:2056", "EPSG:27700", "EPSG:3857",
)  # fmt: skip
"""What layers of Europe are usually in; guesses are ranked, equal ones in this order."""

_MOST_GUESSES = 6
_LEAST_SHARE = 0.5
MOST_DEGREES = 360.0
_OF_THE_WORLD = {3857, 3395}
_HALF_TURN, _QUARTER_TURN = 180.0, 90.0
_SAMPLE = 1_000
_POSITIONS = 2_000
"""Of the outlines of all guesses together: they are sent to a page that shows them."""
_FINEST = 400
"""Steps across the layer that an outline shows: about the pixels of the map that it is shown on."""

Points = npt.NDArray[np.float64]
_Lines = list[Points]


@lru_cache(maxsize=64)
def transformation(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    """The way between two systems, eastings or longitudes first. Raises ProjError.

    PROJ takes a tenth of a second to find one.
    """
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


@lru_cache(maxsize=64)
def system(code: str) -> pyproj.CRS:
    """A reference system by its code. Raises CRSError."""
    return pyproj.CRS.from_user_input(code)


GRID = system(f"EPSG:{EPSG}")
_WGS84 = system("EPSG:4326")


def sample(geometries: Geometries) -> Points:
    """Some coordinates from all over the layer."""
    points = np.asarray(shapely.get_coordinates(geometries), dtype=np.float64)
    points = points[np.isfinite(points).all(axis=1)]
    return points[:: max(1, len(points) // _SAMPLE)]


def prepare() -> Iterator[None]:
    """Find, step by step, the ways that most files need: what is forked afterwards has them."""
    transformation(system("OGC:CRS84"), GRID)
    transformation(system("EPSG:4258"), GRID)
    for name in CANDIDATES:
        yield
        crs = system(name)
        transformation(crs, GRID)
        transformation(crs, _WGS84)


def guesses(
    geometries: Geometries, coverage: Any | None, *, meant: Sequence[str] = ()
) -> tuple[CrsGuess, ...]:
    """Up to six reference systems in whose area of use most points lie, the likeliest first.

    Coordinates of the size of degrees are never taken as metres, nor the other way round.
    ``meant``: codes of systems that come first, wherever in the world they would lie.
    """
    points = sample(geometries)
    if not len(points):
        return ()
    found = []
    degrees = may_be_degrees(points)
    for rank, name in enumerate(dict.fromkeys((*meant, *CANDIDATES))):
        crs = system(name)
        if crs.is_geographic != degrees:
            continue
        for swapped in (False, True):
            ordered = points[:, ::-1] if swapped else points
            use = share_in_use(crs, ordered)
            if use < _LEAST_SHARE and (swapped or name not in meant):
                continue
            held = None if coverage is None else share_in_coverage(crs, ordered, coverage)
            found.append((-(held or 0.0), swapped, -use, rank, name, crs, held))
    best = sorted(found, key=lambda f: (f[4] not in meant or f[1], *f[:4]))[:_MOST_GUESSES]
    if not best:
        return ()
    rings = _rings(geometries, most=_POSITIONS // len(best))
    return tuple(
        CrsGuess(
            name,
            crs.name,
            round(-use, 3),
            held,
            swapped,
            _outline(rings or [points[:: len(points) // 100 + 1]], crs, swapped, areas=bool(rings)),
        )
        for _, swapped, use, _, name, crs, held in best
    )


def may_be_degrees(points: Points) -> bool:
    """Whether most coordinates are of the size of degrees."""
    return bool((np.abs(points) <= MOST_DEGREES).all(axis=1).mean() > _LEAST_SHARE)


def in_europe(points: Points) -> npt.NDArray[np.bool_]:
    """Which longitudes and latitudes lie where the grid is."""
    west, south, east, north = EUROPE
    x, y = points[:, 0], points[:, 1]
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def share_in_coverage(crs: pyproj.CRS, points: Points, coverage: Any) -> float:
    """The share of points that lie in the rectangle around the map."""
    x, y = transformation(crs, GRID).transform(points[:, 0], points[:, 1])
    west, south, east, north = shapely.bounds(coverage)
    return round(float(((x >= west) & (x <= east) & (y >= south) & (y <= north)).mean()), 3)


def share_in_use(crs: pyproj.CRS, points: Points) -> float:
    """The share of points that lie in the area of use of a system; 0 for one without."""
    if crs.is_geographic:
        x, y = np.abs(points).T
        return float(((x <= _HALF_TURN) & (y <= _QUARTER_TURN)).mean())
    area = crs.area_of_use
    if area is None:
        return 0.0
    lonlat = _lonlat(points, crs)
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    inside = (lon >= area.west) & (lon <= area.east) & (lat >= area.south) & (lat <= area.north)
    if crs.to_epsg() in _OF_THE_WORLD:
        inside &= in_europe(lonlat)
    return float(inside.mean())


def _lonlat(points: Points, crs: pyproj.CRS) -> Points:
    return np.column_stack(transformation(crs, _WGS84).transform(points[:, 0], points[:, 1]))


def _rings(geometries: Geometries, *, most: int) -> _Lines:
    """Outer rings in a layer's own coordinates with at most so many positions: simplified, or the
    one around all where that is not enough; none where the layer has no areas.

    Rings are simplified as lines: nothing is known of their validity yet.
    """
    parts = simple_parts(geometries)
    polygons = parts[shapely.get_type_id(parts) == 3]
    lines = np.asarray(shapely.get_exterior_ring(polygons), dtype=object)
    lines = lines[np.isfinite(shapely.bounds(lines)).all(axis=1)] if len(lines) else lines
    if not len(lines):
        return []
    west, south, east, north = shapely.total_bounds(lines)
    tolerance = max(east - west, north - south) / _FINEST
    if 5 * len(lines) <= most:
        for _ in range(6):
            simple = shapely.simplify(lines, tolerance, preserve_topology=False)
            small = shapely.get_num_coordinates(simple) < 4
            simple[small] = shapely.get_exterior_ring(shapely.envelope(lines[small]))
            simple = simple[~shapely.is_missing(simple)]
            if 0 < int(shapely.get_num_coordinates(simple).sum()) <= most:
                return [np.asarray(shapely.get_coordinates(line)) for line in simple]
            tolerance *= 2
    hull = shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(lines)))
    if hull.geom_type != "Polygon":
        return []
    hull = shapely.simplify(hull, tolerance)
    return [np.asarray(shapely.get_coordinates(hull))[:most]]


def _outline(lines: _Lines, crs: pyproj.CRS, swapped: bool, *, areas: bool) -> dict[str, Any]:
    """Lines in longitudes and latitudes, as GeoJSON: closed ones as areas, else their points."""
    kept = []
    for line in lines:
        moved = _lonlat(line[:, ::-1] if swapped else line, crs)
        moved = moved[(np.abs(moved[:, 0]) <= 180) & (np.abs(moved[:, 1]) <= 90)]
        positions = moved.round(5).tolist()
        if areas and positions and positions[0] != positions[-1]:
            positions.append(positions[0])
        if not areas or len(positions) >= 4:
            kept.append(positions)
    if not kept:
        return {}
    if areas:
        return {"type": "MultiPolygon", "coordinates": [[ring] for ring in kept]}
    return {"type": "MultiPoint", "coordinates": kept[0]}
