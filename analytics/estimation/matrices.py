"""Stratified estimators from an error matrix; the strata are the map's classes.

Source: Olofsson et al. 2014 (doi 10.1016/j.rse.2014.02.015), equations 5 to 11; Olofsson et al.
2013 (doi 10.1016/j.rse.2012.10.031). No finite population correction: cells are many more than
points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analytics.errors import SampleError
from analytics.estimation.results import (
    Assessment,
    ClassEstimates,
    Estimate,
    Method,
    normal_estimate,
)


def assess_matrix(
    matrix: npt.ArrayLike, *, areas: npt.ArrayLike, classes: Sequence[str]
) -> Assessment:
    """Area, user's and producer's accuracy of each class, and overall accuracy.

    ``matrix`` has shape (classes, classes): points by class of the map (rows) and of the reference
    (columns). ``areas`` (classes,) are the mapped areas, above 0, in any unit; estimated areas have
    the same. Raises SampleError where a class of the map has fewer than two points.

    With r_ij = n_ij / n_i., N_i the mapped areas and v_ij = r_ij (1 − r_ij) / (n_i. − 1):

    - area A_j = Σ_i N_i r_ij, Var = Σ_i N_i² v_ij;
    - UA_i = r_ii, Var = v_ii;
    - OA = Σ_i N_i r_ii / N, Var = Σ_i N_i² v_ii / N²;
    - PA_j = N_j r_jj / A_j, Var = [N_j² (1 − PA_j)² v_jj + PA_j² Σ_{i≠j} N_i² v_ij] / A_j².
    """
    counts = np.asarray(matrix, dtype=np.float64)
    mapped = np.asarray(areas, dtype=np.float64)
    rows = counts.sum(axis=1)
    for name, points in zip(classes, rows.tolist(), strict=True):
        if points < 2:
            raise SampleError(
                f"class {name!r} of the map",
                found="1 point" if points == 1 else f"{points:.0f} points",
                expected="2 or more, since fewer have no variance",
            )
    shares = counts / rows[:, None]
    spread = shares * (1 - shares) / (rows[:, None] - 1)
    found = mapped @ shares
    variances = mapped**2 @ spread
    right, wrong = np.diagonal(shares), np.diagonal(spread)
    whole = mapped.sum()
    method = Method.MAP_CLASSES

    def producers(j: int) -> Estimate | None:
        if found[j] == 0:
            return None
        value = mapped[j] * right[j] / found[j]
        own = mapped[j] ** 2 * wrong[j]
        others = sum(mapped[i] ** 2 * spread[i, j] for i in range(len(mapped)) if i != j)
        variance = ((1 - value) ** 2 * own + value**2 * others) / found[j] ** 2
        return normal_estimate(float(value), float(variance), method=method, lowest=0, highest=1)

    return Assessment(
        classes=tuple(
            ClassEstimates(
                name=name,
                area=normal_estimate(float(found[j]), float(variances[j]), method=method, lowest=0),
                users=normal_estimate(
                    float(right[j]), float(wrong[j]), method=method, lowest=0, highest=1
                ),
                producers=producers(j),
            )
            for j, name in enumerate(classes)
        ),
        overall=normal_estimate(
            float(mapped @ right / whole),
            float(mapped**2 @ wrong / whole**2),
            method=method,
            lowest=0,
            highest=1,
        ),
        method=method,
    )
