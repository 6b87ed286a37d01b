"""What lies around a place given by longitude and latitude: to tell people where something is."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Integer, func, not_, select

from analytics.grid import EPSG
from analytics.queries.geometry import WGS84
from analytics.queries.visible import visible_zones

_DECIMALS = 5
"""Of a degree: about a metre."""


def names_at(connection: Connection, *, longitude: float, latitude: float) -> tuple[str, ...]:
    """Names of the territories that hold a place, the highest level first. One statement."""
    zone = visible_zones()
    point = func.ST_Transform(func.ST_SetSRID(func.ST_MakePoint(longitude, latitude), WGS84), EPSG)
    rows = connection.execute(
        select(zone.c.name)
        .where(zone.c.current, not_(zone.c.custom), func.ST_Intersects(zone.c.geometry, point))
        .order_by(zone.c.level_rank, zone.c.code)
    )
    return tuple(dict.fromkeys(rows.scalars()))


def highest_outlines(connection: Connection, *, finest: float) -> list[dict[str, Any]]:
    """GeoJSON geometries of the territories of the highest level, in longitude and latitude, to be
    looked at from afar: what is smaller than ``finest`` metres is gone. One statement."""
    zone = visible_zones()
    highest = select(func.min(zone.c.level_rank).cast(Integer)).where(not_(zone.c.custom))
    simple = func.ST_Simplify(zone.c.geometry, finest)
    shape = func.ST_AsGeoJSON(func.ST_Transform(simple, WGS84), _DECIMALS)
    rows = connection.execute(
        select(shape.label("shape")).where(
            zone.c.current,
            not_(zone.c.custom),
            zone.c.level_rank == highest.scalar_subquery(),
        )
    )
    found = (json.loads(text) for text in rows.scalars() if text)
    return [shape for shape in found if shape["type"] in {"Polygon", "MultiPolygon"}]
