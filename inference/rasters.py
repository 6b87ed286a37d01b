"""Rasters of the 10 m grid: read beyond their edges, and put together from pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader, MemoryFile
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterWindow

from analytics.grid import CELL_SIZE, EPSG, Window
from analytics.rasters import first_line
from inference.errors import UnreadableImagery


def union(windows: Iterable[Window | None]) -> Window | None:
    """The smallest window that holds all of these. None if there is none."""
    some = [window for window in windows if window is not None]
    return reduce(Window.union, some) if some else None


def place_in(window: Window, part: Window) -> tuple[slice, slice]:
    """Rows and columns of a part in an array of the window's cells."""
    row, column = part.row - window.row, part.column - window.column
    return slice(row, row + part.height), slice(column, column + part.width)


@contextmanager
def opened(path: Path, *, expected: str, hint: str = "") -> Iterator[DatasetReader]:
    """Open a raster. Raises UnreadableImagery."""
    try:
        dataset = rasterio.open(path)
    except RasterioError as error:
        raise UnreadableImagery(
            path.name, found=first_line(error), expected=expected, hint=hint
        ) from error
    with dataset:
        yield dataset


def read(
    dataset: DatasetReader,
    window: Window,
    *,
    origin: Window,
    bands: Sequence[int],
    missing: int,
    expected: str,
    hint: str,
) -> npt.NDArray[Any]:
    """Cells of a window, (bands, height, width). ``missing`` outside of ``origin``, the cells of
    the dataset. Raises UnreadableImagery."""
    cells: npt.NDArray[Any] = np.full((len(bands), *window.shape), missing, dataset.dtypes[0])
    part = window.intersection(origin)
    if part is None:
        return cells
    inside = RasterWindow.from_slices(*place_in(origin, part))
    try:
        cells[:, *place_in(window, part)] = dataset.read(bands, window=inside)
    except RasterioError as error:
        raise UnreadableImagery(
            Path(dataset.name).name, found=first_line(error), expected=expected, hint=hint
        ) from error
    return cells


def profile(window: Window) -> dict[str, Any]:
    """Size, reference system and transform of a raster with the cells of a window."""
    west, _, _, north = window.bounds
    return {
        "height": window.height,
        "width": window.width,
        "crs": CRS.from_epsg(EPSG),
        "transform": from_origin(west, north, CELL_SIZE, CELL_SIZE),
    }


def geotiff(cells: npt.NDArray[Any], window: Window, *, side: int, predictor: int = 1) -> bytes:
    """A GeoTIFF of cells, (bands, height, width), in blocks of ``side`` cells.

    It is made in memory, because GDAL reports a full disk only when it closes a file.
    """
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            count=len(cells),
            dtype=cells.dtype,
            tiled=True,
            blockxsize=side,
            blockysize=side,
            compress="ZSTD",
            zstd_level=1,
            predictor=predictor,
            **profile(window),
        ) as dataset:
            dataset.write(cells)
        content: bytes = memory.read()
    return content


def mosaic(
    window: Window,
    pieces: Mapping[Window, Path],
    *,
    names: Sequence[str],
    data_type: str,
    missing: int,
    side: int,
) -> Element:
    """A virtual raster, in GDAL's XML, of pieces in the folder of its file.

    Each piece has bands of these names, in blocks of ``side`` cells.
    """
    west, _, _, north = window.bounds
    root = Element("VRTDataset", rasterXSize=str(window.width), rasterYSize=str(window.height))
    SubElement(root, "SRS").text = f"EPSG:{EPSG}"
    SubElement(root, "GeoTransform").text = f"{west}, {CELL_SIZE}, 0, {north}, 0, {-CELL_SIZE}"
    for number, name in enumerate(names, start=1):
        band = SubElement(root, "VRTRasterBand", dataType=data_type, band=str(number))
        SubElement(band, "Description").text = name
        SubElement(band, "NoDataValue").text = str(missing)
        for piece, path in pieces.items():
            source = SubElement(band, "SimpleSource")
            SubElement(source, "SourceFilename", relativeToVRT="1").text = path.name
            SubElement(source, "SourceBand").text = str(number)
            height, width = str(piece.height), str(piece.width)
            # Without these properties GDAL opens every piece before it reads the first one.
            SubElement(
                source,
                "SourceProperties",
                RasterXSize=width,
                RasterYSize=height,
                DataType=data_type,
                BlockXSize=str(side),
                BlockYSize=str(side),
            )
            rows, columns = place_in(window, piece)
            for tag, row, column in (("SrcRect", 0, 0), ("DstRect", rows.start, columns.start)):
                SubElement(source, tag, xOff=str(column), yOff=str(row), xSize=width, ySize=height)
    return root
