"""Rasters of classes on any grid of a projected reference system: where their cells lie."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pyproj
import rasterio
from rasterio.io import DatasetReader

from analytics.errors import WrongBand, WrongGrid, WrongReferenceSystem
from analytics.geometry import described, differences, farthest, metres_per_unit, same_system
from analytics.grid import CELL_SIZE, EPSG, Y_ORIGIN
from analytics.rasters.block_rows import FROM_THE_TOP, BlockRows, block_rows
from analytics.rasters.cells import (
    Layout,
    Place,
    bands_of_values,
    layout_of,
    nodata_code,
    place_of,
    readable,
)

SAME = 1e-6
"""Share of a cell by which two grids may differ: what adding up cells in another order leaves."""
LISTED = 8
"""Layers of a file that are named."""


@dataclass(frozen=True, slots=True)
class RasterGrid:
    """A raster and its grid as it lies on the ground, north up and west left.

    ``source`` is what GDAL opens: a path, or the name of a layer in a file (a subdataset). Cell
    sizes are positive, in units of the reference system.
    """

    source: str
    name: str
    x_origin: float
    y_origin: float
    cell_width: float
    cell_height: float
    height: int
    width: int
    crs: str
    nodata: float | None
    nodata_code: frozenset[int]
    block_height: int
    layout: Layout
    block_rows: tuple[BlockRows, ...] = FROM_THE_TOP
    """Where rows of blocks begin; of a mosaic, those of its tiles."""

    def with_missing(self, codes: Iterable[int]) -> RasterGrid:
        """The same raster, in which these codes too stand for what is not observed."""
        return replace(self, nodata_code=self.nodata_code | frozenset(codes))

    @property
    def placement(self) -> dict[str, float]:
        """Where its cells lie, as what makes edges or borders of zones takes it."""
        return {
            "x_origin": self.x_origin,
            "y_origin": self.y_origin,
            "cell_width": self.cell_width,
            "cell_height": self.cell_height,
        }

    @property
    def metres_per_unit(self) -> float:
        """Metres in a unit of the reference system."""
        return metres_per_unit(pyproj.CRS.from_wkt(self.crs))

    @property
    def cell_area(self) -> float:
        """Area of a cell, in the square of the reference system's unit."""
        return self.cell_width * self.cell_height


def open_grid(source: Path | str) -> RasterGrid:
    """The grid of a raster in a projected reference system: of a file, or of a layer in a file that
    is named as GDAL names it.

    Raises UnreadableRaster, WrongBand, WrongReferenceSystem or WrongGrid.
    """
    name = Path(source).name.replace('"', "")
    with readable(name), rasterio.open(source) as dataset:
        return _grid(dataset, source=str(source), name=name)


def platform_grid() -> RasterGrid:
    """The 10 m grid itself, for places that were drawn from rasters which are not at hand: row 0
    and column 0 are those of analytics.grid."""
    return RasterGrid(
        source="",
        name="10 m grid",
        x_origin=0.0,
        y_origin=float(Y_ORIGIN),
        cell_width=float(CELL_SIZE),
        cell_height=float(CELL_SIZE),
        height=Y_ORIGIN // CELL_SIZE,
        width=Y_ORIGIN // CELL_SIZE,
        crs=pyproj.CRS.from_epsg(EPSG).to_wkt(),
        nodata=None,
        nodata_code=frozenset(),
        block_height=1,
        layout=Layout(rows_from_south=False, columns_from_east=False, mask=False, alpha=False),
    )


def check_same_grid(earlier: RasterGrid, later: RasterGrid) -> None:
    """Raise WrongReferenceSystem or WrongGrid for rasters of different grids; says how they
    differ."""
    systems = pyproj.CRS.from_wkt(earlier.crs), pyproj.CRS.from_wkt(later.crs)
    if not same_system(*systems):
        raise WrongReferenceSystem(
            later.name,
            found=described(systems[1]),
            expected=f"the reference system of {earlier.name}: {described(systems[0])}",
            hint=f"They differ: {differences(systems[1], systems[0])}",
        )
    columns = (later.x_origin - earlier.x_origin) / earlier.cell_width
    rows = (earlier.y_origin - later.y_origin) / earlier.cell_height
    wider = (later.cell_width / earlier.cell_width - 1) * earlier.width
    higher = (later.cell_height / earlier.cell_height - 1) * earlier.height
    if (later.height, later.width) == (earlier.height, earlier.width) and max(
        abs(columns), abs(rows), abs(wider), abs(higher)
    ) <= SAME:
        return
    raise WrongGrid(
        later.name,
        found=_grid_in_words(later),
        expected=f"the grid of {earlier.name}: {_grid_in_words(earlier)}",
        hint=_shift(columns, rows)
        if max(abs(wider), abs(higher)) <= SAME
        else "Warp one onto the grid of the other first, with nearest neighbour",
    )


