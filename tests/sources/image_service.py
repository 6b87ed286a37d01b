"""An ImageServer in small: a raster behind the address of the real one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from analytics.grid import Window, window_of_bounds
from analytics.rasters import Codes
from tests.sources.misbehaviour import Reply, Request


@dataclass
class ImageService:
    """Answers like the EEA's service, with the same defaults."""

    codes: Codes
    window: Window
    limits: tuple[int, int] = (4100, 15000)
    description: dict[str, Any] = field(default_factory=dict)
    """What the description says otherwise."""
    years: tuple[int, ...] = (2018, 2021)
    """Reference years that have a service."""

    def __call__(self, request: Request) -> Reply:
        if request.path.endswith("/exportImage"):
            return self.image(request.query)
        if request.path.endswith("/CLC_plus"):
            return as_json(self.listed())
        if request.query.get("f") == "json":
            return as_json(self.described())
        return Reply(b"<html><title>ArcGIS REST</title></html>")

    def listed(self) -> dict[str, Any]:
        """The list of the folder, with services beside those of the editions."""
        names = [f"CLC_plus/CLMS_CLCplus_RASTER_{year}_010m_eu" for year in self.years]
        others = ["CLC_plus/CLMS_CLCplus_RASCL_2021_010m_eu", "CLC_plus/Other"]
        services = [{"name": name, "type": "ImageServer"} for name in (*names, *others)]
        services.append({"name": "CLC_plus/CLMS_CLCplus_RASTER_2099_010m_eu", "type": "MapServer"})
        return {"currentVersion": 10.91, "folders": [], "services": services}

    def described(self) -> dict[str, Any]:
        west, south, east, north = self.window.bounds
        extent = {"xmin": west, "ymin": south, "xmax": east, "ymax": north}
        return {
            "currentVersion": 10.91,
            "name": "CLC_plus/CLMS_CLCplus_RASTER_2021_010m_eu",
            "extent": {**extent, "spatialReference": {"wkid": 3035, "latestWkid": 3035}},
            "pixelSizeX": 10,
            "pixelSizeY": 10,
            "bandCount": 1,
            "pixelType": "U8",
            "maxImageHeight": self.limits[0],
            "maxImageWidth": self.limits[1],
            **self.description,
        }

    def image(self, query: dict[str, str]) -> Reply:
        width, height = map(int, query.get("size", "400,400").split(","))
        if height > self.limits[0] or width > self.limits[1]:
            return json_error(400, "The requested image exceeds the size limit.")
        wanted = window_of_bounds(*map(float, query["bbox"].split(",")))
        if query.get("adjustAspectRatio", "true") == "true":
            # The real service widens the box to cells of its own choice.
            wanted = Window(wanted.row, wanted.column, height, width + 1)
        if query.get("interpolation") != "RSP_NearestNeighbor":
            return Reply(tiff(np.full((height, width), 6, np.uint8), wanted))
        row, column = wanted.row - self.window.row, wanted.column - self.window.column
        return Reply(
            tiff(self.codes[row : row + height, column : column + width], wanted),
            headers={"Content-Type": "image/tiff"},
        )


def tiff(codes: np.ndarray | None, window: Window, **profile: Any) -> bytes:
    """A TIFF whose upper left corner is that of a window; without codes, none is written."""
    codes_shape, dtype = (window.shape, "uint8") if codes is None else (codes.shape, codes.dtype)
    west, _, _, north = window.bounds
    with MemoryFile() as file:
        with file.open(
            driver="GTiff",
            **{
                "height": codes_shape[0],
                "width": codes_shape[1],
                "count": 1,
                "dtype": dtype,
                "crs": "EPSG:3035",
                "transform": from_origin(west, north, 10, 10),
                **profile,
            },
        ) as dataset:
            for band in range(dataset.count if codes is not None else 0):
                dataset.write(codes, band + 1)
        return bytes(file.read())


def as_json(document: object, *, status: int = 200, **headers: str) -> Reply:
    body = json.dumps(document).encode()
    return Reply(body, status=status, headers={"Content-Type": "application/json", **headers})


def json_error(code: int, message: str) -> Reply:
    """An error as ArcGIS sends it: with status 200."""
    return as_json({"error": {"code": code, "message": message, "details": []}})
