"""Import layers of zones, dissolve higher levels from them, link the generations of boundaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.db import connection, transaction

from analytics.counting import scanline
from analytics.files import read_table
from analytics.geometry import multipolygon
from analytics.grid import window_of_bounds
from analytics.rasters import file_hash
from analytics.search import search_key
from analytics.zones import Geometries, layers
from clcplus import locks
from clcplus.actions import completion, layer_summary, place_names, tile_plans
from clcplus.bulk_copy import as_geometry, copy_rows
from clcplus.errors import BadTable, UnknownLevel, WrongState
from clcplus.jobs import queue, runs
from clcplus.jobs.states import ENDED_EARLY
from clcplus.models import Layer, Level, Run, Unit, Zone

Say = Callable[[str], None]

KNOWN_LEVELS: dict[str, tuple[str, str, int]] = {
    "country": ("Country", "Countries", 0),
    "region": ("Region", "Regions", 10),
    "departement": ("Département", "Départements", 20),
    "epci": ("Intercommunality", "Intercommunalities", 25),
    "commune": ("Commune", "Communes", 30),
    "nuts0": ("NUTS 0", "NUTS 0", 0),
    "nuts1": ("NUTS 1", "NUTS 1", 8),
    "nuts2": ("NUTS 2", "NUTS 2", 12),
    "nuts3": ("NUTS 3", "NUTS 3", 22),
    "lau": ("Local unit", "Local units", 30),
    "gmina": ("Gmina", "Gminy", 30),
    "park": ("Park", "Parks", 40),
}
"""Name, plural and rank (0 is the highest) of the levels that the platform knows by their slug."""

FILLED = 1e-3
"""Share of its area by which a zone may differ from its children's and still count as filled."""
HOLDS = 0.9
"""Share of a vanished zone's area that its successor holds at least."""
BATCH = 500
"""Zones whose cells are counted at once: bounds the memory of an import."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; ``run`` counts the zones where editions are loaded already."""

    layer: Layer
    zones: int
    run: Run | None


def import_zones(
    *,
    paths: Sequence[Path],
    level: str,
    vintage: int,
    code_field: str,
    name_field: str,
    parent_field: str | None = None,
    parent_level: str | None = None,
    layer_name: str | None = None,
    say: Say = lambda line: None,
    by: Any = None,
) -> Imported:
    """Import a layer of zones from vector files, whole or not at all.

    Repairs, overlaps and gaps are kept in the layer's report. The same files again change nothing.
    Raises analytics.errors.ZoneError and its kin for what is wrong with the file, WrongState where
    another file was imported for this level and vintage.
    """
    source = ", ".join(path.name for path in paths)[:200]
    say(f"reading {source}")
    zones = layers.read_zones(
        paths,
        code_field=code_field,
        name_field=name_field,
        parent_field=parent_field,
        layer=layer_name,
    )
    same = _imported_before(level, vintage, zones.sha256, source)
    if same is not None:
        return same
    say(f"{len(zones.codes)} zones: looking for overlaps and gaps")
    overlaps = layers.overlaps(zones.geometries, zones.codes)
    gaps = layers.gaps(zones.geometries)
    report = {
        "repairs": [asdict(repair) for repair in zones.repairs],
        "overlaps": [asdict(overlap) for overlap in overlaps],
        "overlap_m2": sum(overlap.area for overlap in overlaps),
        "gaps": gaps,
        "gap_m2": sum(gaps),
    }
    say("counting the cells of each zone")
    cells = count_cells(zones.geometries)
    with transaction.atomic():
        return _store(
            level=level,
            parent_level=parent_level,
            vintage=vintage,
            source=source,
            sha256=zones.sha256,
            report=report,
            aggregated=False,
            rows=list(
                zip(
                    zones.codes,
                    zones.names,
                    zones.parent_codes,
                    zones.geometries,
                    cells,
                    strict=True,
                )
            ),
            by=by,
        )


