"""Runs of 1 km tiles that lie inside zones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.arrays import Int64Array


@dataclass(frozen=True, slots=True)
class TileRuns:
    """Runs of 1 km tiles that lie inside zones.

    ``runs`` has shape (runs, 3): row of tiles, first column, column after the last, in 1 km tiles
    of the whole grid; ``zone``, shape (runs,), whose they are.
    """

    runs: Int64Array
    zone: Int64Array

    def tiles_by_zone(self, zones: int) -> Int64Array:
        """Number of tiles of each of ``zones`` zones, shape (zones,)."""
        tiles = np.zeros(zones, dtype=np.int64)
        np.add.at(tiles, self.zone, self.runs[:, 2] - self.runs[:, 1])
        return tiles
