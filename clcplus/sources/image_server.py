"""The EEA's Discomap ImageServer: editions of CLC+ Backbone as windows of cells, without a login.

The service is ArcGIS REST. It says its limits in its description, resamples unless it is told not
to, and answers errors as JSON with HTTP status 200.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader, MemoryFile

from analytics.geometry import same_system
from analytics.grid import CELL_SIZE, EPSG, Window, window_of_bounds
from analytics.nomenclature import NO_DATA
from analytics.rasters import Codes
from clcplus.sources.client import Answer, Client, described
from clcplus.sources.errors import AccessRefused, SourceError, SourceUnavailable

YEARS = (2018, 2021)
"""Reference years that had a service when this was written; :func:`years` asks for those of today.
"""
_FOLDER = "CLC_plus"
_SERVICE = re.compile(rf"(?:{_FOLDER}/)?CLMS_CLCplus_RASTER_((?:19|20)[0-9]{{2}})_010m_eu")
_DESCRIPTION_BYTES = 4_000_000
_LOGIN_CODES = frozenset({403, 498, 499})
_PASSING_CODES = frozenset({429, 500, 502, 503, 504})
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""First bytes of a TIFF, and of a BigTIFF."""


@dataclass(frozen=True, slots=True)
class ImageService:
    """What a service says of itself."""

    url: str
    area: Window
    """Cells that it covers."""
    most_rows: int
    most_columns: int
    """Largest window that it answers."""
    fingerprint: str
    """Hash of the description: another one means that the data may have changed."""


def service_url(year: int, *, root: str) -> str:
    """Address of the service of a reference year below the root of all services."""
    return f"{root}/{_FOLDER}/CLMS_CLCplus_RASTER_{year}_010m_eu/ImageServer"


def years(client: Client, *, root: str) -> list[int]:
    """Reference years that have a service now, from the folder's list. Raises SourceError."""
    url = f"{root}/{_FOLDER}"

    def once() -> Any:
        answer = client.get(url, query={"f": "json"}, most_bytes=_DESCRIPTION_BYTES, tries=1)
        _check_error(answer)
        return answer.json()

    document = client.repeated(once)
    listed = document.get("services") if isinstance(document, dict) else None
    _check(url, isinstance(listed, list), found="no list", expected="a list of services")
    services = [one for one in listed or () if isinstance(one, dict)]
    names = [str(one.get("name")) for one in services if one.get("type") == "ImageServer"]
    return sorted({int(match[1]) for name in names if (match := _SERVICE.fullmatch(name))})


