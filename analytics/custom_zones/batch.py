"""Status and change of many areas at once, each as exact as if it were counted alone.

Zones that lie near each other share what costs: a block of an edition is decoded once for all that
it holds cells of, and one statement asks for the running sums of all. A small zone's cells are read
whole, for its border crosses nearly every block that it lies in; of a larger one only the border
is, and the tiles within are looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from analytics.arrays import Int64Array
from analytics.change.joint_counts import Plan
from analytics.change.pattern_counts import add, narrowed
from analytics.change.patterns import Pair, Pattern
from analytics.counting.scanline import Edges, Spans, edges_of, spans_of
from analytics.counting.tile_runs import TileRuns
from analytics.custom_zones.stored_blocks import accepted_in_blocks, count_in_blocks
from analytics.custom_zones.tile_split import split_at_tiles
from analytics.grid import CELL_SIZE, COUNT_TILE_CELLS, Window
from analytics.queries.tile_sums import change_sums, class_sums, filtered_sums, pattern_sums
from analytics.rasters.store import Store

SMALL = 100e6
"""Square metres below which all cells of a zone are read. A look-up of a run of tiles takes as long
as the count of ten of them, and a block is seldom spared by it."""


@dataclass(frozen=True, slots=True)
class ManyCounts:
    """Counts of several areas, in their order.

    ``total`` is the number of cells, shape (zones,). ``cells``: by edition, cells by class in the
    order of CODES, shape (zones, 14); what an edition does not cover is no data. ``matrices``: by
    pair of editions, cells observed in both by former and later class, shape (zones, 11, 11).
    ``patterns``: cells that any edition has observed by pattern (analytics.change.patterns), shape
    (zones,). ``filtered``: by pair, cells of gain and of loss that each preset accepts, shape
    (zones, presets, 2).
    """

    total: Int64Array
    cells: Mapping[int, Int64Array]
    matrices: Mapping[Pair, Int64Array]
    patterns: Mapping[Pattern, Int64Array]
    filtered: Mapping[Pair, Int64Array]


def count_zones(
    connection: Connection,
    geometries: Sequence[Any],
    *,
    store: Store,
    edition_ids: Sequence[int],
    pairs: Sequence[Pair] = (),
    lines: Sequence[Sequence[int]] = (),
    masks: Mapping[Pair, str] | None = None,
) -> ManyCounts:
    """Count areas, polygons and multipolygons in EPSG:3035, in published editions.

    Every edition of a pair is among ``edition_ids``, and so is every edition of a line: those of
    one product and origin that are counted together, by pattern. ``masks`` are the rasters of
    change (:func:`analytics.queries.change_masks`) of the pairs whose filtered change is counted,
    of the same snapshot as the connection. Raises StoreError where a raster is not readable,
    InvalidGeometry for what is not an area.
    """
    areas = np.asarray(geometries, dtype=object)
    zones = len(areas)
    read, runs = _split(areas)
    total = read.cells_by_zone(zones) + runs.tiles_by_zone(zones) * COUNT_TILE_CELLS**2
    border = count_in_blocks(
        connection, read, zones=zones, store=store, plan=Plan(edition_ids, pairs, lines)
    )
    cells = {}
    for edition_id in edition_ids:
        inner = class_sums(connection, edition_id=edition_id, runs=runs, zones=zones)
        counted = inner + border.classes(edition_id)
        counted[:, -1] += total - counted.sum(axis=1)
        cells[edition_id] = counted
    matrices = {}
    for earlier, later in pairs:
        inner = change_sums(connection, earlier_id=earlier, later_id=later, runs=runs, zones=zones)
        matrices[earlier, later] = inner + border.changes((earlier, later))
    found = border.patterns
    if lines:
        inside = pattern_sums(connection, runs=runs, zones=zones)
        add(found, narrowed(inside, {edition_id for line in lines for edition_id in line}))
    filtered = {}
    for (earlier, later), key in (masks or {}).items():
        inner = filtered_sums(
            connection, earlier_id=earlier, later_id=later, runs=runs, zones=zones
        )
        filtered[earlier, later] = inner + accepted_in_blocks(
            read, zones=zones, store=store, key=key
        )
    return ManyCounts(total, cells, matrices, found, filtered)


@dataclass(frozen=True, slots=True)
class ZoneCounts:
    """The same counts of one area, without the first axis; patterns without those of no cell."""

    total: int
    cells: Mapping[int, Int64Array]
    matrices: Mapping[Pair, Int64Array]
    patterns: Mapping[Pattern, int]
    filtered: Mapping[Pair, Int64Array]


def count_zone(
    connection: Connection,
    geometry: Any,
    *,
    store: Store,
    edition_ids: Sequence[int],
    pairs: Sequence[Pair] = (),
    lines: Sequence[Sequence[int]] = (),
    masks: Mapping[Pair, str] | None = None,
) -> ZoneCounts:
    """Count one area (``count_zones``)."""
    found = count_zones(
        connection,
        [geometry],
        store=store,
        edition_ids=edition_ids,
        pairs=pairs,
        lines=lines,
        masks=masks,
    )
    return ZoneCounts(
        total=int(found.total[0]),
        cells={edition_id: cells[0] for edition_id, cells in found.cells.items()},
        matrices={pair: matrices[0] for pair, matrices in found.matrices.items()},
        patterns={pattern: int(cells[0]) for pattern, cells in found.patterns.items() if cells[0]},
        filtered={pair: cells[0] for pair, cells in found.filtered.items()},
    )


def load_kernels() -> None:
    """Load what counting zones has compiled, or compile it: seconds that a process spends before it
    forks, and not its children one by one."""
    side = float(np.sqrt(SMALL))
    _split(np.array([shapely.box(0, 0, side / 2, side / 2), shapely.box(0, 0, 2 * side, 2 * side)]))


def _split(areas: Any) -> tuple[Spans, TileRuns]:
    """The cells of zones that are read, and the runs of tiles that are looked up."""
    small = np.flatnonzero(shapely.area(areas) < SMALL)
    large = np.setdiff1d(np.arange(len(areas)), small)
    edges = edges_of(areas[small])
    spans = spans_of(edges, _window(edges))
    pieces, runs = [replace(spans, zone=small[spans.zone])], []
    for zone in large.tolist():
        split = split_at_tiles(edges_of([areas[zone]]))
        pieces.append(replace(split.border, zone=np.full(len(split.border), zone)))
        runs.append((split.inner, np.full(len(split.inner), zone)))
    return (
        Spans(
            np.concatenate([piece.row for piece in pieces]),
            np.concatenate([piece.start for piece in pieces]),
            np.concatenate([piece.stop for piece in pieces]),
            np.concatenate([piece.zone for piece in pieces]),
        ),
        TileRuns(
            np.concatenate([np.zeros((0, 3), dtype=np.int64), *(run for run, _ in runs)]),
            np.concatenate([np.zeros(0, dtype=np.int64), *(zone for _, zone in runs)]),
        ),
    )


def _window(edges: Edges) -> Window:
    points = edges.coordinates
    if not len(points):
        return Window(0, 0, 0, 0)
    some = edges.rows[:, 1] > edges.rows[:, 0]
    top = int(edges.rows[some, 0].min()) if some.any() else 0
    bottom = int(edges.rows[some, 1].max()) if some.any() else 0
    west = int(points[:, [0, 2]].min() // CELL_SIZE) - 1
    east = int(points[:, [0, 2]].max() // CELL_SIZE) + 2
    return Window(top, west, bottom - top, east - west)
