"""Shapes of territories in longitude and latitude."""

from __future__ import annotations

import functools
import json
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from analytics.grid import EPSG
from analytics.queries import tables
from analytics.queries.visible import visible_editions, visible_zones
from analytics.records import Bounds

WGS84 = 4326
DECIMALS = 7
"""Of a degree: about a centimetre."""
_EDGE = 10_000
"""Metres between points of an extent's edges, which are curves in longitude and latitude."""


def geographic_extent(extent: ColumnElement[Any]) -> ColumnElement[Any]:
    """An extent in EPSG:3035 as the shape that holds it in longitude and latitude."""
    shape = func.ST_SetSRID(extent, EPSG)
    return func.ST_Transform(func.ST_Segmentize(shape, _EDGE), WGS84)


@functools.cache
def _geojson() -> Select[Any]:
    zone = visible_zones()
    shape = func.ST_ForcePolygonCCW(func.ST_Transform(zone.c.geometry, WGS84))
    return select(func.ST_AsGeoJSON(shape, DECIMALS)).where(zone.c.id == bindparam("wanted"))


def geometry(connection: Connection, *, zone_id: int) -> dict[str, Any] | None:
    """The GeoJSON geometry (RFC 7946) of a visible zone, or None."""
    text = connection.execute(_geojson(), {"wanted": zone_id}).scalar()
    return None if text is None else dict(json.loads(text))


def edition_bounds(connection: Connection, *, edition_id: int) -> Bounds | None:
    """West, south, east, north of what a published edition covers, or None where it is not told."""
    edition, published = tables.edition, visible_editions("published")
    extent = geographic_extent(edition.c.extent)
    row = connection.execute(
        select(
            func.ST_XMin(extent), func.ST_YMin(extent), func.ST_XMax(extent), func.ST_YMax(extent)
        )
        .join(published, published.c.id == edition.c.id)
        .where(published.c.id == edition_id)
    ).one_or_none()
    return None if row is None or row[0] is None else (row[0], row[1], row[2], row[3])
