"""Reference systems that a layer may be in, each with a drawing of where its zones would lie."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from analytics import queries
from analytics.queries import highest_outlines, names_at
from analytics.uploads import CrsGuess, Reference
from clcplus.presentation.outline import SIZE, plane_of

SWAPPED = "+swapped"
"""Follows the code of a reference system in the value of a choice."""
_MARGIN = 40
_METRES_PER_DEGREE = 111_320
_SMALL = 12
"""Pixels: zones that measure less are marked by a ring."""
_LONGITUDE_LATITUDE = {"OGC:CRS84", "EPSG:4326"}


@dataclass(frozen=True, slots=True)
class Option:
    """One reference system to choose."""

    value: str
    code: str
    name: str
    swapped: bool
    declared: bool
    share: float | None = None
    """Of the zones' points, in the rectangle of the map; None where nothing is published."""
    places: tuple[str, ...] = ()
    """Territories in which the middle of the zones would lie, the highest level first."""
    longitude: float | None = None
    latitude: float | None = None
    drawing: dict[str, Any] | None = None


def options(connection: Connection, reference: Reference, *, swapped: bool) -> list[Option]:
    """What can be chosen: what the file says where it says something, then guesses by rank; last
    what the uploader has said where that is doubted, with axes ``swapped`` or not."""
    levels = queries.levels(connection)
    # Metres of a pixel where the territories of the highest level fill a drawing.
    west, south, east, north = levels[0].bounds if levels else (0.0, 0.0, 0.0, 0.0)
    finest = max(east - west, north - south) * _METRES_PER_DEGREE / SIZE
    around = highest_outlines(connection, finest=finest)
    found = [_option(connection, guess, reference, around) for guess in reference.guesses]
    values = {option.value for option in found}
    ways = {"axes": (True, False), "doubted": (swapped,)}.get(reference.status, (False,))
    said = [
        Option(_value(reference.crs, way), reference.crs, reference.name, way, True)
        for way in ways
        if reference.crs and _value(reference.crs, way) not in values
    ]
    if reference.status in {"sphere", "doubted"}:  # what is said is the unlikeliest
        return [*found, *said]
    declared = [option for option in found if option.declared]
    return [*said, *declared, *(option for option in found if not option.declared)]


def _value(code: str, swapped: bool) -> str:
    plain = "EPSG:4326" if code in _LONGITUDE_LATITUDE else code
    return plain + SWAPPED if swapped else plain


def _option(
    connection: Connection, guess: CrsGuess, reference: Reference, around: list[dict[str, Any]]
) -> Option:
    same = bool(reference.crs) and _value(reference.crs, False) == _value(guess.crs, False)
    option = Option(
        value=_value(guess.crs, guess.swapped),
        code=guess.crs,
        name=guess.name,
        swapped=guess.swapped,
        declared=same and guess.swapped == (reference.status == "axes"),
        share=guess.share_in_coverage,
    )
    bounds = _bounds(guess.outline)
    if bounds is None:
        return option
    longitude, latitude = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    return replace(
        option,
        places=names_at(connection, longitude=longitude, latitude=latitude),
        longitude=longitude,
        latitude=latitude,
        drawing=_drawing(guess.outline, bounds, around),
    )


def _bounds(outline: Any) -> tuple[float, float, float, float] | None:
    positions = outline["coordinates"] if outline else []
    if positions and outline["type"] != "MultiPoint":
        positions = [point for part in positions for ring in part for point in ring]
    if not positions:
        return None
    xs, ys = [p[0] for p in positions], [p[1] for p in positions]
    return min(xs), min(ys), max(xs), max(ys)


def _drawing(
    outline: Any, bounds: tuple[float, float, float, float], around: list[dict[str, Any]]
) -> dict[str, Any] | None:
    west, south, east, north = bounds
    box = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    frame = {"type": "Polygon", "coordinates": [box]}
    plane = plane_of([*around, frame], margin=_MARGIN)
    if plane is None:
        return None
    (left, top), (right, bottom) = plane.at(west, north), plane.at(east, south)
    half = math.hypot(right - left, bottom - top) / 2
    areas = outline["type"] != "MultiPoint"
    return {
        "width": plane.width,
        "height": plane.height,
        "territories": "".join(plane.path(shape) for shape in around),
        "zones": plane.path(outline) if areas else "",
        "x": round((left + right) / 2),
        "y": round((top + bottom) / 2),
        # Of the ring around zones too small to be seen; 0 for none.
        "radius": round(max(half, _SMALL)) + _SMALL if half < 4 * _SMALL or not areas else 0,
    }
