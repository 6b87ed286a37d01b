"""Regression estimators of a total, with a slope for each stratum.

Source: Tyukavina et al. 2025 (doi 10.1016/j.rse.2025.114714), B.1 to B.3 for simple random samples
(one stratum) and B.5 to B.8 for stratified ones; the second are the first, summed over strata.
"""

from __future__ import annotations

import numpy as np

from analytics.errors import SampleError
from analytics.estimation.frames import (
    Floats,
    Frame,
    Positions,
    counts_in,
    means_in,
    squares_in,
    sums_in,
)
from analytics.estimation.results import Estimate, Method, normal_estimate

REGRESSION_LEAST = 3
"""Points that a stratum needs: two of them go into its line."""


def regression_estimate(frame: Frame, stratum: Positions, *, x: Floats, y: Floats) -> Estimate:
    """Ŷ = Σ N_h [ȳ_h + b_h (X̄_h − x̄_h)], in the unit of y times that of the frame's sizes.

    ``stratum``, ``x`` (auxiliary) and ``y`` have shape (points,). The slope b_h is that of least
    squares, 0 where all x of a stratum are alike.
    Var = Σ N_h² (1 − n_h/N_h) [Σ(y − ȳ)² − b_h² Σ(x − x̄)²] / (n_h (n_h − 2)); the bracket is the
    sum of squares around the line and computed as such. The interval is not cut, since y may be a
    net change. Raises SampleError for a stratum with fewer than three points, or a frame
    without means of the auxiliary variable.
    """
    if frame.auxiliary_means is None:
        raise SampleError(
            "regression", found="no auxiliary mean", expected="the mean of x over each stratum"
        )
    counts = counts_in(frame, stratum, least=REGRESSION_LEAST)
    mean_x, mean_y = means_in(stratum, x, counts), means_in(stratum, y, counts)
    off_x, off_y = x - mean_x[stratum], y - mean_y[stratum]
    products = sums_in(stratum, off_x * off_y, len(counts))
    squares = squares_in(stratum, x, counts)
    varied = _varied(stratum, x, len(counts)) & (squares > 0)
    slopes = np.divide(products, squares, out=np.zeros_like(squares), where=varied)
    around = squares_in(stratum, off_y - slopes[stratum] * off_x, counts)
    value = frame.sizes @ (mean_y + slopes * (frame.auxiliary_means - mean_x))
    variance = frame.sizes**2 @ (frame.left_out(counts) * around / (counts * (counts - 2)))
    method = Method.REGRESSION_SIMPLE if len(counts) == 1 else Method.REGRESSION_STRATIFIED
    return normal_estimate(float(value), float(variance), method=method)


def _varied(
    stratum: Positions, x: Floats, strata: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Strata whose x are not all alike; a sum of squares would say so of rounding errors too."""
    lowest, highest = np.full(strata, np.inf), np.full(strata, -np.inf)
    np.minimum.at(lowest, stratum, x)
    np.maximum.at(highest, stratum, x)
    return highest > lowest
