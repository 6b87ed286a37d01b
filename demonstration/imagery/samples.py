"""A reference sample: the true classes of random points."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from analytics.nomenclature import OUTSIDE, SEA_BUFFER, WATER

from .. import files
from ..frame import CELL_M, Frame, generator
from ..land_cover import Cells

POINTS = 5000


def write_sample(path: Path, *, frame: Frame, truth: Cells, year: int, seed: int) -> None:
    """A simple random sample of the cells that imagery covers: x, y (EPSG:3035) and code."""
    covered = np.flatnonzero(truth != OUTSIDE)
    rng = generator(seed, f"reference sample {year}")
    chosen = np.sort(rng.choice(covered, min(POINTS, covered.size), replace=False))
    rows, columns = np.divmod(chosen, frame.cells)
    codes = truth.ravel()[chosen]
    codes[codes == SEA_BUFFER] = WATER
    files.write_table(
        path,
        ["x", "y", "code"],
        zip(
            (frame.left + (columns + 0.5) * CELL_M).tolist(),
            (frame.top - (rows + 0.5) * CELL_M).tolist(),
            codes.tolist(),
            strict=True,
        ),
    )
