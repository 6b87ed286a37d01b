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
from analytics.nomenclature import CODES, OBSERVED_CODES

Block = npt.NDArray[np.uint8]
Values = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

NIBBLES = 16
"""Values of a packed cell; a packed pair has their square."""
NIBBLE_OF_CODES: tuple[int, ...] = tuple(code & (NIBBLES - 1) for code in CODES)
"""Position of each code of the nomenclature among the 16 values of a packed cell."""

CODE_OF_NIBBLE = (*range(12), *range(252, 256))
"""The code of each value of a packed cell."""

_HISTOGRAMS = 4
"""Histograms that are filled in turn; 32 bits suffice for blocks of fewer than 2³² cells."""
_OBSERVED = slice(NIBBLE_OF_CODES[0], NIBBLE_OF_CODES[len(OBSERVED_CODES) - 1] + 1)
"""Classes that are observed: codes without a gap, whose nibbles have none either."""


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


def count_spans(values: Values, counts: Int64Array, *, spans: Spans, window: Window) -> None:
    """Add a block's values to ``counts``, shape (zones, values); spans must lie in its window."""
    _count_spans(
        values, spans.row, spans.start, spans.stop, spans.zone, window.row, window.column, counts
    )


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


def observed_pairs(counts: Int64Array) -> Int64Array:
    """Counts of packed pairs, shape (…, 16, 16), of the classes that are observed, (…, 11, 11)."""
    return np.ascontiguousarray(counts[..., _OBSERVED, _OBSERVED])


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
    some = np.zeros((_HISTOGRAMS, counts.shape[1]), dtype=np.uint32)
    current = -1
    for i in range(len(row)):
        if zone[i] != current:
            if current >= 0:
                _flush(some, counts[current])
            current = zone[i]
        _add(values[row[i] - row0, start[i] - column0 : stop[i] - column0], some)
    if current >= 0:
        _flush(some, counts[current])


@njit(cache=True, nogil=True)
def _add(line, some):  # type: ignore[no-untyped-def]
    """Count cells of a row. Neighbours are often equal: with one histogram, each increment would
    wait for the one before."""
    a, b, c, d = some[0], some[1], some[2], some[3]
    one = np.uint32(1)
    fours = len(line) // _HISTOGRAMS * _HISTOGRAMS
    for column in range(0, fours, _HISTOGRAMS):
        a[line[column]] += one
        b[line[column + 1]] += one
        c[line[column + 2]] += one
        d[line[column + 3]] += one
    for column in range(fours, len(line)):
        a[line[column]] += one


@njit(cache=True, nogil=True)
def _flush(some, counts):  # type: ignore[no-untyped-def]
    for value in range(counts.size):
        counts[value] += np.int64(some[0, value]) + some[1, value] + some[2, value] + some[3, value]
    some[:] = 0


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
