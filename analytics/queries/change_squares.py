"""Cells that changed between two editions, in squares of whole kilometres: all, or those that a
filter accepts."""

from __future__ import annotations

import numpy as np
from sqlalchemy import ColumnElement, Connection, Integer, Table, bindparam, func, select, true

from analytics.arrays import Int64Array
from analytics.grid import COUNT_TILE_CELLS, Window, store_tiles
from analytics.queries import tables
from analytics.queries.visible import visible_editions

_NAMED = 64
"""100 km tiles up to which a statement names those that it reads."""


def change_squares(
    connection: Connection, *, earlier_id: int, later_id: int, window: Window, side: int
) -> Int64Array:
    """Cells observed in both editions, gained and lost; shape (rows, columns, 3).

    The squares are ``side`` kilometres wide (a divisor of 100) and fill ``window``, whose edges are
    multiples of that. Nought where the pair was not counted. Each stored row of a 100 km tile costs
    two look-ups a square.
    """
    table = tables.tile_change_sums
    chosen = (table.c.earlier_id == earlier_id) & (table.c.later_id == later_id)
    return _squares(connection, table, table.c.changed, chosen, kinds=3, window=window, side=side)


def filtered_squares(
    connection: Connection,
    *,
    earlier_id: int,
    later_id: int,
    preset: str,
    window: Window,
    side: int,
) -> Int64Array:
    """Cells observed in both editions, and those gained and lost that a filter accepts; otherwise
    as change_squares."""
    found = change_squares(
        connection, earlier_id=earlier_id, later_id=later_id, window=window, side=side
    )
    table = tables.tile_filtered_sums
    chosen = (
        (table.c.earlier_id == earlier_id)
        & (table.c.later_id == later_id)
        & (table.c.preset == preset)
    )
    found[..., 1:] = _squares(
        connection, table, table.c.sums, chosen, kinds=2, window=window, side=side
    )
    return found


def _squares(
    connection: Connection,
    table: Table,
    sums: ColumnElement[list[int]],
    chosen: ColumnElement[bool],
    *,
    kinds: int,
    window: Window,
    side: int,
) -> Int64Array:
    """Differences of running sums of so many kinds of cells, shape (rows, columns, kinds)."""
    cells = side * COUNT_TILE_CELLS
    if window != window.snapped(cells):
        raise ValueError(f"{window} does not start and end at multiples of {side} km")
    found: Int64Array = np.zeros(
        (window.height // cells, window.width // cells, kinds), dtype=np.int64
    )
    first, last = map(visible_editions, ("earlier", "later"))
    begin, end = table.c.first_column, table.c.first_column + table.c.tiles
    west, east = window.column // COUNT_TILE_CELLS, window.column_stop // COUNT_TILE_CELLS
    # One parameter, so that what is selected is what is grouped by.
    kilometres = bindparam("kilometres", side, type_=Integer)
    square = func.generate_series(
        func.greatest(begin, west, type_=Integer) // kilometres,
        (func.least(end, east, type_=Integer) - 1) // kilometres,
    ).column_valued("square", joins_implicitly=True)
    # Positions in the running sums before a square and at its end; arrays start at 1.
    before = func.greatest(square * kilometres - begin, 0) + 1
    after = func.least((square + 1) * kilometres - begin, table.c.tiles) + 1
    names = [tile.name for tile in store_tiles(window)]
    row = (table.c.row // kilometres).label("row")
    statement = (
        select(
            row,
            square,
            *(func.sum(sums[after][kind] - sums[before][kind]) for kind in range(1, kinds + 1)),
        )
        .join_from(table, first, first.c.id == table.c.earlier_id)
        .join(last, last.c.id == table.c.later_id)
        .where(
            chosen,
            # Of all Europe every row is read anyway.
            table.c.tile.in_(names) if len(names) <= _NAMED else true(),
            table.c.row >= window.row // COUNT_TILE_CELLS,
            table.c.row < window.row_stop // COUNT_TILE_CELLS,
        )
        .group_by(row, square)
    )
    rows = connection.execute(statement).all()
    if rows:
        counted = np.array([tuple(line) for line in rows], dtype=np.int64)
        found[counted[:, 0] - window.row // cells, counted[:, 1] - window.column // cells] = (
            counted[:, 2:]
        )
    return found
