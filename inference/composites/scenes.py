"""A scene: one product of one Sentinel-2 tile, where its bands lie and what their numbers mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from analytics.grid import Window
from inference.errors import MissingBand

# The start of the datatake, in a product's name and in a datatake's: every tile of an overpass has
# the same, in whichever UTM zone it lies and however often it was processed.
_DATATAKE = re.compile(r"(S2[A-D])(?:_MSIL2A)?_(\d{8}T\d{6})")


@dataclass(frozen=True, slots=True)
class Asset:
    """One band of one file: reflectance is stored value × ``scale`` + ``offset``.

    ``path`` is for GDAL; ``crs`` stands in for a file that does not say its own.
    """

    path: str
    index: int = 1
    scale: float = 1.0
    offset: float = 0.0
    crs: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Bands of one tile at one time. ``footprint`` holds all of its cells, and perhaps more;
    ``overpass`` is the same for scenes that saw the ground at the same time."""

    name: str
    day: date | None
    overpass: str
    baseline: str
    footprint: Window
    bands: Mapping[str, Asset] = field(hash=False)
    classification: Asset | None = None
    """The scene classification (SCL), where there is one."""

    def check(self, bands: Iterable[str]) -> None:
        """Raise MissingBand unless it has all of ``bands``."""
        lacking = [band for band in bands if band not in self.bands]
        if lacking:
            raise MissingBand(
                self.name,
                found=f"bands {', '.join(self.bands) or 'of no known name'}",
                expected=f"{', '.join(lacking)} too",
                hint="Name the bands to be composed with --bands",
            )


def overpass_of(*names: str, platform: str, day: date | None, otherwise: str) -> str:
    """What tells an overpass from others: its datatake if a name tells it, else satellite and day.

    ``otherwise`` is for what has no day either.
    """
    for name in names:
        found = _DATATAKE.search(name)
        if found:
            return f"{found[1]} {found[2]}"
    return f"{platform} {day.isoformat()}" if day is not None else otherwise
