"""Count the cells of a 100 km tile over all editions at once, and store them by pattern.

Editions of one product and origin are counted together: all whose tile is stored, whether they are
published, loaded or still being ingested. Figures of an edition that nobody may see yet are in
nobody's way: each answer asks for the editions that it is about.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import reduce

from analytics.change import pattern_counts
from analytics.counting import scanline, zonal
from analytics.grid import Window
from analytics.rasters import Codes, Store
from clcplus import locks
from clcplus.actions import stored_tiles, zone_edges
from clcplus.bulk_copy import as_array, copy_rows
from clcplus.models import EditionTile, Run, TileSeriesSums, Unit, ZoneSeries


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


def take_turn(unit: Unit) -> None:
    """Wait until no other unit of the same tile stores anything, to the end of the open
    transaction, in which nothing is written yet: each unit then counts the editions of all that
    came before it."""
    locks.lock_until_commit(locks.Kind.TILE, zlib.crc32(unit.tile.encode()))


def store_series(
    unit: Unit, *, store: Store, window: Window | None, held: Mapping[int, zonal.ReadCodes]
) -> None:
    """Count a unit's tile over its editions, in place of all earlier counts; part of the open
    transaction, which has taken its turn.

    ``held`` reads cells of ``window`` that are in memory already, by edition.
    """
    tiles = list(
        EditionTile.objects.filter(
            name=unit.tile,
            edition__product=unit.edition.product,
            edition__origin=unit.edition.origin,
        ).order_by("edition_id")
    )
    whole = reduce(Window.union, map(stored_tiles.window_of, tiles))
    known = held if whole == window else {}
    with ExitStack() as stack:
        readers = {
            tile.edition_id: known.get(tile.edition_id)
            or stored_tiles.stored_reader(tile, store=store, stack=stack)
            for tile in tiles
        }
        block = pattern_counts.number(_blocks(readers, whole), shape=whole.shape)
    zone_ids, edges = zone_edges.in_window(whole, layers=unit.run.parameters["layers"])
    counted = pattern_counts.in_zones(
        block, scanline.spans_of(edges, whole), window=whole, zones=len(zone_ids)
    )
    numbers = [sign * tile.edition_id for tile in tiles for sign in (1, -1)]
    _replace_zones(unit, counted, zone_ids, numbers)
    if unit.run.kind != Run.Kind.COUNT:
        _replace_sums(unit.tile, pattern_counts.running_sums(block, window=whole), numbers)
        pending = [tile.pk for tile in tiles if not tile.in_series]
        EditionTile.objects.filter(pk__in=pending).update(in_series=True)


def _blocks(readers: Mapping[int, zonal.ReadCodes], window: Window) -> Iterator[tuple[int, Codes]]:
    for edition_id, read in readers.items():
        yield edition_id, read(window)


def _replace_zones(
    unit: Unit, counted: pattern_counts.ByPattern, zone_ids: Sequence[int], numbers: Sequence[int]
) -> None:
    ZoneSeries.objects.filter(
        tile=unit.tile, zone__layer__in=unit.run.parameters["layers"], pattern__overlap=numbers
    ).delete()
    copy_rows(
        ZoneSeries._meta.db_table,
        ("zone_id", "tile", "pattern", "cells"),
        (
            (zone_id, unit.tile, as_array(pattern), cells)
            for pattern, of_zones in counted.items()
            for zone_id, cells in zip(zone_ids, of_zones.tolist(), strict=True)
            if cells
        ),
    )


def _replace_sums(
    tile: str, sums: Iterator[pattern_counts.PatternSums], numbers: Sequence[int]
) -> None:
    TileSeriesSums.objects.filter(tile=tile, pattern__overlap=numbers).delete()
    copy_rows(
        TileSeriesSums._meta.db_table,
        ("tile", "row", "pattern", "first_column", "tiles", "sums"),
        (
            (
                tile,
                line.row,
                as_array(line.pattern),
                line.first_column,
                len(line.sums) - 1,
                as_array(line.sums.tolist()),
            )
            for line in sums
        ),
    )
