"""Codes of a raster of change that says which filters of a set accept a cell.

Codes: 0 no change, 255 not observed in one of the editions; else the lower two bits have the kind,
1 gain or 2 loss, and the six above have the bits of the cell's patch (filter_sets). Change that no
filter accepts has the code of its kind alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from analytics.nomenclature import NO_DATA

Codes = npt.NDArray[np.uint8]
NONE, GAIN, LOSS = 0, 1, 2
_KIND_BITS = 2


def coded(kind: Codes, bits: Codes) -> Codes:
    """Codes of cells that have changed, from their kinds and the bits of their patches."""
    found: Codes = kind | bits << np.uint8(_KIND_BITS)
    return found


def accepted(counts: npt.NDArray[np.int64], filters: int) -> npt.NDArray[np.int64]:
    """Cells of gain and of loss that each filter of a set accepts, from cells of areas by code.

    From shape (areas, 256) to shape (areas, filters, 2).
    """
    codes = np.arange(NO_DATA, dtype=np.uint8)
    found = np.zeros((len(counts), filters, 2), dtype=np.int64)
    for place in range(filters):
        kinds = decoded(codes, place)
        for number, kind in enumerate((GAIN, LOSS)):
            found[:, place, number] = counts[:, :NO_DATA][:, kinds == kind].sum(axis=1)
    return found


def with_bits(codes: Codes, bits: Codes, *, first: int) -> Codes:
    """Codes with further bits of the patches of their cells, the first of them at a place of the
    set; 0 where a cell is in no further patch."""
    found: Codes = codes | bits << np.uint8(_KIND_BITS + first)
    return found


def decoded(codes: Codes, place: int | None = None) -> Codes:
    """The change that codes stand for: 0 none, 1 gain, 2 loss, 255 not observed; that which the
    filter at a place of the set accepts, or all."""
    kind = codes & np.uint8(2**_KIND_BITS - 1)
    if place is not None:
        kind = np.where(codes >> np.uint8(place + _KIND_BITS) & np.uint8(1), kind, np.uint8(NONE))
    found: Codes = np.where(codes == NO_DATA, np.uint8(NO_DATA), kind)
    return found


def blank_mask(earlier: Codes, later: Codes, *, of_earlier: Codes, of_later: Codes) -> Codes:
    """A mask without any change over the codes of two editions, arrays of one shape: NONE where
    both have observed a cell, else NO_DATA. ``of_earlier`` and ``of_later``, shape (256,), are 0
    for codes of what is not observed."""
    mask = np.empty_like(earlier)
    _fill_blank(earlier, later, of_earlier, of_later, mask)
    return mask


@njit(cache=True, nogil=True)
def _fill_blank(earlier, later, of_earlier, of_later, mask):  # type: ignore[no-untyped-def]
    for row in range(mask.shape[0]):
        for column in range(mask.shape[1]):
            seen = of_earlier[earlier[row, column]] and of_later[later[row, column]]
            mask[row, column] = NONE if seen else NO_DATA
