"""A zone as whole tiles of 1 km inside it, and the cells of the tiles that its border crosses.

A zone then costs its perimeter, not its area: inner tiles are looked up as differences of running
sums along the rows of tiles (analytics.counting.tiles), and only cells near the border are read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from analytics.arrays import Int64Array
from analytics.counting.scanline import Edges, Spans, spans_of
from analytics.grid import COUNT_TILE_CELLS, Window

_NEAR = 1e-6
"""Metres by which an edge is widened when the tiles that it crosses are marked: a tile too many
costs a little, a tile too few would cost exactness."""


@dataclass(frozen=True, slots=True)
class TileSplit:
    """A zone's tiles.

    ``inner`` has shape (spans, 3): row of tiles, first column, column after the last, in 1 km tiles
    of the whole grid. ``border`` are the cells of the zone in tiles that its border crosses.
    """

    inner: Int64Array
    border: Spans


def split_at_tiles(edges: Edges) -> TileSplit:
    """Split one zone on the 10 m grid; every cell of it is in one inner tile or one border span."""
    top, bottom = int(edges.rows[0, 0]), int(edges.rows[0, 1])
    nothing = TileSplit(np.zeros((0, 3), dtype=np.int64), Spans(*[np.zeros(0, np.int64)] * 4))
    if bottom <= top:
        return nothing
    side = COUNT_TILE_CELLS
    x_origin, _, cell_width, _ = edges.grid.tolist()
    points = edges.coordinates
    west = float(min(points[:, 0].min(), points[:, 2].min()))
    east = float(max(points[:, 0].max(), points[:, 2].max()))
    first_column = int((west - x_origin) // cell_width) // side - 1
    last_column = int((east - x_origin) // cell_width) // side + 1
    first_row, last_row = top // side - 1, (bottom - 1) // side + 1
    marked = np.zeros((last_row - first_row + 1, last_column - first_column + 1), dtype=np.bool_)
    _mark(points, edges.grid, side, first_row, first_column, marked)
    _mark(edges.level, edges.grid, side, first_row, first_column, marked)
    window = Window(top, first_column * side, bottom - top, (last_column - first_column + 1) * side)
    spans = spans_of(edges, window)
    inner = _inner(spans.row, spans.start, spans.stop, side, first_row, first_column, marked)
    row, start, stop = _border(
        spans.row, spans.start, spans.stop, side, first_row, first_column, marked
    )
    return TileSplit(inner, Spans(row, start, stop, np.zeros(len(row), dtype=np.int64)))


def cut_at_blocks(
    spans: Spans, *, origin: Window, block: int
) -> tuple[Spans, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Spans within ``origin``, cut where its blocks of ``block`` cells meet and sorted by block.

    With them come the numbers of the blocks that have any, and where in the spans each of them
    starts (and the last ends). Blocks are counted row by row from the window's corner.
    """
    per_row = -(-origin.width // block)
    row, start, stop, zone, number = _cut(
        spans.row,
        spans.start,
        spans.stop,
        spans.zone,
        origin.row,
        origin.row_stop,
        origin.column,
        origin.column_stop,
        block,
        per_row,
    )
    order = np.argsort(number, kind="stable")
    blocks, offsets = np.unique(number[order], return_index=True)
    ends = np.append(offsets, len(order)).astype(np.int64)
    cut = Spans(row[order], start[order], stop[order], zone[order])
    return cut, blocks, ends


@njit(cache=True, nogil=True)
def _mark(points, grid, side, first_row, first_column, marked):  # type: ignore[no-untyped-def]
    """Mark every tile whose closed square an edge meets, widened by a micrometre."""
    width, height = grid[2] * side, grid[3] * side
    x_origin = grid[0] + first_column * width
    y_origin = grid[1] - first_row * height
    for i in range(len(points)):
        x0, y0, x1, y1 = points[i, 0], points[i, 1], points[i, 2], points[i, 3]
        first = max(int(np.floor((y_origin - y0 - _NEAR) / height)), 0)
        last = min(int(np.floor((y_origin - y1 + _NEAR) / height)), marked.shape[0] - 1)
        for row in range(first, last + 1):
            # The part of the edge between the row's northern and southern sides.
            north = min(y0, y_origin - row * height + _NEAR)
            south = max(y1, y_origin - (row + 1) * height - _NEAR)
            xa, xb = x0, x1
            if y1 != y0:
                xa = x0 + (north - y0) / (y1 - y0) * (x1 - x0)
                xb = x0 + (south - y0) / (y1 - y0) * (x1 - x0)
            a = int(np.floor((min(xa, xb) - x_origin - _NEAR) / width))
            b = int(np.floor((max(xa, xb) - x_origin + _NEAR) / width))
            for column in range(max(a, 0), min(b, marked.shape[1] - 1) + 1):
                marked[row, column] = True


@njit(cache=True, nogil=True)
def _inner(row, start, stop, side, first_row, first_column, marked):  # type: ignore[no-untyped-def]
    """Runs of unmarked tiles, by the spans of the first row of cells of each row of tiles."""
    found = np.empty((len(row) * 2 + marked.size, 3), dtype=np.int64)
    n = 0
    for i in range(len(row)):
        if row[i] % side != 0:
            continue
        tile_row = row[i] // side
        line = marked[tile_row - first_row]
        begin = -1
        first = -(-start[i] // side)
        last = stop[i] // side
        for column in range(first, last):
            if not line[column - first_column]:
                if begin < 0:
                    begin = column
            elif begin >= 0:
                found[n, 0], found[n, 1], found[n, 2] = tile_row, begin, column
                n += 1
                begin = -1
        if begin >= 0:
            found[n, 0], found[n, 1], found[n, 2] = tile_row, begin, last
            n += 1
    return found[:n].copy()


@njit(cache=True, nogil=True)
def _border(row, start, stop, side, first_row, first_column, marked):  # type: ignore[no-untyped-def]
    """The parts of spans that lie in marked tiles."""
    total = 0
    for i in range(len(row)):
        total += (stop[i] - 1) // side - start[i] // side + 1
    rows = np.empty(total, dtype=np.int64)
    starts = np.empty(total, dtype=np.int64)
    stops = np.empty(total, dtype=np.int64)
    n = 0
    for i in range(len(row)):
        line = marked[row[i] // side - first_row]
        joined = False
        for column in range(start[i] // side, (stop[i] - 1) // side + 1):
            if not line[column - first_column]:
                joined = False
                continue
            end = min(stop[i], (column + 1) * side)
            if joined:
                stops[n - 1] = end
            else:
                rows[n] = row[i]
                starts[n] = max(start[i], column * side)
                stops[n] = end
                n += 1
                joined = True
    return rows[:n].copy(), starts[:n].copy(), stops[:n].copy()


@njit(cache=True, nogil=True)
def _cut(  # type: ignore[no-untyped-def]
    row, start, stop, zone, row_start, row_stop, column_start, column_stop, block, per_row
):
    total = 0
    for i in range(len(row)):
        total += (stop[i] - start[i]) // block + 2
    rows = np.empty(total, dtype=np.int64)
    starts = np.empty(total, dtype=np.int64)
    stops = np.empty(total, dtype=np.int64)
    zones = np.empty(total, dtype=np.int64)
    numbers = np.empty(total, dtype=np.int64)
    n = 0
    for i in range(len(row)):
        if row[i] < row_start or row[i] >= row_stop:
            continue
        column = max(start[i], column_start)
        end = min(stop[i], column_stop)
        while column < end:
            in_row = (column - column_start) // block
            limit = min(end, column_start + (in_row + 1) * block)
            rows[n], starts[n], stops[n], zones[n] = row[i], column, limit, zone[i]
            numbers[n] = (row[i] - row_start) // block * per_row + in_row
            n += 1
            column = limit
    return (
        rows[:n].copy(),
        starts[:n].copy(),
        stops[:n].copy(),
        zones[:n].copy(),
        numbers[:n].copy(),
    )
