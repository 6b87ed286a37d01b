"""The territories that hold others."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from analytics.queries.visible import visible_zones
from analytics.records import Parent


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
