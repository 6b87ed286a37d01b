"""Values of rasters of classes: which are missing, and how they are packed or made whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.counting.kernels import Block, pack, pack_pairs
from analytics.errors import InvalidCodes, WrongBand
from analytics.rasters.grids import RasterGrid

NODATA = 256
"""Value that stands for what no byte says: NaN, a declared nodata that is no byte, and a cell under
a mask where no code means *missing*."""
PAIR = 512
"""A pair of values is kept as PAIR · earlier + later."""


def observed_values(values: Iterable[int], missing: frozenset[int]) -> list[int]:
    return sorted({value for value in values if value not in missing})


def missing_values(grids: Sequence[RasterGrid], missing: frozenset[int]) -> list[frozenset[int]]:
    """Values of each raster that are not observed: those named, and its declared nodata."""
    result = []
    for grid in grids:
        declared = grid.nodata
        whole = declared is not None and float(declared).is_integer() and 0 <= declared <= 255
        result.append(missing | {NODATA} | ({int(declared or 0)} if whole else set()))
    return [frozenset(values) for values in result]


def packed_cells(blocks: Sequence[npt.NDArray[Any]]) -> Block | None:
    """One byte for each cell, or pair of cells; None where the codes do not pack."""
    if any(block.dtype != np.uint8 for block in blocks):
        return None
    try:
        return pack(blocks[0]) if len(blocks) == 1 else pack_pairs(blocks[0], blocks[1])
    except InvalidCodes:
        return None


def code_of_nibble(nibble: int) -> int:
    """The code of a nibble: 0 to 11, or 252 to 255 (see analytics.counting.kernels.pack)."""
    return nibble if nibble < 12 else nibble + 240


def whole_numbers(
    block: npt.NDArray[Any], *, grid: RasterGrid, masked: npt.NDArray[np.bool_] | None
) -> npt.NDArray[np.uint16]:
    """Values as whole numbers 0..255; NODATA where ``masked``, for NaN, and for a nodata that is
    not a byte's. Raises WrongBand for other values."""
    absent = np.zeros(block.shape, dtype=bool) if masked is None else masked.copy()
    if block.dtype == np.uint8:
        return np.where(absent, np.uint16(NODATA), block)
    if block.dtype.kind == "f":
        absent |= np.isnan(block)
    if grid.nodata is not None and not np.isnan(grid.nodata):
        absent |= block == block.dtype.type(grid.nodata)
    values = np.where(absent, 0, block)
    if ((values < 0) | (values > 255) | (values != np.floor(values))).any():
        wrong = values[(values < 0) | (values > 255) | (values != np.floor(values))]
        raise WrongBand(
            grid.name,
            found=f"values such as {wrong.flat[0]:g}",
            expected="classes: whole numbers from 0 to 255",
        )
    whole = values.astype(np.uint16)
    whole[absent] = NODATA
    return whole
