"""One pass that counts the strata and keeps the cells of the smallest keys in each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.arrays import Float64Array, Int64Array
from analytics.rasters.sources import Progress
from analytics.sampling.rank_kernels import Ranked, columns_of, draw_ranks
from analytics.sampling.row_blocks import Area, RowBlock, row_blocks
from analytics.sampling.strata import Scheme
from analytics.sampling.strata_kernels import segment_counts


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of a raster, each array of shape (cells,): stratum (its place in the scheme), random
    key, row, column, and the packed pair of codes."""

    stratum: Int64Array
    key: Float64Array
    row: Int64Array
    column: Int64Array
    pair: Int64Array

    def __len__(self) -> int:
        return len(self.key)

    def __getitem__(self, chosen: Int64Array) -> Cells:
        return Cells(
            self.stratum[chosen],
            self.key[chosen],
            self.row[chosen],
            self.column[chosen],
            self.pair[chosen],
        )

    def smallest(self, points: Sequence[int]) -> Cells:
        """The cells of the smallest keys, so many of each stratum, ordered by stratum and key."""
        near = self.below(self.limits(points))
        order = np.lexsort((near.column, near.row, near.key, near.stratum))
        stratum = near.stratum[order]
        place = np.arange(len(order)) - np.searchsorted(stratum, stratum)
        return near[order[place < np.asarray(points, dtype=np.int64)[stratum]]]

    def limits(self, points: Sequence[int]) -> Float64Array:
        """The largest key of so many cells of each stratum; 1 where there are fewer, below 0 where
        there are to be none."""
        limits = np.ones(len(points), dtype=np.float64)
        for stratum, most in enumerate(points):
            keys = self.key[self.stratum == stratum]
            if most < len(keys):
                limits[stratum] = np.partition(keys, most - 1)[most - 1] if most else -1.0
        return limits

    def below(self, limits: Float64Array) -> Cells:
        """The cells whose keys do not exceed the limit of their stratum."""
        return self[np.flatnonzero(self.key <= limits[self.stratum])]


@dataclass(frozen=True, slots=True)
class Selection:
    """The sizes of all strata in cells, and the cells of the smallest keys in each, unordered."""

    sizes: list[int]
    cells: Cells


def select(
    area: Area,
    scheme: Scheme,
    *,
    most: Sequence[int],
    seed: int,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Selection:
    """Count the strata, and select ``most`` cells of each, or all where there are fewer.

    The first n of a stratum by their keys are a simple random sample of n, for each n up to
    ``most``. The result depends on the rasters, the zones and the seed (0 to 2⁶⁴ − 1) alone. Errors
    are those of row_blocks.
    """
    keeper = _Keeper(scheme, most, seed)
    for part in row_blocks(area, scheme, keeper.look, jobs=jobs, progress=progress):
        keeper.add(part)
    return keeper.result()


@dataclass(frozen=True, slots=True)
class _Part:
    sizes: Int64Array
    cells: Cells


class _Keeper:
    """Keeps the smallest keys that blocks yield. A key above the limit of its stratum cannot be
    among them; limits only fall, so that threads may read an old one."""

    def __init__(self, scheme: Scheme, most: Sequence[int], seed: int) -> None:
        self._numbers = np.array(scheme.numbers) - 1
        self._most = np.asarray(most, dtype=np.int64)
        self._seed = seed
        self._limits: Float64Array = np.where(self._most > 0, 1.0, 0.0)
        self._sizes = np.zeros(len(scheme.numbers), dtype=np.int64)
        self._kept: list[Cells] = []
        self._waiting = 0

    def look(self, block: RowBlock) -> _Part:
        """The sizes of a block's strata, and the cells whose keys may be small enough."""
        segments = segment_counts(block.strata)
        by_row = np.ascontiguousarray(segments.sum(axis=1)[:, self._numbers])
        ranked = self._ranked(by_row, first_row=block.window.row)
        numbered = Ranked(ranked.row, self._numbers[ranked.stratum], ranked.key, ranked.rank)
        column = columns_of(block.strata, numbered, segments=segments)
        pair = block.packed[ranked.row, column].astype(np.int64)
        row, column = ranked.row + block.window.row, column + block.window.column
        return _Part(by_row.sum(axis=0), Cells(ranked.stratum, ranked.key, row, column, pair))

    def _ranked(self, by_row: Int64Array, *, first_row: int) -> Ranked:
        limits, most = self._limits, self._most
        # Of the block alone, hardly more keys than can be kept need to be known.
        enough = [
            (n + 10 * math.sqrt(n) + 20) / max(size, 1)
            for n, size in zip(most.tolist(), by_row.sum(axis=0).tolist(), strict=True)
        ]
        lower: Float64Array = np.minimum(limits, enough)
        ranked = draw_ranks(by_row, first_row=first_row, limits=lower, seed=self._seed)
        found = np.bincount(ranked.stratum, minlength=len(most))
        if ((found < most) & (lower < limits)).any():
            return draw_ranks(by_row, first_row=first_row, limits=limits, seed=self._seed)
        return ranked

    def add(self, part: _Part) -> None:
        """Keep what a block yielded."""
        self._sizes += part.sizes
        self._kept.append(part.cells)
        self._waiting += len(part.cells)
        if self._waiting > self._most.sum() // 4:
            self._shrink()

    def _shrink(self) -> None:
        cells = _joined(self._kept)
        self._limits = np.minimum(self._limits, cells.limits(self._most.tolist()))
        self._kept, self._waiting = [cells.below(self._limits)], 0

    def result(self) -> Selection:
        """The sizes of all strata and the cells of the smallest keys."""
        self._shrink()
        return Selection(self._sizes.tolist(), self._kept[0])


def _joined(parts: Sequence[Cells]) -> Cells:
    none = np.empty(0, dtype=np.int64)
    nothing = Cells(none, none.astype(np.float64), none, none, none)
    every = [nothing, *parts]
    return Cells(
        np.concatenate([part.stratum for part in every]),
        np.concatenate([part.key for part in every]),
        np.concatenate([part.row for part in every]),
        np.concatenate([part.column for part in every]),
        np.concatenate([part.pair for part in every]),
    )
