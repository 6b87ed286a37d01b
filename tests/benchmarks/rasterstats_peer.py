"""rasterstats in its fastest mode.

That is ``boundless=False``, which zones inside the raster allow: half the time of the default.
It counts one raster a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterstats import zonal_stats

ABSENT = 0
"""A code that does not occur; without a nodata value rasterstats takes one, and warns."""

Counts = list[dict[int, int]]


def run(
    paths: Sequence[Path], features: list[dict[str, Any]], *, boundless: bool = False
) -> list[Counts]:
    """Cells of each feature by code, for each raster."""
    return [
        zonal_stats(features, str(path), categorical=True, nodata=ABSENT, boundless=boundless)
        for path in paths
    ]


def by_code(counts: Counts) -> npt.NDArray[np.int64]:
    """Cells of each feature by code, shape (features, 256)."""
    cells = np.zeros((len(counts), 256), dtype=np.int64)
    for n, of in enumerate(counts):
        cells[n, list(of.keys())] = list(of.values())
    return cells
