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
from analytics.change.patterns import Pair, Pattern
from analytics.counting.kernels import NIBBLES, Block
from analytics.grid import COUNT_TILE_CELLS, Window
from analytics.nomenclature import OBSERVED_CODES, SEALED

STATES = 3
Numbers = npt.NDArray[np.unsignedinteger[Any]]
ByPattern = dict[Pattern, Int64Array]
"""Cells of each area, shape (areas,), by pattern."""
_STATE_OF_NIBBLE = np.zeros((NIBBLES, STATES), dtype=np.int64)
_STATE_OF_NIBBLE[:, 0] = 1
_STATE_OF_NIBBLE[list(OBSERVED_CODES)] = (0, 1, 0)
_STATE_OF_NIBBLE[SEALED] = (0, 0, 1)


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
        patterns = [(*pattern, *seen) for pattern in patterns for seen in _states(edition_id)]
    return NumberedBlock(patterns, numbers)


def by_pattern(patterns: Sequence[Pattern], counts: Int64Array) -> ByPattern:
    """Counts of numbers, shape (areas, patterns), by pattern; only of patterns that occur."""
    return {
        patterns[place]: counts[:, place].copy()
        for place in np.flatnonzero(counts.any(axis=0)).tolist()
        if patterns[place]
    }


def of_edition(edition_id: int, cells: Int64Array) -> ByPattern:
    """Cells by pattern of one edition, from its cells by packed class, shape (areas, 16)."""
    return by_pattern(_states(edition_id), cells @ _STATE_OF_NIBBLE)


def of_pair(pair: Pair, cells: Int64Array) -> ByPattern:
    """The same of two editions, from their cells by both packed classes, shape (areas, 16, 16)."""
    first, second = pair
    patterns = [tuple(sorted((*a, *b), key=abs)) for a in _states(first) for b in _states(second)]
    states = _STATE_OF_NIBBLE.T @ (cells @ _STATE_OF_NIBBLE)
    return by_pattern(patterns, states.reshape(len(cells), STATES * STATES))


def _states(edition_id: int) -> list[Pattern]:
    """What an edition adds to a pattern: not observed, observed and not sealed, sealed."""
    return [(), (-edition_id,), (edition_id,)]


@dataclass(frozen=True, slots=True)
class PatternSums:
    """Running sums of a pattern along a row of 1 km tiles: shape (tiles + 1,), zero first.

    ``row`` and ``first_column`` are in tiles of the whole grid.
    """

    row: int
    pattern: Pattern
    first_column: int
    sums: Int64Array


def running_sums(squares: ByPattern, *, window: Window) -> Iterator[PatternSums]:
    """Running sums along the rows of the 1 km tiles of a window of whole kilometres, from cells of
    its tiles by pattern, shape (tiles,), row by row; only of patterns that occur in the row."""
    rows = window.row // COUNT_TILE_CELLS
    for pattern, counts in squares.items():
        by_row = counts.reshape(window.height // COUNT_TILE_CELLS, -1)
        for row in np.flatnonzero(by_row.any(axis=1)).tolist():
            yield PatternSums(
                row=rows + row,
                pattern=pattern,
                first_column=window.column // COUNT_TILE_CELLS,
                sums=np.concatenate((np.zeros(1, np.int64), np.cumsum(by_row[row]))),
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
