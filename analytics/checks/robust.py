"""Robust scores: how far a value lies from the middle of others, where some of these are wrong."""

from __future__ import annotations

import numpy as np

from analytics.arrays import Float64Array, Int64Array

_NORMAL = 1.4826
"""Standard deviation of a normal distribution ÷ its median absolute deviation."""
LEAST = 12
"""Values from which on a median absolute deviation says something of them: of fewer, half of the
samples of a normal distribution miss the deviation by a quarter or more."""


def scores(values: Float64Array, *, noise: Float64Array | float = 0.0) -> Float64Array:
    """z = (x − median) ÷ √((1.4826 MAD)² + noise²), and 0 where nothing varies.

    ``noise`` is the standard deviation that a value has by itself, such as that of a share of few
    cells: a small territory then does not stand out by chance.
    """
    apart = values - np.median(values)
    spread = _NORMAL * np.median(np.abs(apart))
    scale = np.sqrt(spread**2 + np.square(noise))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Float64Array = np.where(apart == 0, 0.0, apart / scale)
    return found


PATCH = 25
"""Cells that change together: 0.25 ha, the smallest patch that a preset of filters accepts."""


def patch_noise(share: Float64Array | float, number: Int64Array) -> Float64Array:
    """Standard deviation of a share of so many cells that come in patches:
    √(p (1 − p) · PATCH ÷ n)."""
    p = np.clip(share, 0.0, 1.0)
    found: Float64Array = np.sqrt(p * (1 - p) * PATCH / np.maximum(number, 1))
    return found
