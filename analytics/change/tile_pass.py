"""One pass over the cells of a 100 km tile in several editions: zones and 1 km squares at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import shapely

from analytics.change.joint_counts import JointCounts, PackedBlock, Plan, Tally
from analytics.counting.kernels import count_spans
from analytics.counting.pieces import count_pieces, pieces_of
from analytics.counting.scanline import Edges, edges_of, spans_of
from analytics.grid import COUNT_TILE_CELLS, Window
from analytics.rasters.sources import ReadCodes

_STRIP_ROWS = 10 * COUNT_TILE_CELLS
"""Rows that are in memory at once, of each edition."""


def count_zones(
    edges: Edges, *, window: Window, read: Mapping[int, ReadCodes], plan: Plan
) -> JointCounts:
    """Count zones in a window; ``read`` has a reader for each edition of the plan.

    Raises InvalidCodes for a cell whose code the nomenclature does not have.
    """
    tally = Tally(plan, areas=len(edges))
    for strip in window.strips(_STRIP_ROWS):
        spans = spans_of(edges, strip)
        if len(spans):
            tally.add(_block(strip, read, plan), partial(count_spans, spans=spans, window=strip))
    return tally.counts()


def count_zones_and_squares(
    edges: Edges, *, window: Window, read: Mapping[int, ReadCodes], plan: Plan
) -> tuple[JointCounts, JointCounts]:
    """The same, and the 1 km squares of the window, which consists of whole ones; row by row."""
    side = COUNT_TILE_CELLS
    if window.snapped(side) != window:
        raise ValueError(f"{window} does not start and end at whole kilometres")
    zones = len(edges)
    tally = Tally(plan, areas=zones + window.cells // side**2)
    for strip in window.strips(_STRIP_ROWS):
        pieces = pieces_of(spans_of(edges, strip), strip, side=side)
        first = (strip.row - window.row) * window.width // side**2
        count = partial(count_pieces, pieces=pieces, zones=zones, first_square=first)
        tally.add(_block(strip, read, plan), count)
    return tally.counts().split(zones)


def load_kernels() -> None:
    """Load what counting tiles has compiled, or compile it, as a process does before it forks: its
    children then share it, and none of them waits."""
    square = Window(0, 0, COUNT_TILE_CELLS, COUNT_TILE_CELLS)
    west, south, east, north = square.bounds
    edges = edges_of([shapely.box(west, south, (west + east) / 2, north)])
    sealed = np.ones(square.shape, dtype=np.uint8)
    read = {edition_id: lambda part: sealed for edition_id in (1, 2)}
    for pairs in ([], [(1, 2)]):
        plan = Plan([*read], pairs, lines=[])
        count_zones_and_squares(edges, window=square, read=read, plan=plan)


def _block(strip: Window, read: Mapping[int, ReadCodes], plan: Plan) -> PackedBlock:
    return plan.pack({edition_id: read[edition_id](strip) for edition_id in plan.edition_ids})
