"""How deep geometries lie in each other in WKB: GEOS calls itself for each, and falls over where a
file has a hundred thousand; so that is found out before GEOS sees it.
"""

from __future__ import annotations

import struct

_DEEPEST = 32
_SHORTEST = 9
"""Bytes of a collection without its members: what is shorter than a few of them is not deep."""

_POINT, _LINES, _POLYGONS = 1, {2, 8}, {3, 17}
_HAS_Z, _HAS_M, _HAS_SRID = 0x80000000, 0x40000000, 0x20000000


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
    order = "<" if wkb[place] else ">"
    integer = struct.Struct(order + "I")
    (kind,) = integer.unpack_from(wkb, place + 1)
    place += 9 if kind & _HAS_SRID else 5
    dialect, simple = divmod(kind & 0x0FFFFFFF, 1000)
    numbers = (
        2 + (bool(kind & _HAS_Z) or dialect in {1, 3}) + (bool(kind & _HAS_M) or dialect in {2, 3})
    )
    if simple == _POINT:
        return place + 8 * numbers, None
    (count,) = integer.unpack_from(wkb, place)
    place += 4
    if simple in _LINES:
        return place + 8 * numbers * count, None
    if simple in _POLYGONS:
        for _ in range(count):
            (points,) = integer.unpack_from(wkb, place)
            place += 4 + 8 * numbers * points
        return place, None
    return place, count
