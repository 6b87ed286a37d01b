"""Bands of Sentinel-2 L2A, the two indices, and how a composite stores them.

A composite holds reflectance and indices as int16 × 10 000. ``MISSING`` marks a cell without a
valid observation. With several seasons, the season's name comes first: ``summer.B04``.
"""

from __future__ import annotations

from collections.abc import Sequence

REFLECTANCE: tuple[str, ...] = (
    "B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12",
)  # fmt: skip
"""The twelve bands of L2A, in the order of their wavelengths; B10 (cirrus) has no surface value."""

INDICES: tuple[str, ...] = ("NDVI", "NDWI")
"""(B08 − B04) / (B08 + B04) and (B03 − B08) / (B03 + B08): Rouse 1974, McFeeters 1996."""

BANDS: tuple[str, ...] = (*REFLECTANCE, *INDICES)
"""Bands of a composite of one season, in this order. The count of observations follows."""

OBSERVATIONS = "observations"
"""Name of the band with the number of valid observations of each cell."""

INDEX_OF: dict[str, tuple[str, str]] = {"NDVI": ("B08", "B04"), "NDWI": ("B03", "B08")}
"""First and second band of each index, (first − second) / (first + second)."""

SCALE = 10_000
"""Stored value of a reflectance, or of an index, of 1."""
MISSING = -32_768
"""Stored value of a cell that was not observed."""


def seasonal(season: str, bands: Sequence[str] = BANDS) -> tuple[str, ...]:
    """Names of the bands of a season. The name of an only season is ``""``; its bands keep their
    names."""
    return tuple(f"{season}.{band}" if season else band for band in bands)
