"""Pairs of editions whose change was filtered, and their rasters of change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, Text, cast, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from analytics.patches import PRESETS
from analytics.queries import tables
from analytics.queries.visible import visible_editions

Ids = tuple[int, int]
"""Ids of an earlier and a later edition."""


def filtered_pairs(connection: Connection) -> frozenset[Ids]:
    """The pairs of published editions whose change was filtered by every preset."""
    pair = tables.filtered_pair
    rows = connection.execute(_visible(pair.c.earlier_id, pair.c.later_id)).all()
    return frozenset((earlier, later) for earlier, later in rows)


def change_mask(connection: Connection, *, earlier_id: int, later_id: int) -> str | None:
    """Key of the raster of a pair's change (analytics.patches.mask_codes, with the presets); None
    where it was not filtered."""
    pair = tables.filtered_pair
    found: str | None = connection.execute(
        _visible(pair.c.mask_key).where(
            pair.c.earlier_id == earlier_id, pair.c.later_id == later_id
        )
    ).scalar()
    return found


def change_masks(connection: Connection) -> dict[Ids, str]:
    """Keys of the rasters of change of all pairs that were filtered, as :func:`change_mask` has
    them. One statement."""
    pair = tables.filtered_pair
    rows = connection.execute(_visible(pair.c.earlier_id, pair.c.later_id, pair.c.mask_key))
    return {(earlier, later): key for earlier, later, key in rows}


def _visible(*columns: Any) -> Select[Any]:
    pair, (first, last) = tables.filtered_pair, map(visible_editions, ("earlier", "later"))
    return (
        select(*columns)
        .select_from(pair)
        .join(first, first.c.id == pair.c.earlier_id)
        .join(last, last.c.id == pair.c.later_id)
        # A filter that came later has no bit in the raster yet.
        .where(pair.c.totals.has_all(cast(array(list(PRESETS)), ARRAY(Text))))
    )
