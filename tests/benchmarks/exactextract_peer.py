"""exactextract in its fastest mode.

That is one call for all rasters, zone by zone: the fractions of cells are computed once for both.
``raster-sequential`` took a quarter longer, one call a raster half as long again; a larger
``max_cells_in_memory``, arrays in memory and geometries as WKB made no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from exactextract import exact_extract

Feature = dict[str, Any]


def run(paths: Sequence[Path], features: list[Feature]) -> list[Feature]:
    """Classes, their shares and the covered cells of each feature in each raster."""
    found: list[Feature] = exact_extract(
        [str(path) for path in paths],
        features,
        ["unique", "frac", "count"],
        strategy="feature-sequential",
    )
    return found


def by_code(found: list[Feature], path: Path) -> npt.NDArray[np.float64]:
    """Covered cells of each feature by code of one of several rasters, shape (features, 256)."""
    return _by_code(found, prefix=f"{path.stem}_")


def by_code_of_one(found: list[Feature]) -> npt.NDArray[np.float64]:
    """The same where there was one raster."""
    names = found[0]["properties"]
    return _by_code(found, prefix=next(n for n in names if n.endswith("frac"))[: -len("frac")])


def _by_code(found: list[Feature], *, prefix: str) -> npt.NDArray[np.float64]:
    cells = np.zeros((len(found), 256))
    for n, feature in enumerate(found):
        of = feature["properties"]
        codes = np.asarray(of[f"{prefix}unique"], dtype=np.int64)
        cells[n, codes] = np.asarray(of[f"{prefix}frac"]) * of[f"{prefix}count"]
    return cells
