"""The difference estimator: a map's mean over all cells, corrected by a sample of its residuals.

The sample must be a simple random one of the cells that the map's mean is of. No finite population
correction: cells are many times more than points.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.estimation.results import Estimate, Method, normal_estimate


def difference_estimate(
    map_mean: float, *, mapped: npt.ArrayLike, reference: npt.ArrayLike
) -> Estimate:
    """Mean of the map over all cells + mean of (reference − map) over the sample's points.

    ``mapped`` and ``reference`` are values of the points: 0 or 1, or between as probabilities are.
    SE = sd(reference − map) / √n. The interval is not cut, since the mean may be of a net change.
    ValueError for fewer than two points.
    """
    residuals: npt.NDArray[np.floating[Any]] = np.asarray(reference, dtype=np.float64) - np.asarray(
        mapped, dtype=np.float64
    )
    points = residuals.size
    if points < 2:
        raise ValueError(f"{points} point(s); a standard error needs two")
    return normal_estimate(
        map_mean + float(residuals.mean()),
        float(residuals.var(ddof=1)) / points,
        method=Method.DIFFERENCE,
    )
