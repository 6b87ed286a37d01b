"""A small area of one's own by the exact fraction of each cell: the rule ``coverage``, from the
store's tiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from analytics import queries
from analytics.boundary import borders_of, cover_of
from analytics.custom_zone import AT_ONCE, read_windows
from analytics.grid import CELL_SIZE, Y_ORIGIN, Window
from analytics.nomenclature import CODES
from analytics.rasters import COG_BLOCK
from analytics.records import StoredTile
from analytics.scanline import Float64Array, Int64Array
from analytics.store import Store

_CLASS_OF_CODE = np.full(256, len(CODES) - 1, dtype=np.int64)
_CLASS_OF_CODE[list(CODES)] = np.arange(len(CODES))


def cover_zone(
    connection: Connection, geometry: Any, *, store: Store, edition_ids: Sequence[int]
) -> dict[int, Float64Array]:
    """Cells by class in the order of CODES, shape (14,), as sums of fractions, by edition.

    ``geometry`` is a valid polygon or multipolygon in EPSG:3035 of a few square kilometres: each
    of its cells is held in memory. Raises StoreError where a raster is not readable.
    """
    row, column, fraction = _cells(geometry)
    found = {edition_id: np.zeros(len(CODES)) for edition_id in edition_ids}
    if not len(row):
        return found
    extent = _extent(row, column)
    for edition_id, cells in found.items():
        for tile in queries.edition_tiles(connection, edition_id=edition_id, window=extent):
            cells += _in_tile(store, tile, row, column, fraction)
        # What no tile of the edition covers is no data.
        cells[-1] += max(fraction.sum() - cells.sum(), 0.0)
    return found


def _cells(geometry: Any) -> tuple[Int64Array, Int64Array, Float64Array]:
    """Row, column and covered fraction of each cell that the area touches."""
    # Part by part: parts that lie far from each other share no window.
    borders = borders_of(
        shapely.get_parts(geometry),
        x_origin=0,
        y_origin=Y_ORIGIN,
        cell_width=CELL_SIZE,
        cell_height=CELL_SIZE,
    )
    extents = borders.extents
    top, left = int(extents[:, 0].min()), int(extents[:, 2].min())
    window = Window(top, left, int(extents[:, 1].max()) - top, int(extents[:, 3].max()) - left)
    cover = cover_of(borders, window)
    inner = cover.inner
    lengths = inner.stop - inner.start
    first = np.repeat(inner.start - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    columns = first + np.arange(int(lengths.sum()))
    return (
        np.concatenate((np.repeat(inner.row, lengths), cover.row)),
        np.concatenate((columns, cover.column)),
        np.concatenate((np.ones(len(columns)), cover.fraction)),
    )


def _extent(row: Int64Array, column: Int64Array) -> Window:
    top, left = int(row.min()), int(column.min())
    return Window(top, left, int(row.max()) + 1 - top, int(column.max()) + 1 - left)


def _in_tile(
    store: Store, tile: StoredTile, row: Int64Array, column: Int64Array, fraction: Float64Array
) -> Float64Array:
    """What one stored tile holds of the cells, by class."""
    down, right = row - tile.row, column - tile.column
    inside = (down >= 0) & (down < tile.height) & (right >= 0) & (right < tile.width)
    found = np.zeros(len(CODES))
    if not inside.any():
        return found
    row, column, fraction = row[inside], column[inside], fraction[inside]
    blocks_across = -(-tile.width // COG_BLOCK)
    block = down[inside] // COG_BLOCK * blocks_across + right[inside] // COG_BLOCK
    order = np.argsort(block, kind="stable")
    ends = np.flatnonzero(np.diff(block[order])) + 1
    groups = np.split(order, ends)
    for start in range(0, len(groups), AT_ONCE):
        some = groups[start : start + AT_ONCE]
        windows = [_extent(row[group], column[group]) for group in some]
        for group, window, codes in zip(
            some, windows, read_windows(store, tile, windows), strict=True
        ):
            classes = _CLASS_OF_CODE[codes[row[group] - window.row, column[group] - window.column]]
            found += np.bincount(classes, weights=fraction[group], minlength=len(CODES))
    return found
