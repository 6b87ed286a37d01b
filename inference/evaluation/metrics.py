"""How well a map agrees with a reference: counts that add up over blocks, and what follows of them.

Everything is summed first and divided once, over all test territories: a mean of the means of tiles
would give a tile without the class a value that it does not have. A value without a denominator is
None, never 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.uint8]
"""Positions of labels; ABSENT where a cell is not told."""
Matrix = npt.NDArray[np.int64]
"""Cells by label of the reference (rows) and of the map (columns)."""

ABSENT = 255
"""Position of a cell that enters nothing."""
BINS = 15
"""Bins of equal width of a reliability curve, as is usual (Guo et al. 2017)."""


def confusion(reference: Positions, mapped: Positions, *, labels: int) -> Matrix:
    """Cells by label of both, where both are told."""
    told = (reference != ABSENT) & (mapped != ABSENT)
    pairs = reference[told].astype(np.int64) * labels + mapped[told]
    return np.bincount(pairs, minlength=labels * labels).reshape(labels, labels).astype(np.int64)


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """A class in a confusion matrix: its cells in the reference and in the map, and how they agree.

    ``area_bias`` is mapped / reference.
    """

    reference: int
    mapped: int
    iou: float | None
    f1: float | None
    precision: float | None
    recall: float | None
    area_bias: float | None


def by_class(matrix: Matrix) -> tuple[ClassMetrics, ...]:
    """Metrics of each label, in the matrix's order."""
    found = []
    for position in range(len(matrix)):
        both = int(matrix[position, position])
        reference, mapped = int(matrix[position].sum()), int(matrix[:, position].sum())
        found.append(
            ClassMetrics(
                reference=reference,
                mapped=mapped,
                iou=_ratio(both, reference + mapped - both),
                f1=_ratio(2 * both, reference + mapped),
                precision=_ratio(both, mapped),
                recall=_ratio(both, reference),
                area_bias=_ratio(mapped, reference),
            )
        )
    return tuple(found)


def mean_iou(matrix: Matrix) -> float | None:
    """Mean over the classes that the reference or the map has."""
    told = [metrics.iou for metrics in by_class(matrix) if metrics.iou is not None]
    return sum(told) / len(told) if told else None


def accuracy(matrix: Matrix) -> float | None:
    """Share of the cells that are told alike."""
    return _ratio(int(np.trace(matrix)), int(matrix.sum()))


@dataclass(slots=True)
class Reliability:
    """Stated probabilities of a class beside how often it was there, by bins of probability."""

    cells: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(BINS, dtype=np.int64))
    stated: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(BINS))
    """Sum of the probabilities of a bin's cells."""
    there: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(BINS, dtype=np.int64))
    """Cells of a bin that are of the class."""

    def add(self, probability: npt.NDArray[Any], is_class: npt.NDArray[np.bool_]) -> None:
        """Count cells; both arrays have one shape, and no cell that is not told."""
        values = probability.astype(np.float64).ravel()
        bins = np.minimum((values * BINS).astype(np.int64), BINS - 1)
        self.cells += np.bincount(bins, minlength=BINS)
        self.stated += np.bincount(bins, weights=values, minlength=BINS)
        self.there += np.bincount(bins[is_class.ravel()], minlength=BINS)

    @property
    def expected_error(self) -> float | None:
        """ECE: how far stated and seen are apart, on average over the cells."""
        total = int(self.cells.sum())
        return float(np.abs(self.stated - self.there).sum() / total) if total else None

    def curve(self) -> list[tuple[float, float, int]]:
        """Mean stated probability, share seen, and cells of each bin that has some."""
        return [
            (float(self.stated[i] / n), float(self.there[i] / n), n)
            for i, n in enumerate(self.cells.tolist())
            if n
        ]


@dataclass(slots=True)
class Agreement:
    """Mapped shares beside the reference's, share by share: of blocks, or of territories."""

    count: int = 0
    _absolute: float = 0.0
    _difference: float = 0.0
    _squared: float = 0.0
    _reference: float = 0.0
    _reference_squared: float = 0.0

    def add(self, reference: npt.NDArray[np.float64], mapped: npt.NDArray[np.float64]) -> None:
        """Count shares; both arrays have one shape."""
        difference = mapped - reference
        self.count += difference.size
        self._absolute += float(np.abs(difference).sum())
        self._difference += float(difference.sum())
        self._squared += float((difference**2).sum())
        self._reference += float(reference.sum())
        self._reference_squared += float((reference**2).sum())

    @property
    def mean_absolute_error(self) -> float | None:
        """MAE."""
        return self._absolute / self.count if self.count else None

    @property
    def bias(self) -> float | None:
        """Mean of mapped − reference."""
        return self._difference / self.count if self.count else None

    @property
    def r_squared(self) -> float | None:
        """1 − squared errors / squared deviations of the reference; None where it does not vary."""
        if not self.count:
            return None
        spread = self._reference_squared - self._reference**2 / self.count
        # What rounding leaves of a reference that is the same everywhere.
        if spread <= 1e-12 * max(self._reference_squared, 1e-300):
            return None
        return 1 - self._squared / spread


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
