"""Which figures custom zones lack: of each published edition, and of each pair of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from analytics.custom_cover import SMALL_M2
from analytics.stored_blocks import Pair
from clcplus.actions import planning
from clcplus.models import Edition


@dataclass(frozen=True, slots=True)
class Lack:
    """A zone with its cells, and what is not counted of it: editions, pairs, and the editions
    whose figures by the rule *coverage* it lacks."""

    zone_id: int
    cells: int
    editions: list[int]
    pairs: list[Pair]
    covers: list[int]

    @property
    def weight(self) -> int:
        """Cells to be counted; one at least, so that every zone moves the progress."""
        return max(self.cells, 1) * max(len(self.editions), 1)


_LACKING = """
WITH pair AS (
    SELECT * FROM unnest(%(earlier)s::bigint[], %(later)s::bigint[])
        WITH ORDINALITY AS pair(earlier, later, number)
), found AS (
    SELECT zone.id, zone.cells, zone.centroid,
        ARRAY(
            SELECT edition FROM unnest(%(editions)s::bigint[]) AS edition
            WHERE NOT EXISTS (
                SELECT FROM clcplus_zonestatistics counted
                WHERE counted.edition_id = edition AND counted.zone_id = zone.id)
        ) AS editions,
        ARRAY(
            SELECT number FROM pair
            WHERE NOT EXISTS (
                SELECT FROM clcplus_zonechange counted
                WHERE counted.earlier_id = pair.earlier AND counted.later_id = pair.later
                    AND counted.zone_id = zone.id)
        ) AS pairs,
        CASE WHEN ST_Area(zone.geometry) < %(small)s THEN ARRAY(
            SELECT edition FROM unnest(%(editions)s::bigint[]) AS edition
            WHERE NOT EXISTS (
                SELECT FROM clcplus_zonecover counted
                WHERE counted.edition_id = edition AND counted.zone_id = zone.id)
        ) ELSE '{{}}' END AS covers
    FROM clcplus_zone zone WHERE {condition}
)
SELECT id, cells, editions, pairs, covers FROM found
WHERE cardinality(editions) + cardinality(pairs) + cardinality(covers) > 0
ORDER BY centroid
"""
"""PostGIS orders points along a Hilbert curve: zones that follow each other lie near each other."""


def published() -> list[Edition]:
    """Editions that are counted, in the order of their years."""
    return list(Edition.objects.filter(status=Edition.Status.PUBLISHED).order_by("year", "version"))


def of_layer(layer_id: int) -> list[Lack]:
    """Zones of a layer that lack a figure, those that lie near each other one after the other."""
    return _lacking("zone.layer_id = %(layer)s", layer=layer_id)


def of_zones(zone_ids: Sequence[int]) -> list[Lack]:
    """The same of some zones; those that are gone lack nothing."""
    return _lacking("zone.id = ANY(%(zones)s)", zones=list(zone_ids))


def _lacking(condition: str, **parameters: Any) -> list[Lack]:
    editions = published()
    pairs = [
        (earlier, later.pk)
        for position, later in enumerate(editions)
        for earlier in planning.comparable(later, editions[:position])
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _LACKING.format(condition=condition),
            {
                "editions": [edition.pk for edition in editions],
                "earlier": [earlier for earlier, _ in pairs],
                "later": [later for _, later in pairs],
                "small": SMALL_M2,
                **parameters,
            },
        )
        return [
            Lack(zone_id, cells, found, [pairs[n - 1] for n in numbers], covers)
            for zone_id, cells, found, numbers, covers in cursor.fetchall()
        ]
