"""The overview of an edition: one raster of sealed share at 100 m, joined from its tiles'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterWindow

from analytics.counting.tiles import OVERVIEW_CELL_SIZE, OVERVIEW_CELLS
from analytics.grid import EPSG, Window
from analytics.nomenclature import NO_DATA
from analytics.rasters.sources import COG_BLOCK, copy_as_cog, file_hash
from analytics.rasters.store import Store


@dataclass(frozen=True, slots=True)
class Piece:
    """A tile's overview in the store, and the cells of the 10 m grid that it covers."""

    key: str
    row: int
    column: int
    height: int
    width: int

    @property
    def window(self) -> Window:
        """The cells that it covers."""
        return Window(self.row, self.column, self.height, self.width)


def mosaic(pieces: Sequence[Piece], *, store: Store, path: Path) -> str:
    """Write the pieces as one COG whose lower resolutions are averages; its bytes' sha256.

    The memory it takes is that of one piece: between them, the mosaic is a sparse file.
    """
    extent = pieces[0].window
    for piece in pieces[1:]:
        extent = extent.union(piece.window)
    west, _, _, north = extent.bounds
    joined = path.with_suffix(".joined.tif")
    with rasterio.open(
        joined,
        "w",
        driver="GTiff",
        height=extent.height // OVERVIEW_CELLS,
        width=extent.width // OVERVIEW_CELLS,
        count=1,
        dtype="uint8",
        nodata=NO_DATA,
        crs=CRS.from_epsg(EPSG),
        transform=from_origin(west, north, OVERVIEW_CELL_SIZE, OVERVIEW_CELL_SIZE),
        tiled=True,
        blockxsize=COG_BLOCK,
        blockysize=COG_BLOCK,
        compress="ZSTD",
        zstd_level=1,
        sparse_ok=True,
        bigtiff="IF_SAFER",
    ) as target:
        for piece in pieces:
            with store.open(piece.key) as source:
                shares = source.read(1)
            place = RasterWindow(
                (piece.column - extent.column) // OVERVIEW_CELLS,
                (piece.row - extent.row) // OVERVIEW_CELLS,
                piece.width // OVERVIEW_CELLS,
                piece.height // OVERVIEW_CELLS,
            )
            target.write(np.asarray(shares, dtype=np.uint8), 1, window=place)
    with rasterio.open(joined) as dataset:
        copy_as_cog(dataset, path, resampling="AVERAGE", SPARSE_OK="YES")
    joined.unlink()
    return file_hash([path])
