"""Medians over observations, which wait on disk; the two indices; the stored form of both."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.composites.assets import Reflectance
from inference.composites.bands import MISSING, SCALE

Stored = npt.NDArray[np.int16]

_LIMIT = 32_767
_MEMORY = 2**25
"""Bytes of observations read at once."""


class Stack:
    """Takes observations, (bands, height, width), from any thread. Gives all observations of one
    band, strip by strip. The file has no name and vanishes with the process."""

    def __init__(self, folder: Path, bands: int, shape: tuple[int, int]) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._lock = threading.Lock()
        self._bands, (self._height, self._width) = bands, shape
        self._row_bytes = self._width * np.dtype(np.int16).itemsize
        self.observations = 0

    def close(self) -> None:
        """Drop the observations."""
        self._file.close()

    def add(self, cells: Stored) -> None:
        """Add an observation. Their order does not affect a median."""
        with self._lock:
            self._file.write(np.ascontiguousarray(cells).data)
            self.observations += 1

    def strips(self, band: int) -> Iterator[tuple[slice, Stored]]:
        """Strips of a band: the slice of rows, and (observations, rows, width)."""
        rows = max(1, _MEMORY // (max(self.observations, 1) * self._row_bytes))
        for start in range(0, self._height, rows):
            stop = min(start + rows, self._height)
            stack = np.empty((self.observations, stop - start, self._width), dtype=np.int16)
            for place, cells in enumerate(stack):
                row = (place * self._bands + band) * self._height + start
                self._file.seek(row * self._row_bytes)
                self._file.readinto(cells.data)
            yield slice(start, stop), stack


def encode(reflectance: Reflectance) -> Stored:
    """The stored form: × SCALE, rounded, clipped to ±3.2767. NaN becomes MISSING."""
    with np.errstate(invalid="ignore"):
        scaled = np.clip(np.rint(reflectance * np.float32(SCALE)), -_LIMIT, _LIMIT)
    return np.where(np.isnan(scaled), MISSING, scaled).astype(np.int16)


def median(stack: Stored) -> tuple[Stored, npt.NDArray[np.int16]]:
    """Median of (observations, height, width) without MISSING, and the number of observations.

    The median of an even number is the mean of the middle two; halves are rounded to even. Sorts
    the stack in place.
    """
    observations, height, width = stack.shape
    counts: npt.NDArray[np.int16] = (stack != MISSING).sum(axis=0, dtype=np.int16)
    if observations == 0:
        return np.full((height, width), MISSING, dtype=np.int16), counts
    stack.sort(axis=0)  # MISSING is the smallest int16 and comes first
    first = observations - counts.astype(np.intp)
    lower, upper = (
        np.take_along_axis(stack, np.minimum(at, observations - 1)[None], axis=0)[0]
        for at in (first + (counts - 1) // 2, first + counts // 2)
    )
    mean = np.rint((lower.astype(np.float32) + upper.astype(np.float32)) / 2)
    return np.where(counts > 0, mean, MISSING).astype(np.int16), counts


def index(first: Stored, second: Stored) -> Stored:
    """(first − second) / (first + second), as stored.

    Reflectance below 0 is an error of the atmospheric correction. It counts as 0, so that an index
    stays within ±1. Where both bands are 0, the index is 0. An observed cell always has an index,
    because readers take a cell without one of its bands for missing.
    """
    a, b = (np.maximum(band, 0).astype(np.float32) for band in (first, second))
    total = a + b
    ratio = np.divide(a - b, total, out=np.zeros_like(total), where=total > 0)
    missing = (first == MISSING) | (second == MISSING)
    return np.where(missing, MISSING, np.rint(ratio * SCALE)).astype(np.int16)
