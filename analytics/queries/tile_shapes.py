"""Shapes of zones as vector tiles show them: simplified beforehand, in one of three bands of zooms.

Within a quarter of a unit of the tile of the band's last zoom nobody sees a difference, nor a gap
between neighbours, and small scales have far fewer points.
"""

from __future__ import annotations

from dataclasses import dataclass

EXTENT = 4096
"""Units along a side of a tile."""
WEB_MERCATOR = 3857
WORLD = 40_075_016.68557849
"""Side of the square of web Mercator, in its metres."""
DRAWN_EXTENT = (-5_000_000.0, 2_500_000.0, 8_000_000.0, 13_500_000.0)
"""Part of the square that tiles are made of: west, south, east, north in metres of web Mercator.
Far beyond Europe EPSG:3035 means nothing, and the tile of zoom 0 is the whole world."""


@dataclass(frozen=True, slots=True)
class Band:
    """Zooms up to ``last_zoom`` are drawn from one column of zones."""

    column: str
    last_zoom: int

    @property
    def tolerance(self) -> float:
        """Metres by which an outline may be off."""
        return float(round(WORLD / 2.0**self.last_zoom / EXTENT / 4, 3))


SHAPE_BANDS = (Band("shape_far", 5), Band("shape_middle", 8), Band("shape_near", 11))
"""From afar to near; beyond the last one zones are drawn as they are."""


def band_of(zoom: int) -> Band | None:
    """The band of a zoom, or None where zones are drawn as they are."""
    return next((band for band in SHAPE_BANDS if zoom <= band.last_zoom), None)
