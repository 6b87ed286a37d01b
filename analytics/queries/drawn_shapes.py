"""Shapes of several territories, no finer than a drawing needs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from analytics.queries.geometry import WGS84
from analytics.queries.visible import visible_zones

_DECIMALS = 5
"""Of a degree: about a metre."""


def drawn_shapes(
    connection: Connection, *, ids: Sequence[int], finest: float
) -> dict[int, dict[str, Any]]:
    """GeoJSON geometries of visible zones by id, in longitude and latitude. Corners nearer than
    ``finest`` metres to the line without them are left out, zone by zone: meant to be looked at,
    never to be measured. One statement."""
    zone = visible_zones()
    simple = func.ST_SimplifyPreserveTopology(zone.c.geometry, finest)
    text = func.ST_AsGeoJSON(func.ST_Transform(simple, WGS84), _DECIMALS)
    rows = connection.execute(
        select(zone.c.id, text.label("shape")).where(zone.c.id.in_(list(ids)))
    )
    return {row.id: json.loads(row.shape) for row in rows}
