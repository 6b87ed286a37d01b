"""Keep the names that a search looks through in step with zones and populations."""

from __future__ import annotations

from django.db import connection

from clcplus import locks

# One row a level, code and key, whatever the vintages; hidden layers too, since the search asks the
# zones themselves what readers may see.
_REFRESH = """
WITH present AS (
    SELECT DISTINCT ON (layer.level_id, zone.code, zone.search_name)
        layer.level_id, zone.code, zone.search_name AS key, people.inhabitants
    FROM clcplus_zone zone
    JOIN clcplus_layer layer ON layer.id = zone.layer_id
    LEFT JOIN clcplus_population people ON people.zone_id = zone.id
    ORDER BY layer.level_id, zone.code, zone.search_name,
        people.year DESC NULLS LAST, layer.vintage DESC
), gone AS (
    DELETE FROM clcplus_placename place WHERE NOT EXISTS (
        SELECT FROM present WHERE (present.level_id, present.code, present.key)
            = (place.level_id, place.code, place.key))
)
INSERT INTO clcplus_placename AS place (level_id, code, key, inhabitants)
SELECT level_id, code, key, inhabitants FROM present
ON CONFLICT (level_id, code, key) DO UPDATE SET inhabitants = EXCLUDED.inhabitants
WHERE place.inhabitants IS DISTINCT FROM EXCLUDED.inhabitants
"""


def refresh() -> None:
    """Make the names those of the zones that there are; part of the open transaction.

    One at a time: two that write the same names would wait for each other.
    """
    locks.lock_until_commit(locks.Kind.PUBLICATION)
    with connection.cursor() as cursor:
        # Statistics of an emptied table, in the transaction that fills it, would have the planner
        # compare all zones with all populations, which takes minutes.
        cursor.execute("ANALYZE clcplus_zone (id, layer_id), clcplus_population (zone_id)")
        cursor.execute(_REFRESH)
