"""Agreement of two interpreters who labelled the same points: raw, and Cohen's kappa."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.estimation.results import Estimate, Method, normal_estimate
from analytics.estimation.wilson import wilson_estimate


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two interpreters agree."""

    points: int
    raw: Estimate
    """Share of points with the same label."""
    kappa: Estimate | None
    """Agreement beyond chance, −1..1; None where chance alone makes them agree everywhere, as where
    both gave one label throughout."""


def agreement_of(first: npt.NDArray[np.intp], second: npt.NDArray[np.intp]) -> Agreement:
    """Agreement of two sequences of labels, positions from 0, of shape (points,).

    κ = (p_o − p_e) / (1 − p_e), with p_o the share of equal labels and p_e = Σ p_i. p_.i. Its
    variance is that of Fleiss, Cohen and Everitt 1969 (doi 10.1037/h0028106), for large samples:
    {Σ p_ii [(1 − p_e) − (p_i. + p_.i)(1 − p_o)]² + (1 − p_o)² Σ_{i≠j} p_ij (p_.i + p_j.)²
    − (p_o p_e − 2 p_e + p_o)²} / (n (1 − p_e)⁴).
    ValueError if the two have different shapes, or no points.
    """
    if first.shape != second.shape or first.ndim != 1 or not first.size:
        raise ValueError(f"labels of shapes {first.shape} and {second.shape}; expected equal ones")
    labels, codes = np.unique(np.concatenate((first, second)), return_inverse=True)
    size, points = len(labels), len(first)
    pairs = codes[:points] * size + codes[points:]
    shares = np.bincount(pairs, minlength=size**2).reshape(size, size) / points
    same = int((first == second).sum())
    return Agreement(points=points, raw=wilson_estimate(same, points), kappa=_kappa(shares, points))


def _kappa(shares: npt.NDArray[np.float64], points: int) -> Estimate | None:
    if len(shares) == 1:
        return None
    by_first, by_second = shares.sum(axis=1), shares.sum(axis=0)
    observed, chance = float(np.trace(shares)), float(by_first @ by_second)
    room = 1 - chance
    agreed = np.diagonal(shares)
    off = shares - np.diag(agreed)
    within = agreed @ (room - (by_first + by_second) * (1 - observed)) ** 2
    between = (1 - observed) ** 2 * (off * (by_second[:, None] + by_first[None, :]) ** 2).sum()
    spread = within + between - (observed * chance - 2 * chance + observed) ** 2
    # Rounding can make a spread of zero negative.
    variance = max(float(spread), 0.0) / (points * room**4)
    value = (observed - chance) / room
    return normal_estimate(value, variance, method=Method.KAPPA, lowest=-1, highest=1)
