"""Cells by pattern: blocks of several editions numbered together, then counted as any block is.

A cell's number is made edition by edition, as a figure to the base of 3: not observed, observed and
not sealed, sealed. One byte holds those of five editions. With more, the numbers in use are counted
afresh from 0, so that there are no more of them than patterns that occur.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from analytics.arrays import Int64Array
from analytics.change.patterns import Pattern
from analytics.counting.kernels import Block, count_spans, count_squares
from analytics.counting.scanline import Spans
from analytics.grid import COUNT_TILE_CELLS, Window

STATES = 3
Numbers = npt.NDArray[np.unsignedinteger[Any]]
ByPattern = dict[Pattern, Int64Array]
"""Cells of each zone, shape (zones,), by pattern."""


@dataclass(frozen=True, slots=True)
class NumberedBlock:
    """Cells of a block by pattern: ``numbers``, shape (rows, columns), are places in
    ``patterns``. The first pattern is the empty one, of cells that no edition has observed."""

    patterns: Sequence[Pattern]
    numbers: Numbers


def number(blocks: Iterable[tuple[int, Block]], *, shape: tuple[int, int]) -> NumberedBlock:
    """Number the cells of blocks of one shape, given with their editions' ids in ascending order.

    Codes 1 to 11 are observed; which codes are valid is checked elsewhere. A block is not needed
    any more once the next is asked for.
    """
    patterns: list[Pattern] = [()]
    numbers: Numbers = np.zeros(shape, dtype=np.uint8)
    for edition_id, block in blocks:
        if STATES * len(patterns) > 2**8:
            patterns, numbers = _in_use(patterns, numbers)
        extended: Numbers = np.empty(shape, dtype=_type_for(STATES * len(patterns)))
        _extend(numbers.ravel(), np.ascontiguousarray(block).ravel(), extended.ravel())
        numbers = extended
        patterns = [
            (*pattern, *seen)
            for pattern in patterns
            for seen in ((), (-edition_id,), (edition_id,))
        ]
    return NumberedBlock(patterns, numbers)


def in_zones(block: NumberedBlock, spans: Spans, *, window: Window, zones: int) -> ByPattern:
    """Cells of zones; spans must lie in the block's window. Only patterns that occur."""
    counts = np.zeros((zones, len(block.patterns)), dtype=np.int64)
    count_spans(block.numbers, spans, window=window, counts=counts)
    return {
        block.patterns[place]: counts[:, place].copy()
        for place in np.flatnonzero(counts.any(axis=0)).tolist()
        if block.patterns[place]
    }


@dataclass(frozen=True, slots=True)
class PatternSums:
    """Running sums of a pattern along a row of 1 km tiles: shape (tiles + 1,), zero first.

    ``row`` and ``first_column`` are in tiles of the whole grid.
    """

    row: int
    pattern: Pattern
    first_column: int
    sums: Int64Array


def running_sums(block: NumberedBlock, *, window: Window) -> Iterator[PatternSums]:
    """Running sums along the rows of 1 km tiles of a window of whole kilometres; only of patterns
    that occur in the row."""
    side = COUNT_TILE_CELLS
    if any(edge % side for edge in (window.row, window.column, window.height, window.width)):
        raise ValueError(f"{window} does not start and end at whole kilometres")
    for start in range(0, window.height, side):
        # Row by row, so that memory does not grow with the number of patterns.
        squares = count_squares(
            block.numbers[start : start + side], side=side, values=len(block.patterns)
        )[0]
        for place in np.flatnonzero(squares.any(axis=0)).tolist():
            if block.patterns[place]:
                yield PatternSums(
                    row=(window.row + start) // side,
                    pattern=block.patterns[place],
                    first_column=window.column // side,
                    sums=np.concatenate((np.zeros(1, np.int64), np.cumsum(squares[:, place]))),
                )


def narrowed(counted: Mapping[Pattern, Int64Array], edition_ids: Container[int]) -> ByPattern:
    """The same cells by what some of the editions have seen; without those that none of them has
    observed."""
    found: ByPattern = {}
    for pattern, counts in counted.items():
        if kept := tuple(number for number in pattern if abs(number) in edition_ids):
            add(found, {kept: counts})
    return found


def add(total: ByPattern, part: Mapping[Pattern, Int64Array]) -> None:
    """Add counts of the same zones."""
    for pattern, counts in part.items():
        if pattern in total:
            total[pattern] += counts
        else:
            total[pattern] = counts.copy()


def _in_use(patterns: Sequence[Pattern], numbers: Numbers) -> tuple[list[Pattern], Numbers]:
    """The patterns that occur, and the numbers of these."""
    present = np.bincount(numbers.ravel(), minlength=len(patterns)) > 0
    present[0] = True
    kept = [pattern for pattern, some in zip(patterns, present.tolist(), strict=True) if some]
    place = (np.cumsum(present) - 1).astype(_type_for(len(kept)))
    return kept, place[numbers]


def _type_for(values: int) -> type[np.unsignedinteger[Any]]:
    if values <= 2**8:
        return np.uint8
    return np.uint16 if values <= 2**16 else np.uint32


@njit(cache=True, nogil=True)
def _extend(numbers, codes, extended):  # type: ignore[no-untyped-def]
    for i in range(codes.size):
        code = codes[i]
        observed = (code >= 1) & (code <= 11)
        extended[i] = 3 * numbers[i] + observed + (code == 1)
