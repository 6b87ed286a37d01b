"""The frame of a stratified sample: its strata, their sizes, and sums of a sample over them.

Source of the variances: Cochran 1977, chapter 5; Tyukavina et al. 2025
(doi 10.1016/j.rse.2025.114714), appendices A and C.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analytics.errors import SampleError
from analytics.phrases import phrase as _

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]
Measure = Literal["units", "area"]


@dataclass(frozen=True, slots=True)
class Frame:
    """Strata of a sample. All arrays have shape (strata,)."""

    names: tuple[str, ...]
    sizes: Floats
    """Number of units N_h, or area A_h, of each stratum; above 0."""
    measure: Measure
    """What ``sizes`` are. Points in an area are endless, so they have no finite population
    correction."""
    auxiliary_means: Floats | None = None
    """Mean of the auxiliary variable over all units of each stratum, for regression."""

    def left_out(self, counts: Positions) -> Floats:
        """Finite population correction: 1 − n_h/N_h of units, 1 of points in an area."""
        if self.measure == "area":
            return np.ones(len(self.names))
        return 1 - counts / self.sizes


def counts_in(frame: Frame, stratum: Positions, *, least: int = 2) -> Positions:
    """Points of each stratum. ``stratum`` (points,) holds positions among the frame's strata.

    Raises SampleError where a stratum has fewer than ``least`` points (its variance is then
    unknown), or more points than units.
    """
    counts = np.bincount(stratum, minlength=len(frame.names))
    for name, count, size in zip(frame.names, counts.tolist(), frame.sizes.tolist(), strict=True):
        if count < least:
            raise SampleError(
                _("stratum %(name)r", name=name),
                found=_points(count),
                expected=_("%(n)s or more, since fewer have no variance", n=least),
                hint=_("Sample it, or define the strata without it.")
                if count == 0
                else _("Sample more of it, or collapse strata."),
            )
        if frame.measure == "units" and count > size:
            raise SampleError(
                f"stratum {name!r}", found=_points(count), expected=f"at most its {size:.15g} units"
            )
    return counts


def sums_in(stratum: Positions, values: Floats, strata: int) -> Floats:
    """Sum of the values (points,) in each stratum."""
    return np.bincount(stratum, weights=values, minlength=strata).astype(np.float64, copy=False)


def means_in(stratum: Positions, values: Floats, counts: Positions) -> Floats:
    """Mean of the values (points,) in each stratum."""
    return sums_in(stratum, values, len(counts)) / counts


def squares_in(stratum: Positions, values: Floats, counts: Positions) -> Floats:
    """Sum of squares of the values around the mean of their stratum."""
    deviations = values - means_in(stratum, values, counts)[stratum]
    return sums_in(stratum, deviations**2, len(counts))


def total(frame: Frame, stratum: Positions, values: Floats) -> float:
    """Σ N_h ȳ_h: the total of the values over the whole frame."""
    counts = counts_in(frame, stratum)
    return float(frame.sizes @ means_in(stratum, values, counts))


def variance_of_total(frame: Frame, stratum: Positions, values: Floats) -> float:
    """Variance of :func:`total`: Σ N_h² (1 − n_h/N_h) s²_h / n_h, s² with n_h − 1."""
    counts = counts_in(frame, stratum)
    spread = squares_in(stratum, values, counts) / (counts - 1)
    return float(frame.sizes**2 @ (frame.left_out(counts) * spread / counts))


def _points(count: int) -> str:
    return _("1 point") if count == 1 else _("%(n)s points", n=count)
