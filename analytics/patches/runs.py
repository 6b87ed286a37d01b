"""Runs of change: neighbouring cells of a row of one kind, and how they are found in two editions.

Most cells have not changed. Blocks of 64 cells without a change are passed over by comparisons that
the compiler does on many cells at once; what follows works on runs alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from analytics.arrays import Int64Array
from analytics.counting.reader import NODATA
from analytics.errors import InvalidCodes
from analytics.nomenclature import MISSING_CODES, OBSERVED_CODES, SEALED
from analytics.patches.filters import MOST_CONFIDENT
from analytics.patches.mask_codes import GAIN, LOSS

UNKNOWN_CONFIDENCE = 255
"""Confidence of a cell for which the layer has none."""

_MISSING, _UNSEALED, _SEALED, _WRONG = 0, 1, 2, 3
_STRANGE = 254
"""In a table of confidences: values that none has."""
_STRIDE = 64
"""Neighbouring cells that are passed over together."""
_FIRST_MISSING = min(MISSING_CODES)
_LAST_OBSERVED = max(OBSERVED_CODES)

Bytes = npt.NDArray[np.uint8]
Int32Array = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of cells ordered by row, then by column; each array has shape (runs,).

    ``row`` and the columns ``start`` to ``stop`` (excluded) count from the raster's north-western
    corner; ``kind`` is GAIN or LOSS.
    """

    row: Int32Array
    start: Int32Array
    stop: Int32Array
    kind: Bytes

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, chosen: slice | Int64Array | npt.NDArray[np.bool_]) -> Runs:
        return Runs(self.row[chosen], self.start[chosen], self.stop[chosen], self.kind[chosen])

    @property
    def cells(self) -> Int32Array:
        """Cells of each run."""
        return self.stop - self.start


def no_runs() -> Runs:
    """Runs, none of them."""
    none = np.zeros(0, dtype=np.int32)
    return Runs(none, none, none, np.zeros(0, dtype=np.uint8))


def joined(parts: Iterable[Runs]) -> Runs:
    """Runs one part after the other."""
    parts = [no_runs(), *parts]
    return Runs(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("row", "start", "stop", "kind")
        )
    )


@dataclass(frozen=True, slots=True)
class ChangeCells:
    """Runs of change in a strip, with what is known of their cells, run by run.

    ``others`` are the classes that the cells have where they are not sealed, ``confidences`` their
    confidences from 0 to 100 or UNKNOWN_CONFIDENCE; shape (cells,).
    """

    runs: Runs
    others: Bytes
    confidences: Bytes


def states(missing: Iterable[int]) -> Bytes:
    """What each code from 0 to 255 says; ``missing`` are codes of what is not observed, besides
    those of the nomenclature."""
    found = np.full(256, _WRONG, dtype=np.uint8)
    found[list(OBSERVED_CODES)] = _UNSEALED
    found[SEALED] = _SEALED
    found[[*MISSING_CODES, *missing]] = _MISSING
    return found


def change_cells(
    earlier: Bytes,
    later: Bytes,
    *,
    of_earlier: Bytes,
    of_later: Bytes,
    first_row: int,
    names: tuple[str, str],
    confidence: Bytes | None = None,
    min_confidence: int | None = None,
) -> ChangeCells:
    """Cells of two blocks of one shape that were sealed or unsealed.

    ``of_earlier`` and ``of_later`` are states of their codes. ``first_row`` is the blocks' first
    row in the raster. Cells below ``min_confidence``, or without a confidence, are left out if it
    is given. Raises InvalidCodes, for a class or a confidence that does not exist.
    """
    layer = np.zeros((0, 0), dtype=np.uint8) if confidence is None else confidence
    least = -1 if min_confidence is None or confidence is None else min_confidence
    row, start, stop, kind, others, confidences, wrong = _change_cells(
        earlier, later, layer, of_earlier, of_later, first_row, least
    )
    which, code = int(wrong) // 256, int(wrong) % 256
    if wrong >= 0:
        raise InvalidCodes(
            names[which],
            found=f"code {code}",
            expected=f"codes 1 to {_LAST_OBSERVED}, {', '.join(map(str, MISSING_CODES))}",
        )
    return ChangeCells(Runs(row, start, stop, kind), others, confidences)


