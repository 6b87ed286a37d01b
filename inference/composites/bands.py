"""Bands of Sentinel-2 L2A and their names, the two indices, and how a composite stores them.

A composite holds reflectance and indices as int16 × 10 000. ``MISSING`` marks a cell without a
valid observation. With several seasons, the season's name comes first: ``summer.B04``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

CLASSIFICATION = "SCL"

RESOLUTION: Mapping[str, int] = {
    "B01": 60, "B02": 10, "B03": 10, "B04": 10, "B05": 20, "B06": 20, "B07": 20, "B08": 10,
    "B8A": 20, "B09": 60, "B11": 20, "B12": 20, CLASSIFICATION: 20,
}  # fmt: skip
"""Resolution of the measurement in metres. Products hold some bands at other resolutions too."""

REFLECTANCE: tuple[str, ...] = tuple(band for band in RESOLUTION if band != CLASSIFICATION)
"""The twelve bands of L2A, in the order of their wavelengths; B10 (cirrus) has no surface value."""

INDEX_OF: Mapping[str, tuple[str, str]] = {"NDVI": ("B08", "B04"), "NDWI": ("B03", "B08")}
"""Bands of each index, (first − second) / (first + second): Rouse 1974, McFeeters 1996."""

INDICES: tuple[str, ...] = tuple(INDEX_OF)

BANDS: tuple[str, ...] = (*REFLECTANCE, *INDICES)
"""Bands of a composite of one season, in this order. The count of observations follows."""

OBSERVATIONS = "observations"
"""Name of the band with the number of valid observations of each cell."""

SCALE = 10_000
"""Stored value of a reflectance, or of an index, of 1."""
MISSING = -32_768
"""Stored value of a cell that was not observed."""

# The common names of STAC, and those of Earth Search.
_KEYS: Mapping[str, str] = {
    "coastal": "B01", "blue": "B02", "green": "B03", "red": "B04", "rededge1": "B05",
    "rededge2": "B06", "rededge3": "B07", "nir": "B08", "nir08": "B8A", "nir09": "B09",
    "swir16": "B11", "swir22": "B12",
    # STAC's extension "eo" uses these from 2.0 on. Before, "rededge" meant three bands.
    "rededge071": "B05", "rededge075": "B06", "rededge078": "B07",
}  # fmt: skip
_NUMBERED = re.compile(r"B0?(\d{1,2}|8A)")
_RESOLVED = re.compile(r"(.+?)[_-](\d{2})m")


def band_of(name: str) -> str | None:
    """The band of a name (B04, b4, B4, red, B8a, SCL …). None for any other name."""
    text = name.strip()
    numbered = _NUMBERED.fullmatch(text.upper())
    if numbered:
        band = "B8A" if numbered[1] == "8A" else f"B{int(numbered[1]):02d}"
        return band if band in REFLECTANCE else None
    return CLASSIFICATION if text.upper() == CLASSIFICATION else _KEYS.get(text.lower())


def resolved(name: str) -> tuple[str | None, int | None]:
    """Band and metres of a name such as B04_10m. Metres are None where the name has none."""
    match = _RESOLVED.fullmatch(name)
    return (band_of(match[1]), int(match[2])) if match else (band_of(name), None)


def fitness(band: str, metres: int | None) -> tuple[int, int]:
    """Sort key for files of one band: the resolution of the measurement, then finer ones."""
    metres = RESOLUTION[band] if metres is None else metres
    return abs(metres - RESOLUTION[band]), metres
