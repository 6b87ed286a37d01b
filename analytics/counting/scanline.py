"""Which cells lie in which zone: exact spans of cells by scanline, with a half-open tie rule.

**Rule.** A cell belongs to a zone if its centre lies inside. A centre exactly on a border belongs
to the zone *east* of it; on a border that runs from west to east, to the zone *south* of it. Zones
that partition the plane therefore partition the cells: none is counted twice, none is lost.

**Exactness.** Coordinates are taken as they are, in double precision; nothing is rounded and
nothing depends on a tolerance. On a row of centres, an edge yields the first column whose centre is
not west of it: found by division, and where a centre lies so near that its rounding could matter,
decided by an exact predicate (analytics.geometry.orientation). Every edge is taken from north to
south, so that two zones decide alike about the edge that they share. Sorted, the columns of a row
pair up into spans (even-odd rule).
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
from analytics.errors import InvalidGeometry
from analytics.geometry import orientation
from analytics.grid import CELL_SIZE, Y_ORIGIN, Window


@dataclass(frozen=True, slots=True)
class Edges:
    """The borders of zones as edges that go south, and the grid that they lie on.

    ``coordinates`` has shape (edges, 4): x and y of the northern end, then of the southern end.
    The edges of zone ``i`` are ``offsets[i]`` to ``offsets[i + 1]``; ``level`` are those that run
    along a row, which no row of centres crosses. ``rows`` has shape (zones, 2): the first row of
    centres that a zone may hold and the row after the last. ``grid`` holds the x and y of the
    north-western corner of cell (0, 0), and the width and height of a cell.
    """

    coordinates: Float64Array
    offsets: Int64Array
    rows: Int64Array
    grid: Float64Array
    level: Float64Array

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True)
class Spans:
    """Runs of cells: row, first column, column after the last, and the zone's index; in whole-grid
    indices, ordered by zone, then row, then column. Each array has shape (spans,)."""

    row: Int64Array
    start: Int64Array
    stop: Int64Array
    zone: Int64Array

    def __len__(self) -> int:
        return len(self.row)

    def cells_by_zone(self, zones: int) -> Int64Array:
        """Number of cells of each of ``zones`` zones, shape (zones,)."""
        cells = np.zeros(zones, dtype=np.int64)
        np.add.at(cells, self.zone, self.stop - self.start)
        return cells


def edges_of(
    geometries: Sequence[Any] | npt.NDArray[np.object_],
    *,
    x_origin: float = 0.0,
    y_origin: float = Y_ORIGIN,
    cell_width: float = CELL_SIZE,
    cell_height: float = CELL_SIZE,
) -> Edges:
    """Edges of polygons and multipolygons whose coordinates are in the grid's reference system.

    The centre of the cell in row r and column c is x_origin + (c + 1/2) cell_width, y_origin -
    (r + 1/2) cell_height. Raises InvalidGeometry for anything that is not an area and for
    coordinates that are not finite.
    """
    areas = np.asarray(geometries, dtype=object)
    kinds = shapely.get_type_id(areas)
    if not np.isin(kinds, (3, 6)).all():
        first = int(np.flatnonzero(~np.isin(kinds, (3, 6)))[0])
        kind = "nothing" if areas[first] is None else str(areas[first].geom_type)
        raise InvalidGeometry(f"zone {first}", found=kind, expected="a polygon or multipolygon")
    parts, zone_of_part = shapely.get_parts(areas, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    points, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    if not np.isfinite(points).all():
        raise InvalidGeometry(
            "zones", found="coordinates that are not finite", expected="finite coordinates"
        )
    # Parts, rings and points come in the order of the zones, and so do their edges.
    zone_of_ring = zone_of_part[part_of_ring]
    sloping, level = _split(points, ring_of_point, zone_of_ring, len(areas))
    edges = np.empty((int(sloping.sum()), 4), dtype=np.float64)
    flat = np.empty((level, 4), dtype=np.float64)
    _fill(points, ring_of_point, edges, flat)
    offsets = np.concatenate(([0], np.cumsum(sloping))).astype(np.int64)
    grid = np.array([x_origin, y_origin, cell_width, cell_height], dtype=np.float64)
    return Edges(edges, offsets, _row_ranges(edges, offsets, grid), grid, flat)


def spans_of(edges: Edges, window: Window) -> Spans:
    """The cells of each zone within a window."""
    rows, starts, stops, zones = _spans(
        edges.coordinates,
        edges.offsets,
        edges.rows,
        edges.grid,
        window.row,
        window.row_stop,
        window.column,
        window.column_stop,
    )
    return Spans(rows, starts, stops, zones)


@njit(cache=True, nogil=True)
def _split(points, ring_of_point, zone_of_ring, zones):  # type: ignore[no-untyped-def]
    """How many edges of each zone slope, and how many in all run along a row."""
    sloping = np.zeros(zones, dtype=np.int64)
    level = 0
    for i in range(len(points) - 1):
        if ring_of_point[i] == ring_of_point[i + 1]:
            if points[i, 1] != points[i + 1, 1]:
                sloping[zone_of_ring[ring_of_point[i]]] += 1
            else:
                level += 1
    return sloping, level


@njit(cache=True, nogil=True)
def _fill(points, ring_of_point, edges, flat):  # type: ignore[no-untyped-def]
    """Write the edges, those that slope from north to south; without copies on the way."""
    n, level = 0, 0
    for i in range(len(points) - 1):
        if ring_of_point[i] != ring_of_point[i + 1]:
            continue
        first, second = points[i], points[i + 1]
        if first[1] == second[1]:
            flat[level, 0], flat[level, 1] = first[0], first[1]
            flat[level, 2], flat[level, 3] = second[0], second[1]
            level += 1
            continue
        if first[1] < second[1]:
            first, second = second, first
        edges[n, 0], edges[n, 1], edges[n, 2], edges[n, 3] = (
            first[0],
            first[1],
            second[0],
            second[1],
        )
        n += 1


@njit(cache=True, nogil=True)
def _first_row(y, grid):  # type: ignore[no-untyped-def]
    """First row whose centre is not north of y; y itself is not north of y."""
    row = np.int64(np.ceil((grid[1] - y) / grid[3] - 0.5))
    # The estimate may be off by its rounding.
    while grid[1] - (row - 1 + 0.5) * grid[3] <= y:
        row -= 1
    while grid[1] - (row + 0.5) * grid[3] > y:
        row += 1
    return row


@njit(cache=True, nogil=True)
def _row_ranges(edges, offsets, grid):  # type: ignore[no-untyped-def]
    zones = len(offsets) - 1
    ranges = np.zeros((zones, 2), dtype=np.int64)
    for zone in range(zones):
        if offsets[zone] == offsets[zone + 1]:
            continue
        north, south = edges[offsets[zone], 1], edges[offsets[zone], 3]
        for edge in range(offsets[zone], offsets[zone + 1]):
            north = max(north, edges[edge, 1])
            south = min(south, edges[edge, 3])
        ranges[zone, 0] = _first_row(north, grid)
        ranges[zone, 1] = _first_row(south, grid)
    return ranges


@njit(cache=True, nogil=True)
def _first_column(x0, y0, x1, y1, row, grid):  # type: ignore[no-untyped-def]
    """First column whose centre is not west of an edge, on a row of centres that it crosses."""
    y = grid[1] - (row + 0.5) * grid[3]
    position = (x0 + (y - y0) / (y1 - y0) * (x1 - x0) - grid[0]) / grid[2] - 0.5
    nearest = np.floor(position + 0.5)
    # Far more than the rounding of the line above, far less than a cell.
    doubt = 1e-9 + 1e-14 * (abs(x0) + abs(x1) + abs(grid[0])) / grid[2]
    if abs(position - nearest) > doubt:
        return np.int64(np.ceil(position))
    column = np.int64(nearest)
    centre = grid[0] + (nearest + 0.5) * grid[2]
    return column if orientation.side_of_line(x0, y0, x1, y1, centre, y) >= 0 else column + 1


@njit(cache=True, nogil=True)
def _spans(  # type: ignore[no-untyped-def]
    edges, offsets, ranges, grid, row_start, row_stop, column_start, column_stop
):
    zones = len(offsets) - 1
    # First pass: how many crossings each zone has on the rows of the window.
    total = 0
    for zone in range(zones):
        if ranges[zone, 1] <= row_start or ranges[zone, 0] >= row_stop:
            continue
        for edge in range(offsets[zone], offsets[zone + 1]):
            first = max(_first_row(edges[edge, 1], grid), row_start)
            last = min(_first_row(edges[edge, 3], grid), row_stop)
            if last > first:
                total += last - first
    rows = np.empty(total // 2, dtype=np.int64)
    starts = np.empty(total // 2, dtype=np.int64)
    stops = np.empty(total // 2, dtype=np.int64)
    owners = np.empty(total // 2, dtype=np.int64)
    crossings = np.empty(total, dtype=np.int64)
    fill = np.zeros(row_stop - row_start + 1, dtype=np.int64)
    written = 0
    for zone in range(zones):
        top, bottom = max(ranges[zone, 0], row_start), min(ranges[zone, 1], row_stop)
        if bottom <= top:
            continue
        # Second pass: counting sort of the zone's crossings by row.
        n = bottom - top
        fill[: n + 1] = 0
        for edge in range(offsets[zone], offsets[zone + 1]):
            first = max(_first_row(edges[edge, 1], grid), top)
            last = min(_first_row(edges[edge, 3], grid), bottom)
            for row in range(first, last):
                fill[row - top + 1] += 1
        for i in range(n):
            fill[i + 1] += fill[i]
        for edge in range(offsets[zone], offsets[zone + 1]):
            x0, y0, x1, y1 = edges[edge, 0], edges[edge, 1], edges[edge, 2], edges[edge, 3]
            first = max(_first_row(y0, grid), top)
            last = min(_first_row(y1, grid), bottom)
            for row in range(first, last):
                column = _first_column(x0, y0, x1, y1, row, grid)
                crossings[fill[row - top]] = min(max(column, column_start), column_stop)
                fill[row - top] += 1
        # fill[i] is now where row i ends, and so where row i + 1 starts.
        begin = 0
        for i in range(n):
            end = fill[i]
            for k in range(begin + 1, end):
                value = crossings[k]
                j = k - 1
                while j >= begin and crossings[j] > value:
                    crossings[j + 1] = crossings[j]
                    j -= 1
                crossings[j + 1] = value
            for k in range(begin, end - 1, 2):
                if crossings[k + 1] > crossings[k]:
                    rows[written] = top + i
                    starts[written] = crossings[k]
                    stops[written] = crossings[k + 1]
                    owners[written] = zone
                    written += 1
            begin = end
    return rows[:written], starts[:written], stops[:written], owners[:written]
