"""Connected components of runs, strip by strip, in memory that a strip bounds.

Runs come from north to south. What is kept from one call to the next is the last row, and one line
of numbers for each patch that reaches it: such a patch is *open*, since later rows may extend or
join it. A patch without a run in the last row is *closed*: nothing can be added to it.

Within a call, runs that touch are joined by union-find; the smaller number is always the parent, so
that one sweep from the largest number to the smallest adds up the numbers of a patch.

The largest square of a patch follows from that of its cells: the largest square whose south-eastern
cell is a given one is one larger than the smallest of those of its northern, western and
north-western neighbours. A square of one kind is connected, and so lies in one patch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from analytics.arrays import BoolArray, Int64Array
from analytics.nomenclature import OBSERVED_CODES
from analytics.patches.filters import Connectivity
from analytics.patches.runs import UNKNOWN_CONFIDENCE, ChangeCells, Int32Array, Runs, no_runs

# Columns of the numbers of a patch. Those before SIDE are least, those before CELLS greatest
# values, and the others sums.
FIRST, KIND, ROW, COLUMN = 0, 1, 2, 3
SIDE, ROW_STOP, COLUMN_STOP = 4, 5, 6
CELLS, CONFIDENCE, CONFIDENT_CELLS, OTHERS = 7, 8, 9, 10
NUMBERS = OTHERS + max(OBSERVED_CODES) + 1
"""Numbers of a patch: its first cell (the number of the cell in the raster, row by row, from 0),
its kind, its first row and column, the side of its largest square, the row and column after its
last, its cells, the sum of the confidences that are known, of how many cells they are, and from
OTHERS on the cells by the class that they have where they are not sealed."""

_SUMS_FROM, _GREATEST_FROM = CELLS, SIDE


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a call found.

    ``patch`` is the position of each run's patch in ``numbers``, shape (patches, NUMBERS); of the
    patches that were open before, ``carried`` has the positions. ``is_open`` tells which patches
    reach the last row. The order of those is their order in the next call's ``carried``.
    """

    patch: Int32Array
    numbers: Int64Array
    carried: Int32Array
    is_open: BoolArray


class Labeller:
    """Finds the patches of a raster ``width`` cells wide."""

    def __init__(self, *, width: int, connectivity: Connectivity) -> None:
        self._width = width
        self._reach = 1 if connectivity == 8 else 0
        self._last_row = -1
        self._last_runs = no_runs()
        self._last_patches = np.zeros(0, dtype=np.int32)
        self._open = np.zeros((0, NUMBERS), dtype=np.int64)
        self._squares = np.zeros((2, width), dtype=np.int32)
        self._current = 0

    def add(self, change: ChangeCells, *, row_stop: int) -> Labelled:
        """Add the runs of the rows up to ``row_stop``; they follow those of the call before."""
        known, runs = len(self._last_runs), change.runs
        together = Runs(
            *(
                np.concatenate((getattr(self._last_runs, name), getattr(runs, name)))
                for name in ("row", "start", "stop", "kind")
            )
        )
        patch = np.empty(len(together), dtype=np.int32)
        patch[:known] = self._last_patches
        numbers, place, self._current = _label(
            together.row,
            together.start,
            together.stop,
            together.kind,
            known,
            change.others,
            change.confidences,
            self._open,
            self._squares,
            self._current,
            patch,
            self._width,
            self._reach,
        )
        # What the next call sees as the row before its first.
        at_end = together.row == row_stop - 1
        if not at_end.any():
            self._squares[:] = 0
        is_open = np.zeros(len(numbers), dtype=np.bool_)
        is_open[patch[at_end]] = True
        number_of_open = (np.cumsum(is_open) - 1).astype(np.int32)
        self._last_runs = together[at_end]
        self._last_patches = number_of_open[patch[at_end]]
        carried = place[: len(self._open)]
        self._open = numbers[is_open]
        return Labelled(patch[known:], numbers, carried, is_open)


def most_frequent_other(numbers: Int64Array) -> npt.NDArray[np.uint8]:
    """The class that most cells of each patch have where they are not sealed; of several, the one
    with the smallest code."""
    found: npt.NDArray[np.uint8] = numbers[:, OTHERS:].argmax(axis=1).astype(np.uint8)
    return found


@njit(cache=True, nogil=True)
def _root(parent, node):  # type: ignore[no-untyped-def]
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@njit(cache=True, nogil=True)
def _merge(parent, first, second):  # type: ignore[no-untyped-def]
    """Join two patches; the smaller of their roots."""
    a, b = _root(parent, first), _root(parent, second)
    if a == b:
        return a
    if a > b:
        a, b = b, a
    parent[b] = a
    return a


