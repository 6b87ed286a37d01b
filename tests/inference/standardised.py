"""Imagery as networks take it, cell by cell in numpy: what tests hold the batches of torch to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.composites import Imagery

Missing = npt.NDArray[np.bool_]
"""(height, width): whether a cell misses a band."""


def standardise(
    imagery: Imagery, *, mean: Sequence[float], std: Sequence[float]
) -> tuple[Imagery, Missing]:
    """(bands, height, width) of reflectance → of (value − mean) / std, 0 where missing; and what is
    missing."""
    missing: Missing = np.asarray(np.isnan(imagery).any(axis=0))
    means = np.asarray(mean, dtype=np.float32)[:, None, None]
    stds = np.asarray(std, dtype=np.float32)[:, None, None]
    values: Imagery = (imagery - means) / stds
    values[:, missing] = 0
    return values, missing
