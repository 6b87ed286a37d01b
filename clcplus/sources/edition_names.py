"""Names of the files of editions, by the patterns of the EEA's quality control."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analytics.products import PRODUCTS

PRODUCT = "clcplus"
_MOSAIC = re.compile(
    r"clms_clcplus_raster_(?P<year>\d{4})_010m_eu_(?P<crs>\d{5})_v(?P<major>\d)_(?P<minor>\d)"
)
_TILE = re.compile(
    r"clms_clcplus_ras_s(?P<year>\d{4})_r10m_(?P<tile>[0-9a-z]{6})_(?P<crs>\d{5})"
    r"_v(?P<major>\d{2})_r(?P<minor>\d{2})"
)
_GRID = "03035"
EXPECTED = (
    "CLMS_CLCplus_RASTER_2021_010m_eu_03035_V1_1.tif or "
    "CLMS_CLCPLUS_RAS_S2023_R10m_E44N36_03035_V01_R00.tif"
)


@dataclass(frozen=True, slots=True, order=True)
class EditionName:
    """What the names of its files say of an edition; the later version is the greater one."""

    product: str
    year: int
    version: tuple[int, int]
    tiled: bool

    def __str__(self) -> str:
        major, minor = self.version
        form = "tiles" if self.tiled else "mosaic"
        return f"{self.product} {self.year}, version {major}.{minor} ({form})"


@dataclass(frozen=True, slots=True)
class NamedRaster:
    """The edition that a raster belongs to, and its 100 km tile; none for a mosaic."""

    edition: EditionName
    tile: str


def read_name(name: str) -> NamedRaster | str:
    """What the name of a raster says; otherwise what is wrong with it, in a few words."""
    stem, _, suffix = name.rpartition(".")
    if suffix.lower() not in {"tif", "tiff"}:
        return "no GeoTIFF"
    for pattern in (_MOSAIC, _TILE):
        found = pattern.fullmatch(stem.lower())
        if found is None:
            continue
        year = int(found["year"])
        if found["crs"] != _GRID:
            return f"EPSG:{int(found['crs'])}, which is not the grid's"
        if year not in PRODUCTS[PRODUCT].editions:
            return f"the year {year}, of which nothing is published"
        tile = found["tile"].upper() if pattern is _TILE else ""
        if pattern is _TILE and not re.fullmatch(r"E\d{2}N\d{2}", tile):
            return f"the tile {tile}, which the grid does not have"
        version = int(found["major"]), int(found["minor"])
        return NamedRaster(EditionName(PRODUCT, year, version, bool(tile)), tile)
    return "another name"
