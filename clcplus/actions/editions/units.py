"""Work on a unit of a run: convert a 100 km tile, count it, compare it, store the counts."""

from __future__ import annotations

import time
from contextlib import ExitStack

from django.conf import settings
from django.db import transaction

from analytics.change import Pair, joint_counts, tile_pass
from analytics.counting import tiles
from analytics.grid import Window
from analytics.rasters import open_store
from clcplus.actions.editions import series_counts, stored_tiles, tile_counts, zone_edges
from clcplus.actions.editions.series_counts import SeriesCounts
from clcplus.jobs import runs
from clcplus.jobs.kinds import Attempt
from clcplus.models import Edition, EditionTile, Run, Unit


def work(attempt: Attempt) -> bool:
    """Do a unit of a run.

    Everything it stores is stored in one transaction, and replaces what an earlier attempt stored:
    a unit may be killed at any moment and done again.
    """
    unit = Unit.objects.select_related("run", "edition").get(pk=attempt.number)
    began = time.monotonic()
    if unit.run.kind == Run.Kind.SERIES:
        with transaction.atomic():
            series_counts.take_turn(unit)
            series_counts.store_series(unit, store=open_store(settings.RASTER_STORE))
            runs.unit_done(unit, seconds=time.monotonic() - began)
    else:
        _count(unit, began=began)
    return True


def _count(unit: Unit, *, began: float) -> None:
    store = open_store(settings.RASTER_STORE)
    ingest = unit.run.kind == Run.Kind.INGEST
    pairs = _pairs(unit)
    with ExitStack() as stack:
        if ingest:
            tile, window, read = stored_tiles.convert(unit, store=store)
        else:
            tile = EditionTile.objects.get(edition=unit.edition, name=unit.tile)
            window = stored_tiles.window_of(tile)
            read = stored_tiles.stored_reader(tile, store=store, stack=stack)
        readers = {unit.edition_id: read}
        line = _line(unit, window)
        for edition_id in {*unit.compare_with, *line} - {unit.edition_id}:
            readers[edition_id] = stored_tiles.reader(
                edition_id=edition_id, tile=unit.tile, store=store, stack=stack
            )
        plan = joint_counts.Plan([*readers], pairs, [line] if line else [])
        zone_ids, edges = zone_edges.in_window(window, layers=unit.run.parameters["layers"])
        squares = None
        if ingest:
            zones, squares = tile_pass.count_zones_and_squares(
                edges, window=window, read=readers, plan=plan
            )
        else:
            zones = tile_pass.count_zones(edges, window=window, read=readers, plan=plan)
    with transaction.atomic():
        series_counts.take_turn(unit)
        tile_counts.store_statistics(unit, zone_ids=zone_ids, cells=zones.classes(unit.edition_id))
        for pair in pairs:
            tile_counts.store_change(
                unit, pair=pair, zone_ids=zone_ids, matrices=zones.changes(pair)
            )
        if squares is not None:
            _store_squares(tile, squares, pairs, window)
        if series_counts.is_due(unit):
            counted = None
            if line:
                patterns = {} if squares is None else squares.patterns
                counted = SeriesCounts(line, window, zone_ids, zones.patterns, patterns)
            series_counts.store_series(unit, store=store, counted=counted)
        runs.unit_done(unit, seconds=time.monotonic() - began)


def _store_squares(
    tile: EditionTile, squares: joint_counts.JointCounts, pairs: list[Pair], window: Window
) -> None:
    tile_counts.store_tile(
        tile, sums=tiles.running_sums(squares.classes(tile.edition_id), window=window)
    )
    for pair in pairs:
        sums = tiles.running_sums(squares.changes(pair), window=window)
        tile_counts.store_tile_change(pair=pair, tile=tile.name, sums=sums)


def _pairs(unit: Unit) -> list[Pair]:
    """The unit's edition with each that it is compared with, the earlier one first."""
    order = {
        edition.pk: edition.order
        for edition in Edition.objects.filter(pk__in=[unit.edition_id, *unit.compare_with])
    }
    return [
        (unit.edition_id, other)
        if order[unit.edition_id] < order[other]
        else (other, unit.edition_id)
        for other in unit.compare_with
    ]


def _line(unit: Unit, window: Window) -> list[int]:
    """Editions whose series the pass over the unit's tile can count; none where one of them has
    other cells of the tile."""
    if not series_counts.is_due(unit):
        return []
    others = [t for t in series_counts.tiles_of(unit) if t.edition_id != unit.edition_id]
    if any(stored_tiles.window_of(tile) != window for tile in others):
        return []
    return sorted([unit.edition_id, *(tile.edition_id for tile in others)])
