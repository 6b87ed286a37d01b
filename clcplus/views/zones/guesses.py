"""Reference systems that a layer may be in, each with a drawing of where its zones would lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from analytics import queries
from analytics.queries import highest_outlines, names_at
from analytics.uploads import CrsGuess, Reference
from clcplus.presentation.outline import SIZE, Plane, plane_of

SWAPPED = "+swapped"
"""Follows the code of a reference system in the value of a choice."""
_MARGIN = 40
_METRES_PER_DEGREE = 111_320
_SMALL = 12
"""Pixels: zones that measure less are marked by a ring."""
_LONGITUDE_LATITUDE = {"OGC:CRS84", "EPSG:4326"}


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where zones would lie, over the territories of the highest level."""

    width: int
    height: int
    territories: str
    zones: str
    x: int
    y: int
    radius: int
    """Of the ring around zones too small to be seen; 0 for none."""


@dataclass(frozen=True, slots=True)
class Option:
    """One reference system to choose."""

    value: str
    code: str
    name: str
    swapped: bool
    declared: bool
    share: float | None
    """Of the zones' points, in the rectangle of the map; None where nothing is published."""
    places: tuple[str, ...]
    """Territories in which the middle of the zones would lie, the highest level first."""
    longitude: float | None
    latitude: float | None
    drawing: Drawing | None


def options(connection: Connection, reference: Reference, *, swapped: bool) -> list[Option]:
    """What can be chosen: what the file says where it says something, then guesses by rank; last
    what the uploader has said where that is doubted, with axes ``swapped`` or not."""
    around = highest_outlines(connection, finest=_finest(connection))
    found = [_option(connection, guess, reference, around) for guess in reference.guesses]
    values = {option.value for option in found}
    ways = {"axes": (True, False), "doubted": (swapped,)}.get(reference.status, (False,))
    said = [
        _undrawn(reference, swapped=way)
        for way in ways
        if reference.crs and _value(reference.crs, way) not in values
    ]
    if reference.status in {"sphere", "doubted"}:  # what is said is the unlikeliest
        return [*found, *said]
    declared = [option for option in found if option.declared]
    return [*said, *declared, *(option for option in found if not option.declared)]


def _finest(connection: Connection) -> float:
    """Metres of a pixel where the territories of the highest level fill a drawing."""
    levels = queries.levels(connection)
    if not levels:
        return 0.0
    west, south, east, north = levels[0].bounds
    return max(east - west, north - south) * _METRES_PER_DEGREE / SIZE


def _value(code: str, swapped: bool) -> str:
    plain = "EPSG:4326" if code in _LONGITUDE_LATITUDE else code
    return plain + SWAPPED if swapped else plain


def _undrawn(reference: Reference, *, swapped: bool) -> Option:
    return Option(
        value=_value(reference.crs, swapped),
        code=reference.crs,
        name=reference.name,
        swapped=swapped,
        declared=True,
        share=None,
        places=(),
        longitude=None,
        latitude=None,
        drawing=None,
    )


def _option(
    connection: Connection, guess: CrsGuess, reference: Reference, around: list[dict[str, Any]]
) -> Option:
    bounds = _bounds(guess.outline)
    middle = None if bounds is None else ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    places: tuple[str, ...] = ()
    if middle is not None:
        places = names_at(connection, longitude=middle[0], latitude=middle[1])
    same = bool(reference.crs) and _value(reference.crs, False) == _value(guess.crs, False)
    return Option(
        value=_value(guess.crs, guess.swapped),
        code=guess.crs,
        name=guess.name,
        swapped=guess.swapped,
        declared=same and guess.swapped == (reference.status == "axes"),
        share=guess.share_in_coverage,
        places=places,
        longitude=None if middle is None else middle[0],
        latitude=None if middle is None else middle[1],
        drawing=None if bounds is None else _drawing(guess.outline, bounds, around),
    )


def _positions(outline: Any) -> Sequence[Any]:
    if not outline:
        return ()
    if outline["type"] == "MultiPoint":
        return list(outline["coordinates"])
    return [point for part in outline["coordinates"] for ring in part for point in ring]


def _bounds(outline: Any) -> tuple[float, float, float, float] | None:
    positions = _positions(outline)
    if not positions:
        return None
    xs, ys = [p[0] for p in positions], [p[1] for p in positions]
    return min(xs), min(ys), max(xs), max(ys)


def _drawing(
    outline: Any, bounds: tuple[float, float, float, float], around: list[dict[str, Any]]
) -> Drawing | None:
    west, south, east, north = bounds
    box = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    frame = {"type": "Polygon", "coordinates": [box]}
    plane = plane_of([*around, frame], margin=_MARGIN)
    if plane is None:
        return None
    (left, top), (right, bottom) = _at(plane, west, north), _at(plane, east, south)
    half = math.hypot(right - left, bottom - top) / 2
    areas = outline["type"] != "MultiPoint"
    return Drawing(
        width=plane.width,
        height=plane.height,
        territories="".join(plane.path(shape) for shape in around),
        zones=plane.path(outline) if areas else "",
        x=round((left + right) / 2),
        y=round((top + bottom) / 2),
        radius=round(max(half, _SMALL)) + _SMALL if half < 4 * _SMALL or not areas else 0,
    )


def _at(plane: Plane, longitude: float, latitude: float) -> tuple[float, float]:
    return (
        plane.margin + (longitude - plane.west) * plane.shrink * plane.scale,
        plane.margin + (plane.north - latitude) * plane.scale,
    )
