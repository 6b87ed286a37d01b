"""Filtered change of a pair of editions, or an answer that says why there is none."""

from __future__ import annotations

from sqlalchemy import Connection

from analytics import queries
from analytics.patches import PRESETS, RAW
from analytics.records import Edition
from clcplus.http.errors import NothingHere


def mask_key(connection: Connection, pair: tuple[Edition, Edition], preset: str) -> str:
    """The key of the raster of a pair's change (analytics.patches.mask_codes) that has what a
    preset accepts, or ``raw``. Raises NothingHere."""
    earlier, later = pair
    found = queries.change_mask(connection, earlier_id=earlier.id, later_id=later.id, preset=preset)
    if found is not None:
        return found
    words = f"the change from {earlier.slug} to {later.slug}"
    if preset != RAW and PRESETS[preset].min_confidence is not None:
        without = queries.without_confidence(connection, ids=(earlier.id, later.id))
        if without:
            raise NothingHere(
                f"{words} cannot be filtered by {preset}: there is no confidence layer of "
                f"{' and '.join(without)}"
            )
    raise NothingHere(f"{words} is not filtered yet; filter=raw shows all of it")
