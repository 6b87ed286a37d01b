"""A scene: one product of one Sentinel-2 tile, with the place and the radiometry of its bands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from analytics.grid import Window
from inference.errors import MissingBand

# Start of the datatake, in the name of a product or of a datatake. All tiles of an overpass have
# the same, in any UTM zone and after any reprocessing.
_DATATAKE = re.compile(r"(S2[A-D])(?:_MSIL2A)?_(\d{8}T\d{6})")


@dataclass(frozen=True, slots=True)
class Asset:
    """One band of one file: reflectance is stored value × ``scale`` + ``offset``.

    ``path`` is a path of GDAL. ``crs`` replaces a missing reference system of the file.
    """

    path: str
    index: int = 1
    scale: float = 1.0
    offset: float = 0.0
    crs: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Bands of one tile at one time.

    ``footprint`` encloses all cells and may be larger. Scenes that saw the ground at the same time
    have the same ``overpass``.
    """

    name: str
    day: date | None
    overpass: str
    baseline: str
    footprint: Window
    bands: Mapping[str, Asset] = field(hash=False)
    classification: Asset | None = None
    """The scene classification (SCL), where there is one."""

    def check(self, bands: Iterable[str]) -> None:
        """Raise MissingBand unless the scene has all of ``bands``."""
        absent = [band for band in bands if band not in self.bands]
        if absent:
            raise MissingBand(
                self.name,
                found=f"bands {', '.join(self.bands) or 'of no known name'}",
                expected=f"{', '.join(absent)} too",
                hint="Name the bands to be composed with --bands",
            )


def overpass_of(*names: str, platform: str, day: date | None, otherwise: str) -> str:
    """The identifier of an overpass: its datatake if a name contains it, else satellite and day.

    ``otherwise`` is the identifier without either.
    """
    for name in names:
        found = _DATATAKE.search(name)
        if found:
            return f"{found[1]} {found[2]}"
    return f"{platform} {day.isoformat()}" if day is not None else otherwise
