"""The difference estimator: a map's mean over all cells, corrected by a sample of its residuals.

The sample must be a simple random one of the cells that the map's mean is of. No finite population
correction: cells are many times more than points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Z_95 = 1.959963984540054
"""Half-width of a 95 % interval, in standard errors."""


@dataclass(frozen=True, slots=True)
class DifferenceEstimate:
    """An estimated mean and its standard error."""

    mean: float
    standard_error: float
    points: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval, by the normal distribution."""
        half = Z_95 * self.standard_error
        return self.mean - half, self.mean + half


def difference_estimate(
    map_mean: float, *, mapped: npt.ArrayLike, reference: npt.ArrayLike
) -> DifferenceEstimate:
    """Mean of the map over all cells + mean of (reference − map) over the sample's points.

    ``mapped`` and ``reference`` are values of the points: 0 or 1, or between as probabilities are.
    SE = sd(reference − map) / √n. ValueError for fewer than two points.
    """
    residuals: npt.NDArray[np.floating[Any]] = np.asarray(reference, dtype=np.float64) - np.asarray(
        mapped, dtype=np.float64
    )
    points = residuals.size
    if points < 2:
        raise ValueError(f"{points} point(s); a standard error needs two")
    return DifferenceEstimate(
        mean=map_mean + float(residuals.mean()),
        standard_error=float(residuals.std(ddof=1)) / math.sqrt(points),
        points=points,
    )
