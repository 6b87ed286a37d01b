"""Many zones with their shapes, as files hand them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, func, select

from analytics.queries.geometry import DECIMALS, WGS84
from analytics.queries.parents import parent_of
from analytics.queries.territories import of_level
from analytics.queries.visible import visible_zones
from analytics.records import Parent


@dataclass(frozen=True, slots=True)
class ZoneShape:
    """A zone with its shape; area in square metres (EPSG:3035)."""

    id: int
    code: str
    name: str
    level: str
    vintage: int
    parent: Parent | None
    area_m2: float
    shape: Any
    """GeoJSON text in longitude and latitude, or WKB in EPSG:3035."""


def zone_ids(
    connection: Connection, *, level: str, within: tuple[str, str] | None = None
) -> list[int]:
    """Zones of a level's newest layer in the order of their codes; of those below the territory of
    the level and code ``within``. One statement."""
    zone = visible_zones()
    rows = connection.execute(
        select(zone.c.id).where(*of_level(zone, level, within)).order_by(zone.c.code)
    )
    return list(rows.scalars())


def points_of_level(
    connection: Connection, *, level: str, within: tuple[str, str] | None = None
) -> int:
    """Points of the shapes of the same zones together. One statement."""
    zone = visible_zones()
    return _points(connection, zone, *of_level(zone, level, within))


def point_count(connection: Connection, *, zone_id: int) -> int:
    """Points of the shape of a visible zone. One statement."""
    zone = visible_zones()
    return _points(connection, zone, zone.c.id == zone_id)


def _points(connection: Connection, zone: Subquery, *wanted: ColumnElement[bool]) -> int:
    points = func.coalesce(func.sum(func.ST_NPoints(zone.c.geometry)), 0)
    return int(connection.execute(select(points).where(*wanted)).scalar_one())


def exact_shape(connection: Connection, *, zone_id: int) -> bytes:
    """The shape of a visible zone as it is stored and was counted, in EPSG:3035, as WKB."""
    zone = visible_zones()
    shape = func.ST_AsBinary(func.ST_Multi(zone.c.geometry))
    return bytes(connection.execute(select(shape).where(zone.c.id == zone_id)).scalar_one())


def shapes(connection: Connection, *, ids: Sequence[int], geographic: bool) -> list[ZoneShape]:
    """Zones with their shapes, by code: ``geographic`` as GeoJSON (RFC 7946), else as they are
    stored and were counted. One statement."""
    zone, parent = visible_zones(), visible_zones("parent")
    shape = (
        func.ST_AsGeoJSON(
            func.ST_ForcePolygonCCW(func.ST_Transform(zone.c.geometry, WGS84)), DECIMALS
        )
        if geographic
        else func.ST_AsBinary(func.ST_Multi(zone.c.geometry))
    )
    rows = connection.execute(
        select(
            zone.c.id,
            zone.c.code,
            zone.c.name,
            zone.c.level,
            zone.c.vintage,
            parent.c.level.label("parent_level"),
            parent.c.code.label("parent_code"),
            func.ST_Area(zone.c.geometry).label("area_m2"),
            shape.label("shape"),
        )
        .outerjoin_from(zone, parent, parent.c.id == zone.c.parent_id)
        .where(zone.c.id.in_(list(ids)))
        .order_by(zone.c.code)
    )
    return [
        ZoneShape(
            id=row.id,
            code=row.code,
            name=row.name,
            level=row.level,
            vintage=row.vintage,
            parent=parent_of(row),
            area_m2=row.area_m2,
            shape=row.shape,
        )
        for row in rows
    ]
