"""Cells of gain and loss in squares of whole cells for each filter of a set."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from analytics.arrays import Int64Array
from analytics.grid import COUNT_TILE_CELLS, Window
from analytics.patches.accepted_change import Strip
from analytics.patches.filter_sets import FilterSet
from analytics.patches.runs import Bytes, Runs


class SetSquares:
    """Counts change in squares of 100 by 100 cells, from the raster's north-western corner on (a
    SetReceiver). Twelve bytes a square are in memory for three filters."""

    def __init__(self, chosen: FilterSet, *, height: int, width: int) -> None:
        """Height and width are those of the raster, in cells."""
        side = COUNT_TILE_CELLS
        self._filters = len(chosen)
        # A square has 10 000 cells.
        self._cells: npt.NDArray[np.uint16] = np.zeros(
            (-(-height // side), -(-width // side), self._filters, 2), dtype=np.uint16
        )

    def prepare(self, strip: Strip) -> None:
        """Nothing can be done with a strip before its patches are known."""

    def receive(self, window: Window, prepared: None, *, runs: Runs, bits: Bytes) -> None:
        """Count a strip."""
        self.receive_late(runs, bits)

    def receive_late(self, runs: Runs, bits: Bytes) -> None:
        """Count further runs."""
        _count(runs.row, runs.start, runs.stop, runs.kind, bits, COUNT_TILE_CELLS, self._cells)

    def cells(self, part: Window) -> Int64Array:
        """Cells of gain and of loss in the squares of a part of the raster that has whole ones, row
        by row: shape (filters, squares, 2)."""
        side = COUNT_TILE_CELLS
        if part.snapped(side) != part:
            raise ValueError(f"{part} does not start and end at squares")
        found = self._cells[
            part.row // side : part.row_stop // side, part.column // side : part.column_stop // side
        ]
        return np.moveaxis(found.reshape(-1, self._filters, 2), 1, 0).astype(np.int64)


@njit(cache=True, nogil=True)
def _count(row, start, stop, kind, bits, side, cells):  # type: ignore[no-untyped-def]
    for run in range(len(row)):
        for square in range(start[run] // side, (stop[run] - 1) // side + 1):
            shared = min(stop[run], (square + 1) * side) - max(start[run], square * side)
            of = cells[row[run] // side, square]
            for place in range(cells.shape[2]):
                if (bits[run] >> place) & 1:
                    of[place, kind[run] - 1] += shared