@njit(cache=True, nogil=True)
def _clear(squares, starts, stops, begin, end):  # type: ignore[no-untyped-def]
    for run in range(begin, end):
        squares[starts[run] : stops[run]] = 0


@njit(cache=True, nogil=True)
def _label(  # type: ignore[no-untyped-def]
    rows,
    starts,
    stops,
    kinds,
    known,
    others,
    confidences,
    before,
    squares,
    current,
    patch,
    width,
    reach,
):
    """Label the runs from ``known`` on; those before are the last row, already in ``patch``.

    ``squares[current]`` has the largest squares of the last row's cells, negative for losses.
    Returns the numbers of the patches, the place of each former number among them, and which of
    ``squares`` has the last row now.
    """
    runs = len(rows)
    parent = np.arange(len(before) + runs - known).astype(np.int32)
    numbers = np.zeros((len(parent), NUMBERS), dtype=np.int64)
    numbers[: len(before)] = before
    nodes = len(before)
    row = rows[0] if known else -2
    north_begin, north_end, begin = 0, 0, 0  # runs of the row before, and of this row
    candidate, cell = 0, 0
    for run in range(known, runs):
        if rows[run] != row:
            _clear(squares[1 - current], starts, stops, north_begin, north_end)
            if rows[run] == row + 1:
                north_begin, north_end = begin, run
            else:
                _clear(squares[current], starts, stops, begin, run)
                north_begin, north_end = run, run
            current = 1 - current
            begin, row, candidate = run, rows[run], north_begin
        start, stop, kind = starts[run], stops[run], kinds[run]
        while candidate < north_end and stops[candidate] + reach <= start:
            candidate += 1
        node = -1
        other = candidate
        while other < north_end and starts[other] < stop + reach:
            if kinds[other] == kind:
                if node < 0:
                    node = _root(parent, patch[other])
                else:
                    node = _merge(parent, node, patch[other])
            other += 1
        if node < 0:
            node = nodes
            nodes += 1
            numbers[node, FIRST] = np.int64(row) * width + start
            numbers[node, KIND] = kind
            numbers[node, ROW] = row
            numbers[node, COLUMN] = start
        patch[run] = node
        of = numbers[node]
        of[COLUMN] = min(of[COLUMN], start)
        of[ROW_STOP] = max(of[ROW_STOP], row + 1)
        of[COLUMN_STOP] = max(of[COLUMN_STOP], stop)
        of[CELLS] += stop - start
        sign = 1 if kind == 1 else -1
        north, here = squares[1 - current], squares[current]
        west = 0
        north_west = max(sign * north[start - 1], 0) if start > 0 else 0
        for column in range(start, stop):
            straight = max(sign * north[column], 0)
            west = min(west, straight, north_west) + 1
            north_west = straight
            here[column] = sign * west
            if west > of[SIDE]:
                of[SIDE] = west
            of[OTHERS + others[cell]] += 1
            if confidences[cell] != UNKNOWN_CONFIDENCE:
                of[CONFIDENCE] += confidences[cell]
                of[CONFIDENT_CELLS] += 1
            cell += 1
    _clear(squares[1 - current], starts, stops, north_begin, north_end)
    return _gathered(parent, numbers, patch, nodes, len(before), current)


@njit(cache=True, nogil=True)
def _gathered(parent, numbers, patch, nodes, before, current):  # type: ignore[no-untyped-def]
    """Add up the numbers of patches that were joined, and count the patches afresh from 0."""
    for node in range(nodes - 1, -1, -1):
        root = parent[node]
        if root == node:
            continue
        into, of = numbers[root], numbers[node]
        for n in range(_GREATEST_FROM):
            into[n] = min(into[n], of[n])
        for n in range(_GREATEST_FROM, _SUMS_FROM):
            into[n] = max(into[n], of[n])
        for n in range(_SUMS_FROM, NUMBERS):
            into[n] += of[n]
    place = np.empty(nodes, dtype=np.int32)
    patches = 0
    for node in range(nodes):
        if parent[node] == node:
            numbers[patches] = numbers[node]
            place[node] = patches
            patches += 1
        else:
            # A parent is smaller than its child, and so has its place already.
            place[node] = place[parent[node]]
    for run in range(len(patch)):
        patch[run] = place[patch[run]]
    return numbers[:patches].copy(), place, current
