"""What a report's maps show of the grid: its frame on paper, and the cells of an edition in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from rasterio.enums import Resampling
from rasterio.features import geometry_mask
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterWindow

from analytics.grid import CELL_SIZE, Y_ORIGIN, Window
from analytics.nomenclature import NO_DATA
from analytics.rasters import Store
from analytics.records import StoredTile

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


Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def codes_of(store: Store, tiles: Sequence[StoredTile], window: Window, *, step: int = 1) -> Codes:
    """Codes of a window whose height and width are multiples of ``step``, from the store: one of
    each square of ``step`` × ``step`` cells, "no data" where there is none."""
    found: Codes = np.full((window.height // step, window.width // step), NO_DATA, dtype=np.uint8)
    for tile in tiles:
        own = Window(tile.row, tile.column, tile.height, tile.width)
        shared = own.intersection(window)
        if shared is None:
            continue
        # Whole squares of the picture; what of them lies beyond the tile is another tile's.
        first_row = (shared.row - window.row) // step
        first_column = (shared.column - window.column) // step
        last_row = -(-(shared.row_stop - window.row) // step)
        last_column = -(-(shared.column_stop - window.column) // step)
        part = found[first_row:last_row, first_column:last_column]
        place = shared.column - own.column, shared.row - own.row
        pixels = RasterWindow(*place, shared.width, shared.height)
        with store.open(tile.key) as dataset:
            read: Codes = dataset.read(
                1, window=pixels, out_shape=part.shape, resampling=Resampling.nearest
            )
        free = part == NO_DATA
        part[free] = read[free]
    return found


def inside(shape: Any, window: Window, *, step: int = 1) -> Mask:
    """Which squares of a window have their middle in the territory."""
    west, _, _, north = window.bounds
    size = CELL_SIZE * step
    mask: Mask = geometry_mask(
        [shape],
        out_shape=(window.height // step, window.width // step),
        transform=from_origin(west, north, size, size),
        invert=True,
    )
    return mask
