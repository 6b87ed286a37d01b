"""Noise of a map: how much apparent change its errors alone could make.

**A stress test, not a correction.** The formulas take the errors of two editions as independent;
those of CLC+ Backbone are not (each edition is calibrated against the one before), so what is
computed here is an upper limit to think with. It never goes into a published figure of area.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import numpy as np
import numpy.typing as npt

from analytics.products import Accuracy, published_edition, stand_in
from analytics.records import Edition

WORST_RATE = 0.5
"""Bound of the rate of false positives: at a share near 1 the accuracies of the whole map cannot
hold; p(1 - p) is largest at a half."""

_TINY = 1e-300
"""Stands for zero in a denominator."""


Value = TypeVar("Value")
"""A number, a column of numbers (NumPy), or an expression of a column (SQL)."""


@dataclass(frozen=True, slots=True)
class Arithmetic(Generic[Value]):
    """The operations of the noise formula that a kind of values does not share with numbers."""

    least: Callable[[Value, float], Value]
    """The smaller of a value and a bound."""
    greatest: Callable[[Value, float], Value]
    """The larger of a value and a bound."""
    choose: Callable[[Any, float, Value], Value]
    """The number where a condition holds, elsewhere the value."""
    largest: Callable[[Sequence[Value]], Value]
    """The largest of several values."""


NUMBERS: Arithmetic[float] = Arithmetic(
    least=min,
    greatest=max,
    choose=lambda condition, number, value: number if condition else value,
    largest=max,
)
COLUMNS: Arithmetic[npt.NDArray[np.float64]] = Arithmetic(
    least=np.minimum,
    greatest=np.maximum,
    choose=np.where,
    largest=lambda values: np.max(values, axis=0),
)


@dataclass(frozen=True, slots=True)
class MapNoise(Generic[Value]):
    """What a map's errors do to one class, as fractions of the observed area or of a part of it."""

    prevalence: Value
    """Share that is truly of the class, as the accuracies imply it."""
    sensitivity: float
    """Part of what truly is of the class that the map shows as such: producer's accuracy."""
    false_positive_rate: Value
    """Part of what truly is not of the class that the map shows as such."""

    @property
    def apparent_gain(self) -> Value:
        """Share of the observed area that would seem gained, and as much lost, between two maps
        with independent errors and no true change: π Se(1 − Se) + (1 − π) F(1 − F)."""
        prevalence: Any = self.prevalence
        se, f = self.sensitivity, cast(Any, self.false_positive_rate)
        found: Value = prevalence * se * (1 - se) + (1 - prevalence) * f * (1 - f)
        return found


def noise_alone(mapped_share: float, accuracy: Accuracy) -> MapNoise[float]:
    """The noise of a map that shows ``mapped_share`` (0..1) as sealed, at an accuracy published for
    the whole map. A stress test: a part of the map may be better or worse than the whole."""
    if not 0 <= mapped_share <= 1:
        raise ValueError(f"mapped share: found {mapped_share}; expected 0..1")
    return noise_of_shares(mapped_share, accuracy, NUMBERS)


def noise_of_shares(
    shares: Value, accuracy: Accuracy, arithmetic: Arithmetic[Value]
) -> MapNoise[Value]:
    """The noise of mapped shares (0..1, not checked) of any kind. The only place of the formula:
    pages, rankings and the SQL of vector tiles all use it."""
    mapped: Any = shares
    prevalence: Any = arithmetic.least(mapped * accuracy.users / accuracy.producers, 1.0)
    wrong, room = mapped * (1 - accuracy.users), 1 - prevalence
    # The rate is capped where wrong / room would exceed the bound, also where room is zero.
    capped = (wrong > 0) & (wrong >= WORST_RATE * room)
    rate = arithmetic.choose(capped, WORST_RATE, wrong / arithmetic.greatest(room, _TINY))
    return MapNoise(prevalence=prevalence, sensitivity=accuracy.producers, false_positive_rate=rate)


def noise_of_pair(
    before: Value, after: Value, *, accuracies: Sequence[Accuracy], arithmetic: Arithmetic[Value]
) -> Value:
    """What noise alone could make of gain between two editions, as a share of the area observed in
    both: that of the least accurate of them, at whichever of the two mapped shares makes more of
    it."""
    return arithmetic.largest(
        [
            noise_of_shares(share, accuracy, arithmetic).apparent_gain
            for share in (before, after)
            for accuracy in accuracies
        ]
    )


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
    published = published_edition(edition.product, edition.year)
    if published and published.accuracy and edition.origin == "official":
        return edition.year, published.accuracy, False
    return *stand_in(edition.product), True
