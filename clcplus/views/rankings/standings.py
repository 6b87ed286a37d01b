"""Tables of levels with their ranks, kept in the process until something is published."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Condition

from cachetools import LRUCache, cachedmethod
from django.conf import settings

from analytics.queries import Standing, level_table
from analytics.records import Edition
from clcplus.snapshots import Snapshot

_KEPT = 6
"""Tables that a process keeps: of 35 000 territories each takes up to 10 MB with its ranks."""


class Standings:
    """The tables asked for last."""

    def __init__(self, *, most: int) -> None:
        self._tables: LRUCache[object, Standing] = LRUCache(maxsize=most)
        # One thread reads a table, the others wait for it: after a publication all of them want it.
        self._changed = Condition()

    def clear(self) -> None:
        """Keep nothing."""
        with self._changed:
            self._tables.clear()

    @cachedmethod(
        lambda self: self._tables,
        key=lambda self, snapshot, *, level, edition, pair, line=(): (
            snapshot.data,
            settings.CLCPLUS_COUNTRY,
            level,
            edition.id,
            tuple(item.id for item in pair),
            tuple(item.id for item in line),
        ),
        condition=lambda self: self._changed,
    )
    def standing(
        self,
        snapshot: Snapshot,
        *,
        level: str,
        edition: Edition,
        pair: Sequence[Edition],
        line: Sequence[Edition] = (),
    ) -> Standing:
        """The standing of a level's territories in an edition, in the change of a pair, and in the
        flicker of a line of editions."""
        ids = (pair[0].id, pair[1].id) if pair else None
        table = level_table(
            snapshot.connection, level=level, edition_id=edition.id, pair=ids, line=line
        )
        return Standing(table, edition, pair, country=settings.CLCPLUS_COUNTRY)


standings = Standings(most=_KEPT)
