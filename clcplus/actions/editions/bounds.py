"""A rectangle as a person writes it."""

from __future__ import annotations

from analytics.files import printable
from analytics.grid import AREA_OF_USE
from clcplus.errors import UnknownArea

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def bounds_of(text: str) -> Bounds:
    """The rectangle ``W,S,E,N``, within the area in which the grid is used. Raises UnknownArea."""
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        west = south = east = north = 0.0
    inside = AREA_OF_USE[0] <= west < east <= AREA_OF_USE[2]
    if not (inside and AREA_OF_USE[1] <= south < north <= AREA_OF_USE[3]):
        raise UnknownArea(
            "rectangle",
            found=printable(text)[:80] or "nothing",
            expected="WEST,SOUTH,EAST,NORTH in degrees, within Europe",
        )
    return west, south, east, north
