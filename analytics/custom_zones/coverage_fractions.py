"""Small areas of one's own by the exact fraction of each cell: the rule ``coverage``, from the
store's tiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from analytics import queries
from analytics.arrays import Float64Array, Int64Array
from analytics.counting.boundary import borders_of, coverage_of
from analytics.custom_zones.stored_blocks import AT_ONCE, read_windows
from analytics.grid import CELL_AREA, CELL_SIZE, Y_ORIGIN, Window
from analytics.nomenclature import CODES
from analytics.rasters.block_rows import COG_BLOCK
from analytics.rasters.store import Store
from analytics.records import StoredTile

SMALL_M2 = 1_000_000
"""Square metres below which figures by this rule stand beside the counts of cells."""

_CELLS_AT_ONCE = 1_000_000
_CLASS_OF_CODE = np.full(256, len(CODES) - 1, dtype=np.int64)
_CLASS_OF_CODE[list(CODES)] = np.arange(len(CODES))


def sum_fractions_of_zone(
    connection: Connection, geometry: Any, *, store: Store, edition_ids: Sequence[int]
) -> dict[int, Float64Array]:
    """Cells by class in the order of CODES, shape (14,), as sums of fractions, by edition.

    ``geometry`` is a valid polygon or multipolygon in EPSG:3035 of a few square kilometres: each
    of its cells is held in memory. Raises StoreError where a raster is not readable.
    """
    found = sum_fractions(connection, [geometry], store=store, edition_ids=edition_ids)
    return {edition_id: cells[0] for edition_id, cells in found.items()}


def sum_fractions(
    connection: Connection, geometries: Sequence[Any], *, store: Store, edition_ids: Sequence[int]
) -> dict[int, Float64Array]:
    """The same of several areas, shape (areas, 14); of each the very numbers that it has alone."""
    areas = np.asarray(geometries, dtype=object)
    found = {edition_id: np.zeros((len(areas), len(CODES))) for edition_id in edition_ids}
    for some in _groups(areas):
        touched = _touched(areas[some])
        if not len(touched):
            continue
        extent = _extent(touched.row, touched.column)
        whole = np.bincount(touched.zone, weights=touched.fraction, minlength=len(some))
        for edition_id in edition_ids:
            cells = np.zeros((len(some), len(CODES)))
            for tile in queries.edition_tiles(connection, edition_id=edition_id, window=extent):
                _add(cells, store, tile, touched)
            # What no tile of the edition covers is no data.
            cells[:, -1] += np.maximum(whole - cells.sum(axis=1), 0.0)
            found[edition_id][some] = cells
    return found


@dataclass(frozen=True, slots=True)
class _Touched:
    """The cells that areas touch, and the covered fraction of each."""

    row: Int64Array
    column: Int64Array
    zone: Int64Array
    fraction: Float64Array

    def __len__(self) -> int:
        return len(self.row)

    def part(self, chosen: Any) -> _Touched:
        """Some of the cells."""
        return _Touched(
            self.row[chosen], self.column[chosen], self.zone[chosen], self.fraction[chosen]
        )


def _groups(areas: npt.NDArray[np.object_]) -> Iterator[Int64Array]:
    """Positions of areas whose cells are held in memory at once."""
    touched = shapely.area(areas) / CELL_AREA + shapely.length(areas) / CELL_SIZE * 2
    group = np.floor(np.cumsum(touched) / _CELLS_AT_ONCE)
    for number in np.unique(group):
        yield np.flatnonzero(group == number)


def _touched(areas: npt.NDArray[np.object_]) -> _Touched:
    # Part by part: parts that lie far from each other share no window.
    parts, zone_of_part = shapely.get_parts(areas, return_index=True)
    borders = borders_of(
        parts, x_origin=0, y_origin=Y_ORIGIN, cell_width=CELL_SIZE, cell_height=CELL_SIZE
    )
    extents = borders.extents
    top, left = int(extents[:, 0].min()), int(extents[:, 2].min())
    window = Window(top, left, int(extents[:, 1].max()) - top, int(extents[:, 3].max()) - left)
    coverage = coverage_of(borders, window)
    inner = coverage.inner
    lengths = inner.stop - inner.start
    first = np.repeat(inner.start - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    columns = first + np.arange(int(lengths.sum()))
    return _Touched(
        np.concatenate((np.repeat(inner.row, lengths), coverage.row)),
        np.concatenate((columns, coverage.column)),
        zone_of_part[np.concatenate((np.repeat(inner.zone, lengths), coverage.zone))],
        np.concatenate((np.ones(len(columns)), coverage.fraction)),
    )


def _extent(row: Int64Array, column: Int64Array) -> Window:
    top, left = int(row.min()), int(column.min())
    return Window(top, left, int(row.max()) + 1 - top, int(column.max()) + 1 - left)


def _add(cells: Float64Array, store: Store, tile: StoredTile, touched: _Touched) -> None:
    """Add what one stored tile holds of the cells, by class, to ``cells``, shape (areas, 14)."""
    down, right = touched.row - tile.row, touched.column - tile.column
    inside = (down >= 0) & (down < tile.height) & (right >= 0) & (right < tile.width)
    if not inside.any():
        return
    held = touched.part(inside)
    blocks_across = -(-tile.width // COG_BLOCK)
    block = down[inside] // COG_BLOCK * blocks_across + right[inside] // COG_BLOCK
    order = np.argsort(block, kind="stable")
    pieces = [
        held.part(chosen) for chosen in np.split(order, np.flatnonzero(np.diff(block[order])) + 1)
    ]
    for start in range(0, len(pieces), AT_ONCE):
        some = pieces[start : start + AT_ONCE]
        windows = [_extent(piece.row, piece.column) for piece in some]
        for piece, window, codes in zip(
            some, windows, read_windows(store, tile, windows), strict=True
        ):
            classes = _CLASS_OF_CODE[codes[piece.row - window.row, piece.column - window.column]]
            # Block by block, so that an area's sums do not depend on who is counted with it.
            cells += np.bincount(
                piece.zone * len(CODES) + classes, weights=piece.fraction, minlength=cells.size
            ).reshape(cells.shape)