def dissolve_zones(
    *,
    path: Path,
    level: str,
    from_level: str,
    vintage: int,
    code_field: str = "code",
    name_field: str = "name",
    parent_field: str | None = None,
    say: Say = lambda line: None,
    by: Any = None,
) -> Imported:
    """Make a higher level by dissolving a layer along its parents' codes.

    ``path`` is a CSV file that names them. The statistics of such a layer are the sums of its
    children's. Raises UnknownLevel, BadTable, MissingField.
    """
    fields = [code_field, name_field] + ([parent_field] if parent_field else [])
    rows, digest = read_table(path, fields), file_hash([path])
    same = _imported_before(level, vintage, digest, path.name)
    if same is not None:
        return same
    children = Layer.objects.filter(level__slug=from_level, vintage=vintage).first()
    if children is None:
        raise UnknownLevel(
            f"level {from_level!r}",
            found=f"no layer of {vintage}",
            expected="one that was imported",
        )
    say(f"dissolving {children}")
    parts, cells = _children_by_parent(children)
    names = {row[code_field]: row for row in rows}
    unnamed = sorted(set(parts) - set(names))
    if unnamed:
        raise BadTable(
            path.name,
            found=f"no row for {', '.join(unnamed[:5])}",
            expected=f"every parent that {children} names",
        )
    dissolved = {code: shapely.union_all(geometries) for code, geometries in parts.items()}
    with transaction.atomic():
        return _store(
            level=level,
            parent_level=None,
            child_level=from_level,
            vintage=vintage,
            source=path.name,
            sha256=digest,
            report={"dissolved_from": from_level},
            aggregated=True,
            rows=[
                (
                    code,
                    names[code][name_field],
                    names[code][parent_field] if parent_field else "",
                    multipolygon(geometry),
                    cells[code],
                )
                for code, geometry in sorted(dissolved.items())
            ],
            by=by,
        )


def count_cells(geometries: Geometries) -> list[int]:
    """Number of cells whose centre lies in each zone (analytics.counting.scanline)."""
    cells: list[int] = []
    for start in range(0, len(geometries), BATCH):
        batch = geometries[start : start + BATCH]
        window = window_of_bounds(*map(float, shapely.total_bounds(batch)))
        cells += (
            scanline.spans_of(scanline.edges_of(batch), window).cells_by_zone(len(batch)).tolist()
        )
    return cells


def _imported_before(level: str, vintage: int, digest: str, source: str) -> Imported | None:
    layer = Layer.objects.filter(level__slug=level, vintage=vintage).first()
    if layer is None:
        return None
    if layer.content_hash != digest:
        raise WrongState(
            source,
            found=f"zones of {level} {vintage} that were imported from {layer.source}",
            expected="another vintage, or the same file",
            hint="Boundaries that were published are never changed in place",
        )
    run = Run.objects.filter(layer=layer).order_by("-created_at").first()
    if run is not None and run.state in ENDED_EARLY:
        runs.take_up(run)
    return Imported(layer, Zone.objects.filter(layer=layer).count(), run)


def _store(
    *,
    level: str,
    parent_level: str | None,
    vintage: int,
    source: str,
    sha256: str,
    report: dict[str, Any],
    aggregated: bool,
    rows: Sequence[tuple[str, str, str, Any, int]],
    by: Any,
    child_level: str | None = None,
) -> Imported:
    locks.lock_until_commit(locks.Kind.FINALISE)
    layer = Layer.objects.create(
        level=_level(level, parent_level),
        vintage=vintage,
        source=source,
        content_hash=sha256,
        report=report,
        aggregated=aggregated,
    )
    copy_rows(
        Zone._meta.db_table,
        ("layer_id", "code", "name", "search_name", "parent_code", "geometry", "cells"),
        (
            (layer.pk, code, name, search_key(name), parent, as_geometry(geometry), cells)
            for code, name, parent, geometry, cells in rows
        ),
    )
    layer_summary.summarise(layer)
    if child_level is not None:
        Level.objects.filter(slug=child_level).update(parent=layer.level)
    _link_parents(vintage)
    _mark_filled(vintage)
    _link_successors(layer.level)
    place_names.refresh()
    run = _plan(layer, by=by)
    return Imported(layer, len(rows), run)


def _level(slug: str, parent_slug: str | None) -> Level:
    name, plural, rank = KNOWN_LEVELS.get(slug, (slug.capitalize(), slug.capitalize(), 50))
    parent = None
    if parent_slug is not None:
        parent = Level.objects.filter(slug=parent_slug).first()
        if parent is None:
            known = ", ".join(Level.objects.values_list("slug", flat=True)) or "none yet"
            raise UnknownLevel(
                f"level {parent_slug!r}", found="no such level", expected=f"one of: {known}"
            )
        rank = max(rank, parent.rank + 1)
    level, _ = Level.objects.get_or_create(
        slug=slug, defaults={"name": name, "name_plural": plural, "rank": rank}
    )
    if parent is not None and level.parent_id != parent.pk:
        level.parent = parent
        level.save(update_fields=("parent",))
    return level


