"""Runs whose patch is not closed yet: kept until it is known whether the patch is accepted.

Records lie in a temporary file, in memory while they are few. Each holds, for one call of the
labeller, the runs of the patches that are still open, and what became of the patches that were open
before: accepted, rejected, or open patch *n* of this record. Read from the last record to the
first, every fate is known when it is needed; in memory are one record and the fates of its patches.
"""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self

import numpy as np

from analytics.arrays import Int64Array
from analytics.patches.runs import Int32Array, Runs

REJECTED = 0
"""Fate of a patch that is not accepted; that of an accepted one is its id, from 1 on. A patch that
is open patch n of the record has the fate -1 - n."""
_IN_MEMORY = 2**26
"""Bytes of records beyond which they go to the disk."""


def still_open(places: Int64Array) -> Int64Array:
    """Fates of patches that are open patches of a record, from their places among those."""
    return -1 - places


class Postponed:
    """Records of runs, written from north to south."""

    def __init__(self) -> None:
        # The context of this object closes it.
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._begins: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, runs: Runs, patch: Int32Array, *, fates: Int64Array) -> None:
        """Keep runs of open patches, shape (runs,), and the fates of the patches that were open at
        the end of the record before."""
        self._begins.append(self._file.tell())
        for array in (runs.row, runs.start, runs.stop, runs.kind, patch, fates):
            np.save(self._file, array, allow_pickle=False)

    def accepted(self) -> Iterator[tuple[Runs, Int64Array]]:
        """The runs of accepted patches and the id of each run's patch, from south to north;
        no patch may be open any more."""
        fates = np.zeros(0, dtype=np.int64)
        for begin in reversed(self._begins):
            self._file.seek(begin)
            row, start, stop, kind, patch, before = (
                np.load(self._file, allow_pickle=False) for _ in range(6)
            )
            of_run = fates[patch]
            chosen = of_run > REJECTED
            if chosen.any():
                yield Runs(row, start, stop, kind)[chosen], of_run[chosen]
            open_then = before < REJECTED
            before[open_then] = fates[-1 - before[open_then]]
            fates = before
