"""Noise of a map: how much apparent change its errors alone could make.

**A stress test, not a correction.** The formulas take the errors of two editions as independent;
those of CLC+ Backbone are not (each edition is calibrated against the one before), so what is
computed here is an upper limit to think with. It never goes into a published figure of area.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.products import CLCPLUS, Accuracy
from analytics.records import Change, Edition

STAND_IN_YEAR = 2021
"""Edition whose accuracy stands in for one that is not published."""

WORST_RATE = 0.5
"""Bound of the rate of false positives: at a share near 1 the accuracies of the whole map cannot
hold; p(1 - p) is largest at a half."""

Matrix = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class MapNoise:
    """What a map's errors do to one class, as fractions of the observed area or of a part of it."""

    prevalence: float
    """Share that is truly of the class, as the accuracies imply it."""
    sensitivity: float
    """Part of what truly is of the class that the map shows as such: producer's accuracy."""
    false_positive_rate: float
    """Part of what truly is not of the class that the map shows as such."""

    @property
    def apparent_gain(self) -> float:
        """Share of the observed area that would seem gained, and as much lost, between two maps
        with independent errors and no true change: π Se(1 − Se) + (1 − π) F(1 − F)."""
        se, f = self.sensitivity, self.false_positive_rate
        return self.prevalence * se * (1 - se) + (1 - self.prevalence) * f * (1 - f)


def noise_alone(mapped_share: float, accuracy: Accuracy) -> MapNoise:
    """The noise of a map that shows ``mapped_share`` (0..1) as sealed, at an accuracy published for
    the whole map. A stress test: a part of the map may be better or worse than the whole."""
    if not 0 <= mapped_share <= 1:
        raise ValueError(f"mapped share: found {mapped_share}; expected 0..1")
    prevalence = min(mapped_share * accuracy.users / accuracy.producers, 1.0)
    wrong = mapped_share * (1 - accuracy.users)
    # Where wrong / (1 - prevalence) would be above the worst rate, also where it cannot be divided.
    capped = wrong >= WORST_RATE * (1 - prevalence)
    rate = WORST_RATE if capped and wrong > 0 else wrong / max(1 - prevalence, 1e-300)
    return MapNoise(prevalence=prevalence, sensitivity=accuracy.producers, false_positive_rate=rate)


def rogan_gladen(mapped_share: float, *, sensitivity: float, false_positive_rate: float) -> float:
    """True share implied by a mapped one: (q − F) / (Se − F). Unstable; may fall outside 0..1."""
    return (mapped_share - false_positive_rate) / (sensitivity - false_positive_rate)


def _confusion(sensitivity: float, false_positive_rate: float) -> Matrix:
    """Rows: truly not of the class, truly of it; columns: mapped so."""
    f = false_positive_rate
    return np.array([[1 - f, f], [1 - sensitivity, sensitivity]])


def _both(first: tuple[float, float], second: tuple[float, float]) -> Matrix:
    joint: Matrix = np.kron(_confusion(*first), _confusion(*second))
    return joint


def observed_transitions(
    true: Sequence[float], first: tuple[float, float], second: tuple[float, float]
) -> Matrix:
    """Shares 00, 01, 10, 11 that two maps would show of true ones, with independent errors.

    ``first`` and ``second`` are each map's sensitivity and false-positive rate.
    """
    seen: Matrix = np.asarray(true, dtype=np.float64) @ _both(first, second)
    return seen


def true_transitions(
    observed: Sequence[float], first: tuple[float, float], second: tuple[float, float]
) -> Matrix:
    """The inverse of :func:`observed_transitions`. Unstable; a share may come out below zero."""
    joint = _both(first, second)
    true: Matrix = np.linalg.solve(joint.T, np.asarray(observed, dtype=np.float64))
    return true


@dataclass(frozen=True, slots=True)
class NoiseVerdict:
    """A net change held against what noise alone could make. A stress test, not an interval."""

    distinguishable: bool
    """Whether \\|net\\| is more than noise alone could make of gain, or of loss."""
    noise: float
    """What noise alone could make of gain, and as much of loss, in cells."""
    accuracy_year: int
    """Edition whose accuracy was used: the less accurate of the two."""
    stand_in: bool
    """Whether an edition of the pair has no published accuracy, so that another's was used."""


def accuracy_of(edition: Edition) -> tuple[int, Accuracy, bool]:
    """Year and value of an edition's accuracy of the sealed class, and whether it is a stand-in."""
    published = CLCPLUS.get(edition.year)
    if published is not None and published.accuracy is not None:
        own = edition.product == published.product and edition.origin == "official"
        if own:
            return published.year, published.accuracy, False
    stand_in = CLCPLUS[STAND_IN_YEAR].accuracy
    assert stand_in is not None
    return STAND_IN_YEAR, stand_in, True


def verdict(change: Change) -> NoiseVerdict | None:
    """Whether a territory's net change stands out of the noise of the pair of editions.

    The noise is that of the less accurate edition, at whichever of the two mapped shares makes more
    of it. None where nothing is observed in both. A stress test, not a correction.
    """
    return verdict_of_counts(
        gain=change.gain,
        loss=change.loss,
        sealed_before=change.sealed_before,
        observed=change.observed,
        earlier=change.earlier,
        later=change.later,
    )


def verdict_of_counts(
    *,
    gain: int | None,
    loss: int | None,
    sealed_before: int | None,
    observed: int,
    earlier: Edition,
    later: Edition,
) -> NoiseVerdict | None:
    """The same from counts of cells observed in both editions, without the classes."""
    if gain is None or loss is None or sealed_before is None or not observed:
        return None
    net = gain - loss
    shares = [sealed / observed for sealed in (sealed_before, sealed_before + net)]
    found = [accuracy_of(earlier), accuracy_of(later)]
    worst, year = max(
        (noise_alone(share, accuracy).apparent_gain, year)
        for share in shares
        for year, accuracy, _ in found
    )
    noise = worst * observed
    return NoiseVerdict(
        distinguishable=abs(net) > noise,
        noise=noise,
        accuracy_year=year,
        stand_in=any(borrowed for _, _, borrowed in found),
    )
