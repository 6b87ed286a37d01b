"""Keys of cells: a simple random sample of each stratum from one pass over the rows of a raster.

Each cell of a stratum has a random *key*, uniform in 0..1; the sample of size n is the n cells of
the smallest keys (Devroye 1986, *Non-Uniform Random Variate Generation*, chapter XII). The keys are
never written down. Those of the cells of one stratum in one row come in increasing order from the
order statistics of a uniform sample: the smallest of m keys above k exceeds it by
(1 − k)·(1 − U^(1/m)). Which cell has it is drawn among the m that have none yet (Fisher and Yates).
A row stops at the first key above a limit that is known to be too large for the sample.

The numbers of a row and stratum come from a generator of their own (SplitMix64: Steele, Lea and
Flood 2014), whose state is a hash of the seed, the row and the stratum. What is drawn therefore
depends neither on strips nor on threads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from analytics.arrays import Float64Array, Int64Array
from analytics.counting.kernels import Block
from analytics.sampling.strata_kernels import SEGMENT

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_UNIT = 2.0**-53


@dataclass(frozen=True, slots=True)
class Ranked:
    """Cells of some rows by their keys, each array of shape (cells,): the row in the block, the
    stratum from 0 on, the key, and the rank among the stratum's cells in the row, from west."""

    row: Int64Array
    stratum: Int64Array
    key: Float64Array
    rank: Int64Array


def draw_ranks(counts: Int64Array, *, first_row: int, limits: Float64Array, seed: int) -> Ranked:
    """The cells whose keys do not exceed the limit of their stratum, shape (strata,).

    ``counts`` are cells by row and stratum, shape (rows, strata); ``first_row`` is the raster's row
    of the first; ``seed`` is from 0 to 2⁶⁴ − 1.
    """
    with np.errstate(over="ignore"):
        return Ranked(*_draw(counts, first_row, limits, np.uint64(seed)))


def columns_of(strata: Block, ranked: Ranked, *, segments: Int64Array) -> Int64Array:
    """The column of each ranked cell in its block, from the block's counts by segment."""
    columns = np.empty(len(ranked.row), dtype=np.int64)
    _locate(strata, segments, ranked.row, ranked.stratum, ranked.rank, columns)
    return columns


def ranks_below(cells: int, *, take: int, seed: int, stream: int) -> npt.NDArray[np.int64]:
    """``take`` different ranks of 0..cells − 1, in random order; ``stream`` tells draws of one seed
    apart."""
    generator = np.random.default_rng([seed, stream])
    chosen: npt.NDArray[np.int64] = generator.choice(cells, take, replace=False, shuffle=True)
    return chosen


@njit(cache=True, nogil=True)
def _mixed(state):  # type: ignore[no-untyped-def]
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))


@njit(cache=True, nogil=True)
def _grown(values):  # type: ignore[no-untyped-def]
    larger = np.empty(2 * len(values), dtype=values.dtype)
    larger[: len(values)] = values
    return larger


@njit(cache=True, nogil=True)
def _draw(counts, first_row, limits, seed):  # type: ignore[no-untyped-def]
    rows, strata = counts.shape
    order = np.arange(max(counts.max(), 1))
    swapped = np.empty(len(order), dtype=np.int64)
    row, stratum = np.empty(256, dtype=np.int64), np.empty(256, dtype=np.int64)
    key, rank = np.empty(256, dtype=np.float64), np.empty(256, dtype=np.int64)
    found = 0
    for i in range(rows):
        of_row = _mixed(seed + np.uint64(first_row + i + 1) * _GOLDEN)
        for h in range(strata):
            state = _mixed(of_row + np.uint64(h + 1) * _GOLDEN)
            value, taken = 0.0, 0
            while taken < counts[i, h]:
                left = counts[i, h] - taken
                state += _GOLDEN
                uniform = (np.float64(_mixed(state) >> np.uint64(11)) + 1.0) * _UNIT
                value += (1.0 - value) * -np.expm1(np.log(uniform) / left)
                if value > limits[h]:
                    break
                # Numbers beyond the last whole multiple would favour small remainders.
                size = np.uint64(left)
                beyond = np.uint64(0xFFFFFFFFFFFFFFFF) // size * size
                state += _GOLDEN
                number = _mixed(state)
                while number >= beyond:
                    state += _GOLDEN
                    number = _mixed(state)
                other = taken + np.int64(number % size)
                swapped[taken] = other
                order[taken], order[other] = order[other], order[taken]
                if found == len(row):
                    row, stratum, key, rank = (
                        _grown(row),
                        _grown(stratum),
                        _grown(key),
                        _grown(rank),
                    )
                row[found], stratum[found], key[found] = i, h, value
                rank[found] = order[taken]
                found += 1
                taken += 1
            for back in range(taken - 1, -1, -1):
                other = swapped[back]
                order[back], order[other] = order[other], order[back]
    return row[:found], stratum[:found], key[:found], rank[:found]


@njit(cache=True, nogil=True)
def _locate(strata, segments, row, stratum, rank, columns):  # type: ignore[no-untyped-def]
    for n in range(len(row)):
        i, wanted, left = row[n], stratum[n] + 1, rank[n]
        segment = 0
        while left >= segments[i, segment, stratum[n]]:
            left -= segments[i, segment, stratum[n]]
            segment += 1
        j = segment * SEGMENT
        while True:
            if strata[i, j] == wanted:
                if left == 0:
                    break
                left -= 1
            j += 1
        columns[n] = j
