"""Samples: points with their strata, and with the probability that each was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj

from analytics.arrays import Float64Array, Int64Array
from analytics.rasters.grids import RasterGrid


@dataclass(frozen=True, slots=True)
class Stratum:
    """A stratum, its size in cells and in square metres, and the points that are drawn from it."""

    name: str
    cells: int
    area: float
    points: int


@dataclass(frozen=True, slots=True)
class Sample:
    """Points, each array of shape (points,), in the order of their ids, which count from 1.

    ``stratum`` is a place in ``strata``; ``row`` and ``column`` are those of the raster;
    ``earlier`` and ``later`` are codes of classes, equal where there is one edition.
    ``probability`` is that of a cell to be drawn; its inverse is the cell's weight. ``unit`` is the
    number of the primary unit, 0 where there are none.
    """

    grid: RasterGrid
    editions: int
    strata: list[Stratum]
    stratum: Int64Array
    row: Int64Array
    column: Int64Array
    earlier: Int64Array
    later: Int64Array
    probability: Float64Array
    unit: Int64Array

    def __len__(self) -> int:
        return len(self.row)

    @property
    def two_stage(self) -> bool:
        """Whether cells were drawn within primary units."""
        return bool((self.unit > 0).any())

    def eastings_northings(self) -> tuple[Float64Array, Float64Array]:
        """The centres of the cells, in the raster's reference system."""
        grid = self.grid
        column, row = self.column.astype(np.float64), self.row.astype(np.float64)
        x = grid.x_origin + (column + 0.5) * grid.cell_width
        y = grid.y_origin - (row + 0.5) * grid.cell_height
        return x, y

    def degrees(self) -> tuple[Float64Array, Float64Array]:
        """Longitude and latitude of the centres (WGS 84), to the centimetre."""
        move = pyproj.Transformer.from_crs(self.grid.crs, 4326, always_xy=True)
        longitude, latitude = move.transform(*self.eastings_northings())
        return np.round(longitude, 7), np.round(latitude, 7)


def mixed_order(stratum: Int64Array, *, seed: int) -> Int64Array:
    """An order of points in which every beginning holds each stratum as the whole sample does, to
    about a point, from points that are ordered by stratum and in random order within it.

    A beginning therefore holds a simple random sample of each stratum: the i-th point of a stratum
    with n, counted from 0, is placed at (i + U) / n, U uniform in 0..1.
    """
    sizes = np.bincount(stratum, minlength=1)
    rank = np.arange(len(stratum)) - np.searchsorted(stratum, stratum)
    uniform = np.random.default_rng([seed, ORDER_STREAM]).random(len(stratum))
    return np.argsort((rank + uniform) / sizes[stratum], kind="stable")


ORDER_STREAM, UNIT_STREAM, START_STREAM, CELL_STREAM = range(1, 5)
"""Numbers that tell apart what is drawn with one seed."""


def areas_of(sizes: Sequence[int], grid: RasterGrid) -> list[float]:
    """The areas of so many cells, in square metres."""
    cell_area = grid.cell_area * grid.metres_per_unit**2
    return [size * cell_area for size in sizes]
