"""Work on a unit of a run: convert a 100 km tile, count it, compare it, store the counts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from analytics.counting import tiles, zonal
from analytics.grid import Window
from analytics.rasters import open_store
from clcplus.actions import series_counts, stored_tiles, tile_counts, zone_edges
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
    store = open_store(settings.RASTER_STORE)
    if unit.run.kind == Run.Kind.SERIES:
        with transaction.atomic():
            series_counts.take_turn(unit)
            series_counts.store_series(unit, store=store, window=None, held={})
            runs.unit_done(unit, seconds=time.monotonic() - began)
        return True
    with ExitStack() as stack:
        ingest = unit.run.kind == Run.Kind.INGEST
        if ingest:
            tile, window, read = stored_tiles.convert(unit, store=store)
        else:
            tile = EditionTile.objects.get(edition=unit.edition, name=unit.tile)
            window = stored_tiles.window_of(tile)
            read = stored_tiles.stored_reader(tile, store=store, stack=stack)
        layers = unit.run.parameters["layers"]
        zone_ids, edges = zone_edges.in_window(window, layers=layers)
        others = [
            stored_tiles.reader(edition_id=pk, tile=unit.tile, store=store, stack=stack)
            for pk in unit.compare_with
        ]
        if ingest:
            # They are read twice, for zones and for tiles.
            others = [stored_tiles.held(read_other, window) for read_other in others]
        orders = [_in_order(unit.edition_id, other) for other in unit.compare_with]
        counts = zonal.count(edges, window=window, read=read, read_others=others)
        sums = _sums(window, read, others, orders) if ingest else None
    with transaction.atomic():
        series_counts.take_turn(unit)
        tile_counts.store_statistics(unit, zone_ids=zone_ids, cells=counts.cells)
        for (earlier, later, turned), matrices in zip(orders, counts.matrices, strict=True):
            tile_counts.store_change(
                unit,
                earlier=earlier,
                later=later,
                zone_ids=zone_ids,
                matrices=matrices.transpose(0, 2, 1) if turned else matrices,
            )
        if sums is not None:
            tile_counts.store_tile(tile, sums=sums.status)
            for (earlier, later), pair in sums.change.items():
                tile_counts.store_tile_change(
                    earlier=earlier, later=later, tile=unit.tile, sums=pair
                )
        if series_counts.is_due(unit):
            in_memory = [(unit.edition_id, read), *zip(unit.compare_with, others, strict=True)]
            series_counts.store_series(
                unit, store=store, window=window, held=dict(in_memory) if ingest else {}
            )
        runs.unit_done(unit, seconds=time.monotonic() - began)
    return True


@dataclass(frozen=True, slots=True)
class _Sums:
    """Running sums of a tile: of the edition, and of each pair of an earlier and a later one."""

    status: tiles.TileSums
    change: dict[tuple[int, int], tiles.TileSums]


def _sums(
    window: Window,
    read: zonal.ReadCodes,
    others: Sequence[zonal.ReadCodes],
    orders: Sequence[tuple[int, int, bool]],
) -> _Sums:
    codes = read(window)
    status, change = None, {}
    for (earlier, later, turned), read_other in zip(orders, others, strict=True):
        pair = (codes, read_other(window)) if turned else (read_other(window), codes)
        change[earlier, later], *margins = tiles.pair_sums(*pair, window=window)
        status = margins[0 if turned else 1]
    return _Sums(tiles.class_sums(codes, window=window) if status is None else status, change)


def _in_order(this: int, other: int) -> tuple[int, int, bool]:
    """The earlier and the later of two editions, and whether this one is the earlier."""
    editions = Edition.objects.in_bulk([this, other])
    if editions[this].order < editions[other].order:
        return this, other, True
    return other, this, False
