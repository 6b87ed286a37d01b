"""Noise of transitions between two maps: what their errors would make of true change.

**A stress test, never a correction.** The formulas take the errors of the two maps as independent.
Those of CLC+ Backbone are not. The inverse is unstable: it amplifies the noise of the observed
shares and can give shares below zero. No published figure rests on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Detection:
    """How a map shows one class. ValueError unless both rates are 0..1."""

    sensitivity: float
    """Se: part of what truly is of the class that the map shows as such."""
    false_positive_rate: float
    """F: part of what truly is not of the class that the map shows as such."""

    def __post_init__(self) -> None:
        for rate in (self.sensitivity, self.false_positive_rate):
            if not 0 <= rate <= 1:
                raise ValueError(f"rate {rate}: expected 0..1")

    @property
    def confusion(self) -> Shares:
        """C = [[1 − F, F], [1 − Se, Se]]: shares shown (columns) of what is true (rows)."""
        f, se = self.false_positive_rate, self.sensitivity
        return np.array([[1 - f, f], [1 - se, se]])


def stressed_transitions(true: npt.ArrayLike, *, earlier: Detection, later: Detection) -> Shares:
    """Shares 00, 01, 10, 11 that two maps would show of true ones: q = P · (C1 ⊗ C2).

    ``true`` has shape (4,): not of the class, gained, lost, of the class, at both dates.
    """
    return _four(true) @ np.kron(earlier.confusion, later.confusion)


def implied_transitions(observed: npt.ArrayLike, *, earlier: Detection, later: Detection) -> Shares:
    """True shares 00, 01, 10, 11 that would be shown as ``observed`` (4,): P = q · (C1 ⊗ C2)⁻¹.

    For the stress test alone; shares may be below zero. ValueError where a map shows the class as
    often where it is not as where it is.
    """
    for map_ in (earlier, later):
        _telling(map_)
    return np.linalg.solve(np.kron(earlier.confusion, later.confusion).T, _four(observed))


def rogan_gladen(mapped_share: float, detection: Detection) -> float:
    """True share that would be mapped as ``mapped_share``: (q − F) / (Se − F); may leave 0..1.

    Source: Rogan and Gladen 1978, American Journal of Epidemiology 107(1), 71–76. F is 1 −
    specificity. For the stress test alone. ValueError where Se = F, or the share is not finite.
    """
    if not math.isfinite(mapped_share):
        raise ValueError(f"mapped share {mapped_share}: expected a number")
    _telling(detection)
    f = detection.false_positive_rate
    return (mapped_share - f) / (detection.sensitivity - f)


def _telling(detection: Detection) -> None:
    if detection.sensitivity == detection.false_positive_rate:
        raise ValueError(f"Se = F = {detection.sensitivity}: the map says nothing of the class")


def _four(shares: npt.ArrayLike) -> Shares:
    array = np.asarray(shares, dtype=np.float64)
    if array.shape != (4,) or not np.isfinite(array).all():
        raise ValueError(f"shares {array}: expected four numbers, of 00, 01, 10, 11")
    return array
