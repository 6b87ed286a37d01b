"""How many cells of the 10 m grid each zone has, exactly, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from analytics.counting.scanline import edges_of, spans_of
from analytics.grid import CELL_SIZE, Window, window_of_bounds

Geometries = npt.NDArray[np.object_]

_CROSSINGS = 4_000_000
"""Of an outline and a row of centres, each of 24 bytes, that are sorted at once; at most twice."""
_ZONES = 2_000
"""Zones that are counted at once."""


def count_cells(zones: Geometries) -> npt.NDArray[np.int64]:
    """Number of cells whose centre lies in each zone; 0 for None."""
    cells = np.zeros(len(zones), dtype=np.int64)
    present = np.flatnonzero(~shapely.is_missing(zones))
    for chunk in _batches(zones[present]):
        batch = zones[present[chunk]]
        edges = edges_of(batch)
        for window in _bands(batch):
            cells[present[chunk]] += spans_of(edges, window).cells_by_zone(len(batch))
    return cells


def _rows_crossed(zones: Geometries) -> npt.NDArray[np.int64]:
    """At least as many as the crossings of each outline with rows of centres."""
    lengths = np.asarray(shapely.length(zones), dtype=np.float64)
    points = np.asarray(shapely.get_num_coordinates(zones), dtype=np.int64)
    return np.asarray(lengths / CELL_SIZE, dtype=np.int64) + points


def _batches(zones: Geometries) -> Iterator[slice]:
    filled = np.cumsum(_rows_crossed(zones)) // _CROSSINGS
    starts = [0, *(np.flatnonzero(np.diff(filled)) + 1).tolist(), len(zones)]
    for start, stop in pairwise(starts):
        for first in range(start, stop, _ZONES):
            yield slice(first, min(first + _ZONES, stop))


def _bands(zones: Geometries) -> Iterator[Window]:
    """The window of some zones, in bands of rows where it has too many crossings."""
    whole = window_of_bounds(*map(float, shapely.total_bounds(zones)))
    bands = -(-int(_rows_crossed(zones).sum()) // (2 * _CROSSINGS))
    height = -(-whole.height // bands)
    return whole.parts(height, whole.width)
