"""Areas of classes in zones by the exact fraction of each cell: the rule ``coverage``.

A cell that a border passes through counts by the part of it that lies inside
(analytics.counting.boundary); all others count in full or not at all, as in
analytics.counting.passes. Memory is bounded by a strip of STRIP_CELLS cells for each thread. The
sums do not depend on the number of threads, to the last digit: strips are added in their order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from analytics.arrays import Float64Array, Int64Array
from analytics.counting.boundary import Borders, Cover, cover_of
from analytics.counting.class_values import (
    PAIR,
    code_of_nibble,
    missing_values,
    observed_values,
    packed_cells,
)
from analytics.counting.kernels import count_spans
from analytics.counting.reader import Codes, ThreadReaders
from analytics.counting.scanline import Spans
from analytics.grid import Window
from analytics.rasters.grids import RasterGrid, check_same_grid

STRIP_CELLS = 2**21
"""Cells of a strip, about; a strip has whole rows of blocks, and so may have more."""

Progress = Callable[[int, int], None]
"""Called with strips done and strips in all."""


@dataclass(frozen=True, slots=True)
class ClassCover:
    """Cells of zones by class, as sums of fractions: ``cells`` has shape (zones, codes),
    ``missing`` (zones,)."""

    codes: tuple[int, ...]
    cells: Float64Array
    missing: Float64Array


@dataclass(frozen=True, slots=True)
class PairCover:
    """Cells of zones by pair of classes, as sums of fractions.

    ``cells`` has shape (zones, earlier codes + 1, later codes + 1); the last index is *missing*.
    """

    earlier_codes: tuple[int, ...]
    later_codes: tuple[int, ...]
    cells: Float64Array


def cover_classes(
    borders: Borders,
    grid: RasterGrid,
    *,
    missing: frozenset[int],
    jobs: int | None = None,
    progress: Progress | None = None,
) -> ClassCover:
    """Cells of each zone by class. What a zone has beyond the raster is not counted.

    Raises UnreadableRaster, or WrongBand for values that are not whole numbers from 0 to 255.
    """
    found = _cover(borders, [grid], missing=missing, jobs=jobs, progress=progress)
    codes = observed_values(found, missing_values([grid], missing)[0])
    cells = np.zeros((len(borders), len(codes) + 1))
    column_of = {code: n for n, code in enumerate(codes)}
    for value, parts in found.items():
        cells[:, column_of.get(value, len(codes))] += parts
    return ClassCover(codes=tuple(codes), cells=cells[:, :-1], missing=cells[:, -1])


def cover_pairs(
    borders: Borders,
    earlier: RasterGrid,
    later: RasterGrid,
    *,
    missing: frozenset[int],
    jobs: int | None = None,
    progress: Progress | None = None,
) -> PairCover:
    """Cells of each zone by class in two rasters of one grid.

    Raises WrongGrid for rasters of different grids, and what cover_classes raises.
    """
    check_same_grid(earlier, later)
    found = _cover(borders, [earlier, later], missing=missing, jobs=jobs, progress=progress)
    absent = missing_values([earlier, later], missing)
    rows = observed_values((value // PAIR for value in found), absent[0])
    columns = observed_values((value % PAIR for value in found), absent[1])
    row_of = {code: n for n, code in enumerate(rows)}
    column_of = {code: n for n, code in enumerate(columns)}
    cells = np.zeros((len(borders), len(rows) + 1, len(columns) + 1))
    for value, parts in found.items():
        row = row_of.get(value // PAIR, len(rows))
        cells[:, row, column_of.get(value % PAIR, len(columns))] += parts
    return PairCover(earlier_codes=tuple(rows), later_codes=tuple(columns), cells=cells)


@dataclass(frozen=True, slots=True)
class _Part:
    """What a strip holds: ``cells`` has shape (zones, values)."""

    zones: Int64Array
    values: list[int]
    cells: Float64Array


def _cover(
    borders: Borders,
    grids: Sequence[RasterGrid],
    *,
    missing: frozenset[int],
    jobs: int | None,
    progress: Progress | None,
) -> dict[int, Float64Array]:
    """Cells of each zone, shape (zones,), by value or pair of values."""
    strips = _strips(borders, grids)
    found: dict[int, Float64Array] = {}
    with (
        ThreadReaders(grids, missing=missing) as readers,
        ThreadPoolExecutor(jobs or os.cpu_count()) as pool,
    ):
        parts = pool.map(lambda strip: _part(borders, readers, strip), strips)
        for done, part in enumerate(parts, start=1):
            for n, value in enumerate(part.values):
                cells = found.setdefault(value, np.zeros(len(borders)))
                cells[part.zones] += part.cells[:, n]
            if progress is not None:
                progress(done, len(strips))
    return {value: cells for value, cells in found.items() if cells.any()}


def _strips(borders: Borders, grids: Sequence[RasterGrid]) -> list[Window]:
    """Strips of the part of the rasters that zones touch, of whole rows of blocks."""
    if not len(borders):
        return []
    extents = borders.extents
    row, column = max(int(extents[:, 0].min()), 0), max(int(extents[:, 2].min()), 0)
    height = min(int(extents[:, 1].max()), grids[0].height) - row
    width = min(int(extents[:, 3].max()), grids[0].width) - column
    if height <= 0 or width <= 0:
        return []
    block = max(grid.block_height for grid in grids)
    return list(
        Window(row, column, height, width).strips(max(STRIP_CELLS // width // block, 1) * block)
    )


def _part(borders: Borders, readers: ThreadReaders, strip: Window) -> _Part:
    cover = cover_of(borders, strip)
    zones = np.union1d(cover.inner.zone, cover.zone)
    if not len(zones):
        return _Part(zones, [], np.zeros((0, 0)))
    numbers, values = _numbered(readers.read(strip))
    inner = cover.inner
    local = Spans(inner.row, inner.start, inner.stop, np.searchsorted(zones, inner.zone))
    counts = np.zeros((len(zones), len(values)), dtype=np.int64)
    count_spans(numbers, counts, spans=local, window=strip)
    cells = counts.astype(np.float64)
    _add_boundary(numbers, cover, zones, strip, cells)
    return _Part(zones, values, cells)


def _numbered(blocks: Sequence[Codes]) -> tuple[npt.NDArray[Any], list[int]]:
    """Each cell's position in a list of values, or of pairs of values, and that list."""
    packed = packed_cells(blocks)
    if packed is not None and len(blocks) == 1:
        return packed, [code_of_nibble(n) for n in range(16)]
    if packed is not None:
        return packed, [PAIR * code_of_nibble(n // 16) + code_of_nibble(n % 16) for n in range(256)]
    values = np.zeros(blocks[0].shape, dtype=np.uint32)
    for block in blocks:
        values *= PAIR
        values += block
    present = np.flatnonzero(np.bincount(values.ravel()))
    number_of = np.zeros(int(present[-1]) + 1, dtype=np.min_scalar_type(len(present)))
    number_of[present] = np.arange(len(present))
    return number_of[values], present.tolist()


def _add_boundary(
    numbers: npt.NDArray[Any],
    cover: Cover,
    zones: Int64Array,
    strip: Window,
    cells: Float64Array,
) -> None:
    """Add the fractions of boundary cells to ``cells``, shape (zones, values)."""
    place = np.searchsorted(zones, cover.zone)
    _add_fractions(
        numbers, cover.row, cover.column, place, cover.fraction, strip.row, strip.column, cells
    )


@njit(cache=True, nogil=True)
def _add_fractions(numbers, row, column, zone, fraction, row0, column0, cells):  # type: ignore[no-untyped-def]
    for i in range(len(row)):
        cells[zone[i], numbers[row[i] - row0, column[i] - column0]] += fraction[i]
