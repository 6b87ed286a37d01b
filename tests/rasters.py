"""Small rasters on disk, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import from_origin

WEST, NORTH = 3_790_000, 2_310_000
"""Upper left corner of the rasters, in metres of EPSG:3035."""


def write_raster(
    path: Path,
    cells: Any,
    *,
    west: float = WEST,
    north: float = NORTH,
    size: float = 10,
    crs: str | None = "EPSG:3035",
    dtype: str = "uint8",
    **profile: Any,
) -> Path:
    """Write cells, shape (rows, columns), as a GeoTIFF."""
    array = np.asarray(cells, dtype=dtype)
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path,
        "w",
        **{
            "driver": "GTiff",
            "height": array.shape[0],
            "width": array.shape[1],
            "count": 1,
            "dtype": dtype,
            "crs": crs,
            "transform": from_origin(west, north, size, size),
            **profile,
        },
    ) as dataset:
        dataset.write(array, 1)
    return path
