"""Series of zones that are the sums of their children, and the check of all against other counts.

Every function is part of the open transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from analytics.custom_zones import Pair
from clcplus.errors import BrokenInvariant
from clcplus.models import Edition, Layer

_SUM = """
INSERT INTO clcplus_zoneseries (zone_id, tile, pattern, cells)
SELECT child.parent_id, '', part.pattern, sum(part.cells)::bigint
FROM clcplus_zone parent
JOIN clcplus_zone child ON child.parent_id = parent.id
JOIN clcplus_zoneseries part ON part.zone_id = child.id
WHERE parent.layer_id = %(layer)s GROUP BY child.parent_id, part.pattern
"""
_CONTRADICTS_STATISTICS = """
SELECT zone.code, statistics.observed, statistics.sealed, series.observed, series.sealed
FROM clcplus_zonestatistics statistics
JOIN clcplus_zone zone ON zone.id = statistics.zone_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(part.cells), 0) AS observed,
        coalesce(sum(part.cells) FILTER (WHERE part.pattern @> ARRAY[statistics.edition_id]), 0)
            AS sealed
    FROM clcplus_zoneseries part
    WHERE part.zone_id = zone.id
        AND part.pattern && ARRAY[statistics.edition_id, -statistics.edition_id]
) series
WHERE statistics.edition_id = ANY(%(editions)s) AND zone.layer_id = ANY(%(layers)s)
    AND (series.observed, series.sealed) <> (statistics.observed, statistics.sealed)
LIMIT 1
"""
_CONTRADICTS_CHANGE = """
SELECT zone.code, change.gain, change.loss, series.gain, series.loss
FROM clcplus_zonechange change
JOIN clcplus_zone zone ON zone.id = change.zone_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(part.cells), 0) AS observed,
        coalesce(sum(part.cells) FILTER (
            WHERE part.pattern @> ARRAY[-change.earlier_id, change.later_id]), 0) AS gain,
        coalesce(sum(part.cells) FILTER (
            WHERE part.pattern @> ARRAY[change.earlier_id, -change.later_id]), 0) AS loss
    FROM clcplus_zoneseries part
    WHERE part.zone_id = zone.id
        AND part.pattern && ARRAY[change.earlier_id, -change.earlier_id]
        AND part.pattern && ARRAY[change.later_id, -change.later_id]
) series
WHERE (change.earlier_id, change.later_id) IN (
        SELECT * FROM unnest(%(earlier)s::bigint[], %(later)s::bigint[]))
    AND zone.layer_id = ANY(%(layers)s)
    AND (series.observed, series.gain, series.loss) <> (change.observed, change.gain, change.loss)
LIMIT 1
"""


def complete(*, layers: Sequence[int], edition_ids: Sequence[int], pairs: Sequence[Pair]) -> None:
    """Sum up the layers that are the sums of their children, from the lowest level upwards, and
    check the series of all zones.

    Raises BrokenInvariant where the series of a zone contradict its statistics in one of the
    editions, or its change between two of one product and origin.
    """
    aggregated = Layer.objects.filter(pk__in=layers, aggregated=True).order_by("-level__rank")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE clcplus_zoneseries")
        for layer in aggregated:
            cursor.execute(
                "DELETE FROM clcplus_zoneseries series USING clcplus_zone zone"
                " WHERE zone.id = series.zone_id AND zone.layer_id = %s",
                [layer.pk],
            )
            cursor.execute(_SUM, {"layer": layer.pk})
    _check(_CONTRADICTS_STATISTICS, layers=list(layers), editions=list(edition_ids))
    counted_together = _of_one_origin(pairs)
    _check(
        _CONTRADICTS_CHANGE,
        layers=list(layers),
        earlier=[earlier for earlier, _ in counted_together],
        later=[later for _, later in counted_together],
    )


def _of_one_origin(pairs: Sequence[Pair]) -> list[Pair]:
    kind = {
        number: (product, origin)
        for number, product, origin in Edition.objects.values_list("pk", "product", "origin")
    }
    return [(earlier, later) for earlier, later in pairs if kind[earlier] == kind[later]]


def _check(statement: str, **parameters: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    if row is not None:
        code, *counts = row
        raise BrokenInvariant(
            f"zone {code}",
            found="series of {} and {} cells".format(*counts[2:]),
            expected="{} and {} cells".format(*counts[:2]),
        )
