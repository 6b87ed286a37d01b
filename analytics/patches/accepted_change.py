"""Change between two editions by accepted patches: one pass over the rasters, strip by strip.

Threads decode strips and find their runs of change; one thread labels the runs, in order. Memory is
bounded by some strips: a patch that is closed is accepted or rejected at once and forgotten, and
the runs of an open one wait in a file (analytics.patches.postponed). What comes out does not depend
on the strips, except for its order.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from analytics.arrays import Int64Array
from analytics.counting.passes import block_strips
from analytics.counting.reader import ThreadReaders
from analytics.errors import WrongGrid
from analytics.grid import Window
from analytics.nomenclature import MISSING_CODES, NO_DATA
from analytics.patches import labels
from analytics.patches.filters import ChangeFilter, InvalidFilter
from analytics.patches.labels import Labeller
from analytics.patches.mask_codes import GAIN, LOSS, blank_mask
from analytics.patches.patch_records import Patches, patches_of
from analytics.patches.postponed import REJECTED, Postponed, still_open
from analytics.patches.runs import (
    Bytes,
    ChangeCells,
    Runs,
    change_cells,
    joined,
    known_confidences,
    lowest_confidence,
    states,
)
from analytics.rasters.block_rows import COG_BLOCK
from analytics.rasters.grids import RasterGrid, check_same_grid
from analytics.rasters.sources import Progress

STRIP_CELLS = 2**23
"""Cells of a strip, about; a strip has whole rows of blocks, and so may have more."""
LABELLED_RUNS = 2**18
"""Runs that are labelled at once, about: each may be a patch of its own."""
_SQUARE = 1e-6
"""Share by which height and width of a cell may differ."""

Prepared = TypeVar("Prepared")


@dataclass(frozen=True, slots=True)
class Strip:
    """A strip of both editions: their codes, shape ``window.shape``, what each code from 0 to 255
    says, and all change in it, whatever its confidence."""

    window: Window
    codes: tuple[Bytes, Bytes]
    states: tuple[Bytes, Bytes]
    raw: Runs

    def blank(self) -> Bytes:
        """The codes of a mask without any change, shape ``window.shape``."""
        earlier, later = self.codes
        of_earlier, of_later = self.states
        return blank_mask(earlier, later, of_earlier=of_earlier, of_later=of_later)


class Receiver(Protocol[Prepared]):
    """What takes accepted change.

    Every strip comes once, from north to south, with runs of patches that are complete in it or
    end in it. The other runs come last. A run comes with the id of its patch; that is the ``id`` of
    one of the patches that have come, or that come with the strip.
    """

    def prepare(self, strip: Strip) -> Prepared:
        """What can be done with a strip before its patches are known; called in several threads."""

    def receive(
        self, window: Window, prepared: Prepared, *, patches: Patches, runs: Runs, ids: Int64Array
    ) -> None:
        """Take a strip: the patches that end in it, and runs of them."""

    def receive_late(self, runs: Runs, ids: Int64Array) -> None:
        """Take further runs of patches that have come, ordered by row, some rows at once."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the whole raster: cells of change and patches, each as (gain, loss)."""

    raw_cells: tuple[int, int]
    accepted_cells: tuple[int, int]
    patches: tuple[int, int]
    accepted_patches: tuple[int, int]