def _grid_in_words(grid: RasterGrid) -> str:
    return (
        f"{grid.width} × {grid.height} cells of {_number(grid.cell_width)} by "
        f"{_number(grid.cell_height)} at {_number(grid.x_origin)}, {_number(grid.y_origin)}"
    )


def _number(value: float) -> str:
    """A number in all its digits, so that two that differ are seen to."""
    return repr(value).removesuffix(".0")


def _shift(columns: float, rows: float) -> str:
    """How far one grid lies from the other, in cells."""
    parts = [
        f"{abs(round(cells, 6)):g} cells to the {words[cells > 0]}"
        for cells, words in ((columns, ("west", "east")), (rows, ("north", "south")))
        if abs(cells) > SAME
    ]
    return f"It is shifted by {' and '.join(parts)}" if parts else "Both begin at the same place"


def _grid(dataset: DatasetReader, *, source: str, name: str) -> RasterGrid:
    _check_layers(dataset, name=name)
    crs = _projected_system(dataset, name=name)
    layout = layout_of(dataset)
    if bands_of_values(dataset, layout) != 1 or dataset.dtypes[0].startswith("complex"):
        raise WrongBand(
            name,
            found=f"{dataset.count} band(s) of {dataset.dtypes[0]}",
            expected="one band of classes",
            hint="Take one band out first, such as gdal_translate -b 1"
            if dataset.count > 1
            else "",
        )
    place = place_of(dataset)
    if dataset.transform.is_identity:
        raise WrongGrid(name, found="no place in the reference system", expected="a geotransform")
    if place is None:
        raise WrongGrid(name, found="a rotated grid, or none", expected="a grid with north up")
    _check_place(place, crs, name=name, size=(dataset.width, dataset.height))
    return RasterGrid(
        source=source,
        name=name,
        x_origin=place.west,
        y_origin=place.north,
        cell_width=place.cell_width,
        cell_height=place.cell_height,
        height=dataset.height,
        width=dataset.width,
        crs=dataset.crs.to_wkt(),
        nodata=dataset.nodata,
        nodata_code=nodata_code(dataset),
        block_height=dataset.block_shapes[0][0],
        layout=layout,
        block_rows=FROM_THE_TOP if layout.rows_from_south else block_rows(dataset),
    )


def _check_layers(dataset: DatasetReader, *, name: str) -> None:
    """Refuse a file of several layers (subdatasets): GDAL opens none of them, or just the first."""
    layers = list(dataset.subdatasets)
    if len(layers) < 2 and dataset.count:
        return
    if not layers:
        raise WrongBand(name, found="no band", expected="one band of classes")
    more = " …" if len(layers) > LISTED else ""
    raise WrongBand(
        name,
        found=f"{len(layers)} layers: {', '.join(layers[:LISTED])}{more}",
        expected="one band of classes",
        hint=f"Give one of these names as RASTER, in quotes: '{layers[0]}'",
    )


def _projected_system(dataset: DatasetReader, *, name: str) -> pyproj.CRS:
    if dataset.crs is None:
        raise WrongReferenceSystem(
            name, found="no reference system", expected="a projected reference system"
        )
    try:
        crs = pyproj.CRS.from_wkt(dataset.crs.to_wkt())
    except pyproj.exceptions.CRSError as error:
        raise WrongReferenceSystem(
            name, found=dataset.crs.to_wkt()[:80], expected="a reference system that PROJ knows"
        ) from error
    if crs.is_projected:
        return crs
    if crs.is_geographic:
        code = dataset.crs.to_epsg()
        found = f"EPSG:{code}" if code else f"degrees of {crs.name}"
        hint = "Warp it first, with nearest neighbour, for instance to EPSG:3035"
    else:
        found = f"{crs.name} ({crs.type_name})"
        hint = "If the cells lie in a known system, declare it: gdal_edit.py -a_srs EPSG:3035"
    raise WrongReferenceSystem(
        name, found=found, expected="a projected reference system", hint=hint
    )


def _check_place(place: Place, crs: pyproj.CRS, *, name: str, size: tuple[int, int]) -> None:
    """Refuse a grid that lies nowhere on the Earth."""
    limit = farthest(crs)
    width, height = size
    corners = (
        place.west,
        place.north,
        place.west + width * place.cell_width,
        place.north - height * place.cell_height,
    )
    if not all(math.isfinite(corner) and abs(corner) <= limit for corner in corners):
        raise WrongGrid(
            name,
            found=f"corners at {corners[0]:g}, {corners[1]:g} and {corners[2]:g}, {corners[3]:g}",
            expected=f"a place on the Earth, within {limit:g} of the origin",
        )
