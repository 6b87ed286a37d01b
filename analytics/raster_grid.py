"""Rasters of classes on any grid of a projected reference system: where their cells lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rasterio
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader

from analytics.errors import UnreadableRaster, WrongBand, WrongGrid, WrongReferenceSystem
from analytics.rasters import first_line


@dataclass(frozen=True, slots=True)
class RasterGrid:
    """A raster file and its grid; cell sizes are positive, in units of the reference system."""

    path: Path
    x_origin: float
    y_origin: float
    cell_width: float
    cell_height: float
    height: int
    width: int
    crs: str
    dtype: str
    nodata: float | None
    block_height: int

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def cell_area(self) -> float:
        """Area of a cell, in the square of the reference system's unit."""
        return self.cell_width * self.cell_height


def open_grid(path: Path) -> RasterGrid:
    """The grid of a raster in a projected reference system.

    Raises UnreadableRaster, WrongBand, WrongReferenceSystem or WrongGrid.
    """
    try:
        with rasterio.open(path) as dataset:
            return _grid(dataset, path)
    except RasterioError as error:
        raise UnreadableRaster(
            path.name, found=first_line(error), expected="a raster that GDAL can read"
        ) from error


def check_same_grid(earlier: RasterGrid, later: RasterGrid) -> None:
    """Raise WrongGrid for rasters of different grids."""

    def of(grid: RasterGrid) -> tuple[Any, ...]:
        return (
            grid.x_origin,
            grid.y_origin,
            grid.cell_width,
            grid.cell_height,
            grid.height,
            grid.width,
        )

    if of(earlier) != of(later) or earlier.crs != later.crs:
        raise WrongGrid(
            later.name,
            found=f"{later.width} × {later.height} cells at {later.x_origin:g}, {later.y_origin:g}",
            expected=f"the grid of {earlier.name}: {earlier.width} × {earlier.height} cells at "
            f"{earlier.x_origin:g}, {earlier.y_origin:g}",
        )


def _grid(dataset: DatasetReader, path: Path) -> RasterGrid:
    name = path.name
    if dataset.crs is None:
        raise WrongReferenceSystem(
            name, found="no reference system", expected="a projected reference system"
        )
    if not dataset.crs.is_projected:
        raise WrongReferenceSystem(
            name,
            found=f"EPSG:{dataset.crs.to_epsg()}" if dataset.crs.to_epsg() else "degrees",
            expected="a projected reference system",
            hint="Warp it first, with nearest neighbour, for instance to EPSG:3035",
        )
    if dataset.count != 1 or dataset.dtypes[0].startswith("complex"):
        raise WrongBand(
            name,
            found=f"{dataset.count} band(s) of {dataset.dtypes[0]}",
            expected="one band of classes",
        )
    t = dataset.transform
    if t.b or t.d or t.a <= 0 or t.e >= 0:
        raise WrongGrid(name, found="a rotated or flipped grid", expected="a grid with north up")
    return RasterGrid(
        path=path,
        x_origin=t.c,
        y_origin=t.f,
        cell_width=t.a,
        cell_height=-t.e,
        height=dataset.height,
        width=dataset.width,
        crs=dataset.crs.to_wkt(),
        dtype=dataset.dtypes[0],
        nodata=dataset.nodata,
        block_height=dataset.block_shapes[0][0],
    )
