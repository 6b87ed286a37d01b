"""The engine of this project, as the benchmarks call it."""

from __future__ import annotations

import numpy as np

from analytics.arrays import Int64Array
from analytics.counting.passes import ZoneCells, count_cells
from analytics.counting.scanline import edges_of
from analytics.rasters.grids import open_grid
from tests.benchmarks.landscape import PAIRS, Pair, pair_of
from tests.benchmarks.partition import Geometries
from tests.benchmarks.rows import THREADS


def pair_counts(pair: Pair, geometries: Geometries) -> ZoneCells:
    """Class pairs of all zones; every code counts as a class, as for the peers."""
    earlier, later = (open_grid(path) for path in pair.paths)
    edges = edges_of(
        geometries,
        x_origin=earlier.x_origin,
        y_origin=earlier.y_origin,
        cell_width=earlier.cell_width,
        cell_height=earlier.cell_height,
    )
    return count_cells(edges, [earlier, later], missing=frozenset(), jobs=THREADS)


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
