"""Rasters that tests draw from, and pictures read back."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
import rasterio.shutil
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.transform import from_origin
from rasterio.warp import transform

from analytics.queries.tile_shapes import WORLD
from clcplus.maps.addresses import TileAddress


def write(
    path: Path, values: npt.NDArray[np.uint8], *, west: float, north: float, cell: int
) -> None:
    """A COG on the grid of EPSG:3035 with cells of ``cell`` metres."""
    path.parent.mkdir(parents=True, exist_ok=True)
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": "uint8",
        "crs": "EPSG:3035",
        "transform": from_origin(west, north, cell, cell),
        "nodata": 255,
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as dataset:
            dataset.write(values, 1)
        with memory.open() as dataset:
            rasterio.shutil.copy(dataset, path, driver="COG", BLOCKSIZE=256)


def address_at(x: float, y: float, zoom: int) -> TileAddress:
    """The tile that holds a point of EPSG:3035."""
    (east,), (north,) = transform("EPSG:3035", "EPSG:3857", [x], [y])
    side = WORLD / 2**zoom
    return TileAddress(
        zoom, math.floor((east + WORLD / 2) / side), math.floor((WORLD / 2 - north) / side)
    )


def pixels(png: bytes) -> npt.NDArray[np.uint8]:
    """Red, green, blue, opacity of a picture; shape (height, width, 4)."""
    with (
        warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning),
        MemoryFile(png) as memory,
        memory.open(driver="PNG") as dataset,
    ):
        if dataset.count == 1:
            table = np.array([dataset.colormap(1)[i] for i in range(256)], dtype=np.uint8)
            return table[dataset.read(1)]
        return np.moveaxis(dataset.read(), 0, -1)


def points(address: TileAddress, size: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """x and y in EPSG:3035 of the middles of a picture's pixels; shape (size, size) each."""
    west, _, _, north = address.edges
    step = address.side / size
    offsets = (np.arange(size) + 0.5) * step
    easts, norths = np.meshgrid(west + offsets, north - offsets)
    xs, ys = transform("EPSG:3857", "EPSG:3035", easts.ravel(), norths.ravel())
    return np.reshape(xs, (size, size)), np.reshape(ys, (size, size))
