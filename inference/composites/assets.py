"""Assets read by window and warped onto the grid. Reads are repeated after network errors."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.session import DummySession
from rasterio.warp import reproject

from analytics.grid import CELL_SIZE, Window
from analytics.rasters import first_line
from inference.composites.scenes import Asset
from inference.errors import OffGrid, UnreachableSource, UnreadableImagery
from inference.rasters import profile

_DRIVERS = ("GTiff", "JP2OpenJPEG")
"""Formats of products. A file in another format, such as a VRT, could refer to any other file."""
_TOLERANCE = 0.01
"""Largest error of a warped position, in cells of the source."""
WEB = "/vsicurl/"
"""What the paths of assets begin with that GDAL reads over HTTP."""
_REMOTE = (WEB, "/vsis3/")
_SETTINGS: Mapping[str, Any] = {
    # Do not list the folder of each file, and do not read sidecar files of others.
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_MULTIRANGE": "YES",
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES": "YES",
    "GDAL_HTTP_MAX_RETRY": 0,  # this module repeats reads, after all kinds of errors
    "GDAL_NUM_THREADS": 1,
    "VSI_CACHE": False,
}

Reflectance = npt.NDArray[np.float32]
"""(height, width); NaN where missing."""
Classification = npt.NDArray[np.uint8]
"""(height, width) of SCL; 0 where missing."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits of requests to a network: attempts, first pause and timeout in seconds.

    The pause doubles after each attempt.
    """

    attempts: int = 5
    pause: float = 1.0
    timeout: float = 60.0


def gdal_path(reference: str) -> str:
    """The path with which GDAL reads an http(s) or an s3 address. ValueError for other addresses.

    GDAL takes credentials, endpoint and payer from AWS_* in the environment.
    """
    parts = urlsplit(reference)
    if parts.scheme in ("http", "https"):
        return f"{WEB}{reference}"
    if parts.scheme == "s3":
        return f"/vsis3/{parts.netloc}{parts.path}"
    raise ValueError(reference)


def read_reflectance(asset: Asset, window: Window, *, patience: Patience) -> Reflectance:
    """Reflectance of a window, bilinear. Raises UnreachableSource or UnreadableImagery."""
    stored: Reflectance = _read(
        asset, window, patience, resampling=Resampling.bilinear, dtype="float32", missing=np.nan
    )
    return stored * np.float32(asset.scale) + np.float32(asset.offset)


def read_classification(asset: Asset, window: Window, *, patience: Patience) -> Classification:
    """SCL of a window, nearest neighbour. Raises UnreachableSource or UnreadableImagery."""
    return _read(asset, window, patience, resampling=Resampling.nearest, dtype="uint8", missing=0)


@contextmanager
def opened(path: str, **options: Any) -> Iterator[DatasetReader]:
    """Open a dataset with settings of GDAL that do not depend on the environment. Raises
    UnreadableImagery, or UnreachableSource for a remote file."""
    try:
        # rasterio.open takes one driver only.
        with (
            rasterio.Env(DummySession(), **{**_SETTINGS, **options}),
            DatasetReader(path, driver=list(_DRIVERS)) as dataset,
        ):
            yield dataset
    except (RasterioError, CPLE_BaseError) as error:
        if path.startswith(_REMOTE):
            raise UnreachableSource(
                _name(path),
                # GDAL repeats the address with its signature.
                found=first_line(error).partition("?")[0],
                expected="an answer",
                hint="What is done is kept: run the command again",
            ) from error
        raise UnreadableImagery(
            _name(path), found=first_line(error), expected="a GeoTIFF or JPEG 2000 that is whole"
        ) from error


def _read(asset: Asset, window: Window, patience: Patience, **how: Any) -> npt.NDArray[Any]:
    """Cells of a window, warped onto the grid. Network errors are followed by further attempts."""
    options: dict[str, Any] = {
        "GDAL_HTTP_TIMEOUT": patience.timeout,
        "GDAL_HTTP_CONNECTTIMEOUT": min(patience.timeout, 15),
    }
    for attempt in range(patience.attempts):
        try:
            with opened(asset.path, **options) as dataset:
                return _warped(dataset, asset, window, **how)
        except UnreachableSource:
            if attempt + 1 == patience.attempts:
                raise
            # GDAL remembers a file that did not answer as missing and would not try again.
            options["CPL_VSIL_CURL_NON_CACHED"] = asset.path
            time.sleep(patience.pause * 2**attempt)
    raise AssertionError("patience without an attempt")


def _warped(
    dataset: DatasetReader,
    asset: Asset,
    window: Window,
    *,
    resampling: Resampling,
    dtype: str,
    missing: float,
) -> npt.NDArray[Any]:
    if not 1 <= asset.index <= dataset.count:
        raise UnreadableImagery(
            _name(asset.path),
            found=f"{dataset.count} band(s)",
            expected=f"band {asset.index}, as its catalogue says",
        )
    crs = dataset.crs or (CRS.from_user_input(asset.crs) if asset.crs else None)
    if crs is None:
        raise OffGrid(
            _name(asset.path),
            found="no reference system",
            expected="one that is declared, such as EPSG:32632",
        )
    # A WarpedVRT warps in its own strips and takes twice as long. Warping into an array makes
    # rasterio change the warning filters of all threads.
    with rasterio.open(
        "",
        "w+",
        driver="MEM",
        count=1,
        dtype=dtype,
        nodata=missing,
        **profile(window),
    ) as warped:
        reproject(
            rasterio.band(dataset, asset.index),
            rasterio.band(warped, 1),
            src_crs=crs,
            src_nodata=_missing_in(dataset),
            dst_nodata=missing,
            resampling=resampling,
            tolerance=_TOLERANCE,
            **_unsmoothed(dataset, crs),
        )
        cells: npt.NDArray[Any] = warped.read(1)
    return cells


def _unsmoothed(dataset: DatasetReader, crs: CRS) -> dict[str, int]:
    """Options that stop GDAL from smoothing. It takes the box round a rotated block for a coarser
    view, and would smooth by an amount that depends on the block."""
    if crs.is_projected and min(dataset.res) >= CELL_SIZE:
        return {"XSCALE": 1, "YSCALE": 1}
    return {}


def _missing_in(dataset: DatasetReader) -> float:
    """The value of missing cells. In all of L2A it is 0, but few files declare it."""
    if dataset.nodata is not None:
        return float(dataset.nodata)
    return np.nan if dataset.dtypes[0].startswith("float") else 0


def _name(path: str) -> str:
    """An address without its signature, or the name of a file."""
    for prefix, scheme in zip(_REMOTE, ("", "s3://"), strict=True):
        if path.startswith(prefix):
            return scheme + path.removeprefix(prefix).partition("?")[0]
    return Path(path).name