def accept_change(
    earlier: RasterGrid,
    later: RasterGrid,
    chosen: ChangeFilter,
    receiver: Receiver[Any],
    *,
    confidences: Sequence[RasterGrid] = (),
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Totals:
    """Give the change between two editions that a filter accepts to a receiver.

    ``confidences`` are confidence layers of the editions, of one or of both: the confidence of a
    cell is the lowest of them, and not known where one of them does not know it.
    ``progress`` is called with strips done and strips in all. Raises UnreadableRaster; InvalidCodes
    for codes that the nomenclature does not have; WrongBand; WrongReferenceSystem or WrongGrid for
    rasters of different grids, or whose cells are no squares in metres; InvalidFilter for a least
    confidence without a layer of confidence.
    """
    if chosen.min_confidence is not None and not confidences:
        raise InvalidFilter(
            "minimum confidence", found="no confidence layer", expected="one beside it"
        )
    _check_cells(earlier)
    grids = [earlier, later, *confidences]
    for other in grids[1:]:
        check_same_grid(earlier, other)
    size = earlier.cell_width
    accepted = _Acceptance(min_cells=chosen.min_cells(size**2), min_side=chosen.min_side(size))
    labeller = Labeller(width=earlier.width, connectivity=chosen.connectivity)
    whole = Window(0, 0, earlier.height, earlier.width)
    strips = block_strips(whole, grids, STRIP_CELLS, COG_BLOCK)
    readers = ThreadReaders(grids, missing=frozenset(MISSING_CODES))

    def read(window: Window) -> tuple[Window, ChangeCells, Any, Int64Array]:
        strip, change = _read(window, readers, chosen)
        return window, change, receiver.prepare(strip), _by_kind(strip.raw.kind, strip.raw.cells)

    raw = np.zeros(2, dtype=np.int64)
    with readers, Postponed() as postponed:
        found = _in_order(read, strips, jobs or os.cpu_count() or 1)
        for done, (window, change, prepared, cells) in enumerate(found, start=1):
            raw += cells
            parts = [
                accepted.of(labeller, piece, row_stop, postponed)
                for piece, row_stop in _pieces(change, row_stop=window.row_stop)
            ]
            if window.row_stop == earlier.height:
                # Beyond the last row nothing is open any more.
                parts.append(accepted.of(labeller, _NOTHING, window.row_stop + 1, postponed))
            receiver.receive(
                window,
                prepared,
                patches=patches_of(np.concatenate([part.numbers for part in parts])),
                runs=joined(part.runs for part in parts),
                ids=np.concatenate([part.ids for part in parts]),
            )
            if progress is not None:
                progress(done, len(strips))
        for runs, ids in postponed.accepted():
            receiver.receive_late(runs, ids)
    return accepted.totals(raw)


@dataclass(frozen=True, slots=True)
class _Part:
    """The numbers of accepted patches, and runs of accepted patches with the ids of these."""

    numbers: Int64Array
    runs: Runs
    ids: Int64Array


@dataclass
class _Acceptance:
    """Accepts patches, and adds them up."""

    min_cells: int
    min_side: int

    def __post_init__(self) -> None:
        self._patches = np.zeros(2, dtype=np.int64)
        self._accepted_patches = np.zeros(2, dtype=np.int64)
        self._accepted_cells = np.zeros(2, dtype=np.int64)

    def of(
        self, labeller: Labeller, change: ChangeCells, row_stop: int, postponed: Postponed
    ) -> _Part:
        """Label runs and decide about the patches that are closed; postpone the others."""
        labelled = labeller.add(change, row_stop=row_stop)
        numbers, is_open = labelled.numbers, labelled.is_open
        good = (
            ~is_open
            & (numbers[:, labels.CELLS] >= self.min_cells)
            & (numbers[:, labels.SIDE] >= self.min_side)
        )
        ids = numbers[:, labels.FIRST] + 1
        fates = np.where(is_open, still_open(np.cumsum(is_open) - 1), np.where(good, ids, REJECTED))
        of_run = fates[labelled.patch]
        if len(labelled.carried) or is_open.any():
            later = of_run < REJECTED
            postponed.add(change.runs[later], -1 - of_run[later], fates=fates[labelled.carried])
        kind, cells = numbers[:, labels.KIND], numbers[:, labels.CELLS]
        self._patches += _by_kind(kind[~is_open], np.ones(len(kind) - int(is_open.sum()), np.int64))
        self._accepted_patches += _by_kind(kind[good], np.ones(int(good.sum()), np.int64))
        self._accepted_cells += _by_kind(kind[good], cells[good])
        here = of_run > REJECTED
        return _Part(numbers[good], change.runs[here], of_run[here])

    def totals(self, raw: Int64Array) -> Totals:
        """What was found, beside all cells of change by kind."""
        return Totals(
            *(
                (int(gain), int(loss))
                for gain, loss in (
                    raw,
                    self._accepted_cells,
                    self._patches,
                    self._accepted_patches,
                )
            )
        )


def _by_kind(kind: npt.NDArray[Any], values: npt.NDArray[Any]) -> Int64Array:
    """Sums of values, (gain, loss)."""
    return np.array([values[kind == GAIN].sum(), values[kind == LOSS].sum()], dtype=np.int64)


def _check_cells(grid: RasterGrid) -> None:
    """Refuse cells that are no squares, or not measured in metres: widths would mean nothing."""
    metres = grid.metres_per_unit
    if abs(grid.cell_height / grid.cell_width - 1) <= _SQUARE and metres == 1:
        return
    raise WrongGrid(
        grid.name,
        found=f"cells of {grid.cell_width:g} by {grid.cell_height:g}, in units of {metres:g} m",
        expected="square cells in metres",
        hint="Warp it first, with nearest neighbour",
    )


def _read(
    window: Window, readers: ThreadReaders, chosen: ChangeFilter
) -> tuple[Strip, ChangeCells]:
    """A strip, and the change in it that is sure enough."""
    earlier, later, *layers = readers.read(window)
    codes = _bytes(earlier), _bytes(later)
    names = readers.grids[0].name, readers.grids[1].name
    known = states(readers.grids[0].nodata_code), states(readers.grids[1].nodata_code)
    sure: Bytes | None = None
    for layer, absent, grid in zip(layers, readers.absent[2:], readers.grids[2:], strict=True):
        of_layer = known_confidences(layer, absent, grid.name)
        sure = of_layer if sure is None else lowest_confidence(sure, of_layer)

    def changes(least: int | None) -> ChangeCells:
        return change_cells(
            *codes,
            of_earlier=known[0],
            of_later=known[1],
            first_row=window.row,
            names=names,
            confidence=sure,
            min_confidence=least,
        )

    change = changes(chosen.min_confidence)
    raw = change if chosen.min_confidence is None else changes(None)
    return Strip(window, codes, known, raw.runs), change


def _bytes(codes: npt.NDArray[Any]) -> Bytes:
    """Codes as bytes; what no byte says is not observed."""
    if codes.dtype == np.uint8:
        return codes
    return np.where(codes > NO_DATA, NO_DATA, codes).astype(np.uint8)


_NOTHING = ChangeCells(joined([]), np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.uint8))


def _pieces(change: ChangeCells, *, row_stop: int) -> Iterator[tuple[ChangeCells, int]]:
    """Whole rows of a strip with about LABELLED_RUNS runs, and the row after the last."""
    runs = change.runs
    cells = np.concatenate(([0], np.cumsum(runs.cells, dtype=np.int64)))
    begin = 0
    while True:
        end = min(begin + LABELLED_RUNS, len(runs))
        if end < len(runs):
            end = int(np.searchsorted(runs.row, runs.row[end - 1], side="right"))
        part = slice(int(cells[begin]), int(cells[end]))
        piece = ChangeCells(runs[begin:end], change.others[part], change.confidences[part])
        if end == len(runs):
            yield piece, row_stop
            return
        yield piece, int(runs.row[end - 1]) + 1
        begin = end


Item = TypeVar("Item")
Result = TypeVar("Result")


def _in_order(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Iterator[Result]:
    """Results in the order of the items; no more are waiting than threads are working."""
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
