"""What a report's maps show of the grid, and how large that is on paper."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import shapely

from analytics.grid import CELL_SIZE, Y_ORIGIN, Window

WIDTH_MM = 174.0
"""Width of the text of an A4 page."""
_WIDEST, _TALLEST = 1.9, 0.92
"""Width by height of the frame: what is longer gets more of its surroundings on both sides."""
_MARGIN = 0.05
_SMALLEST = 40
"""Cells along a side, for a territory of a few of them."""
_BAR = 0.28
"""Part of the width that the scale bar takes at most."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of cells round a territory."""

    window: Window

    @property
    def height_mm(self) -> float:
        """Height of the main map, whose width is :data:`WIDTH_MM`."""
        return WIDTH_MM * self.window.height / self.window.width

    @property
    def scale(self) -> int:
        """The denominator of the main map's scale, to two significant digits."""
        exact = self.window.width * CELL_SIZE * 1000 / WIDTH_MM
        digits = 10 ** (math.floor(math.log10(exact)) - 1)
        return round(exact / digits) * digits

    @property
    def bar_metres(self) -> int:
        """Length of the scale bar: 1, 2 or 5 times a power of ten."""
        longest = self.window.width * CELL_SIZE * _BAR
        power = 10 ** math.floor(math.log10(longest))
        return next(factor * power for factor in (5, 2, 1) if factor * power <= longest)

    def path(self, shape: Any, *, finest: float) -> str:
        """A geometry as an SVG path in cells from the upper left corner of the frame; points that
        are within ``finest`` cells of the line are left out."""
        parts = []
        simple = shapely.simplify(shape, finest * CELL_SIZE, preserve_topology=True)
        west, _, _, north = self.window.bounds
        for polygon in shapely.get_parts(simple):
            for ring in (polygon.exterior, *polygon.interiors):
                points = shapely.get_coordinates(ring)[:-1]
                text = "L".join(
                    f"{(x - west) / CELL_SIZE:.2f} {(north - y) / CELL_SIZE:.2f}" for x, y in points
                )
                parts.append(f"M{text}Z")
        return "".join(parts)


def frame_of(shape: Any) -> Frame:
    """The frame of a geometry in EPSG:3035."""
    west, south, east, north = shapely.bounds(shape)
    width = max((east - west) / CELL_SIZE * (1 + 2 * _MARGIN), _SMALLEST)
    height = max((north - south) / CELL_SIZE * (1 + 2 * _MARGIN), _SMALLEST)
    width, height = max(width, height * _TALLEST), max(height, width / _WIDEST)
    column = math.floor((west + east) / 2 / CELL_SIZE - width / 2)
    row = math.floor((Y_ORIGIN - (south + north) / 2) / CELL_SIZE - height / 2)
    return Frame(Window(max(row, 0), max(column, 0), math.ceil(height), math.ceil(width)))
