"""One pass over whole rasters of any grid and any whole-number classes, on all cores.

Where the codes of the rasters differ in their lower four bits, cells are packed to nibbles
(analytics.counting.kernels); where they do not, or are no bytes, the values of each strip are
numbered first. Memory is bounded by a strip for each thread and by the counts: zones × classes, or
zones × pairs of classes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.arrays import Int64Array
from analytics.counting.class_values import (
    PAIR,
    code_of_nibble,
    missing_values,
    observed_values,
    packed_cells,
)
from analytics.counting.kernels import NIBBLES, count_spans
from analytics.counting.reader import open_readers
from analytics.counting.scanline import Edges, Spans, spans_of
from analytics.grid import Window
from analytics.rasters.grids import RasterGrid, check_same_grid
from analytics.rasters.sources import COG_BLOCK, Progress

STRIP_CELLS = 2**23
"""Cells of a strip, about: what a thread holds of each raster at once."""
ByValue = dict[int, Int64Array]
"""Cells of each zone, shape (zones,), by value or pair of values."""


@dataclass(frozen=True, slots=True)
class ClassCounts:
    """Cells of zones by class: ``cells`` has shape (zones, codes), ``missing`` (zones,)."""

    codes: tuple[int, ...]
    cells: Int64Array
    missing: Int64Array


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Cells of zones by pair of classes.

    ``cells`` has shape (zones, earlier codes + 1, later codes + 1); the last index is *missing*.
    """

    earlier_codes: tuple[int, ...]
    later_codes: tuple[int, ...]
    cells: Int64Array


def count_classes(
    edges: Edges,
    grid: RasterGrid,
    *,
    missing: frozenset[int],
    jobs: int | None = None,
    progress: Progress | None = None,
) -> ClassCounts:
    """Cells of each zone by class. Cells of a zone beyond the raster are not counted.

    Raises UnreadableRaster, or WrongBand for values that are not whole numbers from 0 to 255.
    """
    found = _count(edges, [grid], missing=missing, jobs=jobs, progress=progress)
    codes = observed_values(found, missing_values([grid], missing)[0])
    zones = len(edges)
    cells = np.zeros((zones, len(codes)), dtype=np.int64)
    absent = np.zeros(zones, dtype=np.int64)
    for value, counts in found.items():
        if value in codes:
            cells[:, codes.index(value)] = counts
        else:
            absent += counts
    return ClassCounts(codes=tuple(codes), cells=cells, missing=absent)


def count_pairs(
    edges: Edges,
    earlier: RasterGrid,
    later: RasterGrid,
    *,
    missing: frozenset[int],
    jobs: int | None = None,
    progress: Progress | None = None,
) -> PairCounts:
    """Cells of each zone by class in two rasters of one grid.

    Raises WrongGrid for rasters of different grids, and what count_classes raises.
    """
    check_same_grid(earlier, later)
    found = _count(edges, [earlier, later], missing=missing, jobs=jobs, progress=progress)
    absent = missing_values([earlier, later], missing)
    rows = observed_values((value // PAIR for value in found), absent[0])
    columns = observed_values((value % PAIR for value in found), absent[1])
    row_of = {code: n for n, code in enumerate(rows)}
    column_of = {code: n for n, code in enumerate(columns)}
    cells = np.zeros((len(edges), len(rows) + 1, len(columns) + 1), dtype=np.int64)
    for value, counts in found.items():
        row = row_of.get(value // PAIR, len(rows))
        cells[:, row, column_of.get(value % PAIR, len(columns))] += counts
    return PairCounts(earlier_codes=tuple(rows), later_codes=tuple(columns), cells=cells)


def _count(
    edges: Edges,
    grids: Sequence[RasterGrid],
    *,
    missing: frozenset[int],
    jobs: int | None,
    progress: Progress | None,
) -> ByValue:
    whole = Window(0, 0, grids[0].height, grids[0].width)
    strips = list(whole.strips(_strip_height(grids)))
    own = threading.local()
    tallies: list[_Tally] = []

    def work(strip: Window) -> None:
        if not hasattr(own, "tally"):
            own.tally = _Tally(grids, zones=len(edges), missing=missing)
            tallies.append(own.tally)
        own.tally.add(strip, edges)

    try:
        with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
            for done, _ in enumerate(pool.map(work, strips), start=1):
                if progress is not None:
                    progress(done, len(strips))
    finally:
        for tally in tallies:
            tally.close()
    total: ByValue = {}
    for tally in tallies:
        _merge(total, tally.counts())
    return total


def _merge(total: ByValue, part: ByValue) -> None:
    for value, counts in part.items():
        if value in total:
            total[value] += counts
        else:
            total[value] = counts.copy()


class _Tally:
    """What one thread has counted."""

    def __init__(self, grids: Sequence[RasterGrid], *, zones: int, missing: frozenset[int]) -> None:
        self.grids = grids
        self.zones = zones
        self.readers = open_readers(grids, missing=missing)
        self.packed = np.zeros((zones, NIBBLES ** len(grids)), dtype=np.int64)
        self.numbered: ByValue = {}

    def close(self) -> None:
        for reader in self.readers:
            reader.close()

    def add(self, strip: Window, edges: Edges) -> None:
        """Count a strip."""
        spans = spans_of(edges, strip)
        if not len(spans):
            return
        blocks = [reader.read(strip) for reader in self.readers]
        packed = packed_cells(blocks)
        if packed is not None:
            count_spans(packed, self.packed, spans=spans, window=strip)
        else:
            _merge(self.numbered, self._count_numbered(blocks, spans, strip))

    def counts(self) -> ByValue:
        """Cells of each zone by value: nibbles are the codes 0..11 and 252..255 again."""
        found: ByValue = {}
        for value in np.flatnonzero(self.packed.any(axis=0)).tolist():
            if len(self.grids) == 1:
                found[code_of_nibble(value)] = self.packed[:, value].copy()
            else:
                earlier, later = divmod(value, NIBBLES)
                pair = PAIR * code_of_nibble(earlier) + code_of_nibble(later)
                found[pair] = self.packed[:, value].copy()
        _merge(found, self.numbered)
        return found

    def _count_numbered(
        self, blocks: Sequence[npt.NDArray[Any]], spans: Spans, strip: Window
    ) -> ByValue:
        """Count a strip whose values do not pack: by the numbers of those that occur in it."""
        values = np.zeros(strip.shape, dtype=np.uint32)
        for block in blocks:
            values *= PAIR
            values += block
        present = np.flatnonzero(np.bincount(values.ravel()))
        number_of = np.zeros(int(present[-1]) + 1, dtype=np.uint16)
        number_of[present] = np.arange(len(present))
        # Zones are numbered as well: a strip meets few of those of a continent.
        zones, zone = np.unique(spans.zone, return_inverse=True)
        counts = np.zeros((len(zones), len(present)), dtype=np.int64)
        local = Spans(spans.row, spans.start, spans.stop, zone.astype(np.int64))
        count_spans(number_of[values], counts, spans=local, window=strip)
        found: ByValue = {}
        for n, value in enumerate(present.tolist()):
            found[value] = np.zeros(self.zones, dtype=np.int64)
            found[value][zones] = counts[:, n]
        return found


def _strip_height(grids: Sequence[RasterGrid]) -> int:
    """Rows of a strip: whole rows of blocks, so that no block is decoded twice."""
    # A VRT's own blocks say nothing of its sources': two threads would decode each of those.
    block = max(COG_BLOCK, *(grid.block_height for grid in grids))
    return max(STRIP_CELLS // grids[0].width // block, 1) * block
