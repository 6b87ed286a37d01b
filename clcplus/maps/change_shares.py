"""Pictures of change from afar: squares shaded by the share of their cells that changed.

A square is a kilometre wide, or as many as fit a pixel where that is wider. Its shares are exact:
they come from the counts of all of its cells, not from some of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from rasterio.transform import from_origin

from analytics.arrays import Int64Array
from analytics.grid import CELL_SIZE, COUNT_TILE_CELLS, Window
from clcplus.maps.addresses import TileAddress
from clcplus.maps.raster import SIZE, Picture, moved
from clcplus.presentation.colours import CHANGE_SHARES, change_share_palette
from clcplus.presentation.png import png

SIDES = (1, 2, 5, 10, 20, 50, 100)
"""Sides that a square may have, in kilometres: divisors of a 100 km tile."""

_PALETTE = change_share_palette()


@dataclass(frozen=True, slots=True)
class Squares:
    """The squares below a tile: the cells that they fill, and their side in kilometres."""

    window: Window
    side: int


def squares_below(address: TileAddress, *, size: int = SIZE) -> Squares | None:
    """The smallest squares that are not smaller than a pixel; None outside Europe."""
    window = address.window
    if window is None:
        return None
    pixel = address.pixel(size) / (COUNT_TILE_CELLS * CELL_SIZE)
    side = next((side for side in SIDES if side >= pixel), SIDES[-1])
    return Squares(window.snapped(side * COUNT_TILE_CELLS), side)


def classes_of(counts: Int64Array) -> Picture:
    """The entry of the palette of each square. ``counts``: cells observed in both editions, gained
    and lost; shape (rows, columns, 3). The larger of gain and loss decides."""
    observed, gained, lost = np.moveaxis(counts, -1, 0)
    changed = np.maximum(gained, lost)
    share = np.divide(changed, observed, out=np.zeros(observed.shape), where=observed > 0)
    step = np.searchsorted(CHANGE_SHARES, share, side="right")
    found = np.where((lost > gained) & (step > 0), step + len(CHANGE_SHARES), step)
    return found.astype(np.uint8)


def change_shares_tile(
    counts: Int64Array, squares: Squares, address: TileAddress, *, size: int = SIZE
) -> bytes:
    """Squares of the share of cells gained, or lost where that is more; transparent where less than
    the first class changed and where nothing is observed in both."""
    west, _, _, north = squares.window.bounds
    side = squares.side * COUNT_TILE_CELLS * CELL_SIZE
    picture = moved(classes_of(counts), from_origin(west, north, side, side), address, size=size)
    return png(picture, _PALETTE)
