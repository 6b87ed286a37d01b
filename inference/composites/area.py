"""The area of a composite: a rectangle in degrees or the zones of a file, in cells of the grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import shapely
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.warp import transform_bounds

from analytics.grid import EPSG, Y_ORIGIN, Window, window_of_bounds
from analytics.rasters import first_line
from analytics.zones import read_shapes
from inference.errors import OffGrid

Bounds = tuple[float, float, float, float]
"""West, south, east, north."""

_GRID = CRS.from_epsg(EPSG)
_DEGREES = CRS.from_epsg(4326)
_EAST_END = 8_000_000
"""Metres east. The reference system ends before that, near 44° E."""
_DENSIFIED = 41
"""Points on each side: an edge that is straight in one system is a curve in the other."""


@dataclass(frozen=True, slots=True)
class Area:
    """A window and, if zones were given, their union. Blocks without a zone are left out."""

    window: Window
    zones: Any = None

    def touches(self, window: Window) -> bool:
        """Whether a window holds a part of the area."""
        if self.window.intersection(window) is None:
            return False
        return self.zones is None or bool(shapely.box(*window.bounds).intersects(self.zones))


def of_degrees(bounds: Bounds) -> Area:
    """The area of a rectangle of longitudes and latitudes. Raises OffGrid."""
    return Area(cells_of(bounds, crs=_DEGREES, name="the rectangle"))


def of_zones(path: Path, *, layer: str | None = None) -> Area:
    """The area of all zones of a vector file. Raises ZoneError and OffGrid."""
    zones = shapely.union_all(read_shapes(path, layer=layer))
    return Area(cells_of(zones.bounds, crs=_GRID, name=path.name), zones)


def of_footprints(footprints: Sequence[Window]) -> Area:
    """The area that imagery covers."""
    return Area(reduce(Window.union, footprints))


def cells_of(bounds: Bounds, *, crs: CRS, name: str) -> Window:
    """Cells that a rectangle in any reference system may touch. Raises OffGrid."""
    west, south, east, north = bounds
    try:
        if crs != _GRID:
            west, south, east, north = transform_bounds(crs, _GRID, *bounds, _DENSIFIED)
    except RasterioError as error:
        raise _off_grid(name, first_line(error)) from error
    # Comparisons with NaN and infinity are false, so this also catches what cannot be projected.
    if not (0 <= west <= east <= _EAST_END and 0 <= south <= north <= Y_ORIGIN):
        raise _off_grid(name, f"bounds {', '.join(f'{side:g}' for side in bounds)}")
    return window_of_bounds(west, south, east, north)


def degrees_of(window: Window) -> Bounds:
    """The rectangle of longitudes and latitudes that encloses a window."""
    west, south, east, north = transform_bounds(_GRID, _DEGREES, *window.bounds, _DENSIFIED)
    return west, south, east, north


def _off_grid(name: str, found: str) -> OffGrid:
    return OffGrid(
        name,
        found=found,
        expected=f"an area in Europe, within the grid of EPSG:{EPSG}",
        hint="A rectangle is west, south, east, north in degrees",
    )
