"""Missing figures of custom zones: of each published edition, and of each pair of them, all change
and what the filters leave of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from analytics.custom_zones import SMALL_M2, Pair
from analytics.patches import PRESETS
from clcplus.actions.editions import tile_plans
from clcplus.models import Edition, EditionTile, FilteredPair


@dataclass(frozen=True, slots=True)
class Lack:
    """A zone with its cells, and what is not counted: editions, pairs, editions by the coverage
    rule, series, and pairs whose filtered change is known of the rasters."""

    zone_id: int
    cells: int
    editions: list[int]
    pairs: list[Pair]
    coverage: list[int]
    series: bool
    filtered: list[Pair]

    @property
    def is_series_alone(self) -> bool:
        """Whether everything else is counted."""
        return not (self.editions or self.pairs or self.coverage or self.filtered)

    @property
    def weight(self) -> int:
        """Cells to count; at least one, so that every zone moves the progress."""
        return max(self.cells, 1) * max(len(self.editions), 1)


_LACKING = """
WITH pair AS (
    SELECT * FROM unnest(%(earlier)s::bigint[], %(later)s::bigint[])
        WITH ORDINALITY AS pair(earlier, later, number)
), filtered AS (
    SELECT * FROM unnest(
        %(filtered_earlier)s::bigint[], %(filtered_later)s::bigint[], %(filtered_by)s::bigint[]
    ) WITH ORDINALITY AS filtered(earlier, later, presets, number)
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
        ARRAY(
            SELECT number FROM filtered
            WHERE (
                SELECT count(*) FROM clcplus_zonefilteredchange counted
                WHERE counted.earlier_id = filtered.earlier
                    AND counted.later_id = filtered.later AND counted.zone_id = zone.id
                    AND counted.preset = ANY(%(presets)s)
            ) < filtered.presets
        ) AS filtered,
        CASE WHEN ST_Area(zone.geometry) < %(small)s THEN ARRAY(
            SELECT edition FROM unnest(%(editions)s::bigint[]) AS edition
            WHERE NOT EXISTS (
                SELECT FROM clcplus_zonecover counted
                WHERE counted.edition_id = edition AND counted.zone_id = zone.id)
        ) ELSE '{{}}' END AS coverage,
        %(series)s AND EXISTS (
            SELECT FROM unnest(%(editions)s::bigint[]) AS edition
            LEFT JOIN clcplus_zonestatistics counted
                ON counted.edition_id = edition AND counted.zone_id = zone.id
            WHERE counted.observed IS DISTINCT FROM (
                SELECT coalesce(sum(part.cells), 0) FROM clcplus_zoneseries part
                WHERE part.zone_id = zone.id AND part.pattern && ARRAY[edition, -edition])
        ) AS series
    FROM clcplus_zone zone WHERE {condition}
)
SELECT id, cells, editions, pairs, coverage, series, filtered FROM found
WHERE cardinality(editions) + cardinality(pairs) + cardinality(coverage)
    + cardinality(filtered) > 0 OR series
ORDER BY centroid
"""
"""PostGIS orders points along a Hilbert curve: zones that follow each other lie near each other."""


def published() -> list[Edition]:
    """Published editions, in the order of their years."""
    return list(Edition.objects.filter(status=Edition.Status.PUBLISHED).order_by("year", "version"))


def filtered_pairs() -> list[FilteredPair]:
    """Pairs of published editions whose change was filtered, by some presets or by all."""
    shown = Edition.Status.PUBLISHED
    found = FilteredPair.objects.filter(earlier__status=shown, later__status=shown)
    return list(found.order_by("earlier", "later"))


def of_layer(layer_id: int) -> list[Lack]:
    """Zones of a layer that lack a figure, ordered so that neighbours follow each other."""
    return _lacking("zone.layer_id = %(layer)s", layer=layer_id)


def of_zones(zone_ids: Sequence[int]) -> list[Lack]:
    """The same of some zones; zones that were removed lack nothing."""
    return _lacking("zone.id = ANY(%(zones)s)", zones=list(zone_ids))


def _lacking(condition: str, **parameters: Any) -> list[Lack]:
    editions = published()
    pairs = [
        (earlier, later.pk)
        for position, later in enumerate(editions)
        for earlier in tile_plans.comparable(later, editions[:position])
    ]
    filtered = filtered_pairs()
    # Zones get their series once the running sums of all tiles are there.
    tiles = EditionTile.objects.filter(edition__status=Edition.Status.PUBLISHED)
    with connection.cursor() as cursor:
        cursor.execute(
            _LACKING.format(condition=condition),
            {
                "editions": [edition.pk for edition in editions],
                "earlier": [earlier for earlier, _ in pairs],
                "later": [later for _, later in pairs],
                "filtered_earlier": [pair.earlier_id for pair in filtered],
                "filtered_later": [pair.later_id for pair in filtered],
                "filtered_by": [len(PRESETS.keys() & pair.totals.keys()) for pair in filtered],
                "presets": list(PRESETS),
                "small": SMALL_M2,
                "series": not tiles.filter(in_series=False).exists(),
                **parameters,
            },
        )
        return [
            Lack(
                zone_id,
                cells,
                found,
                [pairs[n - 1] for n in numbers],
                coverage,
                series,
                [(filtered[n - 1].earlier_id, filtered[n - 1].later_id) for n in left],
            )
            for zone_id, cells, found, numbers, coverage, series, left in cursor.fetchall()
        ]
