"""Store the cells of a 100 km tile by pattern, counted over all editions at once.

Editions of one product and origin are counted together: all whose tile is stored, whether they are
published, loaded or still being ingested. Counts of an edition that nobody may see yet do no harm,
since each answer asks for the editions that it is about.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce

import numpy as np

from analytics.change import joint_counts, pattern_counts, tile_pass
from analytics.grid import Window
from analytics.rasters import Store
from clcplus.actions.editions import stored_tiles, zone_edges
from clcplus.database import locks
from clcplus.database.bulk_copy import copy_arrays
from clcplus.models import EditionTile, Run, TileSeriesSums, Unit, ZoneSeries


@dataclass(frozen=True, slots=True)
class SeriesCounts:
    """Cells by pattern of the zones of a unit, and of the 1 km squares of a window."""

    edition_ids: Sequence[int]
    window: Window
    zone_ids: Sequence[int]
    zones: pattern_counts.ByPattern
    squares: pattern_counts.ByPattern


def is_due(unit: Unit) -> bool:
    """Whether a unit counts series: of a layer that is counted in several editions, that of the
    last edition of its tile."""
    if unit.run.kind != Run.Kind.COUNT:
        return True
    return not (
        Unit.objects.filter(
            run=unit.run,
            tile=unit.tile,
            edition__product=unit.edition.product,
            edition__origin=unit.edition.origin,
            edition__gt=unit.edition_id,
        ).exists()
    )


def tiles_of(unit: Unit) -> list[EditionTile]:
    """The stored tiles that are counted together with a unit's, in the order of their editions."""
    return list(
        EditionTile.objects.filter(
            name=unit.tile,
            edition__product=unit.edition.product,
            edition__origin=unit.edition.origin,
        ).order_by("edition_id")
    )


def take_turn(unit: Unit) -> None:
    """Wait until no other unit of the same tile stores anything, to the end of the open
    transaction, in which nothing is written yet: each unit then counts the editions of all that
    came before it."""
    locks.lock_until_commit(locks.Kind.TILE, zlib.crc32(unit.tile.encode()))


def store_series(unit: Unit, *, store: Store, counted: SeriesCounts | None = None) -> None:
    """Store the cells of a unit's tile by pattern, in place of all earlier counts; part of the open
    transaction, which has taken its turn.

    What was ``counted`` before the turn is stored if the tile is in the same editions still.
    """
    tiles = tiles_of(unit)
    extents = [stored_tiles.window_of(tile) for tile in tiles]
    window = reduce(Window.union, extents)
    if (
        counted is None
        or counted.window != window
        or list(counted.edition_ids) != [tile.edition_id for tile in tiles]
    ):
        counted = _count(unit, tiles, window=window, store=store)
    numbers = [sign * tile.edition_id for tile in tiles for sign in (1, -1)]
    _replace_zones(unit, counted, numbers)
    if unit.run.kind != Run.Kind.COUNT:
        _replace_sums(unit.tile, counted, numbers)
        pending = [tile.pk for tile in tiles if not tile.in_series]
        EditionTile.objects.filter(pk__in=pending).update(in_series=True)


def _count(
    unit: Unit, tiles: Sequence[EditionTile], *, window: Window, store: Store
) -> SeriesCounts:
    zone_ids, edges = zone_edges.in_window(window, layers=unit.run.parameters["layers"])
    edition_ids = [tile.edition_id for tile in tiles]
    with ExitStack() as stack:
        readers = {
            tile.edition_id: stored_tiles.stored_reader(tile, store=store, stack=stack)
            for tile in tiles
        }
        plan = joint_counts.Plan(edition_ids, pairs=(), lines=(edition_ids,))
        zones, squares = tile_pass.count_zones_and_squares(
            edges, window=window, read=readers, plan=plan
        )
    return SeriesCounts(edition_ids, window, zone_ids, zones.patterns, squares.patterns)


def _replace_zones(unit: Unit, counted: SeriesCounts, numbers: Sequence[int]) -> None:
    ZoneSeries.objects.filter(
        tile=unit.tile, zone__layer__in=unit.run.parameters["layers"], pattern__overlap=numbers
    ).delete()
    arrays = [(np.array(pattern), of_zones) for pattern, of_zones in counted.zones.items()]
    copy_arrays(
        ZoneSeries,
        ("zone_id", "tile", "pattern", "cells"),
        (
            (zone_id, unit.tile, array, cells)
            for array, of_zones in arrays
            for zone_id, cells in zip(counted.zone_ids, of_zones.tolist(), strict=True)
            if cells
        ),
    )


def _replace_sums(tile: str, counted: SeriesCounts, numbers: Sequence[int]) -> None:
    TileSeriesSums.objects.filter(tile=tile, pattern__overlap=numbers).delete()
    copy_arrays(
        TileSeriesSums,
        ("tile", "row", "pattern", "first_column", "tiles", "sums"),
        (
            (
                tile,
                line.row,
                np.array(line.pattern),
                line.first_column,
                len(line.sums) - 1,
                line.sums,
            )
            for line in pattern_counts.running_sums(counted.squares, window=counted.window)
        ),
    )
