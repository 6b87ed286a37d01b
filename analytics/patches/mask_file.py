"""Accepted change as a raster: 0 none, 1 gain, 2 loss, 255 not observed in one of the editions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rasterio
from numba import njit
from rasterio.errors import RasterioError
from rasterio.io import DatasetWriter
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterWindow

from analytics.arrays import Int64Array
from analytics.errors import UnwritableFile
from analytics.files.replacement import replaced, scratch
from analytics.grid import Window
from analytics.nomenclature import NO_DATA
from analytics.patches.accepted_change import Strip
from analytics.patches.mask_codes import GAIN, LOSS, NONE
from analytics.patches.patch_records import Patches
from analytics.patches.runs import Bytes, Runs
from analytics.rasters.block_rows import COG_BLOCK
from analytics.rasters.cells import first_line
from analytics.rasters.grids import RasterGrid
from analytics.rasters.sources import copy_as_cog

COLOURS = {
    NONE: (240, 240, 240, 255),
    GAIN: (215, 25, 28, 255),
    LOSS: (44, 123, 182, 255),
    NO_DATA: (0, 0, 0, 0),
}
"""Colour table: light grey, red, blue, transparent."""


class ChangeMask:
    """Writes accepted change to a raster (a Receiver of accepted_change)."""

    def __init__(self, dataset: DatasetWriter) -> None:
        """``dataset`` is open for writing and reading."""
        self._dataset = dataset

    def prepare(self, strip: Strip) -> Bytes:
        """The cells of a strip as they are without a patch."""
        return strip.blank()

    def receive(
        self, window: Window, prepared: Bytes, *, patches: Patches, runs: Runs, ids: Int64Array
    ) -> None:
        """Write a strip."""
        paint(prepared, runs, runs.kind, row=window.row)
        self._dataset.write(prepared, 1, window=raster_window(window))

    def receive_late(self, runs: Runs, ids: Int64Array) -> None:
        """Write further runs into strips that are there."""
        repaint(self._dataset, runs, runs.kind)


def paint(cells: Bytes, runs: Runs, values: Bytes, *, row: int, column: int = 0) -> None:
    """Give the cells of runs their values, shape (runs,); ``row`` and ``column`` are the place of
    the first of ``cells`` in the raster."""
    _paint(cells, runs.row - row, runs.start - column, runs.stop - column, values)


def repaint(dataset: DatasetWriter, runs: Runs, values: Bytes) -> None:
    """Give the cells of runs their values in a raster."""
    window = around(runs)
    cells = dataset.read(1, window=raster_window(window))
    paint(cells, runs, values, row=window.row, column=window.column)
    dataset.write(cells, 1, window=raster_window(window))


def around(runs: Runs) -> Window:
    """The smallest window that holds runs, of which there is one at least."""
    row, column = int(runs.row.min()), int(runs.start.min())
    return Window(row, column, int(runs.row.max()) + 1 - row, int(runs.stop.max()) - column)


@contextmanager
def change_mask(path: Path, grid: RasterGrid) -> Iterator[ChangeMask]:
    """A receiver whose raster lies at ``path`` at the end, as a Cloud Optimised GeoTIFF on the
    editions' grid; nothing is left of it after an error. Raises UnwritableFile or RasterError."""
    with mask_dataset(path, grid) as dataset:
        yield ChangeMask(dataset)
        dataset.write_colormap(1, COLOURS)


@contextmanager
def mask_dataset(path: Path, grid: RasterGrid, **options: str) -> Iterator[DatasetWriter]:
    """A raster of bytes on a grid, open for writing and reading, that lies at ``path`` at the end
    as a Cloud Optimised GeoTIFF, with further ``options`` of GDAL; nothing is left of it after an
    error. Raises UnwritableFile or RasterError."""
    with _explained(path), replaced(path) as cog, scratch(path, "strips") as strips:
        with rasterio.open(strips, "w+", **_profile(grid)) as dataset:
            yield dataset
        with rasterio.open(strips) as dataset:
            copy_as_cog(dataset, cog, resampling="NEAREST", threads="ALL_CPUS", **options)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except RasterioError as error:
        raise UnwritableFile(
            str(path), found=first_line(error), expected="room and permission to write there"
        ) from error


def _profile(grid: RasterGrid) -> dict[str, Any]:
    return {
        "driver": "GTiff",
        "height": grid.height,
        "width": grid.width,
        "count": 1,
        "dtype": "uint8",
        "nodata": NO_DATA,
        "crs": grid.crs,
        "transform": from_origin(grid.x_origin, grid.y_origin, grid.cell_width, grid.cell_height),
        "tiled": True,
        "blockxsize": COG_BLOCK,
        "blockysize": COG_BLOCK,
        "compress": "ZSTD",
        "zstd_level": 1,
        "bigtiff": "IF_SAFER",
    }


def raster_window(window: Window) -> RasterWindow:
    """A window as rasterio takes it."""
    return RasterWindow(window.column, window.row, window.width, window.height)


@njit(cache=True, nogil=True)
def _paint(cells, row, start, stop, values):  # type: ignore[no-untyped-def]
    for run in range(len(row)):
        cells[row[run], start[run] : stop[run]] = values[run]
