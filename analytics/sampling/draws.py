"""Draws: stratified, simple, systematic and two-stage samples of the cells of rasters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from analytics.arrays import Float64Array, Int64Array
from analytics.errors import SampleError
from analytics.grid import Window
from analytics.phrases import phrase as _
from analytics.rasters.sources import Progress
from analytics.sampling.rank_kernels import ranks_below
from analytics.sampling.row_blocks import Area, RowBlock, packed_codes, row_blocks, strata_of_rows
from analytics.sampling.samples import (
    CELL_STREAM,
    ORDER_STREAM,
    START_STREAM,
    UNIT_STREAM,
    Sample,
    Stratum,
    areas_of,
    mixed_order,
)
from analytics.sampling.selection import Cells, select
from analytics.sampling.strata import OBSERVED, Scheme

MOST_POINTS = 1_000_000
"""Points of a sample: far more than anybody labels."""

Allocate = Callable[[list[int]], list[int]]
"""Points of each stratum from the sizes of all."""


@dataclass(frozen=True, slots=True)
class Work:
    """How a draw is done, not what is drawn: threads, and what is told of its progress."""

    jobs: int | None = None
    progress: Progress | None = None


def sizes_of(area: Area, scheme: Scheme, work: Work = Work()) -> list[Stratum]:
    """The strata of an area and their sizes, without a point."""
    nothing = [0] * len(scheme.names)
    found = select(area, scheme, most=nothing, seed=0, jobs=work.jobs, progress=work.progress)
    return _strata(area, scheme, found.sizes, nothing)


def stratified(
    area: Area,
    scheme: Scheme,
    *,
    most: Sequence[int],
    allocate: Allocate,
    seed: int,
    work: Work = Work(),
) -> Sample:
    """A stratified random sample, without replacement; with the scheme OBSERVED, which has one
    stratum, a simple random sample.

    ``allocate`` gives the points of each stratum from the sizes, ``most`` what it can give at most,
    which is known before the one pass. A cell's probability is n_h / N_h. The ids follow
    mixed_order. Raises SampleError of ``allocate``, for a seed below 0, and for too many points;
    other errors are those of row_blocks.
    """
    state = _state(seed)
    if max(most, default=0) > MOST_POINTS:
        raise SampleError(
            "sample", found=f"{max(most)} points", expected=f"at most {MOST_POINTS} points"
        )
    found = select(area, scheme, most=most, seed=state, jobs=work.jobs, progress=work.progress)
    if not sum(found.sizes):
        raise _nothing(area)
    points = allocate(found.sizes)
    cells = found.cells.smallest(points)
    cells = cells[mixed_order(cells.stratum, seed=state)]
    sizes, taken = np.array(found.sizes, dtype=np.float64), np.array(points, dtype=np.float64)
    probability = taken[cells.stratum] / sizes[cells.stratum]
    return _sample(area, _strata(area, scheme, found.sizes, points), cells, probability)


def systematic(area: Area, *, step: int, seed: int, work: Work = Work()) -> Sample:
    """The observed cells of every ``step``-th row and column, from a random start.

    A cell's probability is 1 / step². Ids are in random order. Raises SampleError where no observed
    cell lies on the grid; other errors are those of row_blocks.
    """
    state = _state(seed)
    start = np.random.default_rng([state, START_STREAM]).integers(0, step, 2)
    row_start, column_start = start.tolist()

    def look(block: RowBlock) -> tuple[int, Cells]:
        window = block.window
        row = np.arange((row_start - window.row) % step, window.height, step)
        column = np.arange((column_start - window.column) % step, window.width, step)
        strata = block.strata[row[:, None], column]
        down, across = np.nonzero(strata)
        row, column = row[down], column[across]
        pair = block.packed[row, column].astype(np.int64)
        none = np.zeros(len(row), dtype=np.int64)
        cells = Cells(none, none.astype(np.float64), row + window.row, column + window.column, pair)
        return int(np.count_nonzero(block.strata)), cells

    found = list(row_blocks(area, OBSERVED, look, jobs=work.jobs, progress=work.progress))
    size = sum(count for count, _ in found)
    if not size:
        raise _nothing(area)
    cells = _in_order([cells for _, cells in found])
    if not len(cells):
        raise SampleError(
            _("systematic sample"),
            found=_("no observed cell in every row and column by steps of %(n)s", n=step),
            expected=_("a spacing that the area has room for"),
        )
    if len(cells) > MOST_POINTS:
        raise SampleError(
            "systematic sample",
            found=f"{len(cells)} points",
            expected=f"at most {MOST_POINTS} points",
            hint="Ask for a larger spacing",
        )
    cells = cells[_shuffled(len(cells), state)]
    probability = np.full(len(cells), 1 / step**2)
    return _sample(area, _strata(area, OBSERVED, [size], [len(cells)]), cells, probability)


def step_for(points: int, size: int) -> int:
    """The step of a systematic grid with at least about ``points`` of ``size`` cells. Raises
    SampleError for more points than cells."""
    if points > size:
        raise SampleError(
            _("sample"),
            found=_("%(n)s points", n=points),
            expected=_("at most the %(n)s cells that there are", n=size),
        )
    return max(math.isqrt(size // points), 1)


def two_stage(
    area: Area, *, side: int, units: int, points: int, seed: int, work: Work = Work()
) -> Sample:
    """``units`` primary units of all that hold an observed cell, drawn with equal probability, and
    in each a simple random sample of ``points`` observed cells, or all where it has fewer.

    A unit is a square of ``side`` rows and columns; the squares begin at the raster's north-western
    corner, and are numbered from 1 row by row. A cell's probability is (units drawn / units) ·
    (cells drawn / cells of its unit). Raises SampleError for more units than there are; other
    errors are those of row_blocks.
    """
    state = _state(seed)
    if units * points > MOST_POINTS:
        raise SampleError(
            "sample", found=f"{units * points} points", expected=f"at most {MOST_POINTS} points"
        )
    sizes = _sizes_of_units(area, side=side, work=work)
    present = np.flatnonzero(sizes)
    if not len(present):
        raise _nothing(area)
    if units > len(present):
        raise SampleError(
            "sample",
            found=f"{units} primary units",
            expected=f"at most the {len(present)} squares that hold an observed cell",
        )
    generator = np.random.default_rng([state, UNIT_STREAM])
    chosen = np.sort(generator.choice(present, units, replace=False))
    columns = -(-area.grids[0].width // side)
    whole = Window(0, 0, area.grids[0].height, area.grids[0].width)
    readers = area.readers()

    def draw(unit: int) -> Cells:
        square = Window(unit // columns * side, unit % columns * side, side, side)
        window = square.intersection(whole) or square
        packed = packed_codes(readers, window)
        strata = strata_of_rows(area, OBSERVED, packed, window, range(window.height))
        places = np.flatnonzero(strata.ravel())
        take = min(points, len(places))
        ranks = ranks_below(len(places), take=take, seed=state, stream=CELL_STREAM + unit)
        row, column = np.divmod(places[np.sort(ranks)], window.width)
        none = np.zeros(take, dtype=np.int64)
        pair = packed[row, column].astype(np.int64)
        return Cells(none, none.astype(np.float64), row + window.row, column + window.column, pair)

    with readers, ThreadPoolExecutor(work.jobs) as pool:
        cells = _in_order(list(pool.map(draw, chosen.tolist())))
    cells = cells[_shuffled(len(cells), state)]
    unit = cells.row // side * columns + cells.column // side
    of_unit = sizes[unit].astype(np.float64)
    probability = units / len(present) * np.minimum(points, of_unit) / of_unit
    strata = _strata(area, OBSERVED, [int(sizes.sum())], [len(cells)])
    return _sample(area, strata, cells, probability, unit=unit + 1)


def _sizes_of_units(area: Area, *, side: int, work: Work) -> Int64Array:
    """Observed cells of each square of the raster, row by row."""
    grid = area.grids[0]
    sizes = np.zeros((-(-grid.height // side), -(-grid.width // side)), dtype=np.int64)

    def look(block: RowBlock) -> tuple[Window, Int64Array]:
        window = block.window
        rows = np.arange(window.row, window.row_stop) // side
        edges = np.arange(window.column // side, -(-window.column_stop // side)) * side
        starts = np.maximum(edges - window.column, 0)
        by_row = np.add.reduceat(block.strata, starts, axis=1, dtype=np.int64)
        found = np.zeros((rows[-1] - rows[0] + 1, len(starts)), dtype=np.int64)
        np.add.at(found, rows - rows[0], by_row)
        place = Window(int(rows[0]), window.column // side, *found.shape)
        return place, found

    for place, found in row_blocks(area, OBSERVED, look, jobs=work.jobs, progress=work.progress):
        sizes[place.row : place.row_stop, place.column : place.column_stop] += found
    return sizes.ravel()


def _state(seed: int) -> int:
    """64 bits from a seed of any size."""
    if seed < 0:
        raise SampleError("seed", found=str(seed), expected="a whole number from 0 on")
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])


def _nothing(area: Area) -> SampleError:
    names = " and ".join(grid.name for grid in area.grids)
    within = area.zones is not None
    found = _("no observed cell in the zones") if within else _("no observed cell")
    return SampleError(names, found=found, expected=_("cells to draw from"))


def _in_order(parts: list[Cells]) -> Cells:
    """Cells of several parts from north to south, from west to east: in an order of their own."""
    row = np.concatenate([part.row for part in parts])
    column = np.concatenate([part.column for part in parts])
    pair = np.concatenate([part.pair for part in parts])
    none = np.zeros(len(row), dtype=np.int64)
    return Cells(none, none.astype(np.float64), row, column, pair)[np.lexsort((column, row))]


def _shuffled(points: int, state: int) -> Int64Array:
    order: Int64Array = np.random.default_rng([state, ORDER_STREAM]).permutation(points)
    return order


def _strata(
    area: Area, scheme: Scheme, sizes: Sequence[int], points: Sequence[int]
) -> list[Stratum]:
    areas = areas_of(sizes, area.grids[0])
    return [Stratum(*row) for row in zip(scheme.names, sizes, areas, points, strict=True)]


def _sample(
    area: Area,
    strata: list[Stratum],
    cells: Cells,
    probability: Float64Array,
    *,
    unit: Int64Array | None = None,
) -> Sample:
    return Sample(
        grid=area.grids[0],
        editions=len(area.grids),
        strata=strata,
        stratum=cells.stratum,
        row=cells.row,
        column=cells.column,
        earlier=cells.pair // 16,
        later=cells.pair % 16,
        probability=probability,
        unit=np.zeros(len(cells), dtype=np.int64) if unit is None else unit,
    )
