"""Names of the bands of Sentinel-2: by ESA, by Earth Search, and STAC's common names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from inference.composites.bands import REFLECTANCE

CLASSIFICATION = "SCL"

RESOLUTION: Mapping[str, int] = {
    "B01": 60, "B02": 10, "B03": 10, "B04": 10, "B05": 20, "B06": 20, "B07": 20, "B08": 10,
    "B8A": 20, "B09": 60, "B11": 20, "B12": 20, CLASSIFICATION: 20,
}  # fmt: skip
"""Resolution of the measurement in metres. Products hold some bands at other resolutions too."""

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
    if text.upper() == CLASSIFICATION:
        return CLASSIFICATION
    numbered = _NUMBERED.fullmatch(text.upper())
    if numbered:
        band = "B8A" if numbered[1] == "8A" else f"B{int(numbered[1]):02d}"
        return band if band in REFLECTANCE else None
    return _KEYS.get(text.lower())


def resolved(name: str) -> tuple[str | None, int | None]:
    """Band and metres of a name such as B04_10m. Metres are None where the name has none."""
    match = _RESOLVED.fullmatch(name)
    return (band_of(match[1]), int(match[2])) if match else (band_of(name), None)


def fitness(band: str, metres: int | None) -> tuple[int, int]:
    """Sort key for the files of one band: first the resolution of the measurement, then finer
    ones."""
    metres = RESOLUTION[band] if metres is None else metres
    return abs(metres - RESOLUTION[band]), metres
