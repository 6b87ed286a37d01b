"""Pictures of change: cells that were gained, lost, or sealed in both of two editions.

Gain and loss are scattered cells. A pixel that stands for many of them cannot show them truly: one
cell picked from a hundred makes most of them vanish and a few of them large. So the rasters are
never read from their pyramids, and before cells can be told apart squares are shaded by the share
of cells that changed (:mod:`clcplus.maps.change_shares`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.nomenclature import OBSERVED_CODES, SEALED
from analytics.rasters import Store
from analytics.records import StoredTile
from clcplus.maps.addresses import TileAddress
from clcplus.maps.raster import SIZE, Picture, codes_below
from clcplus.presentation.colours import CHANGE_KINDS, change_palette
from clcplus.presentation.png import png

_GAINED, _LOST, _KEPT = (CHANGE_KINDS.index(kind) for kind in ("gained", "lost", "kept"))


def change_of(before: Picture, after: Picture) -> Picture:
    """What became of each pixel, as an index of :data:`CHANGE_KINDS`.

    A pixel that is not observed in both has not changed: nothing is known of it.
    """
    seen = np.isin(before, OBSERVED_CODES) & np.isin(after, OBSERVED_CODES)
    was, became = seen & (before == SEALED), seen & (after == SEALED)
    found: Picture = np.zeros(before.shape, dtype=np.uint8)
    found[became & ~was] = _GAINED
    found[was & ~became] = _LOST
    found[was & became] = _KEPT
    return found


def change_tile(
    store: Store,
    earlier: Sequence[StoredTile],
    later: Sequence[StoredTile],
    address: TileAddress,
    *,
    size: int = SIZE,
) -> bytes:
    """Gain and loss between two editions, by nearest neighbour from the cells themselves.

    ``earlier`` and ``later`` are the tiles of the editions that share a cell with the address.
    """
    before, after = (
        codes_below(store, tiles, address, size=size, whole=True) for tiles in (earlier, later)
    )
    return png(change_of(before, after), change_palette())
