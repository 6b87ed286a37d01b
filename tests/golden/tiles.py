"""Addresses of tiles: all kinds, all zooms of the map, spread over the region."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tests.golden.catalogue import Catalogue
from tests.golden.export_request import Asked

VECTOR_ZOOMS = (0, 4, 6, 8, 9, 10, 11, 12, 14)
RASTER_ZOOMS = (0, 5, 8, 10, 11, 12, 13, 14, 16)
AT_A_ZOOM = 3


def everything(catalogue: Catalogue) -> Iterator[Asked]:
    """Their descriptions, and about two hundred tiles."""
    for level in catalogue.all_levels:
        yield Asked("tiles", f"/tiles/territories/{level}.json")
        for zoom in VECTOR_ZOOMS:
            for tile in _spread(catalogue.bounds, zoom):
                yield Asked("tiles", f"/tiles/territories/{level}/{tile}.mvt")
    for edition in catalogue.editions:
        yield Asked("tiles", f"/tiles/editions/{edition}.json")
        yield from _raster(catalogue, f"/tiles/editions/{edition}")
    for earlier, later in catalogue.pairs:
        yield Asked("tiles", f"/tiles/change/{earlier}/{later}.json")
        yield from _raster(catalogue, f"/tiles/change/{earlier}/{later}")


def _raster(catalogue: Catalogue, path: str) -> Iterator[Asked]:
    for zoom in RASTER_ZOOMS:
        for number, tile in enumerate(_spread(catalogue.bounds, zoom)):
            yield Asked("tiles", f"{path}/{tile}{'@2x' if number == 1 else ''}.png")


def _spread(bounds: tuple[float, float, float, float], zoom: int) -> list[str]:
    """At most three tiles of a zoom, from the south-west to the north-east of the bounds."""
    west, south, east, north = bounds
    found: dict[str, None] = {}
    for number in range(AT_A_ZOOM):
        part = (number + 0.5) / AT_A_ZOOM
        x, y = _tile(west + part * (east - west), south + part * (north - south), zoom)
        found[f"{zoom}/{x}/{y}"] = None
    return list(found)


def _tile(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    """Column and row in Web Mercator, of a point in degrees."""
    side = 2**zoom
    column = int((longitude + 180) / 360 * side)
    row = int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * side)
    return min(column, side - 1), min(row, side - 1)
