"""Rasters of the 10 m grid: inspect and validate sources, read them by window, write COGs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
import rasterio.shutil
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterWindow

from analytics.arrays import Int64Array
from analytics.errors import (
    InvalidCodes,
    OverlappingSources,
    RasterError,
    UnreadableRaster,
    WrongBand,
    WrongGrid,
    WrongReferenceSystem,
)
from analytics.geometry import described, differences, same_system
from analytics.grid import CELL_SIZE, EPSG, Y_ORIGIN, Window
from analytics.nomenclature import COLOUR_TABLE, NO_DATA
from analytics.rasters.block_rows import COG_BLOCK
from analytics.rasters.cells import (
    Layout,
    bands_of_values,
    first_line,
    layout_of,
    mask_files,
    nodata_code,
    place_of,
    read_cells,
    read_rows,
    readable,
    shortened,
)

Codes = npt.NDArray[np.uint8]
ReadCodes = Callable[[Window], Codes]
"""Reads a window's codes, shape ``window.shape``; 255 where there are none."""
Progress = Callable[[int, int], None]
"""Called with cells done and cells in all."""

# Megabytes of decoded blocks that GDAL keeps. Passes read every block once; GDAL's own default, a
# twentieth of the machine's memory for each process, would be held for nothing.
os.environ.setdefault("GDAL_CACHEMAX", "64")

STRIP_ROWS = 1024
"""Rows read at once: two rows of a COG's blocks, so that no block is decoded twice."""

_SUFFIXES = {".tif", ".tiff", ".vrt"}
_SIDECARS = (".ovr", ".aux.xml", ".msk", ".xml", ".clr", ".dbf")


@dataclass(frozen=True, slots=True)
class Source:
    """A raster file that was found fit: its cells in the whole grid, its bytes' hash, and the codes
    that it uses for "not observed" beyond those of the nomenclature."""

    path: str
    window: Window
    sha256: str
    missing: frozenset[int]


def find_sources(paths: Iterable[Path]) -> list[Path]:
    """Raster files that are named, or that lie in the folders named; sorted, each once.

    Raises UnreadableRaster for what is not there and for a folder without rasters.
    """
    found: set[Path] = set()
    for path in paths:
        if path.is_dir():
            inside = [p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file()]
            if not inside:
                raise UnreadableRaster(
                    str(path),
                    found="a folder without rasters",
                    expected=".tif, .tiff or .vrt files",
                )
            found.update(inside)
        elif path.is_file():
            found.add(path)
        else:
            raise UnreadableRaster(str(path), found="nothing", expected="a raster file or folder")
    return sorted(p.absolute() for p in found)


def inspect(
    path: Path,
    *,
    codes: frozenset[int],
    missing: frozenset[int] = frozenset(),
    progress: Progress | None = None,
) -> Source:
    """Check that a file is a raster of the grid, readable to its last block, with only these codes.

    Cells under a mask may hold anything. ``missing`` are further codes to be read as "not
    observed"; a declared nodata value is one without being named. Errors are subclasses of
    RasterError and name the file.
    """
    name = path.name
    with readable(name), rasterio.open(path) as dataset:
        layout = layout_of(dataset)
        window = _window_of(dataset, layout, name=name)
        allowed = codes | missing | nodata_code(dataset)
        counts = _count_codes(dataset, layout, name=name, progress=progress)
        files = [path] if dataset.driver != "VRT" else _content_files(dataset, path)
        if layout.mask:
            files += mask_files(dataset)
    unknown = [code for code in np.flatnonzero(counts).tolist() if code not in allowed]
    if unknown:
        raise _invalid_codes(name, counts=counts, unknown=unknown, codes=codes)
    return Source(str(path), window, file_hash(files), missing=allowed - codes)


def check_disjoint(sources: Sequence[Source]) -> None:
    """Raise OverlappingSources if two sources cover the same cells."""
    for source, other in combinations(sources, 2):
        shared = source.window.intersection(other.window)
        if shared is not None:
            raise OverlappingSources(
                Path(other.path).name,
                found=f"{shared.cells} cells that {Path(source.path).name} covers too",
                expected="source files that do not overlap",
                hint="Give each file of the edition once, and one version of it",
            )


