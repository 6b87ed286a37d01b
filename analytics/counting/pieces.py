"""Zones and squares counted together: each cell is counted once, for both.

What a zone has of a square is a *piece*. Cells are counted by piece, row by row as they lie in
memory, and the counts of a piece are added to those of its zone and of its square.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from analytics.arrays import Int64Array
from analytics.counting.kernels import Values, count_spans
from analytics.counting.scanline import Spans
from analytics.grid import Window

_NO_ZONE = -1
_PIECES = 4
"""Pieces of each square of a row, on average, that are counted before they are added up."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The cells of a window by zone and by square of ``side`` cells.

    ``disjoint`` are spans that share no cell; those of row ``i`` of the window, from west to east,
    are ``order[offsets[i]]`` to ``order[offsets[i + 1] - 1]``. The ``others`` overlap with them.
    """

    window: Window
    side: int
    disjoint: Spans
    order: Int64Array
    offsets: Int64Array
    others: Spans


def pieces_of(spans: Spans, window: Window, *, side: int) -> Pieces:
    """Pieces of spans that lie within a window of whole squares, rows of them from its corner."""
    order, offsets, apart = _rows(spans.row, spans.start, spans.stop, window.row, window.height)
    others = Spans(*(a[~apart] for a in (spans.row, spans.start, spans.stop, spans.zone)))
    return Pieces(window, side, spans, order, offsets, others)


def count_pieces(
    values: Values, counts: Int64Array, *, pieces: Pieces, zones: int, first_square: int
) -> None:
    """Add a block's values to ``counts``, shape (zones + squares, values): to those of the
    ``zones``, and to those of the squares, row by row, of which the block's first is
    ``first_square``."""
    window, spans = pieces.window, pieces.disjoint
    columns = window.width // pieces.side
    squares = counts[zones + first_square :][: window.cells // pieces.side**2]
    _count_pieces(
        values,
        spans.start - window.column,
        spans.stop - window.column,
        spans.zone,
        pieces.order,
        pieces.offsets,
        pieces.side,
        counts[:zones],
        squares.reshape(-1, columns, counts.shape[1]),
    )
    count_spans(values, counts[:zones], spans=pieces.others, window=window)


@njit(cache=True, nogil=True)
def _rows(row, start, stop, first_row, rows):  # type: ignore[no-untyped-def]
    """Spans that share no cell, by row and from west to east, and which these are: of two spans
    that overlap, the one that begins further west."""
    sizes = np.zeros(rows + 1, dtype=np.int64)
    for i in range(len(row)):
        sizes[row[i] - first_row + 1] += 1
    ends = np.cumsum(sizes)
    fill = ends[:-1].copy()
    order = np.empty(len(row), dtype=np.int64)
    for i in range(len(row)):
        of_row = row[i] - first_row
        place = fill[of_row]
        fill[of_row] += 1
        while place > ends[of_row] and start[order[place - 1]] > start[i]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = i
    apart = np.zeros(len(row), dtype=np.bool_)
    offsets = np.zeros(rows + 1, dtype=np.int64)
    kept = 0
    for of_row in range(rows):
        reached = np.int64(-1)
        for place in range(ends[of_row], ends[of_row + 1]):
            i = order[place]
            if start[i] >= reached:
                reached = stop[i]
                apart[i] = True
                order[kept] = i
                kept += 1
        offsets[of_row + 1] = kept
    return order[:kept], offsets, apart


@njit(cache=True, nogil=True)
def _count_pieces(values, start, stop, zone, order, offsets, side, zones, squares):  # type: ignore[no-untyped-def]
    # Two histograms for each piece, as neighbours are often equal: with one, each increment would
    # wait for the one before. The pieces of a square are a list that its latest piece begins.
    columns = squares.shape[1]
    capacity = _PIECES * columns
    some = np.zeros((capacity, 2, squares.shape[2]), dtype=np.uint32)
    owner = np.empty(capacity, dtype=np.int64)
    place = np.empty(capacity, dtype=np.int64)
    before = np.empty(capacity, dtype=np.int64)
    latest = np.full(columns, -1, dtype=np.int64)
    one = np.uint32(1)
    for of_squares in range(squares.shape[0]):
        used = 0
        for row in range(of_squares * side, (of_squares + 1) * side):
            line = values[row]
            reached, following = np.int64(0), offsets[row]
            while reached < values.shape[1]:
                # The next span, or the gap before it.
                begin, who = reached, np.int64(_NO_ZONE)
                if following == offsets[row + 1]:
                    reached = np.int64(values.shape[1])
                elif start[order[following]] > reached:
                    reached = start[order[following]]
                else:
                    reached, who = stop[order[following]], zone[order[following]]
                    following += 1
                while begin < reached:
                    square = begin // side
                    end = min(reached, (square + 1) * side)
                    piece = latest[square]
                    while piece >= 0 and owner[piece] != who:
                        piece = before[piece]
                    if piece < 0:
                        if used == capacity:
                            _add_up(some, owner, place, used, zones, squares[of_squares])
                            latest[:] = -1
                            used = 0
                        piece = used
                        used += 1
                        owner[piece], place[piece] = who, square
                        before[piece], latest[square] = latest[square], piece
                    a, b = some[piece, 0], some[piece, 1]
                    twos = begin + (end - begin) // 2 * 2
                    for column in range(begin, twos, 2):
                        a[line[column]] += one
                        b[line[column + 1]] += one
                    if twos < end:
                        a[line[twos]] += one
                    begin = end
        _add_up(some, owner, place, used, zones, squares[of_squares])
        latest[:] = -1


@njit(cache=True, nogil=True)
def _add_up(some, owner, place, used, zones, squares):  # type: ignore[no-untyped-def]
    for piece in range(used):
        of_square = squares[place[piece]]
        for value in range(of_square.size):
            of_square[value] += np.int64(some[piece, 0, value]) + some[piece, 1, value]
        if owner[piece] != _NO_ZONE:
            of_zone = zones[owner[piece]]
            for value in range(of_zone.size):
                of_zone[value] += np.int64(some[piece, 0, value]) + some[piece, 1, value]
    some[:used] = 0
