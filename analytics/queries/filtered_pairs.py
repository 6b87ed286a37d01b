"""Pairs of editions whose change was filtered, and their rasters of change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from analytics.patches import PRESETS, RAW
from analytics.queries import tables
from analytics.queries.visible import visible_editions

Ids = tuple[int, int]
"""Ids of an earlier and a later edition."""


def filtered_pairs(connection: Connection) -> Mapping[Ids, Sequence[str]]:
    """The presets by which the change of each pair of published editions was filtered, in their
    order."""
    pair = tables.filtered_pair
    rows = connection.execute(_visible(pair.c.earlier_id, pair.c.later_id, pair.c.totals)).all()
    return {
        (earlier, later): [name for name in PRESETS if name in totals]
        for earlier, later, totals in rows
    }


def change_mask(
    connection: Connection, *, earlier_id: int, later_id: int, preset: str = RAW
) -> str | None:
    """Key of the raster of a pair's change (analytics.patches.mask_codes, with the presets); None
    where it was not filtered by a preset."""
    pair = tables.filtered_pair
    # A preset that came later has no bit in the raster yet.
    found: str | None = connection.execute(
        _visible(pair.c.mask_key).where(
            pair.c.earlier_id == earlier_id,
            pair.c.later_id == later_id,
            pair.c.totals.has_key(preset),
        )
    ).scalar()
    return found


def change_masks(connection: Connection) -> dict[Ids, str]:
    """Keys of the rasters of change of all pairs that were filtered, as :func:`change_mask` has
    them. One statement."""
    pair = tables.filtered_pair
    rows = connection.execute(_visible(pair.c.earlier_id, pair.c.later_id, pair.c.mask_key))
    return {(earlier, later): key for earlier, later, key in rows}


def without_confidence(connection: Connection, *, ids: Ids) -> list[str]:
    """Slugs of those editions that have no confidence layer, in the order of their years."""
    edition, seen = tables.edition, visible_editions("seen")
    statement = (
        select(edition.c.slug)
        .join(seen, seen.c.id == edition.c.id)
        .where(edition.c.id.in_(ids), edition.c.confidence_hash == "")
        .order_by(edition.c.year)
    )
    return list(connection.execute(statement).scalars())


def _visible(*columns: Any) -> Select[Any]:
    pair, (first, last) = tables.filtered_pair, map(visible_editions, ("earlier", "later"))
    return (
        select(*columns)
        .select_from(pair)
        .join(first, first.c.id == pair.c.earlier_id)
        .join(last, last.c.id == pair.c.later_id)
    )