def content_hash(sources: Sequence[Source], *, context: Sequence[str] = ()) -> str:
    """sha256 over the sources' hashes, whatever their names and order, and over ``context``."""
    digest = hashlib.sha256()
    for line in (*sorted(source.sha256 for source in sources), *context):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def read_sources(sources: Sequence[Source], window: Window) -> Codes:
    """Codes of a window, shape ``window.shape``; 255 where no source covers it or a code is
    missing.

    Raises UnreadableRaster, never returns a hole for what cannot be read.
    """
    codes = np.full(window.shape, NO_DATA, dtype=np.uint8)
    for source in sources:
        part = source.window.intersection(window)
        if part is None:
            continue
        hint = "The file was readable when it was checked; is it still there?"
        with readable(Path(source.path).name, hint=hint), rasterio.open(source.path) as dataset:
            block, masked = read_cells(dataset, layout_of(dataset), _within(source.window, part))
        if masked is not None:
            block[masked] = NO_DATA
        for code in source.missing:
            block[block == code] = NO_DATA
        row, column = part.row - window.row, part.column - window.column
        codes[row : row + part.height, column : column + part.width] = block
    return codes


def read_part(dataset: DatasetReader, *, origin: Window, part: Window) -> Codes:
    """Codes of ``part``, shape ``part.shape``, from a stored dataset, which has the cells of
    ``origin`` and no mask; NO_DATA beyond them."""
    shared = origin.intersection(part)
    if shared is None:
        return np.full(part.shape, NO_DATA, dtype=np.uint8)
    place = _within(origin, shared)
    block: Codes = dataset.read(
        1, window=RasterWindow(place.column, place.row, place.width, place.height)
    )
    if shared == part:
        return block
    codes = np.full(part.shape, NO_DATA, dtype=np.uint8)
    row, column = shared.row - part.row, shared.column - part.column
    codes[row : row + shared.height, column : column + shared.width] = block
    return codes


def _within(origin: Window, part: Window) -> Window:
    """A part of a window in rows and columns that count from the window's own corner."""
    return Window(part.row - origin.row, part.column - origin.column, part.height, part.width)


def write_cog(codes: Codes, *, window: Window, path: Path) -> str:
    """Write codes as a Cloud Optimised GeoTIFF with the official colours; its bytes' sha256."""
    # A majority would make roads and villages vanish; every second cell keeps their share.
    return _write(codes, window, CELL_SIZE, path, "NEAREST", COLOUR_TABLE)


def write_confidence_cog(confidences: Codes, *, window: Window, path: Path) -> str:
    """Write a part of a confidence layer as a COG without pyramids; its sha256."""
    return _write(confidences, window, CELL_SIZE, path, "NEAREST", None, OVERVIEWS="NONE")


def write_share_cog(shares: Codes, *, window: Window, cell_size: int, path: Path) -> str:
    """Write an overview of sealed share (counting.tiles.sealed_shares) as a COG; its sha256.

    ``window`` is in cells of the 10 m grid; ``cell_size`` is the overview's, in metres.
    """
    return _write(shares, window, cell_size, path, "AVERAGE", None)


def profile(window: Window, cell_size: int) -> dict[str, Any]:
    """What rasterio needs to create a raster of bytes: cells of ``cell_size`` metres over a window
    of the 10 m grid."""
    west, _, _, north = window.bounds
    return {
        "height": window.height * CELL_SIZE // cell_size,
        "width": window.width * CELL_SIZE // cell_size,
        "count": 1,
        "dtype": "uint8",
        "nodata": NO_DATA,
        "crs": CRS.from_epsg(EPSG),
        "transform": from_origin(west, north, cell_size, cell_size),
    }


def copy_as_cog(
    dataset: DatasetReader, path: Path, *, resampling: str, threads: str = "1", **options: str
) -> None:
    """Write a dataset, block by block, as a Cloud Optimised GeoTIFF; ``options`` are GDAL's.

    As many ``threads`` compress, or ``ALL_CPUS``; the bytes are the same. Raises RasterError.
    """
    try:
        rasterio.shutil.copy(
            dataset,
            path,
            driver="COG",
            COMPRESS="ZSTD",
            LEVEL="3",
            BLOCKSIZE=COG_BLOCK,
            OVERVIEW_RESAMPLING=resampling,
            RESAMPLING=resampling,
            NUM_THREADS=threads,
            BIGTIFF="IF_SAFER",
            **options,
        )
    except RasterioError as error:
        raise RasterError(
            str(path), found=first_line(error), expected="room and permission to write"
        ) from error


def _write(
    cells: Codes,
    window: Window,
    cell_size: int,
    path: Path,
    resampling: str,
    colormap: dict[int, tuple[int, int, int, int]] | None,
    **options: str,
) -> str:
    with rasterio.open("", "w", driver="MEM", **profile(window, cell_size)) as memory:
        memory.write(cells, 1)
        if colormap is not None:
            memory.write_colormap(1, colormap)
        copy_as_cog(memory, path, resampling=resampling, **options)
    return file_hash([path])


