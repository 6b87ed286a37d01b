"""The coverage rule on one zone of more than 500 km², against exactextract."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from tests.benchmarks import agreement, exactextract_peer
from tests.benchmarks.landscape import CELL, NORTH, WEST, pair
from tests.benchmarks.partition import Geometries, features, zones
from tests.benchmarks.race import race
from tests.benchmarks.rows import THREADS, Measured, Row, Scale, at_least
from tests.benchmarks.summary import of_ratios

SMALLEST = 500e6
"""Square metres."""


def run(scale: Scale) -> Measured:
    """Areas by class of one edition."""
    from analytics.counting.boundary import borders_of
    from analytics.counting.passes import ZoneCells, sum_fractions
    from analytics.rasters.grids import open_grid

    path = pair(scale.side).earlier
    zone = _zone(scale)
    layer = features(zone)

    def mine() -> ZoneCells:
        grid = open_grid(path)
        borders = borders_of(
            zone,
            x_origin=grid.x_origin,
            y_origin=grid.y_origin,
            cell_width=grid.cell_width,
            cell_height=grid.cell_height,
        )
        return sum_fractions(borders, [grid], missing=frozenset(), jobs=THREADS)

    contest = race(mine, lambda: exactextract_peer.run([path], layer), repeats=scale.repeats)
    answer = agreement.within(
        _by_code(contest.first_result.codes[0], contest.first_result.cells[:, :-1]),
        exactextract_peer.by_code_of_one(contest.second_result),
        relative=1e-6,
        peer="exactextract",
    )
    return of_ratios(contest, names=("ours", "exactextract"), agreement=answer)


def _zone(scale: Scale) -> Geometries:
    """The union of the zones round the middle of the raster, as large as it must be."""
    geometries = zones(count=scale.zones, side=scale.side)
    half = scale.side * CELL / 2
    middle = shapely.Point(WEST + half, NORTH - half)
    order = np.argsort(shapely.distance(shapely.centroid(geometries), middle))
    enough = int(np.searchsorted(np.cumsum(shapely.area(geometries[order])), SMALLEST)) + 1
    return np.array([shapely.union_all(geometries[order[:enough]])], dtype=object)


def _by_code(codes: tuple[int, ...], cells: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    table = np.zeros((len(cells), 256))
    table[:, list(codes)] = cells
    return table


ROWS = (
    Row(
        name="coverage",
        work="coverage rule, one zone of 500 km², against exactextract",
        required=at_least(5),
        aim=at_least(20),
        run=run,
        why="Of 30 ms, decoding the blocks takes 12 ms and the fractions 2 ms. The rest "
        "is packing and counting of whole strips of the raster.",
    ),
)
