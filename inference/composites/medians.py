"""Values of a composite: medians over observations, the two indices, and their stored form."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inference.composites.assets import Reflectance
from inference.composites.bands import MISSING, SCALE

Stored = npt.NDArray[np.int16]

_LIMIT = 32_767


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
    upper = observations - counts.astype(np.intp) + counts // 2
    lower = observations - counts.astype(np.intp) + (counts - 1) // 2
    last = observations - 1
    middle = [
        np.take_along_axis(stack, np.minimum(at, last)[None], axis=0)[0].astype(np.float32)
        for at in (lower, upper)
    ]
    mean = np.rint((middle[0] + middle[1]) / 2)
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