def known_confidences(values: npt.NDArray[np.integer], absent: Iterable[int], name: str) -> Bytes:
    """A confidence layer as bytes: 0 to 100, and UNKNOWN_CONFIDENCE for values that are absent.

    Raises InvalidCodes for others.
    """
    table = np.full(NODATA + 1, _STRANGE, dtype=np.uint8)
    table[: MOST_CONFIDENT + 1] = np.arange(MOST_CONFIDENT + 1)
    table[list(absent)] = UNKNOWN_CONFIDENCE
    found: Bytes = table[values]
    if (found == _STRANGE).any():
        strange = int(values[found == _STRANGE][0])
        raise InvalidCodes(
            name, found=f"the value {strange}", expected="confidences from 0 to 100; 254 outside"
        )
    return found


def lowest_confidence(one: Bytes, other: Bytes) -> Bytes:
    """The lower confidence of each cell, and UNKNOWN_CONFIDENCE where one of them is."""
    known = (one != UNKNOWN_CONFIDENCE) & (other != UNKNOWN_CONFIDENCE)
    found: Bytes = np.where(known, np.minimum(one, other), np.uint8(UNKNOWN_CONFIDENCE))
    return found


@njit(cache=True, nogil=True)
def _longer(array, needed):  # type: ignore[no-untyped-def]
    if needed <= len(array):
        return array
    longer = np.empty(max(needed, 2 * len(array)), dtype=array.dtype)
    longer[: len(array)] = array
    return longer


@njit(cache=True, nogil=True)
def _block_is_quiet(first, second):  # type: ignore[no-untyped-def]
    """Whether no cell can have changed and every code is one of the nomenclature."""
    loud = np.uint8(0)
    for i in range(len(first)):
        a, b = first[i], second[i]
        loud |= np.uint8((a == 1) ^ (b == 1))
        loud |= np.uint8((a == 0) | ((a > _LAST_OBSERVED) & (a < _FIRST_MISSING)))
        loud |= np.uint8((b == 0) | ((b > _LAST_OBSERVED) & (b < _FIRST_MISSING)))
    return loud == 0


@njit(cache=True, nogil=True)
def _change_cells(  # type: ignore[no-untyped-def]
    earlier, later, confidence, of_earlier, of_later, first_row, least
):
    height, width = earlier.shape
    rows = np.empty(1024, dtype=np.int32)
    starts = np.empty(1024, dtype=np.int32)
    stops = np.empty(1024, dtype=np.int32)
    kinds = np.empty(1024, dtype=np.uint8)
    others = np.empty(4096, dtype=np.uint8)
    confidences = np.empty(4096, dtype=np.uint8)
    layered = confidence.size > 0
    runs = cells = 0
    wrong = -1
    for row in range(height):
        former, latter = earlier[row], later[row]
        open_kind = 0
        for begin in range(0, width, _STRIDE):
            end = min(begin + _STRIDE, width)
            if _block_is_quiet(former[begin:end], latter[begin:end]):
                open_kind = 0
                continue
            cells_needed = cells + _STRIDE
            others = _longer(others, cells_needed)
            confidences = _longer(confidences, cells_needed)
            runs_needed = runs + _STRIDE
            rows = _longer(rows, runs_needed)
            starts = _longer(starts, runs_needed)
            stops = _longer(stops, runs_needed)
            kinds = _longer(kinds, runs_needed)
            for column in range(begin, end):
                a, b = of_earlier[former[column]], of_later[latter[column]]
                kind = 0
                if a == _UNSEALED and b == _SEALED:
                    kind = GAIN
                elif a == _SEALED and b == _UNSEALED:
                    kind = LOSS
                elif a == _WRONG:
                    wrong = former[column]
                elif b == _WRONG:
                    wrong = 256 + latter[column]
                if kind == 0:
                    open_kind = 0
                    continue
                sure = np.uint8(UNKNOWN_CONFIDENCE)
                if layered:
                    sure = confidence[row, column]
                if least >= 0 and (sure == UNKNOWN_CONFIDENCE or sure < least):
                    open_kind = 0
                    continue
                if kind != open_kind:
                    rows[runs] = first_row + row
                    starts[runs] = column
                    kinds[runs] = kind
                    runs += 1
                    open_kind = kind
                stops[runs - 1] = column + 1
                others[cells] = former[column] if kind == GAIN else latter[column]
                confidences[cells] = sure
                cells += 1
    return (
        rows[:runs].copy(),
        starts[:runs].copy(),
        stops[:runs].copy(),
        kinds[:runs].copy(),
        others[:cells].copy(),
        confidences[:cells].copy(),
        wrong,
    )
