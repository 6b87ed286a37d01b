"""Rasters as several threads read them: strips of values, missing where a mask covers them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np
import rasterio
from rasterio.io import DatasetReader

from analytics.counting.kernels import Values
from analytics.errors import WrongBand
from analytics.grid import Window
from analytics.rasters.cells import read_rows, readable
from analytics.rasters.grids import RasterGrid

NODATA = 256
"""Value that stands for what no byte says: NaN, a declared nodata that is no byte, and a cell under
a mask where no code means *missing*."""


class ThreadReaders(ExitStack):
    """Rasters that are read by several threads. Each thread opens them for itself, since GDAL
    shares no dataset between threads; the end of the context closes them all."""

    def __init__(self, grids: Sequence[RasterGrid], *, missing: frozenset[int]) -> None:
        """``missing`` are codes of what is not observed, besides the declared nodata."""
        super().__init__()
        self.grids = grids
        self.absent = [missing | grid.nodata_code | {NODATA} for grid in grids]
        """Values of each raster that are not observed."""
        self._own = threading.local()

    def read(self, strip: Window) -> list[Values]:
        """The values of a strip in each raster, shape ``strip.shape``: bytes, or whole numbers up
        to NODATA.

        Raises UnreadableRaster, or WrongBand for values that are not whole numbers from 0 to 255.
        """
        if not hasattr(self._own, "datasets"):
            self._own.datasets = [self._open(grid) for grid in self.grids]
        return [
            _values(dataset, grid, strip, absent)
            for dataset, grid, absent in zip(
                self._own.datasets, self.grids, self.absent, strict=True
            )
        ]

    def _open(self, grid: RasterGrid) -> DatasetReader:
        with readable(grid.name):
            dataset = rasterio.open(grid.source)
        self.callback(dataset.close)
        return dataset


def _values(
    dataset: DatasetReader, grid: RasterGrid, strip: Window, absent: frozenset[int]
) -> Values:
    block, masked = read_rows(dataset, grid.layout, strip, name=grid.name)
    if block.dtype == np.uint8:
        if masked is None or not masked.any():
            return block
        codes = absent - {NODATA}
        return np.where(masked, np.uint8(max(codes)) if codes else np.uint16(NODATA), block)
    covered = np.zeros(block.shape, dtype=bool) if masked is None else masked
    if block.dtype.kind == "f":
        covered |= np.isnan(block)
    if grid.nodata is not None and not np.isnan(grid.nodata):
        covered |= block == block.dtype.type(grid.nodata)
    values = np.where(covered, 0, block)
    wrong = values[(values < 0) | (values > 255) | (values != np.floor(values))]
    if len(wrong):
        raise WrongBand(
            grid.name,
            found=f"values such as {wrong[0]:g}",
            expected="classes: whole numbers from 0 to 255",
        )
    whole = values.astype(np.uint16)
    whole[covered] = NODATA
    return whole
