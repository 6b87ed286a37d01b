"""The naive oracle: slow, plain, and written without a look at the engine.

It follows docs/method.md word for word, a row of cells and a border at a time, in exact fractions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry


def borders(geometry: BaseGeometry) -> list[Any]:
    """Every straight piece of border: two corners, as exact fractions of metres."""
    polygons = geometry.geoms if geometry.geom_type == "MultiPolygon" else [geometry]
    pieces = []
    for polygon in polygons:
        for ring in (polygon.exterior, *polygon.interiors):
            corners = [(Fraction(x), Fraction(y)) for x, y in ring.coords]
            pieces += list(pairwise(corners))
    return pieces


def crossings(pieces: list[Any], *, y: Fraction) -> list[Fraction]:
    """Where a row of centres meets borders, each as often as it does.

    A border reaches from its northern end, which belongs to it, to its southern end, which does
    not.
    """
    return [
        xa + (y - ya) * (xb - xa) / (yb - ya)
        for (xa, ya), (xb, yb) in pieces
        if min(ya, yb) < y <= max(ya, yb)
    ]


def mask(
    geometry: BaseGeometry,
    *,
    shape: tuple[int, int],
    x0: float = 0.0,
    y0: float = 0.0,
    size: float = 10.0,
) -> npt.NDArray[np.bool_]:
    """The cells of a zone in a raster whose upper left corner is at (x0, y0).

    A centre belongs to the zone where an odd number of borders lies at it or west of it.
    """
    pieces = borders(geometry)
    centres = [Fraction(x0 + (column + 0.5) * size) for column in range(shape[1])]
    result = np.zeros(shape, dtype=bool)
    for row in range(shape[0]):
        met = sorted(crossings(pieces, y=Fraction(y0 - (row + 0.5) * size)))
        if met:
            result[row] = [bisect_right(met, x) % 2 == 1 for x in centres]
    return result


def class_counts(codes: npt.NDArray[np.uint8], inside: npt.NDArray[np.bool_]) -> dict[int, int]:
    """Cells of a zone by code."""
    return dict(Counter(codes[inside].tolist()))


def pair_counts(
    earlier: npt.NDArray[np.uint8],
    later: npt.NDArray[np.uint8],
    inside: npt.NDArray[np.bool_],
) -> dict[tuple[int, int], int]:
    """Cells of a zone that are observed in both, by former and later code."""
    pairs = Counter(zip(earlier[inside].tolist(), later[inside].tolist(), strict=True))
    return {pair: cells for pair, cells in pairs.items() if max(pair) < 253}


def quick_mask(
    wkb: bytes, *, shape: tuple[int, int], x0: float, y0: float, size: float = 10.0
) -> npt.NDArray[np.bool_]:
    """The cells of a zone by GEOS, for real borders, on which no centre lies exactly."""
    columns, rows = np.meshgrid(
        x0 + size * (np.arange(shape[1]) + 0.5), y0 - size * (np.arange(shape[0]) + 0.5)
    )
    geometry = shapely.from_wkb(bytes(wkb))
    shapely.prepare(geometry)
    inside: npt.NDArray[np.bool_] = shapely.contains_xy(geometry, columns, rows)
    return inside
