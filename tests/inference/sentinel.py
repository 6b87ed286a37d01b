"""Made-up Sentinel-2 scenes: tiles of known numbers in UTM, as COGs of a catalogue or as SAFE."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.transform import from_origin
from rasterio.warp import transform_bounds

from inference.composites.bands import REFLECTANCE, RESOLUTION

EARTH_SEARCH_KEYS = {
    "B01": "coastal", "B02": "blue", "B03": "green", "B04": "red", "B05": "rededge1",
    "B06": "rededge2", "B07": "rededge3", "B08": "nir", "B8A": "nir08", "B09": "nir09",
    "B11": "swir16", "B12": "swir22", "SCL": "scl",
}  # fmt: skip

Numbers = float | Callable[[Any, Any], Any]
"""A constant, or a function of easting and northing of a cell's centre, in metres of UTM."""


@dataclass(frozen=True)
class Tile:
    """A square of a UTM zone; ``side`` is a multiple of 60 m."""

    name: str
    epsg: int
    west: float
    north: float
    side: int = 2400

    def grid(self, metres: int) -> tuple[Any, Any]:
        """Eastings and northings of cells of so many metres."""
        centres = (np.arange(self.side // metres) + 0.5) * metres
        return np.meshgrid(self.west + centres, self.north - centres)

    @property
    def degrees(self) -> list[float]:
        south, east = self.north - self.side, self.west + self.side
        box = transform_bounds(f"EPSG:{self.epsg}", "EPSG:4326", self.west, south, east, self.north)
        return list(box)


# The same ground, near 12° E: where the tiles of two zones overlap.
WEST_TILE = Tile("32UQA", 32632, 714_000, 5_543_000)
EAST_TILE = Tile("33UUR", 32633, 283_940, 5_543_300)


@dataclass(frozen=True)
class Shot:
    """A tile at a time. ``numbers`` are what is stored (DN), of a band or of all."""

    day: str
    numbers: Numbers | Mapping[str, Numbers] = 2000
    scl: Numbers = 4
    baseline: str = "03.01"
    tile: Tile = WEST_TILE
    satellite: str = "S2A"
    time: str = "101031"
    bands: tuple[str, ...] = REFLECTANCE
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def product(self) -> str:
        stamp = f"{self.day.replace('-', '')}T{self.time}"
        version = self.baseline.replace(".", "")
        return f"{self.satellite}_MSIL2A_{stamp}_N{version}_R022_T{self.tile.name}_{stamp}"

    def cells(self, band: str, metres: int) -> npt.NDArray[Any]:
        """What is stored of a band, or of SCL."""
        numbers: Any = self.scl if band == "SCL" else self.numbers
        if isinstance(numbers, Mapping):
            numbers = numbers[band]
        eastings, northings = self.tile.grid(metres)
        values = numbers(eastings, northings) if callable(numbers) else numbers
        whole = np.broadcast_to(np.rint(values), eastings.shape)
        return whole.astype(np.uint8 if band == "SCL" else np.uint16)

    def write(self, path: Path, band: str, **profile: Any) -> Path:
        """One band as an image of its resolution."""
        metres = RESOLUTION[band]
        cells = self.cells(band, metres)
        path.parent.mkdir(parents=True, exist_ok=True)
        with rasterio.open(
            path,
            "w",
            **{"driver": "COG", "compress": "deflate", **profile},
            width=cells.shape[1],
            height=cells.shape[0],
            count=1,
            dtype=cells.dtype,
            crs=f"EPSG:{self.tile.epsg}",
            transform=from_origin(self.tile.west, self.tile.north, metres, metres),
        ) as dataset:
            dataset.write(cells, 1)
        return path


def item(shot: Shot, hrefs: Mapping[str, str], *, world: str) -> dict[str, Any]:
    """A STAC item as Earth Search, CDSE or Planetary Computer would write it; ``hrefs`` by band."""
    west, south, east, north = shot.tile.degrees
    stamp = f"{shot.day}T{shot.time[:2]}:{shot.time[2:4]}:{shot.time[4:]}Z"
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": [],
        "id": shot.product,
        "collection": "sentinel-2-l2a",
        "bbox": shot.tile.degrees,
        "geometry": {
            "type": "Polygon",
            "coordinates": [
                [[west, south], [east, south], [east, north], [west, north], [west, south]]
            ],
        },
        "properties": {
            "datetime": stamp,
            "platform": f"sentinel-{shot.satellite[1:].lower()}",
            "eo:cloud_cover": 10.0,
            **_PROPERTIES[world](shot),
            **shot.properties,
        },
        "assets": {
            key: value
            for band, href in hrefs.items()
            for key, value in _ASSETS[world](shot, band, href).items()
        },
        "links": [],
    }


def _earth_search(shot: Shot, band: str, href: str) -> dict[str, Any]:
    offset = -0.1 if shot.baseline >= "04.00" else 0
    asset = {
        "href": href,
        "type": "image/tiff; application=geotiff; profile=cloud-optimized",
        "roles": ["data", "reflectance"],
        "raster:bands": [{"nodata": 0, "scale": 0.0001, "offset": offset}],
    }
    key = EARTH_SEARCH_KEYS[band]
    twin = {"href": href + ".jp2", "type": "image/jp2", "roles": ["data"]}
    return {key: asset, f"{key}-jp2": twin}


def _planetary(shot: Shot, band: str, href: str) -> dict[str, Any]:
    return {band: {"href": href, "type": "image/tiff", "roles": ["data"]}}


def _cdse(shot: Shot, band: str, href: str) -> dict[str, Any]:
    fine = RESOLUTION[band]
    told = {"raster:scale": 0.0001, "raster:offset": -0.1 if shot.baseline >= "04.00" else 0}
    asset = {
        "href": href,
        "type": "image/jp2",
        "roles": ["data"],
        "bands": [{"name": band}],
        **told,
    }
    coarse = {**asset, "href": "https://nowhere.invalid/coarse.jp2"}
    assets = {f"{band}_{fine}m": asset}
    return assets if fine == 60 else {f"{band}_60m": coarse, **assets}


_ASSETS: Mapping[str, Callable[[Shot, str, str], dict[str, Any]]] = {
    "earth-search": _earth_search,
    "cdse": _cdse,
    "planetary": _planetary,
}
_PROPERTIES: Mapping[str, Callable[[Shot], dict[str, Any]]] = {
    "earth-search": lambda shot: {
        "s2:processing_baseline": shot.baseline,
        "earthsearch:boa_offset_applied": False,
        "proj:epsg": shot.tile.epsg,
    },
    "cdse": lambda shot: {"processing:version": shot.baseline},
    "planetary": lambda shot: {"s2:processing_baseline": shot.baseline},
}


def write_safe(folder: Path, shot: Shot, *, offsets: bool = True) -> Path:
    """A minimal .SAFE folder with lossless JPEG 2000; ``offsets`` are listed from 04.00 on."""
    product = folder / f"{shot.product}.SAFE"
    stamp = shot.product.rpartition("_")[2]
    images = product / "GRANULE" / f"L2A_T{shot.tile.name}_A012345_{stamp}" / "IMG_DATA"
    for band in (*shot.bands, "SCL"):
        metres = RESOLUTION[band]
        shot.write(
            images / f"R{metres}m" / f"T{shot.tile.name}_{stamp}_{band}_{metres}m.jp2",
            band,
            driver="JP2OpenJPEG",
            compress=None,
            quality=100,
            reversible=True,
        )
    listed = ""
    if offsets and shot.baseline >= "04.00":
        lines = "".join(f'<BOA_ADD_OFFSET band_id="{i}">-1000</BOA_ADD_OFFSET>' for i in range(13))
        listed = f"<BOA_ADD_OFFSET_VALUES_LIST>{lines}</BOA_ADD_OFFSET_VALUES_LIST>"
    (product / "MTD_MSIL2A.xml").write_text(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<n1:Level-2A_User_Product xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_L2A.xsd">
<n1:General_Info><Product_Info>
<PRODUCT_START_TIME>{shot.day}T10:10:31.024Z</PRODUCT_START_TIME>
<PRODUCT_URI>{shot.product}.SAFE</PRODUCT_URI>
<PROCESSING_BASELINE>{shot.baseline}</PROCESSING_BASELINE>
<Datatake datatakeIdentifier="G{shot.satellite}_{stamp}_046700_N{shot.baseline}"/>
</Product_Info><Product_Image_Characteristics>
<QUANTIFICATION_VALUES_LIST><BOA_QUANTIFICATION_VALUE unit="none">10000</BOA_QUANTIFICATION_VALUE>
</QUANTIFICATION_VALUES_LIST>{listed}
</Product_Image_Characteristics></n1:General_Info></n1:Level-2A_User_Product>
"""
    )
    return product
