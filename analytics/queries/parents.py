"""The territories that hold others."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, select

from analytics.queries.visible import visible_zones
from analytics.records import Parent


def parent_of(row: Row[*tuple[Any, ...]]) -> Parent | None:
    """The parent of a row that names it by ``parent_level`` and ``parent_code``."""
    return None if row.parent_code is None else Parent(row.parent_level, row.parent_code)


def parents(connection: Connection, *, zone_ids: Collection[int]) -> dict[int, Parent]:
    """The visible territory one level above each visible zone, by the id of the zone; nothing of
    those that have none. One statement."""
    zone, above = visible_zones(), visible_zones("above")
    rows = connection.execute(
        select(zone.c.id, above.c.level, above.c.code)
        .join_from(zone, above, above.c.id == zone.c.parent_id)
        .where(zone.c.id.in_(zone_ids))
    )
    return {row.id: Parent(row.level, row.code) for row in rows}
