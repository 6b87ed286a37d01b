"""Cells of zones by stratum: what an estimate for a zone extrapolates to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from analytics.arrays import Int64Array
from analytics.counting.scanline import Edges, edges_of, spans_of
from analytics.rasters.grids import RasterGrid
from analytics.rasters.sources import Progress
from analytics.sampling.row_blocks import Area, RowBlock, row_blocks
from analytics.sampling.strata import Scheme
from analytics.sampling.strata_kernels import zone_counts


def count_zones(
    grids: Sequence[RasterGrid],
    scheme: Scheme,
    zones: npt.NDArray[np.object_],
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Int64Array:
    """Cells of each zone by stratum, shape (zones, strata of the scheme).

    ``zones`` (zones,) are polygons and multipolygons in the reference system of the rasters; they
    may overlap, and reach beyond the rasters, where nothing is counted. Errors are those of
    row_blocks.
    """
    edges = edges_of(zones, **grids[0].placement)
    counts = np.zeros((len(zones), len(scheme.names)), dtype=np.int64)
    frame = _frame(grids[0], zones)
    if frame is None:
        return counts
    numbers = np.array(scheme.numbers) - 1

    def look(block: RowBlock) -> tuple[Int64Array, Int64Array]:
        spans = spans_of(edges, block.window)
        present, place = np.unique(spans.zone, return_inverse=True)
        here = type(spans)(spans.row, spans.start, spans.stop, place.astype(np.int64))
        found = zone_counts(block.strata, spans=here, window=block.window, zones=len(present))
        return present, found[:, numbers]

    for present, found in row_blocks(
        Area(grids, frame), scheme, look, jobs=jobs, progress=progress
    ):
        counts[present] += found
    return counts


def _frame(grid: RasterGrid, zones: npt.NDArray[np.object_]) -> Edges | None:
    """A rectangle of cells that holds all zones as far as the raster has them; None where it has
    none of them."""
    east = grid.x_origin + grid.width * grid.cell_width
    south = grid.y_origin - grid.height * grid.cell_height
    raster = shapely.box(grid.x_origin, south, east, grid.y_origin)
    if not len(zones):
        return None
    near = shapely.box(*shapely.total_bounds(zones)).buffer(
        2 * max(grid.cell_width, grid.cell_height), join_style="mitre"
    )
    shared = near.intersection(raster)
    # What touches the raster alone is a line or a point.
    return edges_of([shared], **grid.placement) if shared.area > 0 else None
