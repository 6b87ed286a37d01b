"""Zones in the database: stored, summarised, linked to other zones, and their names for searches.

Every function is part of the open transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from django.db import connection

from analytics.grid import EPSG
from analytics.search import search_key
from clcplus.database import locks
from clcplus.database.bulk_copy import as_geometry, copy_rows
from clcplus.models import Layer, Level, Zone

_FILLED = 1e-3
"""Share of its area by which a zone may differ from its children's and still count as filled."""
_HOLDS = 0.9
"""Share of a vanished zone's area that its successor holds at least."""

_SUMMARISE = """
UPDATE clcplus_layer layer SET zones_total = zones.total, extent = zones.extent
FROM (
    SELECT count(*) AS total, ST_SetSRID(ST_Extent(geometry)::geometry, %(srid)s) AS extent
    FROM clcplus_zone WHERE layer_id = %(layer)s
) zones
WHERE layer.id = %(layer)s
"""
_LINK_PARENTS = """
UPDATE clcplus_zone child SET parent_id = parent.id
FROM clcplus_layer child_layer, clcplus_level child_level, clcplus_layer parent_layer,
    clcplus_zone parent
WHERE child_layer.id = child.layer_id AND child_layer.vintage = %(vintage)s
    AND child_level.id = child_layer.level_id
    AND parent_layer.level_id = child_level.parent_id
    AND parent_layer.vintage = %(vintage)s AND parent.layer_id = parent_layer.id
    AND parent.code = child.parent_code AND child.parent_code <> ''
    AND child.parent_id IS DISTINCT FROM parent.id
"""
_MARK_FILLED = """
WITH filled AS (
    SELECT parent.layer_id FROM clcplus_zone parent
    JOIN clcplus_layer layer ON layer.id = parent.layer_id
    LEFT JOIN LATERAL (
        SELECT sum(ST_Area(geometry)) AS area FROM clcplus_zone child
        WHERE child.parent_id = parent.id
    ) children ON true
    WHERE layer.vintage = %(vintage)s AND NOT layer.aggregated AND NOT EXISTS (
        SELECT FROM clcplus_zonestatistics s JOIN clcplus_zone z ON z.id = s.zone_id
        WHERE z.layer_id = layer.id)
    GROUP BY parent.layer_id
    HAVING bool_and(abs(coalesce(children.area, 0) / ST_Area(parent.geometry) - 1) <= %(filled)s)
)
UPDATE clcplus_layer SET aggregated = true WHERE id IN (SELECT layer_id FROM filled)
"""
_SUM_CELLS = """
UPDATE clcplus_zone zone SET cells = children.cells
FROM (SELECT parent_id, sum(cells)::bigint AS cells FROM clcplus_zone GROUP BY 1) children
WHERE children.parent_id = zone.id AND zone.layer_id = %s AND zone.cells <> children.cells
"""
_LINK_SUCCESSORS = """
UPDATE clcplus_zone gone SET successor_id = (
    SELECT heir.id FROM clcplus_zone heir
    WHERE heir.layer_id = %(newer)s AND ST_Intersects(heir.geometry, gone.geometry)
        AND ST_Area(ST_Intersection(heir.geometry, gone.geometry))
            >= %(holds)s * ST_Area(gone.geometry)
    ORDER BY ST_Area(ST_Intersection(heir.geometry, gone.geometry)) DESC LIMIT 1
)
WHERE gone.layer_id = %(older)s
    AND gone.code NOT IN (SELECT code FROM clcplus_zone WHERE layer_id = %(newer)s)
"""
# Vintages are boundaries of 1 January. Only the ends of the ways within two of them count. Several
# ends are a split: the movements tell it, and no single zone is the successor.
_LINK_BY_MOVEMENTS = """
WITH RECURSIVE gone AS (
    SELECT id, code FROM clcplus_zone WHERE layer_id = %(older)s
        AND code NOT IN (SELECT code FROM clcplus_zone WHERE layer_id = %(newer)s)
), movement AS (
    SELECT former_code, code, date, step FROM clcplus_movement
    WHERE level_id = %(level)s AND date > make_date(%(from)s, 1, 1)
        AND date <= make_date(%(to)s, 1, 1)
), way AS (
    SELECT gone.id, movement.code, movement.date, movement.step
    FROM gone JOIN movement ON movement.former_code = gone.code
    UNION
    SELECT way.id, movement.code, movement.date, movement.step
    FROM way JOIN movement ON movement.former_code = way.code
        AND (movement.date, movement.step) > (way.date, way.step)
), heirs AS (
    SELECT way.id, array_agg(DISTINCT heir.id) AS ids
    FROM way JOIN clcplus_zone heir ON heir.layer_id = %(newer)s AND heir.code = way.code
    WHERE NOT EXISTS (
        SELECT FROM movement WHERE movement.former_code = way.code
            AND (movement.date, movement.step) > (way.date, way.step))
    GROUP BY way.id
)
UPDATE clcplus_zone gone
SET successor_id = CASE WHEN cardinality(heirs.ids) = 1 THEN heirs.ids[1] END
FROM heirs WHERE heirs.id = gone.id
"""

