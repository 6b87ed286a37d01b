"""Geometries in WKB, as GEOS reads them, and two things that it does not do.

Geometries that lie too deep in each other are refused: GEOS calls itself for each collection, and
falls over where a file has a hundred thousand. Arcs (ISO WKB, SQL/MM) become short straight sides,
as GDAL makes them: a side for at most four degrees of an arc.
"""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]
Points = npt.NDArray[np.float64]

_POINT, _LINE, _POLYGON, _COLLECTION = 1, 2, 3, 7
_ARCS, _COMPOUND, _CURVE_POLYGON, _MULTI_CURVE, _MULTI_SURFACE = range(8, 13)
_TRIANGLE = 17
_MEMBERS = {4, 5, 6, _COLLECTION, _MULTI_CURVE, _MULTI_SURFACE}
_HAS_Z, _HAS_M, _HAS_SRID = 0x80000000, 0x40000000, 0x20000000

_DEEPEST = 32
_SHORTEST = 9
"""Bytes of a collection without its members: what is shorter than a few of them is not deep."""
_STEP = math.radians(4)


def from_wkb(wkb: Geometries) -> tuple[Geometries, dict[int, str]]:
    """Geometries of a column of WKB, and which of them cannot be decoded."""
    shallow = np.array([None if one is None or is_deep(one) else one for one in wkb], dtype=object)
    try:
        geometries = np.asarray(shapely.from_wkb(shallow, on_invalid="ignore"), dtype=object)
    except NotImplementedError:  # of one of them
        geometries = np.array([_one_from_wkb(one) for one in shallow], dtype=object)
    broken = {
        index: "bytes that are no geometry of lines or arcs, or an open ring"
        for index, (source, decoded) in enumerate(zip(wkb, geometries, strict=True))
        if source is not None and decoded is None
    }
    return geometries, broken


def _one_from_wkb(wkb: bytes | None) -> Any | None:
    try:
        return shapely.from_wkb(wkb, on_invalid="ignore")
    except NotImplementedError:
        return None if wkb is None else straightened(wkb)


def _head(wkb: bytes, place: int) -> tuple[str, int, int, int]:
    """Byte order, kind, numbers of a position, and where the head of a geometry ends."""
    order = "<" if wkb[place] else ">"
    (word,) = struct.unpack_from(f"{order}I", wkb, place + 1)
    dialect, kind = divmod(word & 0x0FFFFFFF, 1000)
    heights = bool(word & _HAS_Z) or dialect in {1, 3}
    measures = bool(word & _HAS_M) or dialect in {2, 3}
    return order, kind, 2 + heights + measures, place + (9 if word & _HAS_SRID else 5)


def is_deep(wkb: bytes) -> bool:
    """Whether more than 32 collections lie in each other. What is cut off is left to GEOS."""
    if len(wkb) < _SHORTEST * _DEEPEST:
        return False
    open_members: list[int] = []
    place = 0
    try:
        while len(open_members) <= _DEEPEST:
            place, members = _passed(wkb, place)
            if members is not None:
                open_members.append(members)
            while open_members and open_members[-1] == 0:
                open_members.pop()
            if not open_members:
                return False
            open_members[-1] -= 1
    except (struct.error, IndexError):
        return False
    return True


def _passed(wkb: bytes, place: int) -> tuple[int, int | None]:
    """Where a geometry ends, or its members begin, and how many these are, or None."""
    order, kind, numbers, place = _head(wkb, place)
    if kind == _POINT:
        return place + 8 * numbers, None
    integer = struct.Struct(f"{order}I")
    (count,) = integer.unpack_from(wkb, place)
    place += 4
    if kind in {_LINE, _ARCS}:
        return place + 8 * numbers * count, None
    if kind in {_POLYGON, _TRIANGLE}:
        for _ in range(count):
            (points,) = integer.unpack_from(wkb, place)
            place += 4 + 8 * numbers * points
        return place, None
    return place, count


def straightened(wkb: bytes) -> Any | None:
    """A geometry with arcs as one of straight sides, without heights; None for what is none.

    Collections must not lie deep in each other (``is_deep``).
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
        order, kind, numbers = self._start()
        if kind == _POINT:
            return shapely.points(self._positions(order, numbers, count=1)[0])
        if kind in {_LINE, _ARCS}:
            return shapely.linestrings(self._line(order, kind, numbers))
        if kind == _COMPOUND:
            return shapely.linestrings(self._compound(order))
        if kind == _POLYGON:
            return _polygon([self._positions(order, numbers) for _ in range(self._count(order))])
        if kind == _CURVE_POLYGON:
            return _polygon([self._curve() for _ in range(self._count(order))])
        if kind in _MEMBERS:
            return _collected([self.geometry() for _ in range(self._count(order))])
        raise ValueError("a geometry of an unknown kind")

    def _curve(self) -> Points:
        """A line, arcs, or both after each other."""
        order, kind, numbers = self._start()
        return self._compound(order) if kind == _COMPOUND else self._line(order, kind, numbers)

    def _compound(self, order: str) -> Points:
        parts = [self._curve() for _ in range(self._count(order))]
        # Each part begins where the last ended.
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def _line(self, order: str, kind: int, numbers: int) -> Points:
        points = self._positions(order, numbers)
        if kind == _ARCS:
            return _along_arcs(points)
        if kind != _LINE:
            raise ValueError("something else in the place of a line")
        return points

    def _start(self) -> tuple[str, int, int]:
        order, kind, numbers, self._place = _head(self._wkb, self._place)
        return order, kind, numbers

    def _count(self, order: str) -> int:
        (count,) = struct.unpack_from(f"{order}I", self._wkb, self._place)
        self._place += 4
        return int(count)

    def _positions(self, order: str, numbers: int, count: int | None = None) -> Points:
        """Eastings and northings, of shape (n, 2)."""
        if count is None:
            count = self._count(order)
        values = np.frombuffer(
            self._wkb, dtype=f"{order}f8", count=count * numbers, offset=self._place
        )
        self._place += values.nbytes
        return values.reshape(count, numbers)[:, :2].astype(np.float64)


def _polygon(rings: list[Points]) -> Any:
    return shapely.polygons(rings[0], holes=rings[1:] or None) if rings else shapely.Polygon()


def _collected(members: list[Any]) -> Any:
    kinds = {member.geom_type for member in members}
    if kinds == {"Polygon"}:
        return shapely.multipolygons(members)
    if kinds == {"LineString"}:
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
