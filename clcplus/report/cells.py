"""Cells of an edition in a frame, from the store: whole, or every n-th from the pyramids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.enums import Resampling
from rasterio.features import geometry_mask
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterWindow

from analytics.grid import CELL_SIZE, Window
from analytics.nomenclature import NO_DATA
from analytics.rasters import Store
from analytics.records import StoredTile

Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def codes_of(store: Store, tiles: Sequence[StoredTile], window: Window, *, step: int = 1) -> Codes:
    """Codes of a window whose height and width are multiples of ``step``: one of each square of
    ``step`` × ``step`` cells, "no data" where there is none."""
    found: Codes = np.full((window.height // step, window.width // step), NO_DATA, dtype=np.uint8)
    for tile in tiles:
        own = Window(tile.row, tile.column, tile.height, tile.width)
        shared = own.intersection(window)
        if shared is None:
            continue
        # Whole squares of the picture; what of them lies beyond the tile is another tile's.
        first_row, first_column = (
            (shared.row - window.row) // step,
            (shared.column - window.column) // step,
        )
        last_row = -(-(shared.row_stop - window.row) // step)
        last_column = -(-(shared.column_stop - window.column) // step)
        part = found[first_row:last_row, first_column:last_column]
        with store.open(tile.key) as dataset:
            read: Codes = dataset.read(
                1,
                window=RasterWindow(
                    shared.column - own.column,
                    shared.row - own.row,
                    shared.width,
                    shared.height,
                ),
                out_shape=part.shape,
                resampling=Resampling.nearest,
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
