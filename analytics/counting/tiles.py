"""Tiles: running sums of cells per 1 km tile, and the overview of sealed share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.arrays import Int64Array
from analytics.counting.kernels import count_between
from analytics.grid import CELL_SIZE, COUNT_TILE_CELLS, Window
from analytics.nomenclature import NO_DATA, OBSERVED_CODES, SEALED
from analytics.rasters.sources import Codes

OVERVIEW_CELLS = 10
"""Side of a cell of the overview, in cells of the grid."""
OVERVIEW_CELL_SIZE = OVERVIEW_CELLS * CELL_SIZE
"""The same in metres."""
SHARE_STEPS = 200
"""Steps into which a share of 0..1 is coded, half a per cent each."""


@dataclass(frozen=True, slots=True)
class TileSums:
    """Running sums along rows of 1 km tiles.

    ``rows`` and ``first_column`` are in tiles of the whole grid; ``sums`` has shape (rows, tiles +
    1, classes) and starts with zeros: the cells of tiles a to b − 1 of a row are sums[b] − sums[a].
    """

    rows: range
    first_column: int
    sums: Int64Array


def running_sums(counts: Int64Array, *, window: Window) -> TileSums:
    """Running sums of the tiles of a window of whole kilometres, from their cells by class, shape
    (tiles, classes), or by former and later class, shape (tiles, 11, 11); row by row."""
    side = COUNT_TILE_CELLS
    by_row = counts.reshape(window.height // side, window.width // side, -1)
    sums = np.zeros((by_row.shape[0], by_row.shape[1] + 1, by_row.shape[2]), dtype=np.int64)
    np.cumsum(by_row, axis=1, out=sums[:, 1:])
    return TileSums(range(window.row // side, window.row_stop // side), window.column // side, sums)


def changed_sums(sums: Int64Array) -> Int64Array:
    """Cells observed in both editions, gained and lost: shape (…, 3), from counts by former and
    later class of shape (…, 121). Running sums stay running sums."""
    matrices = sums.reshape(*sums.shape[:-1], len(OBSERVED_CODES), len(OBSERVED_CODES))
    sealed = OBSERVED_CODES.index(SEALED)
    kept = matrices[..., sealed, sealed]
    return np.stack(
        (
            matrices.sum(axis=(-2, -1)),
            matrices[..., :, sealed].sum(axis=-1) - kept,
            matrices[..., sealed, :].sum(axis=-1) - kept,
        ),
        axis=-1,
    )


def sealed_shares(codes: Codes) -> Codes:
    """Share of sealed among observed cells, in squares of 100 m: round(200 · share), 255 where
    nothing is observed. Height and width of the block are multiples of 10 cells."""
    sealed = count_between(codes, side=OVERVIEW_CELLS, first=SEALED, last=SEALED)
    observed = count_between(
        codes, side=OVERVIEW_CELLS, first=OBSERVED_CODES[0], last=OBSERVED_CODES[-1]
    )
    shares: npt.NDArray[np.float64] = np.divide(
        SHARE_STEPS * sealed, observed, out=np.zeros(observed.shape), where=observed > 0
    )
    coded = np.rint(shares).astype(np.uint8)
    coded[observed == 0] = NO_DATA
    return coded
