"""A reference sample: the true classes of random points."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from analytics.grid import CELL_SIZE
from analytics.nomenclature import OUTSIDE, SEA_BUFFER, WATER
from demonstration import files
from demonstration.grids.frame import Frame
from demonstration.truth.land_cover import Cells

POINTS = 5000


def write_sample(path: Path, frame: Frame, truth: Cells, year: int) -> None:
    """A simple random sample of the cells that imagery covers: x, y (EPSG:3035) and code."""
    seen = np.flatnonzero(truth != OUTSIDE)
    rng = frame.generator(f"reference sample {year}")
    chosen = np.sort(rng.choice(seen, min(POINTS, seen.size), replace=False))
    rows, columns = np.divmod(chosen, frame.cells)
    codes = truth.ravel()[chosen]
    codes[codes == SEA_BUFFER] = WATER
    x = frame.left + (columns + 0.5) * CELL_SIZE
    y = frame.top - (rows + 0.5) * CELL_SIZE
    points = zip(x.tolist(), y.tolist(), codes.tolist(), strict=True)
    files.write_table(path, ["x", "y", "code"], points)
