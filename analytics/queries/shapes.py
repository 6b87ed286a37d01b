"""Shapes of zones and editions: exact, for files, and simplified, to be looked at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Subquery,
    func,
    not_,
    select,
)

from analytics.grid import EPSG
from analytics.queries import tables
from analytics.queries.territories import named_zone, named_zones, of_level
from analytics.queries.visible import (
    WGS84,
    bounds_of,
    edges_of,
    geographic_extent,
    visible_editions,
    visible_zones,
)
from analytics.records import Bounds, NamedZone

_DECIMALS = 7
"""Of a degree: about a centimetre."""
_DRAWN_DECIMALS = 5
"""Of a degree: about a metre."""


@dataclass(frozen=True, slots=True)
class ZoneShape(NamedZone):
    """A zone with its shape; area in square metres (EPSG:3035)."""

    id: int
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
    zone = visible_zones()
    shape = _geojson(zone) if geographic else func.ST_AsBinary(func.ST_Multi(zone.c.geometry))
    rows = connection.execute(
        named_zones(zone)
        .add_columns(
            zone.c.id, func.ST_Area(zone.c.geometry).label("area_m2"), shape.label("shape")
        )
        .where(zone.c.id.in_(list(ids)))
        .order_by(zone.c.code)
    )
    return [
        ZoneShape(**asdict(named_zone(row)), id=row.id, area_m2=row.area_m2, shape=row.shape)
        for row in rows
    ]


def _geojson(zone: Subquery) -> ColumnElement[Any]:
    shape = func.ST_ForcePolygonCCW(func.ST_Transform(zone.c.geometry, WGS84))
    return func.ST_AsGeoJSON(shape, _DECIMALS)


def geometry(connection: Connection, *, zone_id: int) -> dict[str, Any] | None:
    """The GeoJSON geometry (RFC 7946) of a visible zone, or None."""
    zone = visible_zones()
    text = connection.execute(select(_geojson(zone)).where(zone.c.id == zone_id)).scalar()
    return None if text is None else dict(json.loads(text))


def edition_bounds(connection: Connection, *, edition_id: int) -> Bounds | None:
    """West, south, east, north of what a published edition covers, or None where it is not told."""
    edition, published = tables.edition, visible_editions("published")
    extent = geographic_extent(edition.c.extent)
    row = connection.execute(
        select(*edges_of(extent))
        .join(published, published.c.id == edition.c.id)
        .where(published.c.id == edition_id)
    ).one_or_none()
    return None if row is None or row.west is None else bounds_of(row)


def drawn_shapes(
    connection: Connection, *, ids: Sequence[int], finest: float
) -> dict[int, dict[str, Any]]:
    """GeoJSON geometries of visible zones by id, in longitude and latitude. Corners nearer than
    ``finest`` metres to the line without them are left out, zone by zone: meant to be looked at,
    never to be measured. One statement."""
    zone = visible_zones()
    simple = func.ST_SimplifyPreserveTopology(zone.c.geometry, finest)
    text = func.ST_AsGeoJSON(func.ST_Transform(simple, WGS84), _DRAWN_DECIMALS)
    rows = connection.execute(
        select(zone.c.id, text.label("shape")).where(zone.c.id.in_(list(ids)))
    )
    return {row.id: json.loads(row.shape) for row in rows}


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
    shape = func.ST_AsGeoJSON(func.ST_Transform(simple, WGS84), _DRAWN_DECIMALS)
    rows = connection.execute(
        select(shape.label("shape")).where(
            zone.c.current,
            not_(zone.c.custom),
            zone.c.level_rank == highest.scalar_subquery(),
        )
    )
    found = (json.loads(text) for text in rows.scalars() if text)
    return [shape for shape in found if shape["type"] in {"Polygon", "MultiPolygon"}]
