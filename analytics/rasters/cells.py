"""Cells of a raster as they lie on the ground: north up, west left, and what a mask covers.

A file may store its rows from south to north, or its columns from east to west. What it does not
observe it may say by a mask beside its values: inside the file, in a ``.msk`` beside it, in a VRT,
or as a band of opacity (alpha).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterWindow

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

    @property
    def masked(self) -> bool:
        """Whether there is anything beside the values that says which cells are missing."""
        return self.mask or self.alpha


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


def read_cells(
    dataset: DatasetReader, layout: Layout, window: Window
) -> tuple[npt.NDArray[Any], Mask | None]:
    """Values of the first band, shape ``window.shape``, and which cells are masked, if any can be.

    Rows of the window count from the northern edge, columns from the western. Raises
    rasterio.errors.RasterioError.
    """
    row, column = window.row, window.column
    if layout.rows_from_south:
        row = dataset.height - window.row_stop
    if layout.columns_from_east:
        column = dataset.width - window.column_stop
    part = RasterWindow(column, row, window.width, window.height)
    turned = (
        slice(None, None, -1 if layout.rows_from_south else 1),
        slice(None, None, -1 if layout.columns_from_east else 1),
    )
    values = np.ascontiguousarray(dataset.read(1, window=part)[turned])
    masked: Mask | None = None
    if layout.mask:
        masked = dataset.read_masks(1, window=part) == 0
    if layout.alpha:
        transparent = dataset.read(_ALPHA_BAND, window=part) == 0
        masked = transparent if masked is None else masked | transparent
    return values, None if masked is None else np.ascontiguousarray(masked[turned])


def mask_files(dataset: DatasetReader) -> list[Path]:
    """The files that hold the masks of a dataset, beside its own: a ``.msk``, sources of a VRT."""
    files = [*map(Path, dataset.files)]
    sources: list[Path] = []
    if dataset.driver == "VRT":
        # GDAL does not list the sources of a mask band among the files.
        found = ElementTree.parse(dataset.name).iterfind(".//MaskBand//SourceFilename")
        folder = Path(dataset.name).parent
        sources = [folder / Path(source.text or "") for source in found]
    beside = [Path(f"{file}.msk") for file in (*files, *sources)]
    return sorted({path.absolute() for path in (*sources, *beside) if path.is_file()})
