"""The overview of an edition: one raster of sealed share at 100 m, joined from its tiles'."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from pathlib import Path

import rasterio
from rasterio.windows import Window as RasterWindow

from analytics.counting.tiles import OVERVIEW_CELL_SIZE, OVERVIEW_CELLS
from analytics.grid import Window
from analytics.rasters.block_rows import COG_BLOCK
from analytics.rasters.sources import copy_as_cog, file_hash, profile
from analytics.rasters.store import Store


def mosaic(pieces: Mapping[str, Window], *, store: Store, path: Path) -> str:
    """Write the overviews of tiles as one COG whose lower resolutions are averages; its bytes'
    sha256. ``pieces`` are their keys in the store, with the cells of the 10 m grid of each.

    The memory it takes is that of one piece: between them, the mosaic is a sparse file, and not
    compressed, since it is read once.
    """
    extent = reduce(Window.union, pieces.values())
    joined = path.with_suffix(".joined.tif")
    with rasterio.open(
        joined,
        "w",
        driver="GTiff",
        **profile(extent, OVERVIEW_CELL_SIZE),
        tiled=True,
        blockxsize=COG_BLOCK,
        blockysize=COG_BLOCK,
        sparse_ok=True,
        bigtiff="IF_SAFER",
    ) as target:
        for key, window in pieces.items():
            with store.open(key) as source:
                shares = source.read(1)
            row, column = window.row - extent.row, window.column - extent.column
            place = (column, row, window.width, window.height)
            target.write(shares, 1, window=RasterWindow(*(n // OVERVIEW_CELLS for n in place)))
    with rasterio.open(joined) as dataset:
        copy_as_cog(dataset, path, resampling="AVERAGE", threads="ALL_CPUS", SPARSE_OK="YES")
    joined.unlink()
    return file_hash([path])
