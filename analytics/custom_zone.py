"""Status and change of any area, from running sums of tiles and the cells along its border.

Equal to the count of every cell, at the price of the border: inner tiles of 1 km come from PostGIS,
two look-ups for each run of them; only blocks that the border crosses are read from the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection

from analytics import queries, rasters
from analytics.counting import NIBBLE_OF_CODES, NIBBLES, by_code, count_spans, pack, pack_pairs
from analytics.grid import Window, store_tiles
from analytics.nomenclature import NO_DATA, OBSERVED_CODES
from analytics.queries.tile_sums import change_sums, class_sums
from analytics.rasters import COG_BLOCK, Codes
from analytics.records import StoredTile
from analytics.scanline import Edges, Int64Array, Spans, edges_of
from analytics.store import Store
from analytics.tile_cover import cover, cut_at_blocks

Pair = tuple[int, int]
"""Ids of an earlier and a later edition."""

AT_ONCE = 64
"""Blocks that are held in memory at once, of each edition."""

_OBSERVED = list(NIBBLE_OF_CODES[: len(OBSERVED_CODES)])


@dataclass(frozen=True, slots=True)
class ZoneCounts:
    """Counts of one area.

    ``cells``: by edition, cells by class in the order of CODES, shape (14,); what an edition does
    not cover is no data. ``matrices``: by pair of editions, cells observed in both by former and
    later class, shape (11, 11). ``total`` is the number of cells.
    """

    total: int
    cells: Mapping[int, Int64Array]
    matrices: Mapping[Pair, Int64Array]


def count_zone(
    connection: Connection,
    geometry: Any,
    *,
    store: Store,
    edition_ids: Sequence[int],
    pairs: Sequence[Pair] = (),
) -> ZoneCounts:
    """Count an area, a polygon or multipolygon in EPSG:3035, in published editions.

    Every edition of a pair is among ``edition_ids``. Raises StoreError where a raster is not
    readable.
    """
    edges = edges_of([geometry])
    split = cover(edges)
    border = _Border(edges, split.border, edition_ids, pairs)
    border.count(connection, store)
    total = split.inner_cells + int((split.border.stop - split.border.start).sum())
    cells = {}
    for edition_id in edition_ids:
        inner = class_sums(connection, edition_id=edition_id, runs=split.inner)
        counted = inner + by_code(border.cells[edition_id])
        counted[-1] += total - counted.sum()
        cells[edition_id] = counted
    matrices = {}
    for earlier, later in pairs:
        inner = change_sums(connection, earlier_id=earlier, later_id=later, runs=split.inner)
        square = border.pairs[earlier, later].reshape(NIBBLES, NIBBLES)
        matrices[earlier, later] = inner + square[np.ix_(_OBSERVED, _OBSERVED)]
    return ZoneCounts(total, cells, matrices)


class _Border:
    """Counts of the cells along a border: each block of the store is read once for all editions."""

    def __init__(
        self, edges: Edges, spans: Spans, edition_ids: Sequence[int], pairs: Sequence[Pair]
    ) -> None:
        self.edges = edges
        self.spans = spans
        self.edition_ids = edition_ids
        self.cells = {edition_id: np.zeros(NIBBLES, dtype=np.int64) for edition_id in edition_ids}
        self.pairs = {pair: np.zeros(NIBBLES * NIBBLES, dtype=np.int64) for pair in pairs}

    def count(self, connection: Connection, store: Store) -> None:
        """Count every border cell that an edition covers."""
        if not len(self.spans):
            return
        extent = _extent(self.spans)
        stored = {
            edition_id: {
                tile.name: tile
                for tile in queries.edition_tiles(connection, edition_id=edition_id, window=extent)
            }
            for edition_id in self.edition_ids
        }
        with ThreadPoolExecutor(len(self.edition_ids)) as threads:
            for place in store_tiles(extent):
                present = {
                    edition_id: tiles[place.name]
                    for edition_id, tiles in stored.items()
                    if place.name in tiles
                }
                if present:
                    self._count_tile(place.window, present, store, threads)

    def _count_tile(
        self,
        window: Window,
        tiles: dict[int, StoredTile],
        store: Store,
        threads: ThreadPoolExecutor,
    ) -> None:
        first = next(iter(tiles.values()))
        # Blocks start at the corner of the COG, which need not be that of the 100 km tile.
        up = -(-(first.row - window.row) // COG_BLOCK) * COG_BLOCK
        left = -(-(first.column - window.column) // COG_BLOCK) * COG_BLOCK
        inside = _clipped(self.spans, window)
        grid = Window(
            first.row - up,
            first.column - left,
            window.row_stop - first.row + up,
            window.column_stop - first.column + left,
        )
        cut, _, ends = cut_at_blocks(inside, origin=grid, block=COG_BLOCK)
        pieces = [
            Spans(cut.row[a:b], cut.start[a:b], cut.stop[a:b], cut.zone[a:b])
            for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
        ]
        for first_piece in range(0, len(pieces), AT_ONCE):
            some = pieces[first_piece : first_piece + AT_ONCE]
            parts = [_extent(spans) for spans in some]
            # GDAL decodes without Python's lock: each edition in a thread of its own.
            blocks = dict(
                zip(
                    tiles,
                    threads.map(lambda tile: read_windows(store, tile, parts), tiles.values()),  # noqa: B023
                    strict=True,
                )
            )
            for n, spans in enumerate(some):
                self._count_block({e: read[n] for e, read in blocks.items()}, spans, parts[n])

    def _count_block(self, blocks: dict[int, Codes], spans: Spans, part: Window) -> None:
        for edition_id, block in blocks.items():
            counts = self.cells[edition_id][np.newaxis]
            count_spans(pack(block), spans, window=part, counts=counts)
        for (earlier, later), counted in self.pairs.items():
            if earlier in blocks and later in blocks:
                packed = pack_pairs(blocks[earlier], blocks[later])
                count_spans(packed, spans, window=part, counts=counted[np.newaxis])


def read_windows(store: Store, tile: StoredTile, parts: Sequence[Window]) -> list[Codes]:
    """Codes of windows from a stored tile; 255 beyond it."""
    own = Window(tile.row, tile.column, tile.height, tile.width)
    blocks = []
    with store.open(tile.key) as dataset:
        for part in parts:
            codes = np.full(part.shape, NO_DATA, dtype=np.uint8)
            shared = own.intersection(part)
            if shared is not None:
                row, column = shared.row - part.row, shared.column - part.column
                place = np.s_[row : row + shared.height, column : column + shared.width]
                codes[place] = rasters.read_part(dataset, origin=own, part=shared)
            blocks.append(codes)
    return blocks


def _extent(spans: Spans) -> Window:
    """The smallest window that holds spans, of which there is one at least."""
    row, column = int(spans.row.min()), int(spans.start.min())
    return Window(row, column, int(spans.row.max()) + 1 - row, int(spans.stop.max()) - column)


def _clipped(spans: Spans, window: Window) -> Spans:
    """The parts of spans that lie in a window."""
    start = np.maximum(spans.start, window.column)
    stop = np.minimum(spans.stop, window.column_stop)
    kept = (stop > start) & (spans.row >= window.row) & (spans.row < window.row_stop)
    return Spans(spans.row[kept], start[kept], stop[kept], spans.zone[kept])
