"""One pass over whole rasters of any grid and any whole-number classes, on all cores.

A cell counts by one of two rules. *centre*: it belongs to the zones that its centre lies in.
*coverage*: it counts by the exact fraction of it that lies in a zone (analytics.counting.boundary).

Memory is bounded by a strip for each thread and by the counts: zones × classes, or zones × pairs of
classes. Sums do not depend on the number of threads, to the last digit: strips are added in order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from analytics.arrays import Int64Array
from analytics.counting.boundary import Borders, Coverage, coverage_of
from analytics.counting.kernels import CODE_OF_NIBBLE, Values, count_spans, pack, pack_pairs
from analytics.counting.reader import NODATA, ThreadReaders
from analytics.counting.scanline import Edges, Spans, spans_of
from analytics.errors import InvalidCodes
from analytics.grid import Window
from analytics.rasters.block_rows import COG_BLOCK, aligned_strips
from analytics.rasters.grids import RasterGrid, check_same_grid
from analytics.rasters.sources import Progress

CENTRE_STRIP_CELLS = 2**23
"""Cells of a strip, about; a strip has whole rows of blocks, and so may have more."""
COVERAGE_STRIP_CELLS = 2**21
"""The same for the rule *coverage*, which holds the fractions of boundary cells as well."""
_VALUES = NODATA + 1

Cells = npt.NDArray[Any]
"""Numbers of cells: whole by the rule *centre*, with fractions by the rule *coverage*."""
ByValue = dict[tuple[int, ...], Cells]
"""Cells of each zone, shape (zones,), by the value in each raster."""


@dataclass(frozen=True, slots=True)
class ZoneCells:
    """Cells of zones by class in one raster, or by pair of classes in two.

    ``codes`` are the observed codes of each raster. ``cells`` has shape (zones, codes + 1), or
    (zones, earlier codes + 1, later codes + 1); the last index is *missing*.
    """

    codes: tuple[tuple[int, ...], ...]
    cells: Cells


def count_cells(
    edges: Edges,
    grids: Sequence[RasterGrid],
    *,
    missing: frozenset[int],
    jobs: int | None = None,
    progress: Progress | None = None,
) -> ZoneCells:
    """Whole cells of each zone in one raster or in two of one grid, by the rule *centre*.

    Cells of a zone beyond the raster are not counted. ``progress`` is called with strips done and
    strips in all. Raises UnreadableRaster; WrongBand for values that are not whole numbers from 0
    to 255; WrongReferenceSystem or WrongGrid for rasters of different grids.
    """
    # A VRT's own blocks say nothing of its sources': two threads would decode each of those.
    strips = block_strips(
        Window(0, 0, grids[0].height, grids[0].width), grids, CENTRE_STRIP_CELLS, COG_BLOCK
    )
    readers = ThreadReaders(grids, missing=missing)

    def count(strip: Window) -> _Part:
        return _count(strip, spans_of(edges, strip), readers)

    cells = np.zeros(len(edges), dtype=np.int64)
    return _add_up(count, strips, readers, nothing=cells, jobs=jobs, progress=progress)


def sum_fractions(
    borders: Borders,
    grids: Sequence[RasterGrid],
    *,
    missing: frozenset[int],
    jobs: int | None = None,
    progress: Progress | None = None,
) -> ZoneCells:
    """Sums of fractions of cells, by the rule *coverage*; else as count_cells."""
    whole = Window(0, 0, grids[0].height, grids[0].width)
    touched = _extent(borders).intersection(whole) if len(borders) else None
    strips = block_strips(touched, grids, COVERAGE_STRIP_CELLS) if touched else []
    readers = ThreadReaders(grids, missing=missing)

    def count(strip: Window) -> _Part:
        coverage = coverage_of(borders, strip)
        return _count(strip, coverage.inner, readers, boundary=coverage)

    return _add_up(
        count, strips, readers, nothing=np.zeros(len(borders)), jobs=jobs, progress=progress
    )


def _extent(borders: Borders) -> Window:
    row, _, column, _ = borders.extents.min(axis=0).tolist()
    _, row_stop, _, column_stop = borders.extents.max(axis=0).tolist()
    return Window(row, column, row_stop - row, column_stop - column)


def block_strips(
    window: Window, grids: Sequence[RasterGrid], cells: int, least_block: int = 1
) -> list[Window]:
    """Strips of about so many cells, of whole rows of blocks: no block is decoded twice. Blocks
    have ``least_block`` rows at least."""
    block = max(least_block, *(grid.block_height for grid in grids))
    # Editions of one platform have the same tiles; of others the one with more of them counts.
    starts = max((grid.block_rows for grid in grids), key=len)
    return aligned_strips(window, starts, rows=max(cells // window.width // block, 1) * block)


@dataclass(frozen=True, slots=True)
class _Part:
    """What a strip holds of some zones."""

    zones: Int64Array
    cells: ByValue


def _add_up(
    count: Callable[[Window], _Part],
    strips: Sequence[Window],
    readers: ThreadReaders,
    *,
    nothing: Cells,
    jobs: int | None,
    progress: Progress | None,
) -> ZoneCells:
    """Count strips and add them up; ``nothing`` are no cells of each zone."""
    if len(readers.grids) == 2:
        check_same_grid(*readers.grids)
    found: ByValue = {}
    with readers, ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        for done, part in enumerate(pool.map(count, strips), start=1):
            for values, cells in part.cells.items():
                if values not in found:
                    found[values] = nothing.copy()
                found[values][part.zones] += cells
            if progress is not None:
                progress(done, len(strips))
    codes = tuple(
        tuple(sorted({values[n] for values in found} - absent))
        for n, absent in enumerate(readers.absent)
    )
    places = [{code: n for n, code in enumerate(axis)} for axis in codes]
    total = np.zeros((*(len(axis) + 1 for axis in codes), len(nothing)), dtype=nothing.dtype)
    for values, cells in sorted(found.items()):
        pairs = zip(places, values, strict=True)
        total[tuple(place.get(value, len(place)) for place, value in pairs)] += cells
    return ZoneCells(codes, np.moveaxis(total, -1, 0))


def _count(
    strip: Window, spans: Spans, readers: ThreadReaders, boundary: Coverage | None = None
) -> _Part:
    """Count a strip by the numbers of the values and zones that it holds: a strip meets few of the
    zones of a continent."""
    owners = spans.zone if boundary is None else np.concatenate((spans.zone, boundary.zone))
    present = np.bincount(owners) > 0
    zones, place = np.flatnonzero(present), np.cumsum(present) - 1
    if not len(zones):
        return _Part(zones, {})
    numbers, values = _numbered(readers.read(strip))
    counts = np.zeros((len(zones), len(values)), dtype=np.int64)
    local = Spans(spans.row, spans.start, spans.stop, place[spans.zone])
    count_spans(numbers, counts, spans=local, window=strip)
    cells: Cells = counts
    if boundary is not None:
        cells = counts.astype(np.float64)
        row, column = boundary.row - strip.row, boundary.column - strip.column
        _add_fractions(numbers, row, column, place[boundary.zone], boundary.fraction, cells)
    occur = np.flatnonzero(cells.any(axis=0)).tolist()
    return _Part(zones, {values[n]: cells[:, n] for n in occur})


def _numbered(blocks: Sequence[npt.NDArray[Any]]) -> tuple[Values, list[tuple[int, ...]]]:
    """Each cell's place in a list of values, or pairs of values; and that list.

    Cells are packed to nibbles where their codes differ in the lower four bits.
    """
    if all(block.dtype == np.uint8 for block in blocks):
        with suppress(InvalidCodes):
            packed = pack(blocks[0]) if len(blocks) == 1 else pack_pairs(blocks[0], blocks[1])
            return packed, list(product(CODE_OF_NIBBLE, repeat=len(blocks)))
    joined = np.zeros(blocks[0].shape, dtype=np.uint32)
    for block in blocks:
        joined *= _VALUES
        joined += block
    present = np.flatnonzero(np.bincount(joined.ravel()))
    number_of = np.zeros(int(present[-1]) + 1, dtype=np.min_scalar_type(len(present)))
    number_of[present] = np.arange(len(present))
    values = np.column_stack(np.unravel_index(present, (_VALUES,) * len(blocks)))
    return number_of[joined], [tuple(row) for row in values.tolist()]


@njit(cache=True, nogil=True)
def _add_fractions(numbers, row, column, zone, fraction, cells):  # type: ignore[no-untyped-def]
    """Add the fractions of boundary cells to ``cells``, shape (zones, values)."""
    for i in range(len(row)):
        cells[zone[i], numbers[row[i], column[i]]] += fraction[i]
