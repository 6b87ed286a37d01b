"""Pictures of change: cells that were gained, lost, or sealed in both of two editions.

Gain and loss are scattered cells. A pixel that stands for many of them cannot show them truly: one
cell picked from a hundred makes most of them vanish and a few of them large. So the rasters are
never read from their pyramids, and before cells can be told apart squares are shaded by the share
of their cells that changed. A square is a kilometre wide, or as many as fit a pixel where that is
wider. Its shares are exact: they come from the counts of all of its cells, not from some of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rasterio.transform import from_origin

from analytics import png
from analytics.arrays import Int64Array
from analytics.grid import CELL_SIZE, COUNT_TILE_CELLS, Window
from analytics.nomenclature import OBSERVED_CODES, SEALED
from analytics.patches import mask_codes
from analytics.rasters import Store
from analytics.records import StoredTile
from clcplus.maps.addresses import TileAddress
from clcplus.maps.raster import SIZE, Picture, cells_below, codes_below, moved
from clcplus.presentation import colours

_NOTHING, _GAINED, _LOST, _KEPT = map(
    colours.CHANGE_KINDS.index, ("none", "gained", "lost", "kept")
)


def change_of(before: Picture, after: Picture) -> Picture:
    """What became of each pixel, as an index of :data:`colours.CHANGE_KINDS`.

    A pixel that is not observed in both has not changed: nothing is known of it.
    """
    seen = np.isin(before, OBSERVED_CODES) & np.isin(after, OBSERVED_CODES)
    was, became = seen & (before == SEALED), seen & (after == SEALED)
    found: Picture = np.zeros(before.shape, dtype=np.uint8)
    found[became & ~was] = _GAINED
    found[was & ~became] = _LOST
    found[was & became] = _KEPT
    return found


def accepted_of(found: Picture, accepted: Picture) -> Picture:
    """What became of each pixel where only accepted change has happened: a loss that is not
    accepted has stayed sealed. ``accepted`` is decoded from the raster of a pair's change."""
    filtered = found.copy()
    filtered[(found == _GAINED) & (accepted != mask_codes.GAIN)] = _NOTHING
    filtered[(found == _LOST) & (accepted != mask_codes.LOSS)] = _KEPT
    return filtered


@dataclass(frozen=True, slots=True)
class Mask:
    """The raster of a pair's change in the store, and the place of a filter in it."""

    key: str
    place: int


def change_tile(
    store: Store,
    earlier: Sequence[StoredTile],
    later: Sequence[StoredTile],
    address: TileAddress,
    *,
    mask: Mask | None = None,
    size: int = SIZE,
) -> bytes:
    """Gain and loss between two editions, by nearest neighbour from the cells themselves; with a
    mask, those that its filter accepts.

    ``earlier`` and ``later`` are the tiles of the editions that share a cell with the address.
    """
    before, after = (
        codes_below(store, tiles, address, size=size, whole=True) for tiles in (earlier, later)
    )
    found = change_of(before, after)
    if mask is not None:
        codes = cells_below(store, mask.key, address, size=size)
        found = accepted_of(found, mask_codes.decoded(codes, mask.place))
    return png.of_indices(found, colours.change_palette())


SIDES = (1, 2, 5, 10, 20, 50, 100)
"""Sides that a square may have, in kilometres: divisors of a 100 km tile."""

_PALETTE = colours.change_share_palette()


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
    step = np.searchsorted(colours.CHANGE_SHARES, share, side="right")
    found = np.where((lost > gained) & (step > 0), step + len(colours.CHANGE_SHARES), step)
    return found.astype(np.uint8)


def change_shares_tile(
    counts: Int64Array, squares: Squares, address: TileAddress, *, size: int = SIZE
) -> bytes:
    """Squares of the share of cells gained, or lost where that is more; transparent where less than
    the first class changed and where nothing is observed in both."""
    west, _, _, north = squares.window.bounds
    side = squares.side * COUNT_TILE_CELLS * CELL_SIZE
    picture = moved(classes_of(counts), from_origin(west, north, side, side), address, size=size)
    return png.of_indices(picture, _PALETTE)