# One row for each level, code and key, of all vintages and also of hidden layers: the search asks
# the zones what readers may see.
_REFRESH_NAMES = """
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


def store(layer: Layer, rows: Iterable[tuple[str, str, str, Any, int]]) -> None:
    """Store zones of a layer: code, name, parent's code, geometry in EPSG:3035, cells."""
    copy_rows(
        Zone._meta.db_table,
        ("layer_id", "code", "name", "search_name", "parent_code", "geometry", "cells"),
        (
            (layer.pk, code, name, search_key(name), parent, as_geometry(geometry), cells)
            for code, name, parent, geometry, cells in rows
        ),
    )
    summarise(layer)


def summarise(layer: Layer) -> None:
    """Store the number and the extent of a layer's zones in its row."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMMARISE, {"layer": layer.pk, "srid": EPSG})


def link_parents(vintage: int) -> None:
    """Link zones to those of the level above whose code they name.

    Layers whose zones are all filled by their children become sums of these: the cells of their
    zones are then the children's. A layer with statistics stays as it is, since published figures
    never change in place.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LINK_PARENTS, {"vintage": vintage})
        cursor.execute(_MARK_FILLED, {"vintage": vintage, "filled": _FILLED})
        aggregated = Layer.objects.filter(vintage=vintage, aggregated=True)
        for layer in aggregated.order_by("-level__rank"):
            cursor.execute(_SUM_CELLS, [layer.pk])


def link_successors(level: Level) -> int:
    """Link zones whose code the next vintage has no longer to the zone there that follows them: by
    the movements of the level, and where these say nothing to the zone that holds most of them.

    Returns the number of zones whose movements are known.
    """
    known = 0
    with connection.cursor() as cursor:
        for older, newer in pairwise(Layer.objects.filter(level=level).order_by("vintage")):
            cursor.execute(
                _LINK_SUCCESSORS, {"older": older.pk, "newer": newer.pk, "holds": _HOLDS}
            )
            cursor.execute(
                _LINK_BY_MOVEMENTS,
                {
                    "level": level.pk,
                    "older": older.pk,
                    "newer": newer.pk,
                    "from": older.vintage,
                    "to": newer.vintage,
                },
            )
            known += cursor.rowcount
    return known


def refresh_names() -> None:
    """Update the names that a search looks through; one transaction at a time."""
    locks.lock_until_commit(locks.Kind.PUBLICATION)
    with connection.cursor() as cursor:
        # Statistics of an emptied table, in the transaction that fills it, would have the planner
        # compare all zones with all populations, which takes minutes.
        cursor.execute("ANALYZE clcplus_zone (id, layer_id), clcplus_population (zone_id)")
        cursor.execute(_REFRESH_NAMES)
