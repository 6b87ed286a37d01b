"""Levels that have an active layer: those of territories, and that of a zone set."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, not_, select

from analytics.queries import tables
from analytics.queries.single_statements import made_once
from analytics.queries.visible import bounds_of, edges_of, geographic_extent, visible_layers
from analytics.records import Level

_OF_LEVEL = ("slug", "name", "name_plural", "rank", "custom")


@made_once
def _slugs() -> Select[Any]:
    layer = visible_layers()
    return select(layer.c.level).where(layer.c.current).order_by(layer.c.level_rank, layer.c.level)


def level_slugs(connection: Connection) -> list[str]:
    """Slugs of the levels that have an active layer, the highest first; zone sets among them."""
    return list(connection.execute(_slugs()).scalars())


@made_once
def _levels(*, one: bool) -> Select[Any]:
    layer, level, parent = visible_layers(), tables.level, tables.level.alias()
    extent = geographic_extent(layer.c.extent)
    vintages = (
        select(layer.c.level_id, func.array_agg(layer.c.vintage).label("vintages"))
        .group_by(layer.c.level_id)
        .subquery()
    )
    return (
        select(
            *(level.c[name] for name in _OF_LEVEL),
            parent.c.slug.label("parent"),
            layer.c.vintage,
            vintages.c.vintages,
            layer.c.zones_total.label("zones"),
            *edges_of(extent),
        )
        .join_from(level, layer, layer.c.level_id == level.c.id)
        .join(vintages, vintages.c.level_id == level.c.id)
        .outerjoin(parent, parent.c.id == level.c.parent_id)
        .where(
            layer.c.current,
            layer.c.zones_total > 0,
            level.c.slug == bindparam("wanted") if one else not_(level.c.custom),
        )
        .order_by(level.c.rank, level.c.slug)
    )


def levels(connection: Connection) -> list[Level]:
    """Levels of territories with their newest active vintage and its number of zones, the highest
    level first."""
    return [_level(row) for row in connection.execute(_levels(one=False))]


def level(connection: Connection, *, slug: str) -> Level | None:
    """One level, of territories or of a zone set; None where nothing of it is visible."""
    row = connection.execute(_levels(one=True), {"wanted": slug}).one_or_none()
    return None if row is None else _level(row)


def _level(row: Row[*tuple[Any, ...]]) -> Level:
    return Level(
        **{name: row._mapping[name] for name in (*_OF_LEVEL, "parent", "vintage", "zones")},
        vintages=tuple(sorted(row.vintages, reverse=True)),
        bounds=bounds_of(row),
    )
