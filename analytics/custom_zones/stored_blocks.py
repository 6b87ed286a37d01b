"""Blocks of stored editions: read by window, each once, and counted in spans of zones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from rasterio.io import DatasetReader
from sqlalchemy import Connection

from analytics import queries
from analytics.arrays import Int64Array
from analytics.change.joint_counts import JointCounts, Plan, Tally
from analytics.counting.kernels import count_spans
from analytics.counting.scanline import Spans
from analytics.custom_zones.tile_split import cut_at_blocks
from analytics.grid import CELL_SIZE, Y_ORIGIN, Window, store_tiles
from analytics.nomenclature import NO_DATA
from analytics.patches import PRESETS, mask_codes
from analytics.rasters import sources
from analytics.rasters.block_rows import COG_BLOCK
from analytics.rasters.sources import Codes
from analytics.rasters.store import Store
from analytics.records import StoredTile

_CODES = 256
"""Values of a byte."""
AT_ONCE = 64
"""Blocks that are held in memory at once, of each edition."""


def count_in_blocks(
    connection: Connection, spans: Spans, *, zones: int, store: Store, plan: Plan
) -> JointCounts:
    """Cells in spans, as the plan asks for.

    Cells where no edition has a tile are not counted; where only some have one, the others have no
    data.
    """
    tally = Tally(plan, areas=zones)
    if len(spans):
        for blocks, some, part in _blocks(connection, spans, store, plan.edition_ids):
            tally.add(plan.pack(blocks), partial(count_spans, spans=some, window=part))
    return tally.counts()


def accepted_in_blocks(spans: Spans, *, zones: int, store: Store, key: str) -> Int64Array:
    """Cells of gain and of loss in spans that each preset accepts, shape (zones, presets, 2), from
    the raster of a pair's change. Beyond it the editions have no cells in common: nothing has
    changed there."""
    counts = np.zeros((zones, _CODES), dtype=np.int64)
    with store.open(key) as dataset:
        own = _placed(dataset)
        inside = _clipped(spans, own)
        cut, _, ends = cut_at_blocks(inside, origin=own, block=COG_BLOCK)
        for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
            some = Spans(cut.row[a:b], cut.start[a:b], cut.stop[a:b], cut.zone[a:b])
            part = _extent(some)
            codes = sources.read_part(dataset, origin=own, part=part)
            count_spans(codes, counts, spans=some, window=part)
    return mask_codes.accepted(counts, len(PRESETS))


def _placed(dataset: DatasetReader) -> Window:
    """The cells of the grid that a raster of cells covers."""
    west, north = dataset.transform.c, dataset.transform.f
    return Window(
        round((Y_ORIGIN - north) / CELL_SIZE),
        round(west / CELL_SIZE),
        dataset.height,
        dataset.width,
    )


def read_windows(store: Store, tile: StoredTile, parts: Sequence[Window]) -> list[Codes]:
    """Codes of windows from a stored tile; 255 beyond it."""
    own = Window(tile.row, tile.column, tile.height, tile.width)
    with store.open(tile.key) as dataset:
        return [sources.read_part(dataset, origin=own, part=part) for part in parts]


def _blocks(
    connection: Connection, spans: Spans, store: Store, edition_ids: Sequence[int]
) -> Iterator[tuple[dict[int, Codes], Spans, Window]]:
    """Each block that spans lie in, of all editions, with those spans and the window read."""
    extent = _extent(spans)
    stored = {
        edition_id: {
            tile.name: tile
            for tile in queries.edition_tiles(connection, edition_id=edition_id, window=extent)
        }
        for edition_id in edition_ids
    }
    with ThreadPoolExecutor(max(len(edition_ids), 1)) as threads:
        for place in store_tiles(extent):
            present = {e: tiles[place.name] for e, tiles in stored.items() if place.name in tiles}
            if present:
                inside = _clipped(spans, place.window)
                for blocks, some, part in _blocks_of_tile(
                    inside, place.window, present, store, threads
                ):
                    missing = np.full(part.shape, NO_DATA, dtype=np.uint8)
                    yield {e: blocks.get(e, missing) for e in edition_ids}, some, part


def _blocks_of_tile(
    spans: Spans,
    window: Window,
    tiles: dict[int, StoredTile],
    store: Store,
    threads: ThreadPoolExecutor,
) -> Iterator[tuple[dict[int, Codes], Spans, Window]]:
    first = next(iter(tiles.values()))
    # Blocks start at the corner of the COG, which need not be that of the 100 km tile.
    up = -(-(first.row - window.row) // COG_BLOCK) * COG_BLOCK
    left = -(-(first.column - window.column) // COG_BLOCK) * COG_BLOCK
    grid = Window(
        first.row - up,
        first.column - left,
        window.row_stop - first.row + up,
        window.column_stop - first.column + left,
    )
    cut, _, ends = cut_at_blocks(spans, origin=grid, block=COG_BLOCK)
    pieces = [
        Spans(cut.row[a:b], cut.start[a:b], cut.stop[a:b], cut.zone[a:b])
        for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    ]
    for begin in range(0, len(pieces), AT_ONCE):
        some = pieces[begin : begin + AT_ONCE]
        parts = [_extent(piece) for piece in some]
        # GDAL decodes without Python's lock: each edition in a thread of its own.
        read = threads.map(
            lambda tile: read_windows(store, tile, parts),  # noqa: B023
            tiles.values(),
        )
        blocks = dict(zip(tiles, read, strict=True))
        for position, piece in enumerate(some):
            yield {e: codes[position] for e, codes in blocks.items()}, piece, parts[position]


def _extent(spans: Spans) -> Window:
    """The smallest window that holds spans, of which there is one at least."""
    row, column = int(spans.row.min()), int(spans.start.min())
    return Window(row, column, int(spans.row.max()) + 1 - row, int(spans.stop.max()) - column)


def _clipped(spans: Spans, window: Window) -> Spans:
    start = np.maximum(spans.start, window.column)
    stop = np.minimum(spans.stop, window.column_stop)
    kept = (stop > start) & (spans.row >= window.row) & (spans.row < window.row_stop)
    return Spans(spans.row[kept], start[kept], stop[kept], spans.zone[kept])