def _window_of(dataset: DatasetReader, layout: Layout, *, name: str) -> Window:
    _check_system(dataset, name=name)
    place = place_of(dataset)
    if place is None or (place.cell_width, place.cell_height) != (CELL_SIZE, CELL_SIZE):
        t = dataset.transform
        raise WrongGrid(
            name,
            found=f"cells of {abs(t.a):g} by {abs(t.e):g} m" + (", rotated" if t.b or t.d else ""),
            expected=f"cells of {CELL_SIZE} by {CELL_SIZE} m, not rotated",
        )
    if bands_of_values(dataset, layout) != 1 or dataset.dtypes[0] != "uint8":
        raise WrongBand(
            name,
            found=f"{dataset.count} band(s) of {', '.join(sorted(set(dataset.dtypes)))}",
            expected="one band of uint8",
        )
    column, row = place.west / CELL_SIZE, (Y_ORIGIN - place.north) / CELL_SIZE
    if not (column.is_integer() and row.is_integer()):
        raise WrongGrid(
            name,
            found=f"an upper left corner at {place.west:.3f}, {place.north:.3f}",
            expected=f"edges on multiples of {CELL_SIZE} m",
        )
    return Window(int(row), int(column), dataset.height, dataset.width)


def _check_system(dataset: DatasetReader, *, name: str) -> None:
    if dataset.crs is None:
        raise WrongReferenceSystem(name, found="no reference system", expected=f"EPSG:{EPSG}")
    wanted = pyproj.CRS.from_epsg(EPSG)
    try:
        found = pyproj.CRS.from_wkt(dataset.crs.to_wkt())
    except pyproj.exceptions.CRSError as error:
        raise WrongReferenceSystem(
            name, found=shortened(dataset.crs.to_wkt()), expected=f"EPSG:{EPSG}"
        ) from error
    if not same_system(found, wanted):
        code = dataset.crs.to_epsg()
        raise WrongReferenceSystem(
            name,
            found=f"EPSG:{code}"
            if code and code != EPSG
            else f"{described(found)} ({differences(found, wanted)})",
            expected=f"EPSG:{EPSG}",
            hint="Warp it with nearest neighbour onto the 10 m grid first, or take the original",
        )


def _count_codes(
    dataset: DatasetReader, layout: Layout, *, name: str, progress: Progress | None
) -> Int64Array:
    """How often each value 0..255 occurs; reads every block, on all cores."""
    # Whole rows of blocks, at least STRIP_ROWS high: a mosaic of strips has blocks of one row.
    block_height = dataset.block_shapes[0][0]
    height = -(-STRIP_ROWS // block_height) * block_height
    if height * dataset.width > 2**29:
        height = max(block_height, 2**29 // dataset.width // block_height * block_height)
    whole = Window(0, 0, dataset.height, dataset.width)

    def count(rows: Window) -> Int64Array:
        # A dataset may not be shared by threads.
        with rasterio.open(dataset.name) as own:
            block, masked = read_rows(own, layout, rows, name=name)
        if masked is not None:
            block[masked] = NO_DATA
        return np.bincount(block.ravel(), minlength=256)

    counts = np.zeros(256, dtype=np.int64)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for part in pool.map(count, whole.strips(height)):
            counts += part
            if progress is not None:
                progress(int(counts.sum()), whole.cells)
    return counts


def _invalid_codes(
    name: str, *, counts: Int64Array, unknown: list[int], codes: frozenset[int]
) -> InvalidCodes:
    listed = ", ".join(f"{code} in {counts[code]} cells" for code in unknown[:5])
    more = f" and {len(unknown) - 5} further codes" if len(unknown) > 5 else ""
    ordinary = sorted(code for code in codes if code < 200)
    special = sorted(code for code in codes if code >= 200)
    return InvalidCodes(
        name,
        found=f"code {listed}{more}",
        expected=f"codes {ordinary[0]} to {ordinary[-1]}, {', '.join(map(str, special))}",
        hint="If 0 stands for cells outside the area of the file, say --missing 0"
        if unknown == [0]
        else "",
    )


def _content_files(dataset: DatasetReader, path: Path) -> list[Path]:
    """The files whose bytes are a VRT's content: its own text and the rasters that it names."""
    named = {Path(f).absolute() for f in dataset.files if not f.lower().endswith(_SIDECARS)}
    return [path, *sorted(named - {path.absolute()})]


def file_hash(paths: Iterable[Path]) -> str:
    """sha256 of the bytes of files, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