def _link_parents(vintage: int) -> None:
    """Zones to the zones that hold them: those of the level above with the code that they name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE clcplus_zone child SET parent_id = parent.id"
            " FROM clcplus_layer child_layer, clcplus_level child_level,"
            "  clcplus_layer parent_layer, clcplus_zone parent"
            " WHERE child_layer.id = child.layer_id AND child_layer.vintage = %(vintage)s"
            "  AND child_level.id = child_layer.level_id"
            "  AND parent_layer.level_id = child_level.parent_id"
            "  AND parent_layer.vintage = %(vintage)s AND parent.layer_id = parent_layer.id"
            "  AND parent.code = child.parent_code AND child.parent_code <> ''"
            "  AND child.parent_id IS DISTINCT FROM parent.id",
            {"vintage": vintage},
        )


def _mark_filled(vintage: int) -> None:
    """Layers whose every zone is filled by its children, so that sums of these are exact.

    A layer with statistics keeps its way of counting: published figures never change in place. The
    zone's own number of cells then becomes its children's.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH filled AS ("
            " SELECT parent.layer_id FROM clcplus_zone parent"
            " JOIN clcplus_layer layer ON layer.id = parent.layer_id"
            " LEFT JOIN LATERAL (SELECT sum(ST_Area(geometry)) AS area FROM clcplus_zone child"
            "  WHERE child.parent_id = parent.id) children ON true"
            " WHERE layer.vintage = %(vintage)s AND NOT layer.aggregated"
            "  AND NOT EXISTS (SELECT FROM clcplus_zonestatistics s"
            "   JOIN clcplus_zone z ON z.id = s.zone_id WHERE z.layer_id = layer.id)"
            " GROUP BY parent.layer_id"
            " HAVING bool_and(abs(coalesce(children.area, 0) / ST_Area(parent.geometry) - 1)"
            "  <= %(filled)s))"
            " UPDATE clcplus_layer SET aggregated = true WHERE id IN (SELECT layer_id FROM filled)",
            {"vintage": vintage, "filled": FILLED},
        )
        for layer in Layer.objects.filter(vintage=vintage, aggregated=True).order_by(
            "-level__rank"
        ):
            cursor.execute(
                "UPDATE clcplus_zone zone SET cells = children.cells FROM ("
                " SELECT parent_id, sum(cells)::bigint AS cells FROM clcplus_zone"
                "  GROUP BY 1) children"
                " WHERE children.parent_id = zone.id AND zone.layer_id = %s"
                "  AND zone.cells <> children.cells",
                [layer.pk],
            )


def _link_successors(level: Level) -> None:
    """Zones whose code the next vintage no longer has, to the zone there that holds most of it."""
    layers = list(Layer.objects.filter(level=level).order_by("vintage"))
    for older, newer in pairwise(layers):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE clcplus_zone gone SET successor_id = ("
                " SELECT heir.id FROM clcplus_zone heir WHERE heir.layer_id = %(newer)s"
                "  AND ST_Intersects(heir.geometry, gone.geometry)"
                "  AND ST_Area(ST_Intersection(heir.geometry, gone.geometry))"
                "   >= %(holds)s * ST_Area(gone.geometry)"
                "  ORDER BY ST_Area(ST_Intersection(heir.geometry, gone.geometry)) DESC LIMIT 1)"
                " WHERE gone.layer_id = %(older)s AND gone.code NOT IN ("
                "  SELECT code FROM clcplus_zone WHERE layer_id = %(newer)s)",
                {"older": older.pk, "newer": newer.pk, "holds": HOLDS},
            )


def _plan(layer: Layer, *, by: Any) -> Run | None:
    """Count a new layer in the editions that are loaded; without any it is shown at once."""
    layer.refresh_from_db()
    editions = tile_plans.counted_editions()
    if not editions:
        completion.activate_layer(layer=layer, by=by)
        return None
    run = Run.objects.create(
        kind=Run.Kind.COUNT, layer=layer, requested_by=by, parameters={"layers": [layer.pk]}
    )
    units = tile_plans.plan_count(run, editions=editions)
    Unit.objects.bulk_create(units)
    run.units_total = len(units)
    run.cells_total = sum(unit.cells for unit in units)
    run.save(update_fields=("units_total", "cells_total"))
    queue.send_waiting(run.kind, run.pk)
    return run


def _children_by_parent(layer: Layer) -> tuple[dict[str, Geometries], dict[str, int]]:
    geometries: dict[str, list[Any]] = {}
    cells: dict[str, int] = {}
    zones = Zone.objects.filter(layer=layer).exclude(parent_code="")
    for code, geometry, count in zones.values_list("parent_code", "geometry", "cells"):
        geometries.setdefault(code, []).append(shapely.from_wkb(bytes(geometry.wkb)))
        cells[code] = cells.get(code, 0) + count
    if not geometries:
        raise BadTable(
            str(layer), found="no parents' codes", expected="zones that name their parent"
        )
    return {code: np.array(parts, dtype=object) for code, parts in geometries.items()}, cells
