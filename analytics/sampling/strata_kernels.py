"""Strata of the cells of a block: the compiled heart of a draw.

Kernels work on whole rows of bytes, in loops from one array to another without a table to look up
in: the compiler turns these into vector instructions, and a cell costs a tenth of its decoding.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from analytics.arrays import Int64Array
from analytics.counting.kernels import Block
from analytics.counting.scanline import Spans
from analytics.grid import Window

SEGMENT = 512
"""Cells of a row whose strata are counted together: a cell is then found in one segment."""
STRATA = 5
"""Strata that a cell can be in; they are numbered from 1, and 0 stands for none."""


def pack_observed(earlier: Block, later: Block) -> Block | None:
    """Pairs of codes in a byte, 16 · earlier + later by their lower four bits; None where a code is
    neither from 1 to 11 nor from 253 to 255."""
    packed = np.empty(later.shape, dtype=np.uint8)
    wrong = _pack(
        np.ascontiguousarray(earlier).ravel(), np.ascontiguousarray(later).ravel(), packed.ravel()
    )
    return None if wrong else packed


def strata_of(packed: Block, *, rows: range, reach: tuple[int, int]) -> Block:
    """The stratum of each cell of some rows of a block of packed pairs, shape (rows, columns).

    1 sealed in both editions, 2 in the later alone, 3 in the earlier alone, 4 in neither and near a
    cell that is sealed in one of them, 5 in neither; 0 not observed in one of them. *Near* is at
    most ``reach`` rows and columns away (Chebyshev distance). The block holds the rows within reach
    as far as the raster has them.
    """
    found = np.empty((len(rows), packed.shape[1]), dtype=np.uint8)
    _strata(packed, rows.start, rows.stop, *reach, found)
    return found


def observed_of(packed: Block, *, rows: range) -> Block:
    """1 where a cell of some rows of a block is observed in both editions, else 0."""
    found = np.empty((len(rows), packed.shape[1]), dtype=np.uint8)
    _observed(packed[rows.start : rows.stop], found)
    return found


def keep_inside(strata: Block, *, spans: Spans, window: Window) -> None:
    """Set the stratum of cells outside of spans to 0; ``window`` is that of the strata."""
    inside = np.zeros_like(strata)
    _fill(spans.row - window.row, spans.start - window.column, spans.stop - window.column, inside)
    strata *= inside


def segment_counts(strata: Block) -> Int64Array:
    """Cells by row, segment and stratum, shape (rows, segments, STRATA)."""
    segments = -(-strata.shape[1] // SEGMENT)
    counts = np.zeros((strata.shape[0], segments, STRATA), dtype=np.int64)
    _count(strata, counts)
    return counts


def zone_counts(strata: Block, *, spans: Spans, window: Window, zones: int) -> Int64Array:
    """Cells of each of ``zones`` zones by stratum, shape (zones, STRATA), of those in spans;
    ``window`` is that of the strata."""
    counts = np.zeros((zones, STRATA + 1), dtype=np.int64)
    _count_spans(
        strata,
        spans.row - window.row,
        spans.start - window.column,
        spans.stop - window.column,
        spans.zone,
        counts,
    )
    return counts[:, 1:]


@njit(cache=True, nogil=True)
def _pack(earlier, later, packed):  # type: ignore[no-untyped-def]
    wrong = np.uint8(0)
    for i in range(later.size):
        first, second = earlier[i], later[i]
        packed[i] = ((first & np.uint8(15)) << np.uint8(4)) | (second & np.uint8(15))
        wrong |= np.uint8((first < 1) | ((first > 11) & (first < 253)))
        wrong |= np.uint8((second < 1) | ((second > 11) & (second < 253)))
    return wrong != 0


@njit(cache=True, nogil=True)
def _mark_sealed(line, marks):  # type: ignore[no-untyped-def]
    for j in range(len(line)):
        marks[j] = np.uint8((line[j] & np.uint8(0xF0)) == np.uint8(0x10)) | np.uint8(
            (line[j] & np.uint8(0x0F)) == np.uint8(0x01)
        )


@njit(cache=True, nogil=True)
def _join(one, other, joined):  # type: ignore[no-untyped-def]
    for j in range(len(joined)):
        joined[j] = one[j] | other[j]


@njit(cache=True, nogil=True)
def _near_in_row(line, across, rooms, near):  # type: ignore[no-untyped-def]
    """Whether a cell within ``across`` columns is sealed in one edition, as 0 or 1. ``rooms`` has
    shape (2, columns + 2 · across)."""
    width, wide = len(line), rooms.shape[1]
    rooms[0, :across] = 0
    rooms[0, wide - across :] = 0
    _mark_sealed(line, rooms[0, across : across + width])
    # A mark reaches west, twice as far each time.
    now, reached = 0, 1
    while reached < 2 * across + 1:
        step = min(reached, 2 * across + 1 - reached)
        wide -= step
        _join(rooms[now, :wide], rooms[now, step : step + wide], rooms[1 - now, :wide])
        now, reached = 1 - now, reached + step
    near[:] = rooms[now, :width]


@njit(cache=True, nogil=True)
def _strata(packed, start, stop, down, across, found):  # type: ignore[no-untyped-def]
    height, width = packed.shape
    span = 2 * down + 1
    ring = np.empty((span, width), dtype=np.uint8)
    rooms = np.empty((2, width + 2 * across), dtype=np.uint8)
    near = np.empty(width, dtype=np.uint8)
    one = np.uint8(1)
    filled = max(start - down, 0)
    for i in range(start, stop):
        last = min(i + down + 1, height)
        while filled < last:
            _near_in_row(packed[filled], across, rooms, ring[filled % span])
            filled += 1
        near[:] = 0
        for k in range(max(i - down, 0), last):
            marks = ring[k % span]
            for j in range(width):
                near[j] |= marks[j]
        line, of_row = packed[i], found[i - start]
        for j in range(width):
            pair = line[j]
            second_code = pair & np.uint8(15)
            first, second = np.uint8(pair >= np.uint8(32)), np.uint8(second_code != one)
            seen = np.uint8(pair < np.uint8(0xC0)) & np.uint8(second_code < np.uint8(12))
            stratum = one + first + second * np.uint8(2) + (first & second) * (one - near[j])
            of_row[j] = np.uint8(stratum * seen)


@njit(cache=True, nogil=True)
def _observed(packed, found):  # type: ignore[no-untyped-def]
    for i in range(packed.shape[0]):
        line, of_row = packed[i], found[i]
        for j in range(len(line)):
            of_row[j] = np.uint8(line[j] < np.uint8(0xC0)) & np.uint8(
                (line[j] & np.uint8(15)) < np.uint8(12)
            )


@njit(cache=True, nogil=True)
def _fill(row, start, stop, inside):  # type: ignore[no-untyped-def]
    for i in range(len(row)):
        inside[row[i], start[i] : stop[i]] = 1


@njit(cache=True, nogil=True)
def _count(strata, counts):  # type: ignore[no-untyped-def]
    width = strata.shape[1]
    for i in range(strata.shape[0]):
        line = strata[i]
        for segment in range(counts.shape[1]):
            stop = min((segment + 1) * SEGMENT, width)
            part = line[segment * SEGMENT : stop]
            for stratum in range(STRATA):
                n = np.int32(0)
                for j in range(len(part)):
                    n += np.int32(part[j] == stratum + 1)
                counts[i, segment, stratum] = n


@njit(cache=True, nogil=True)
def _count_spans(strata, row, start, stop, zone, counts):  # type: ignore[no-untyped-def]
    for i in range(len(row)):
        line, of_zone = strata[row[i]], counts[zone[i]]
        for j in range(start[i], stop[i]):
            of_zone[line[j]] += 1
