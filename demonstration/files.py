"""Files of the demonstration region, named and laid out like the real ones."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyogrio
import pyogrio.raw
import rasterio
import shapely
from affine import Affine
from rasterio.io import MemoryFile
from rasterio.shutil import copy as copy_raster

from analytics.grid import CELL_SIZE, EPSG, store_tiles, window_of_bounds
from analytics.nomenclature import COLOUR_TABLE, NO_DATA
from demonstration.grids.frame import Frame
from demonstration.territories.communes import Commune
from demonstration.truth.land_cover import Cells

BLOCK = 512
WRITTEN = "2024-01-01T00:00:00.000Z"


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A path to write a file to. The file takes its place at the end, or goes away on an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_raster(path: Path) -> Cells:
    with rasterio.open(path) as file:
        cells: Cells = file.read(1)
    return cells


def write_raster(path: Path, frame: Frame, cells: Cells) -> None:
    """One tiled GeoTIFF of the whole region."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(path, "w", **_profile(cells, frame.transform)) as file:
        file.write(cells, 1)
        file.write_colormap(1, COLOUR_TABLE)


def write_tiles(folder: Path, frame: Frame, cells: Cells, name: str) -> None:
    """One cloud-optimised GeoTIFF for each 100 km tile touched; `name` has the field {tile}."""
    folder.mkdir(parents=True, exist_ok=True)
    region = window_of_bounds(frame.left, frame.bottom, frame.right, frame.top)
    for tile in store_tiles(region):
        part = tile.window.intersection(region)
        assert part is not None  # store_tiles returns only tiles that share a cell
        row, column = part.row - region.row, part.column - region.column
        piece = np.ascontiguousarray(cells[row : row + part.height, column : column + part.width])
        west, _, _, north = part.bounds
        profile = _profile(piece, Affine(CELL_SIZE, 0, west, 0, -CELL_SIZE, north))
        # GDAL writes a cloud-optimised file only as a copy of another file.
        with MemoryFile() as memory:
            with memory.open(**{**profile, "compress": "none"}) as file:
                file.write(piece, 1)
                file.write_colormap(1, COLOUR_TABLE)
            with memory.open() as file:
                copy_raster(
                    file,
                    folder / name.format(tile=tile.name),
                    driver="COG",
                    compress="LZW",
                    blocksize=BLOCK,
                    overview_resampling="nearest",
                    num_threads=2,
                )


def _profile(cells: Cells, transform: Affine) -> dict[str, object]:
    return {
        "driver": "GTiff",
        "height": cells.shape[0],
        "width": cells.shape[1],
        "count": 1,
        "dtype": "uint8",
        "crs": f"EPSG:{EPSG}",
        "transform": transform,
        "nodata": NO_DATA,
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "compress": "deflate",
        "zlevel": 6,
        "num_threads": 2,
    }


def write_communes(path: Path, communes: Sequence[Commune]) -> None:
    """A GeoPackage with one layer: code, name, departement, MultiPolygon."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = ["code", "name", "departement"]
    # GDAL stores the time of writing. A fixed time makes files of equal layers equal.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN})
    try:
        pyogrio.raw.write(
            path,
            shapely.to_wkb([c.geometry for c in communes]),
            [np.array([getattr(c, name) for c in communes], dtype=object) for name in fields],
            fields,
            layer=path.stem,
            driver="GPKG",
            geometry_type="MultiPolygon",
            crs=f"EPSG:{EPSG}",
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A CSV file, UTF-8, with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
