"""A scene: one product of one Sentinel-2 tile, with the place and the radiometry of its bands.

From processing baseline 04.00 on, 1000 must be subtracted once from stored numbers. A distributor
may have done so already. These sources decide, the strongest first: the user's option;
"boa_offset_applied"; a baseline before 04.00, which had no offset; scale and offset of the
metadata; the baseline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from analytics.grid import Window
from inference.composites.bands import SCALE
from inference.errors import MissingBand, UnknownOffset

# Start of the datatake, in the name of a product or of a datatake. All tiles of an overpass have
# the same, in any UTM zone and after any reprocessing.
_DATATAKE = re.compile(r"(S2[A-D])(?:_MSIL2A)?_(\d{8}T\d{6})")

ADDED_FROM = (4, 0)
"""The first processing baseline whose numbers have an offset."""
ADDED = -1000
"""BOA_ADD_OFFSET of all products so far, in stored numbers."""

_BASELINE = re.compile(r"N?(\d{2})\.?(\d{2})")
_IN_NAME = re.compile(r"_N(\d{4})_")


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


def overpass_of(*names: str, day: date | None, platform: str = "") -> str:
    """The identifier of an overpass: its datatake if a name contains it, else satellite and day,
    else the last of the names."""
    for name in names:
        found = _DATATAKE.search(name)
        if found:
            return f"{found[1]} {found[2]}"
    return f"{platform} {day.isoformat()}" if day is not None else names[-1]


Overpass = tuple[Scene, ...]
"""Scenes that saw the ground at the same time, the preferred one first.

They give one observation for each cell. Tiles of Sentinel-2 overlap, and products are processed
again. A cell comes from the first scene that covers it, which has the newest baseline.
"""


def baseline_in(name: str) -> str:
    """The processing baseline in a product's name (…_N0510_…), as 05.10. "" without one."""
    found = _IN_NAME.search(name)
    return f"{found[1][:2]}.{found[1][2:]}" if found else ""


def radiometry(
    baseline: str,
    *,
    of: str,
    scale: float | None = None,
    offset: float | None = None,
    applied: bool | None = None,
    forced: int | None = None,
) -> tuple[float, float]:
    """Scale and offset: reflectance is stored value × scale + offset.

    ``scale`` and ``offset`` are those of the metadata, in reflectance; ``applied`` says whether the
    offset is already subtracted. They are None where the metadata say nothing. ``forced`` is the
    user's offset, in stored numbers. ``of`` names the scene. Raises UnknownOffset if no source
    gives the offset.
    """
    scale = scale or 1 / SCALE
    if forced is not None:
        return scale, forced * scale
    if applied:
        return scale, 0.0
    match = _BASELINE.fullmatch(baseline)
    version = (int(match[1]), int(match[2])) if match else None
    if version is not None and version < ADDED_FROM:
        return scale, 0.0
    if offset is not None and not (applied is False and offset == 0):
        return scale, offset
    if version is None:
        raise UnknownOffset(
            of,
            found="neither a processing baseline nor an offset in the metadata",
            expected="s2:processing_baseline, processing:version or raster:offset",
            hint="Say it with --offset: -1000 from baseline 04.00 on if nobody has taken it off, "
            "else 0",
        )
    return scale, ADDED * scale
