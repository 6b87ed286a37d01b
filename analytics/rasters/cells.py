"""Cells of a raster as they lie on the ground: north up, west left, and what a mask covers.

A file may store its rows from south to north, or its columns from east to west. What it does not
observe it may say by a mask beside its values: inside the file, in a ``.msk`` beside it, in a VRT,
or as a band of opacity (alpha).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterWindow

from analytics.errors import UnreadableRaster
from analytics.grid import Window

Mask = npt.NDArray[np.bool_]

_ALPHA_BAND = 2
_WITHOUT_MASK = ([MaskFlags.all_valid], [MaskFlags.nodata])


@dataclass(frozen=True, slots=True)
class Layout:
    """How a dataset stores its cells, and by what it masks them."""

    rows_from_south: bool
    columns_from_east: bool
    mask: bool
    alpha: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cells of a dataset lie that is not rotated: its north-western corner, and the size
    of a cell, in units of the reference system."""

    west: float
    north: float
    cell_width: float
    cell_height: float


def layout_of(dataset: DatasetReader) -> Layout:
    """How a dataset stores its cells; looks for a mask, which may be in a file beside it."""
    flags = dataset.mask_flag_enums[0]
    return Layout(
        rows_from_south=dataset.transform.e > 0,
        columns_from_east=dataset.transform.a < 0,
        mask=flags not in _WITHOUT_MASK and MaskFlags.alpha not in flags,
        alpha=dataset.count == _ALPHA_BAND
        and dataset.colorinterp[_ALPHA_BAND - 1] == ColorInterp.alpha,
    )


def place_of(dataset: DatasetReader) -> Place | None:
    """Where the cells lie; None for a grid that is rotated, or that has no place in the plane."""
    t = dataset.transform
    numbers = np.array([t.a, t.b, t.c, t.d, t.e, t.f])
    if not np.isfinite(numbers).all() or t.b or t.d or not t.a or not t.e:
        return None
    west = t.c if t.a > 0 else t.c + t.a * dataset.width
    north = t.f if t.e < 0 else t.f + t.e * dataset.height
    return Place(west, north, abs(t.a), abs(t.e))


def bands_of_values(dataset: DatasetReader, layout: Layout) -> int:
    """Number of bands, that of opacity left out."""
    return int(dataset.count) - layout.alpha


def nodata_code(dataset: DatasetReader) -> frozenset[int]:
    """The declared nodata, if it is a whole number from 0 to 255."""
    declared = dataset.nodata
    if declared is None or not 0 <= declared <= 255 or not float(declared).is_integer():
        return frozenset()
    return frozenset({int(declared)})


def read_cells(
    dataset: DatasetReader, layout: Layout, window: Window
) -> tuple[npt.NDArray[Any], Mask | None]:
    """Values of the first band, shape ``window.shape``, and which cells are masked, if any can be.

    Rows of the window count from the northern edge, columns from the western. Raises
    rasterio.errors.RasterioError.
    """
    row, column = window.row, window.column
    down = across = slice(None)
    if layout.rows_from_south:
        row, down = dataset.height - window.row_stop, slice(None, None, -1)
    if layout.columns_from_east:
        column, across = dataset.width - window.column_stop, slice(None, None, -1)
    part = RasterWindow(column, row, window.width, window.height)
    values = np.ascontiguousarray(dataset.read(1, window=part)[down, across])
    masked: Mask | None = None
    if layout.mask:
        masked = dataset.read_masks(1, window=part) == 0
    if layout.alpha:
        transparent = dataset.read(_ALPHA_BAND, window=part) == 0
        masked = transparent if masked is None else masked | transparent
    return values, None if masked is None else np.ascontiguousarray(masked[down, across])


def read_rows(
    dataset: DatasetReader, layout: Layout, rows: Window, *, name: str
) -> tuple[npt.NDArray[Any], Mask | None]:
    """The same; raises UnreadableRaster, which says in which rows a block is broken."""
    try:
        return read_cells(dataset, layout, rows)
    except RasterioError as error:
        raise UnreadableRaster(
            name,
            found=f"rows {rows.row} to {rows.row_stop - 1} unreadable ({first_line(error)})",
            expected="a file that can be read to its last block",
            hint="Is the download complete?",
        ) from error


@contextmanager
def readable(name: str, *, hint: str = "") -> Iterator[None]:
    """Raise UnreadableRaster for an error of GDAL."""
    try:
        yield
    except RasterioError as error:
        raise UnreadableRaster(
            name, found=first_line(error), expected="a raster that GDAL can read", hint=hint
        ) from error


def first_line(error: Exception) -> str:
    """The first line of an error of rasterio, or of the error of GDAL that caused it."""
    lines = str(error.__cause__ or error).strip().splitlines()
    return shortened(lines[0] if lines else repr(error))


def shortened(text: str, length: int = 160) -> str:
    """A text of at most ``length`` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def mask_files(dataset: DatasetReader) -> list[Path]:
    """The files that hold the masks of a dataset, beside its own: a ``.msk``, sources of a VRT."""
    sources: list[Path] = []
    if dataset.driver == "VRT":
        # GDAL does not list the sources of a mask band among the files.
        found = ElementTree.parse(dataset.name).iterfind(".//MaskBand//SourceFilename")
        sources = [Path(dataset.name).parent / (source.text or "") for source in found]
    beside = [Path(f"{file}.msk") for file in (*dataset.files, *sources)]
    return sorted({path.absolute() for path in (*sources, *beside) if path.is_file()})
