"""Sums of cells of runs of 1 km tiles, by two look-ups for each run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    String,
    Table,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from analytics.arrays import Int64Array
from analytics.change.pattern_counts import ByPattern
from analytics.counting.tile_runs import TileRuns
from analytics.grid import CELL_SIZE, COUNT_TILE_CELLS, STORE_TILE_CELLS, Y_ORIGIN, StoreTile
from analytics.patches import PRESETS
from analytics.queries import tables

_PIECE: dict[str, Any] = {
    "tile": String,
    "row": Integer,
    "start": Integer,
    "stop": Integer,
    "zone": Integer,
}
"""Columns of a run within a 100 km tile, and their types."""


def class_sums(
    connection: Connection, *, edition_id: int, runs: TileRuns, zones: int
) -> Int64Array:
    """Cells by class of zones' runs of tiles, shape (zones, 14).

    Tiles that the edition does not have add nothing.
    """
    table = tables.tile_sums
    return _sum(connection, table, table.c.edition_id == edition_id, runs, shape=(zones, 14))


def change_sums(
    connection: Connection, *, earlier_id: int, later_id: int, runs: TileRuns, zones: int
) -> Int64Array:
    """Cells observed in both editions by former and later class, shape (zones, 11, 11)."""
    table = tables.tile_change_sums
    chosen = (table.c.earlier_id == earlier_id) & (table.c.later_id == later_id)
    return _sum(connection, table, chosen, runs, shape=(zones, 121)).reshape(zones, 11, 11)


def filtered_sums(
    connection: Connection, *, earlier_id: int, later_id: int, runs: TileRuns, zones: int
) -> Int64Array:
    """Cells of gain and of loss that each preset accepts, shape (zones, presets, 2). One
    statement."""
    total = np.zeros((zones, len(PRESETS), 2), dtype=np.int64)
    if not len(runs.zone):
        return total
    table, wanted = tables.tile_filtered_sums, _wanted(runs)
    begin, end = _places(table, wanted)
    flows = (func.sum(table.c.sums[end][kind] - table.c.sums[begin][kind]) for kind in (1, 2))
    statement = (
        select(wanted.c.zone, table.c.preset, *(cells.cast(BigInteger) for cells in flows))
        .where(
            table.c.earlier_id == earlier_id,
            table.c.later_id == later_id,
            table.c.tile == wanted.c.tile,
            table.c.row == wanted.c.row,
        )
        .group_by(wanted.c.zone, table.c.preset)
    )
    places = {preset: place for place, preset in enumerate(PRESETS)}
    for zone, preset, gain, loss in connection.execute(statement):
        if preset in places:
            total[zone, places[preset]] = gain, loss
    return total


def pattern_sums(connection: Connection, *, runs: TileRuns, zones: int) -> ByPattern:
    """Cells of zones' runs of tiles by pattern, of every edition whose tiles are stored."""
    total: ByPattern = {}
    if not len(runs.zone):
        return total
    table, wanted = tables.tile_series_sums, _wanted(runs)
    begin, end = _places(table, wanted)
    statement = (
        select(
            wanted.c.zone,
            table.c.pattern,
            func.sum(table.c.sums[end] - table.c.sums[begin]).cast(BigInteger),
        )
        .where(table.c.tile == wanted.c.tile, table.c.row == wanted.c.row)
        .group_by(wanted.c.zone, table.c.pattern)
    )
    for zone, pattern, cells in connection.execute(statement):
        total.setdefault(tuple(pattern), np.zeros(zones, dtype=np.int64))[zone] = cells
    return total


def _sum(
    connection: Connection, table: Table, chosen: Any, runs: TileRuns, *, shape: tuple[int, int]
) -> Int64Array:
    total = np.zeros(shape, dtype=np.int64)
    if not len(runs.zone):
        return total
    wanted = _wanted(runs)
    begin, end = _places(table, wanted)
    # As text: a driver's lists of integers take four times as long to build as the query to run.
    statement = select(
        wanted.c.zone,
        func.array_to_string(table.c.sums[slice(begin, begin)], ","),
        func.array_to_string(table.c.sums[slice(end, end)], ","),
    ).where(chosen, table.c.tile == wanted.c.tile, table.c.row == wanted.c.row)
    found = connection.execute(statement).all()
    if found:
        lines = ",".join(line for _, *both in found for line in both)
        sums = np.fromstring(lines, dtype=np.int64, sep=",").reshape(-1, 2, shape[1])
        np.add.at(total, [zone for zone, *_ in found], sums[:, 1] - sums[:, 0])
    return total


def _wanted(runs: TileRuns) -> Any:
    """Runs as a source of rows: tile, row, start, stop and zone."""
    pieces = list(_within_store_tiles(runs))
    values = [
        bindparam(f"{name}s", [piece[place] for piece in pieces], type_=ARRAY(kind))
        for place, (name, kind) in enumerate(_PIECE.items())
    ]
    columns = (column(name, kind) for name, kind in _PIECE.items())
    return func.unnest(*values).table_valued(*columns, name="wanted").render_derived()


def _places(table: Table, wanted: Any) -> tuple[Any, Any]:
    """Where in a row's sums those before a run stand, and those at its end, where the stored tiles
    reach that far."""
    first, tiles = table.c.first_column, table.c.tiles
    begin = func.least(func.greatest(wanted.c.start - first, 0), tiles) + 1
    end = func.least(func.greatest(wanted.c.stop - first, 0), tiles) + 1
    return begin, end


def _within_store_tiles(runs: TileRuns) -> Iterator[tuple[str, int, int, int, int]]:
    """Runs cut where 100 km tiles meet, as rows of :data:`_PIECE`."""
    per = STORE_TILE_CELLS // COUNT_TILE_CELLS
    top = Y_ORIGIN // CELL_SIZE // STORE_TILE_CELLS
    for (row, first, last), zone in zip(runs.runs.tolist(), runs.zone.tolist(), strict=True):
        northing = top - 1 - row // per
        start = first
        while start < last:
            stop = min(last, (start // per + 1) * per)
            yield StoreTile(start // per, northing).name, row, start, stop, zone
            start = stop
