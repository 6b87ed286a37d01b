"""Sums of cells of runs of 1 km tiles, by two look-ups for each run."""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import Connection, Integer, String, Table, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from analytics import tables
from analytics.grid import CELL_SIZE, COUNT_TILE_CELLS, STORE_TILE_CELLS, Y_ORIGIN, StoreTile
from analytics.scanline import Int64Array


def class_sums(connection: Connection, *, edition_id: int, runs: Int64Array) -> Int64Array:
    """Cells by class, shape (14,), of runs of tiles.

    Rows of ``runs`` are tile row, first column and column after the last. Tiles that the edition
    does not have add nothing.
    """
    table = tables.tile_sums
    return _sum(connection, table, table.c.edition_id == edition_id, runs, classes=14)


def change_sums(
    connection: Connection, *, earlier_id: int, later_id: int, runs: Int64Array
) -> Int64Array:
    """Cells observed in both editions by former and later class, shape (11, 11)."""
    table = tables.tile_change_sums
    chosen = (table.c.earlier_id == earlier_id) & (table.c.later_id == later_id)
    return _sum(connection, table, chosen, runs, classes=121).reshape(11, 11)


def _sum(
    connection: Connection, table: Table, chosen: Any, runs: Int64Array, *, classes: int
) -> Int64Array:
    total = np.zeros(classes, dtype=np.int64)
    if not len(runs):
        return total
    pieces = _within_store_tiles(runs)
    wanted = (
        func.unnest(
            bindparam("tiles", pieces["tile"], type_=ARRAY(String)),
            bindparam("rows", pieces["row"], type_=ARRAY(Integer)),
            bindparam("starts", pieces["start"], type_=ARRAY(Integer)),
            bindparam("stops", pieces["stop"], type_=ARRAY(Integer)),
        )
        .table_valued(
            column("tile", String),
            column("row", Integer),
            column("start", Integer),
            column("stop", Integer),
            name="wanted",
        )
        .render_derived()
    )
    first, tiles = table.c.first_column, table.c.tiles
    # The sums before a run and at its end, where the stored tiles reach that far.
    begin = func.least(func.greatest(wanted.c.start - first, 0), tiles) + 1
    end = func.least(func.greatest(wanted.c.stop - first, 0), tiles) + 1
    # As text: a driver's lists of integers take four times as long to build as the query to run.
    statement = select(
        func.array_to_string(table.c.sums[slice(begin, begin)], ","),
        func.array_to_string(table.c.sums[slice(end, end)], ","),
    ).where(chosen, table.c.tile == wanted.c.tile, table.c.row == wanted.c.row)
    lines = [line for row in connection.execute(statement) for line in row]
    if lines:
        sums = np.fromstring(",".join(lines), dtype=np.int64, sep=",").reshape(-1, 2, classes)
        total += sums[:, 1].sum(axis=0) - sums[:, 0].sum(axis=0)
    return total


def _within_store_tiles(runs: Int64Array) -> dict[str, list[Any]]:
    """Runs cut where 100 km tiles meet, with the names of these."""
    per = STORE_TILE_CELLS // COUNT_TILE_CELLS
    top = Y_ORIGIN // CELL_SIZE // STORE_TILE_CELLS
    pieces: dict[str, list[Any]] = {"tile": [], "row": [], "start": [], "stop": []}
    for row, first, last in runs.tolist():
        northing = top - 1 - row // per
        column = first
        while column < last:
            end = min(last, (column // per + 1) * per)
            pieces["tile"].append(StoreTile(column // per, northing).name)
            pieces["row"].append(row)
            pieces["start"].append(column)
            pieces["stop"].append(end)
            column = end
    return pieces