def describe(client: Client, url: str) -> ImageService:
    """Read the description of a service. Raises SourceError if its cells are not the grid's."""

    def once() -> Any:
        answer = client.get(url, query={"f": "json"}, most_bytes=_DESCRIPTION_BYTES, tries=1)
        _check_error(answer)
        return answer.json()

    found = client.repeated(once)
    try:
        extent, system = found["extent"], found["extent"]["spatialReference"]
        wkid = int(system.get("latestWkid") or system["wkid"])
        cell = (float(found["pixelSizeX"]), float(found["pixelSizeY"]))
        bounds = [float(extent[side]) for side in ("xmin", "ymin", "xmax", "ymax")]
        limits = int(found["maxImageHeight"]), int(found["maxImageWidth"])
        pixel, bands = str(found["pixelType"]), int(found["bandCount"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(
            url,
            found=f"a description without {error}",
            expected="extent, size and type of the cells, and limits",
        ) from error
    _check(url, wkid == EPSG, found=f"EPSG:{wkid}", expected=f"EPSG:{EPSG}")
    _check(
        url,
        cell == (CELL_SIZE, CELL_SIZE),
        found=f"cells of {cell[0]:g} × {cell[1]:g} m",
        expected=f"cells of {CELL_SIZE} m",
    )
    _check(
        url,
        all(np.isfinite(bounds)) and all(side % CELL_SIZE == 0 for side in bounds),
        found=f"the extent {bounds}",
        expected=f"edges at multiples of {CELL_SIZE} m",
    )
    _check(
        url,
        (pixel, bands) == ("U8", 1),
        found=f"{bands} bands of {pixel}",
        expected="one band of U8",
    )
    _check(url, min(limits) > 0, found=f"limits of {limits}", expected="limits above 0")
    _check(
        url,
        bounds[0] < bounds[2] and bounds[1] < bounds[3],
        found=f"the extent {bounds}",
        expected="an area",
    )
    west, south, east, north = bounds
    return ImageService(
        url=url,
        area=window_of_bounds(west, south, east, north),
        most_rows=limits[0],
        most_columns=limits[1],
        fingerprint=_fingerprint(found),
    )


def fetch(client: Client, service: ImageService, window: Window, *, codes: frozenset[int]) -> Codes:
    """The codes of a window, shape ``window.shape``; 255 for "no data".

    Raises SourceError for an answer with another size, place, type or code, and ValueError for a
    window beyond the service's area or limits.
    """
    if window.intersection(service.area) != window:
        raise ValueError(f"{window} is not inside of {service.area}")
    if window.height > service.most_rows or window.width > service.most_columns:
        raise ValueError(f"{window} is larger than the service answers")
    query = {
        "f": "image",
        "format": "tiff",
        "bbox": ",".join(map(str, window.bounds)),
        "bboxSR": str(EPSG),
        "imageSR": str(EPSG),
        "size": f"{window.width},{window.height}",
        "interpolation": "RSP_NearestNeighbor",
        "adjustAspectRatio": "false",
        "pixelType": "U8",
    }

    def once() -> Codes:
        answer = client.get(
            f"{service.url}/exportImage",
            query=query,
            # Cells that are not compressed, with room for headers, masks and tables.
            most_bytes=2 * window.cells + 1_000_000,
            tries=1,
        )
        _check_error(answer)
        return _decoded(answer, window=window, codes=codes)

    return client.repeated(once)


def _decoded(answer: Answer, *, window: Window, codes: frozenset[int]) -> Codes:
    """The codes of a TIFF of this place and size; 255 where it declares "no data"."""
    _check(
        answer.url,
        answer.body[:4] in TIFF,
        found=described(answer.body),
        expected="a TIFF",
    )
    try:
        with MemoryFile(answer.body) as file, file.open(driver="GTiff") as dataset:
            # Before any cell is read: a small file may claim to be a large raster.
            _check_place(answer.url, dataset, window)
            read: Codes = dataset.read(1)
            nodata = dataset.nodata
    except RasterioError as error:
        raise SourceUnavailable(
            answer.url, found=f"a TIFF that cannot be read ({error})", expected="a whole TIFF"
        ) from error
    if nodata is not None and nodata not in codes:
        read[read == nodata] = NO_DATA
    unknown = sorted(set(np.unique(read).tolist()) - codes)
    _check(
        answer.url,
        not unknown,
        found=f"codes {', '.join(map(str, unknown[:8]))}",
        expected="codes of the edition",
    )
    return read


def _check_place(url: str, dataset: DatasetReader, window: Window) -> None:
    _check(
        url,
        dataset.shape == window.shape,
        found=f"{dataset.height} × {dataset.width} cells",
        expected=f"{window.height} × {window.width}",
    )
    _check(
        url,
        dataset.dtypes == ("uint8",),
        found=f"bands of {', '.join(dataset.dtypes)}",
        expected="one band of uint8",
    )
    far = max(abs(a - b) for a, b in zip(dataset.bounds, window.bounds, strict=True))
    _check(
        url,
        far < CELL_SIZE / 1000,
        found=f"the bounds {tuple(dataset.bounds)}",
        expected=f"{window.bounds}",
    )
    system = dataset.crs and pyproj.CRS.from_wkt(dataset.crs.to_wkt())
    _check(
        url,
        bool(system) and same_system(system, pyproj.CRS.from_epsg(EPSG)),
        found=f"the system {described(str(dataset.crs).encode())}",
        expected=f"EPSG:{EPSG}",
    )


def _check_error(answer: Answer) -> None:
    """Raise for an error that comes as JSON with status 200."""
    if answer.body[:1] != b"{":
        return
    document = answer.json()
    error: Any = document.get("error") if isinstance(document, dict) else None
    if error is None:
        return
    if not isinstance(error, dict):
        error = {"message": error}
    code, message = error.get("code"), str(error.get("message", ""))[:200]
    found = f"error {code} ({message})"
    if code in _LOGIN_CODES:
        raise AccessRefused(answer.url, found=found, expected="a service without login")
    if code in _PASSING_CODES:
        raise SourceUnavailable(answer.url, found=found, expected="an answer")
    raise SourceError(answer.url, found=found, expected="an answer")


def _check(url: str, holds: bool, *, found: str, expected: str) -> None:
    if not holds:
        raise SourceError(url, found=found, expected=expected)


def _fingerprint(description: dict[str, Any]) -> str:
    text = json.dumps(description, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
