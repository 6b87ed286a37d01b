"""Which part of each cell lies in which zone: exact fractions by signed accumulation.

As font rasterisers do (FreeType's smooth rasteriser, font-rs): every edge leaves, in each cell that
it passes through, the height that it crosses there and the area between itself and the
cell's eastern side. Summed along a row from west to east, with borders that turn one way and holes
that turn the other, these give the exact fraction of each cell in one pass over the edges. A cell
that no edge passes through is wholly inside or wholly outside, and is never computed: runs of such
cells come as spans.

Coordinates are taken relative to the north-western corner of the zone before they are divided by
the size of a cell, so that the fractions of a small zone far from the grid's origin are as exact as
its coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from analytics.arrays import Float64Array, Int64Array
from analytics.counting.scanline import Spans
from analytics.grid import Window

NOISE = 1e-12
"""A fraction below which a cell is not inside: the rounding of an edge along the side of a cell."""


@dataclass(frozen=True, slots=True)
class Borders:
    """The borders of zones as directed edges, in cells from a corner of the grid near each zone.

    ``edges`` has shape (edges, 4): column and row of the first end, then of the second, as numbers
    of cells from ``corners[zone]`` (row, column; shape (zones, 2)). Those of zone ``i`` are
    ``offsets[i]`` to ``offsets[i + 1]``. ``extents``, shape (zones, 4), holds the first row, the
    row after the last, the first column and the column after the last that a zone touches, in
    indices of the grid.
    """

    edges: Float64Array
    offsets: Int64Array
    corners: Int64Array
    extents: Int64Array

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True)
class Coverage:
    """The cells of zones in a window: ``inner``, spans of cells that lie wholly inside; and
    boundary cells, with the fraction of each that lies inside. Each array has shape (boundary
    cells,)."""

    inner: Spans
    row: Int64Array
    column: Int64Array
    zone: Int64Array
    fraction: Float64Array


def borders_of(
    geometries: Sequence[Any] | npt.NDArray[np.object_],
    *,
    x_origin: float,
    y_origin: float,
    cell_width: float,
    cell_height: float,
) -> Borders:
    """Borders of valid polygons and multipolygons in the grid's reference system.

    The north-western corner of the cell in row r and column c is x_origin + c · cell_width,
    y_origin - r · cell_height.
    """
    areas = shapely.orient_polygons(np.asarray(geometries, dtype=object), exterior_cw=False)
    bounds = shapely.bounds(areas)
    columns = (bounds[:, [0, 2]] - x_origin) / cell_width
    rows = (y_origin - bounds[:, [3, 1]]) / cell_height
    extents = np.column_stack(
        (np.floor(rows[:, 0]), np.ceil(rows[:, 1]), np.floor(columns[:, 0]), np.ceil(columns[:, 1]))
    ).astype(np.int64)
    corners = np.ascontiguousarray(extents[:, [0, 2]])
    parts, zone_of_part = shapely.get_parts(areas, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    points, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    zone_of_point = zone_of_part[part_of_ring[ring_of_point]]
    corner = corners[zone_of_point]
    points[:, 0] = (points[:, 0] - (x_origin + corner[:, 1] * cell_width)) / cell_width
    points[:, 1] = ((y_origin - corner[:, 0] * cell_height) - points[:, 1]) / cell_height
    joined = (ring_of_point[1:] == ring_of_point[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    offsets = np.searchsorted(zone_of_point[:-1][joined], np.arange(len(areas) + 1))
    return Borders(
        edges=np.hstack((points[:-1], points[1:]))[joined],
        offsets=offsets.astype(np.int64),
        corners=corners,
        extents=extents,
    )


def coverage_of(borders: Borders, window: Window) -> Coverage:
    """The cells of each zone within a window, ordered by zone, then row, then column."""
    touched = (
        (borders.extents[:, 0] < window.row_stop)
        & (borders.extents[:, 1] > window.row)
        & (borders.extents[:, 2] < window.column_stop)
        & (borders.extents[:, 3] > window.column)
    )
    zones = np.flatnonzero(touched)
    spans, cells, fraction = _coverage(
        borders.edges,
        borders.offsets,
        borders.corners,
        zones,
        window.row,
        window.row_stop,
        window.column,
        window.column_stop,
    )
    return Coverage(
        inner=Spans(spans[0], spans[1], spans[2], spans[3]),
        row=cells[0],
        column=cells[1],
        zone=cells[2],
        fraction=fraction,
    )


@njit(cache=True, nogil=True)
def _place(edge, row):  # type: ignore[no-untyped-def]
    """Where an edge crosses a line between rows, as a column; at its ends without rounding."""
    x0, y0, x1, y1 = edge
    if row == y0:
        return x0
    if row == y1:
        return x1
    place = x0 + (row - y0) / (y1 - y0) * (x1 - x0)
    return min(max(place, min(x0, x1)), max(x0, x1))


@njit(cache=True, nogil=True)
def _ends(edge, top, bottom):  # type: ignore[no-untyped-def]
    """The columns between which an edge runs between two rows, and the height that it crosses."""
    if edge[1] == edge[3]:
        return edge[0], edge[2], 0.0
    y0, y1 = min(max(edge[1], top), bottom), min(max(edge[3], top), bottom)
    return _place(edge, y0), _place(edge, y1), y1 - y0


@njit(cache=True, nogil=True)
def _within(edge, top, bottom):  # type: ignore[no-untyped-def]
    """The rows that an edge passes through between two rows: the first, and that after the last."""
    north, south = min(edge[1], edge[3]), max(edge[1], edge[3])
    return max(np.int64(np.floor(north)), top), min(np.int64(np.ceil(south)), bottom)


@njit(cache=True, nogil=True)
def _room(edges, top, bottom, west, east):  # type: ignore[no-untyped-def]
    """How many cells the edges of a zone can touch between two rows and two columns."""
    room = 0
    for edge in edges:
        first, last = _within(edge, top, bottom)
        if last > first:
            a, b, _ = _ends(edge, top, bottom)
            across = abs(min(max(b, west), east) - min(max(a, west), east))
            room += last - first + np.int64(across) + 3
    return room


@njit(cache=True, nogil=True)
def _trace(edge, row, west, east, columns, values, filled):  # type: ignore[no-untyped-def]
    """Write what an edge leaves in the cells of a row, from ``filled`` on; returns the new end.

    An edge along the row leaves nothing, but the cells that it passes through are boundary cells.
    ``columns`` gets the column, ``values`` the crossed height and the area. What lies west of
    ``west`` counts in full for the first column; what lies east of ``east`` does not matter.
    """
    a, b, height = _ends(edge, row, row + 1)
    left, right = min(a, b), max(a, b)
    if left >= east:
        return filled
    if right <= west:
        columns[filled], values[filled, 0], values[filled, 1] = west, height, height
        return filled + 1
    first, last = np.int64(np.floor(left)), np.int64(np.ceil(right)) - 1
    if last <= first:
        columns[filled], values[filled, 0] = first, height
        values[filled, 1] = height * (1.0 - ((left - first) + (right - first)) / 2.0)
        return filled + 1
    slope = height / (right - left)
    if left < west:
        part = slope * (west - left)
        columns[filled], values[filled, 0], values[filled, 1] = west, part, part
        filled += 1
        first = west
    for column in range(first, min(last, east - 1) + 1):
        begin, end = max(left - column, 0.0), min(right - column, 1.0)
        part = slope * (end - begin)
        columns[filled], values[filled, 0] = column, part
        values[filled, 1] = part * (1.0 - (begin + end) / 2.0)
        filled += 1
    return filled


@njit(cache=True, nogil=True)
def _sort(columns, values):  # type: ignore[no-untyped-def]
    """Sort what the edges left in a row by column."""
    n = len(columns)
    if n > 40:
        order = np.argsort(columns)
        columns[:] = columns[order]
        values[:] = values[order]
        return
    for k in range(1, n):
        column, crossed, area = columns[k], values[k, 0], values[k, 1]
        j = k - 1
        while j >= 0 and columns[j] > column:
            columns[j + 1] = columns[j]
            values[j + 1, 0] = values[j, 0]
            values[j + 1, 1] = values[j, 1]
            j -= 1
        columns[j + 1], values[j + 1, 0], values[j + 1, 1] = column, crossed, area


@njit(cache=True, nogil=True)
def _collect(edges, top, bottom, west, east, traced, columns, values, starts):  # type: ignore[no-untyped-def]
    """Write what the edges of a zone leave between rows to ``columns`` and ``values``, by row.

    Row ``top + i`` ends at ``starts[i]``, where the next one begins. ``traced`` is room to work in.
    """
    traced_columns, traced_rows, traced_values = traced
    filled = 0
    starts[:] = 0
    for edge in edges:
        first, last = _within(edge, top, bottom)
        for row in range(first, last):
            before = filled
            filled = _trace(edge, row, west, east, traced_columns, traced_values, filled)
            traced_rows[before:filled] = row - top
            starts[row - top + 1] += filled - before
    for i in range(bottom - top):
        starts[i + 1] += starts[i]
    for i in range(filled):
        place = starts[traced_rows[i]]
        columns[place] = traced_columns[i]
        values[place] = traced_values[i]
        starts[traced_rows[i]] += 1


@njit(cache=True, nogil=True)
def _sweep(columns, values, east, spans, cells, fractions, written_spans, written_cells):  # type: ignore[no-untyped-def]
    """Go through a row from west to east; write its inner spans, and its boundary cells.

    Only columns are written, and the new ends of both lists are returned.
    """
    crossed = 0.0
    k, end = 0, len(columns)
    while k < end:
        column, height, area = columns[k], 0.0, 0.0
        while k < end and columns[k] == column:
            height += values[k, 0]
            area += values[k, 1]
            k += 1
        fraction = min(crossed + area, 1.0)
        crossed += height
        if fraction > NOISE:
            cells[1, written_cells] = column
            fractions[written_cells] = fraction
            written_cells += 1
        following = columns[k] if k < end else east
        if following > column + 1:
            # No edge passes through the cells between: they are inside or outside.
            crossed = np.round(crossed)
            if crossed == 1.0:
                spans[1, written_spans] = column + 1
                spans[2, written_spans] = following
                written_spans += 1
    return written_spans, written_cells


@njit(cache=True, nogil=True)
def _coverage(edges, offsets, corners, zones, row_start, row_stop, column_start, column_stop):  # type: ignore[no-untyped-def]
    total, most = 0, 0
    for zone in zones:
        row, column = corners[zone]
        of_zone = edges[offsets[zone] : offsets[zone + 1]]
        room = _room(
            of_zone, row_start - row, row_stop - row, column_start - column, column_stop - column
        )
        total += room
        most = max(most, room)
    # Spans: row, start, stop, zone. Cells: row, column, zone.
    spans = np.empty((4, total), dtype=np.int64)
    cells = np.empty((3, total), dtype=np.int64)
    fractions = np.empty(total, dtype=np.float64)
    columns = np.empty(most, dtype=np.int64)
    values = np.empty((most, 2), dtype=np.float64)
    traced = (np.empty_like(columns), np.empty_like(columns), np.empty_like(values))
    starts = np.empty(row_stop - row_start + 1, dtype=np.int64)
    n_spans, n_cells = 0, 0
    for zone in zones:
        row, column = corners[zone]
        top, bottom, east = row_start - row, row_stop - row, column_stop - column
        of_zone = edges[offsets[zone] : offsets[zone + 1]]
        _collect(of_zone, top, bottom, column_start - column, east, traced, columns, values, starts)
        begin = 0
        for i in range(bottom - top):
            end = starts[i]
            if end == begin:
                continue
            of_row, of_row_values = columns[begin:end], values[begin:end]
            begin = end
            _sort(of_row, of_row_values)
            first_span, first_cell = n_spans, n_cells
            n_spans, n_cells = _sweep(
                of_row, of_row_values, east, spans, cells, fractions, n_spans, n_cells
            )
            spans[0, first_span:n_spans] = row_start + i
            spans[1:3, first_span:n_spans] += column
            spans[3, first_span:n_spans] = zone
            cells[0, first_cell:n_cells] = row_start + i
            cells[1, first_cell:n_cells] += column
            cells[2, first_cell:n_cells] = zone
    return spans[:, :n_spans].copy(), cells[:, :n_cells].copy(), fractions[:n_cells].copy()
