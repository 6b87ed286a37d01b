"""Observations of a block on disk, in any number."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from inference.composites.medians import Stored

_ITEM = np.dtype(np.int16).itemsize
_MEMORY = 2**25
"""Bytes of observations read at once."""


class Stack:
    """Takes observations, (bands, height, width), from any thread. Gives all observations of one
    band, strip by strip. The file has no name and vanishes with the process."""

    def __init__(self, folder: Path, *, bands: int, shape: tuple[int, int]) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._lock = threading.Lock()
        self._bands, (self._height, self._width) = bands, shape
        self.observations = 0

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, cells: Stored) -> None:
        """Add an observation. Their order does not affect a median."""
        with self._lock:
            place = self.observations
            self.observations += 1
        data = np.ascontiguousarray(cells).data.cast("B")
        start = place * len(data)
        while data:
            written = os.pwrite(self._file.fileno(), data, start)
            data, start = data[written:], start + written

    def strips(self, band: int) -> Iterator[tuple[slice, Stored]]:
        """Strips of a band: the slice of rows, and (observations, rows, width)."""
        row_bytes = max(self.observations, 1) * self._width * _ITEM
        rows = max(1, min(self._height, _MEMORY // row_bytes))
        for start in range(0, self._height, rows):
            stop = min(start + rows, self._height)
            stack = np.empty((self.observations, stop - start, self._width), dtype=np.int16)
            for place in range(self.observations):
                slab = (place * self._bands + band) * self._height + start
                self._read_into(stack[place], at=slab * self._width * _ITEM)
            yield slice(start, stop), stack

    def _read_into(self, cells: Stored, *, at: int) -> None:
        data = cells.data.cast("B")
        while data:
            read = os.preadv(self._file.fileno(), [data], at)
            if read == 0:
                raise OSError("a file of observations ends too early")
            data, at = data[read:], at + read
