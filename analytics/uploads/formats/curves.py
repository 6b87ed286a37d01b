"""Geometries with arcs, as ISO WKB writes them (SQL/MM): GEOS has none, so they become polygons and
lines of short straight sides, as GDAL makes them: a side for at most four degrees of an arc.
"""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

_STEP = math.radians(4)
_POINT, _LINE, _POLYGON, _COLLECTION = 1, 2, 3, 7
_ARCS, _COMPOUND, _CURVE_POLYGON, _MULTI_CURVE, _MULTI_SURFACE = range(8, 13)
_MEMBERS = {4, 5, 6, _COLLECTION, _MULTI_CURVE, _MULTI_SURFACE}

Points = npt.NDArray[np.float64]


def straightened(wkb: bytes) -> Any | None:
    """A geometry with arcs as one of straight sides, without heights; None for what is none.

    Collections must not lie deep in each other (``wkb.is_deep``).
    """
    try:
        return _Reader(wkb).geometry()
    except (struct.error, IndexError, ValueError, shapely.errors.GEOSException):
        return None


class _Reader:
    """Reads a geometry from its first byte to its last."""

    def __init__(self, wkb: bytes) -> None:
        self._wkb = wkb
        self._place = 0

    def geometry(self) -> Any:
        order, kind, dimensions = self._head()
        if kind == _POINT:
            return shapely.points(self._positions(order, dimensions, count=1)[0])
        if kind in {_LINE, _ARCS}:
            return shapely.linestrings(self._line(order, kind, dimensions))
        if kind == _COMPOUND:
            return shapely.linestrings(self._compound(order))
        if kind == _POLYGON:
            rings = [self._positions(order, dimensions) for _ in range(self._count(order))]
            return _polygon(rings)
        if kind == _CURVE_POLYGON:
            return _polygon([self._curve() for _ in range(self._count(order))])
        if kind in _MEMBERS:
            return _collected([self.geometry() for _ in range(self._count(order))])
        raise ValueError("a geometry of an unknown kind")

    def _curve(self) -> Points:
        """A line, arcs, or both after each other."""
        order, kind, dimensions = self._head()
        return self._compound(order) if kind == _COMPOUND else self._line(order, kind, dimensions)

    def _compound(self, order: str) -> Points:
        parts = [self._curve() for _ in range(self._count(order))]
        # Each part begins where the last ended.
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def _line(self, order: str, kind: int, dimensions: int) -> Points:
        points = self._positions(order, dimensions)
        if kind == _ARCS:
            return _along_arcs(points)
        if kind != _LINE:
            raise ValueError("something else in the place of a line")
        return points

    def _head(self) -> tuple[str, int, int]:
        """Byte order, kind, and numbers of a position."""
        order = "<" if self._wkb[self._place] else ">"
        (word,) = struct.unpack_from(f"{order}I", self._wkb, self._place + 1)
        self._place += 9 if word & 0x20000000 else 5
        dialect, kind = divmod(word & 0x0FFFFFFF, 1000)
        heights = bool(word & 0x80000000) or dialect in {1, 3}
        measures = bool(word & 0x40000000) or dialect in {2, 3}
        return order, kind, 2 + heights + measures

    def _count(self, order: str) -> int:
        (count,) = struct.unpack_from(f"{order}I", self._wkb, self._place)
        self._place += 4
        return int(count)

    def _positions(self, order: str, dimensions: int, count: int | None = None) -> Points:
        """Eastings and northings, of shape (n, 2)."""
        if count is None:
            count = self._count(order)
        numbers = np.frombuffer(
            self._wkb, dtype=f"{order}f8", count=count * dimensions, offset=self._place
        )
        self._place += numbers.nbytes
        return numbers.reshape(count, dimensions)[:, :2].astype(np.float64)


def _polygon(rings: list[Points]) -> Any:
    return shapely.polygons(rings[0], holes=rings[1:] or None) if rings else shapely.Polygon()


def _collected(members: list[Any]) -> Any:
    if members and all(member.geom_type == "Polygon" for member in members):
        return shapely.multipolygons(members)
    if members and all(member.geom_type == "LineString" for member in members):
        return shapely.multilinestrings(members)
    return shapely.geometrycollections(members)


def _along_arcs(points: Points) -> Points:
    """Positions on arcs, each of which goes from a point by the next to the one after."""
    if len(points) < 3 or len(points) % 2 == 0:
        raise ValueError("arcs without a point between their ends")
    parts = [points[:1]]
    for first in range(0, len(points) - 2, 2):
        parts.append(_arc(*points[first : first + 3])[1:])
    return np.concatenate(parts)


def _arc(start: Points, middle: Points, end: Points) -> Points:
    """Positions on an arc, both ends among them; on a line where the three points lie on one."""
    ax, ay = middle - start
    bx, by = end - start
    cross = 2 * (ax * by - ay * bx)
    if (start == end).all():  # a whole circle
        centre = (start + middle) / 2
        sweep = 2 * math.pi
    elif cross == 0:
        return np.stack([start, middle, end])
    else:
        a, b = ax * ax + ay * ay, bx * bx + by * by
        centre = start + np.array([by * a - ay * b, ax * b - bx * a]) / cross
        whole = 2 * math.pi
        sweep = (_angle(end - centre) - _angle(start - centre)) % whole
        if cross < 0:  # clockwise
            sweep -= whole
    radius = math.hypot(*(start - centre))
    steps = max(2, math.ceil(abs(sweep) / _STEP))
    angles = _angle(start - centre) + sweep * np.arange(steps + 1) / steps
    arc = centre + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    arc[0], arc[-1] = start, end
    return arc


def _angle(vector: Points) -> float:
    return math.atan2(vector[1], vector[0])
