"""Counts of values in spans and in squares of a block: the compiled heart of every pass.

The codes of CLC+ (1..11, 253, 254, 255) differ in their lower four bits, as all of 0..11 and
252..255 do. Blocks are packed to these *nibbles* first, one byte for a cell and one for a pair of
cells, so that a count is an index into 16 or 256 numbers; packing costs a tenth of the count, a
look-up table would cost as much as the count itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from analytics.arrays import Int64Array
from analytics.counting.scanline import Spans
from analytics.errors import InvalidCodes
from analytics.grid import Window
from analytics.nomenclature import CODES

Block = npt.NDArray[np.uint8]
Values = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

NIBBLES = 16
"""Values of a packed cell; a packed pair has their square."""
NIBBLE_OF_CODES: tuple[int, ...] = tuple(code & (NIBBLES - 1) for code in CODES)
"""Position of each code of the nomenclature among the 16 values of a packed cell."""


def pack(block: Block) -> Block:
    """The lower four bits of codes. Raises InvalidCodes for a code from 12 to 251."""
    packed = np.empty(block.shape, dtype=np.uint8)
    if _pack(np.ascontiguousarray(block).ravel(), packed.ravel()):
        raise _unknown()
    return packed


def pack_pairs(earlier: Block, later: Block) -> Block:
    """Packed pairs, 16 · earlier + later. Raises InvalidCodes for a code from 12 to 251."""
    packed = np.empty(later.shape, dtype=np.uint8)
    if _pack_pairs(
        np.ascontiguousarray(earlier).ravel(), np.ascontiguousarray(later).ravel(), packed.ravel()
    ):
        raise _unknown()
    return packed


def count_spans(values: Values, spans: Spans, *, window: Window, counts: Int64Array) -> None:
    """Add a block's values to ``counts``, shape (zones, values); spans must lie in its window."""
    _count_spans(
        values, spans.row, spans.start, spans.stop, spans.zone, window.row, window.column, counts
    )


def count_squares(packed: Block, *, side: int, values: int = NIBBLES) -> Int64Array:
    """Counts of squares of ``side`` cells; shape (rows // side, columns // side, values).

    The block's height and width are multiples of ``side``.
    """
    shape = (packed.shape[0] // side, packed.shape[1] // side, values)
    counts = np.zeros(shape, dtype=np.int64)
    _count_squares(packed, side, counts)
    return counts


def count_between(block: Block, *, side: int, first: int, last: int) -> Int64Array:
    """Cells with a code from ``first`` to ``last`` in squares of ``side`` cells.

    Shape (rows // side, columns // side); the block's height and width are multiples of ``side``.
    """
    counts = np.zeros((block.shape[0] // side, block.shape[1] // side), dtype=np.int64)
    _count_between(block, side, np.uint8(first), np.uint8(last), counts)
    return counts


def by_code(counts: Int64Array) -> Int64Array:
    """Counts of packed cells, shape (…, 16), in the order of CODES, shape (…, 14).

    Raises InvalidCodes where a value was counted that stands for no code.
    """
    ordered = counts[..., NIBBLE_OF_CODES]
    if counts.sum() != ordered.sum():
        raise _unknown()
    return np.ascontiguousarray(ordered)


def _unknown() -> InvalidCodes:
    return InvalidCodes(
        "raster", found="cells of an unknown code", expected="codes 1 to 11, 253, 254, 255"
    )


@njit(cache=True, nogil=True)
def _pack(block, packed):  # type: ignore[no-untyped-def]
    wrong = np.uint8(0)
    for i in range(block.size):
        value = block[i]
        packed[i] = value & np.uint8(15)
        wrong |= np.uint8((value > 11) & (value < 252))
    return wrong != 0


@njit(cache=True, nogil=True)
def _pack_pairs(earlier, later, packed):  # type: ignore[no-untyped-def]
    wrong = np.uint8(0)
    for i in range(later.size):
        first, second = earlier[i], later[i]
        packed[i] = ((first & np.uint8(15)) << np.uint8(4)) | (second & np.uint8(15))
        wrong |= np.uint8(((first > 11) & (first < 252)) | ((second > 11) & (second < 252)))
    return wrong != 0


@njit(cache=True, nogil=True)
def _count_spans(values, row, start, stop, zone, row0, column0, counts):  # type: ignore[no-untyped-def]
    # Neighbours are often equal: four histograms in turn, or each increment waits for the last.
    size = counts.shape[1]
    some = np.zeros((4, size), dtype=np.int64)
    a, b, c, d = some[0], some[1], some[2], some[3]
    current = -1
    for i in range(len(row)):
        if zone[i] != current:
            if current >= 0:
                _flush(some, counts[current])
            current = zone[i]
        line = values[row[i] - row0]
        column, end = start[i] - column0, stop[i] - column0
        while column + 4 <= end:
            a[line[column]] += 1
            b[line[column + 1]] += 1
            c[line[column + 2]] += 1
            d[line[column + 3]] += 1
            column += 4
        while column < end:
            a[line[column]] += 1
            column += 1
    if current >= 0:
        _flush(some, counts[current])


@njit(cache=True, nogil=True)
def _flush(some, counts):  # type: ignore[no-untyped-def]
    for value in range(counts.size):
        counts[value] += some[0, value] + some[1, value] + some[2, value] + some[3, value]
    some[:] = 0


@njit(cache=True, nogil=True)
def _count_squares(packed, side, counts):  # type: ignore[no-untyped-def]
    for row in range(packed.shape[0]):
        line = packed[row]
        of_row = counts[row // side]
        for square in range(counts.shape[1]):
            of_square = of_row[square]
            for column in range(square * side, (square + 1) * side):
                of_square[line[column]] += 1


@njit(cache=True, nogil=True)
def _count_between(block, side, first, last, counts):  # type: ignore[no-untyped-def]
    for row in range(counts.shape[0] * side):
        line = block[row]
        of_row = counts[row // side]
        for square in range(counts.shape[1]):
            found = 0
            for column in range(square * side, (square + 1) * side):
                found += (line[column] >= first) & (line[column] <= last)
            of_row[square] += found
