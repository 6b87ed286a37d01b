"""The engine of this project, as the benchmarks call it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.arrays import Int64Array
from analytics.counting.passes import ZoneCells, count_cells
from analytics.counting.scanline import Edges, edges_of
from analytics.patches.accepted_change import Totals, accept_change
from analytics.patches.filters import DEFAULT_FILTER
from analytics.patches.zone_change import ZoneChange
from analytics.rasters.grids import RasterGrid, open_grid
from tests.benchmarks.landscape import PAIRS, Pair, pair_of
from tests.benchmarks.partition import Geometries
from tests.benchmarks.rows import THREADS


def pair_counts(pair: Pair, geometries: Geometries) -> ZoneCells:
    """Class pairs of all zones; every code counts as a class, as for the peers."""
    earlier, later = (open_grid(path) for path in pair.paths)
    edges = _edges(geometries, earlier)
    return count_cells(edges, [earlier, later], missing=frozenset(), jobs=THREADS)


@dataclass(frozen=True, slots=True)
class FilteredChange:
    """Cells of gain and of loss of zones, shape (zones, 2), and what the whole raster has."""

    raw: Int64Array
    accepted: Int64Array
    totals: Totals


def filtered_change(pair: Pair, geometries: Geometries) -> FilteredChange:
    """Change in all zones, raw and by the default filter."""
    earlier, later = (open_grid(path) for path in pair.paths)
    counted = ZoneChange(_edges(geometries, earlier), width=earlier.width)
    totals = accept_change(earlier, later, DEFAULT_FILTER, counted, jobs=THREADS)
    return FilteredChange(counted.raw, counted.accepted, totals)


def _edges(geometries: Geometries, grid: RasterGrid) -> Edges:
    return edges_of(
        geometries,
        x_origin=grid.x_origin,
        y_origin=grid.y_origin,
        cell_width=grid.cell_width,
        cell_height=grid.cell_height,
    )


def by_code(counts: ZoneCells) -> tuple[Int64Array, Int64Array]:
    """Cells of each zone by code in the earlier and in the later edition, shape (zones, 256)."""
    earlier = np.zeros((len(counts.cells), 256), dtype=np.int64)
    later = np.zeros_like(earlier)
    earlier[:, list(counts.codes[0])] = counts.cells[:, :-1].sum(axis=2)
    later[:, list(counts.codes[1])] = counts.cells[:, :, :-1].sum(axis=1)
    return earlier, later


def by_pair(counts: ZoneCells) -> Int64Array:
    """Cells of each zone by pair of codes, shape (zones, PAIRS)."""
    table = np.zeros((len(counts.cells), PAIRS), dtype=np.int64)
    earlier, later = (np.array(codes, dtype=np.uint8) for codes in counts.codes)
    table[:, pair_of(earlier[:, None], later)] = counts.cells[:, :-1, :-1]
    return table
