"""The square tiles of web maps (XYZ): their edges in web Mercator, and the cells below them."""

from __future__ import annotations

from dataclasses import dataclass
from math import cosh, tau

from rasterio.crs import CRS
from rasterio.warp import transform_bounds

from analytics.grid import EPSG, Window, window_of_bounds
from analytics.queries import DRAWN_EXTENT, WORLD

RADIUS = WORLD / tau
"""Of the sphere of web Mercator, in metres."""
WEB_MERCATOR = CRS.from_epsg(3857)
GRID = CRS.from_epsg(EPSG)

Edges = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class TileAddress:
    """A tile: zoom, column from the west, row from the north."""

    zoom: int
    column: int
    row: int

    @property
    def exists(self) -> bool:
        """Whether column and row are within the square of their zoom."""
        return 0 <= self.column < 2**self.zoom and 0 <= self.row < 2**self.zoom

    @property
    def side(self) -> float:
        """Metres of web Mercator along a side."""
        return WORLD / 2**self.zoom

    @property
    def edges(self) -> Edges:
        """West, south, east, north in metres of web Mercator."""
        west = self.column * self.side - WORLD / 2
        north = WORLD / 2 - self.row * self.side
        return west, north - self.side, west + self.side, north

    @property
    def european_edges(self) -> Edges | None:
        """The edges of the part that is drawn; None where there is none."""
        west, south, east, north = self.edges
        near = (
            max(west, DRAWN_EXTENT[0]),
            max(south, DRAWN_EXTENT[1]),
            min(east, DRAWN_EXTENT[2]),
            min(north, DRAWN_EXTENT[3]),
        )
        return near if near[0] < near[2] and near[1] < near[3] else None

    @property
    def window(self) -> Window | None:
        """The cells below the tile; None where it does not touch Europe."""
        near = self.european_edges
        if near is None:
            return None
        found = window_of_bounds(*transform_bounds(WEB_MERCATOR, GRID, *near, densify_pts=21))
        # The grid has no negative indices; nothing that is observed lies there.
        return found.intersection(Window(0, 0, 1_000_000, 1_000_000))

    def pixel(self, size: int) -> float:
        """True metres along a side of the smallest of ``size`` × ``size`` pixels over Europe."""
        near = self.european_edges or self.edges
        farthest = max(abs(near[1]), abs(near[3]))
        return self.side / size / cosh(farthest / RADIUS)
