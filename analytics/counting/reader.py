"""A raster as one thread reads it: strips of codes, missing where a mask covers them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import RasterioError

from analytics.counting.class_values import NODATA, missing_values, whole_numbers
from analytics.errors import UnreadableRaster
from analytics.grid import Window
from analytics.rasters.cells import layout_of, read_cells
from analytics.rasters.grids import RasterGrid
from analytics.rasters.sources import first_line

Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


class RasterReader:
    """Reads one raster; for one thread alone, since GDAL shares no dataset between threads."""

    def __init__(self, grid: RasterGrid, *, missing: frozenset[int]) -> None:
        """Open a raster whose codes of what is not observed are ``missing``, beside its nodata."""
        self._grid = grid
        try:
            self._dataset = rasterio.open(grid.source)
        except RasterioError as error:
            raise UnreadableRaster(
                grid.name, found=first_line(error), expected="a raster that GDAL can read"
            ) from error
        self._layout = layout_of(self._dataset)
        codes = [code for code in missing_values([grid], missing)[0] if code != NODATA]
        self._missing_code = max(codes, default=None)

    def close(self) -> None:
        """Close the file."""
        self._dataset.close()

    def read(self, strip: Window) -> Codes:
        """Codes of a strip, shape ``strip.shape``: bytes, or whole numbers up to NODATA.

        Raises UnreadableRaster, or WrongBand for values that are not whole numbers from 0 to 255.
        """
        try:
            block, masked = read_cells(self._dataset, self._layout, strip)
        except RasterioError as error:
            raise UnreadableRaster(
                self._grid.name,
                found=f"rows {strip.row} to {strip.row_stop - 1} unreadable ({first_line(error)})",
                expected="a file that can be read to its last block",
                hint="Is the download complete?",
            ) from error
        return self._codes(block, masked)

    def _codes(self, block: npt.NDArray[Any], masked: npt.NDArray[np.bool_] | None) -> Codes:
        if block.dtype == np.uint8:
            if masked is None or not masked.any():
                return block
            if self._missing_code is not None:
                block[masked] = self._missing_code
                return block
        return whole_numbers(block, grid=self._grid, masked=masked)


def open_readers(grids: Sequence[RasterGrid], *, missing: frozenset[int]) -> list[RasterReader]:
    """A reader for each raster, for one thread."""
    return [RasterReader(grid, missing=missing) for grid in grids]


class ThreadReaders:
    """Rasters that are read by several threads; each has readers of its own."""

    def __init__(self, grids: Sequence[RasterGrid], *, missing: frozenset[int]) -> None:
        self._grids = grids
        self._missing = missing
        self._own = threading.local()
        self._opened = ExitStack()

    def __enter__(self) -> ThreadReaders:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def read(self, strip: Window) -> list[Codes]:
        """The codes of a strip, one block a raster, each of shape ``strip.shape``."""
        if not hasattr(self._own, "readers"):
            self._own.readers = open_readers(self._grids, missing=self._missing)
            for reader in self._own.readers:
                self._opened.callback(reader.close)
        return [reader.read(strip) for reader in self._own.readers]
