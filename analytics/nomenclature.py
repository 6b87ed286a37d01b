"""Class codes of CLC+ Backbone, their official colours, and which of them are missing.

Source: product user manuals of CLC+ Backbone 2018, 2021 and 2023.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LandCoverClass:
    """A code of the map, its English name and its official colour (red, green, blue)."""

    code: int
    name: str
    colour: tuple[int, int, int]


SEALED = 1
WATER = 10
SEA_BUFFER = 253
OUTSIDE = 254
NO_DATA = 255

CLASSES: tuple[LandCoverClass, ...] = (
    LandCoverClass(SEALED, "Sealed", (255, 0, 0)),
    LandCoverClass(2, "Woody, needle-leaved trees", (34, 139, 34)),
    LandCoverClass(3, "Woody, broadleaved deciduous trees", (128, 255, 0)),
    LandCoverClass(4, "Woody, broadleaved evergreen trees", (0, 255, 8)),
    LandCoverClass(5, "Low-growing woody plants", (128, 64, 0)),
    LandCoverClass(6, "Permanent herbaceous", (204, 242, 77)),
    LandCoverClass(7, "Periodically herbaceous", (255, 255, 128)),
    LandCoverClass(8, "Lichens and mosses", (255, 128, 255)),
    LandCoverClass(9, "Non- and sparsely vegetated", (191, 191, 191)),
    LandCoverClass(WATER, "Water", (0, 128, 255)),
    LandCoverClass(11, "Snow and ice", (0, 255, 255)),
)
"""The eleven observed classes, in the order of their codes."""

MISSING_CLASSES: tuple[LandCoverClass, ...] = (
    LandCoverClass(SEA_BUFFER, "Coastal seawater buffer", (191, 223, 255)),
    LandCoverClass(OUTSIDE, "Outside area", (230, 230, 230)),
    LandCoverClass(NO_DATA, "No data", (0, 0, 0)),
)
"""Codes that are never in a numerator, a denominator or a zero."""

CODES: tuple[int, ...] = tuple(c.code for c in (*CLASSES, *MISSING_CLASSES))
"""Every code, in the order in which counts are kept: 1..11, 253, 254, 255."""

OBSERVED_CODES: tuple[int, ...] = tuple(c.code for c in CLASSES)
MISSING_CODES: tuple[int, ...] = tuple(c.code for c in MISSING_CLASSES)

BY_CODE: dict[int, LandCoverClass] = {c.code: c for c in (*CLASSES, *MISSING_CLASSES)}

COLOUR_TABLE: dict[int, tuple[int, int, int, int]] = {
    c.code: (*c.colour, 255) for c in (*CLASSES, *MISSING_CLASSES)
}
"""Official colours, as rasterio's ``write_colormap`` takes them."""
