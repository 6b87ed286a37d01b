"""Agreement of a map with a reference: counts that add up over blocks, and metrics from the sums.

Counts are summed over all test territories first, and divided once. A mean over the means of tiles
would need a value for a tile without the class, and there is none. A ratio without a denominator is
None, never 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.uint8]
"""Positions of labels. ABSENT where the label of a cell is not known."""
Matrix = npt.NDArray[np.int64]
"""Cells by label of the reference (rows) and of the map (columns)."""

ABSENT = 255
"""Position of a cell that is not counted."""
BINS = 15
"""Bins of equal width of a reliability curve, as is usual (Guo et al. 2017)."""


def confusion(reference: Positions, mapped: Positions, *, labels: int) -> Matrix:
    """Cells by label of the reference and of the map, where both are known."""
    known = (reference != ABSENT) & (mapped != ABSENT)
    pairs = reference[known].astype(np.int64) * labels + mapped[known]
    return np.bincount(pairs, minlength=labels * labels).reshape(labels, labels).astype(np.int64)


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """A class in a confusion matrix: its cells in the reference and in the map, and its agreement.

    ``area_bias`` is mapped / reference.
    """

    reference: int
    mapped: int
    iou: float | None
    f1: float | None
    precision: float | None
    recall: float | None
    area_bias: float | None

    def of_sealed(self) -> dict[str, float | None]:
        """The ratios as ``metrics.json`` names them for sealed."""
        names = ("iou", "f1", "precision", "recall", "area_bias")
        return {f"{name}_sealed": getattr(self, name) for name in names}


def by_class(matrix: Matrix) -> tuple[ClassMetrics, ...]:
    """Metrics of each label, in the matrix's order."""
    counts = (np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0))
    return tuple(
        ClassMetrics(
            reference=reference,
            mapped=mapped,
            iou=_ratio(both, reference + mapped - both),
            f1=_ratio(2 * both, reference + mapped),
            precision=_ratio(both, mapped),
            recall=_ratio(both, reference),
            area_bias=_ratio(mapped, reference),
        )
        for both, reference, mapped in zip(*(c.tolist() for c in counts), strict=True)
    )


def mean_iou(matrix: Matrix) -> float | None:
    """Mean over the classes of the reference or of the map."""
    known = [metrics.iou for metrics in by_class(matrix) if metrics.iou is not None]
    return sum(known) / len(known) if known else None


def accuracy(matrix: Matrix) -> float | None:
    """Share of the cells with the same label in map and reference."""
    return _ratio(int(np.trace(matrix)), int(matrix.sum()))


class Reliability:
    """Predicted probabilities of a class and its observed frequency, by bins of probability."""

    def __init__(self) -> None:
        # All cells, and those of the class.
        self.cells, self.there = np.zeros((2, BINS), dtype=np.int64)
        self.stated = np.zeros(BINS)
        """Sum of the predicted probabilities in each bin."""

    def add(self, probability: npt.NDArray[Any], is_class: npt.NDArray[np.bool_]) -> None:
        """Count cells. Both arrays have the same shape and hold known cells only."""
        values = probability.astype(np.float64).ravel()
        bins = np.minimum((values * BINS).astype(np.int64), BINS - 1)
        self.cells += np.bincount(bins, minlength=BINS)
        self.stated += np.bincount(bins, weights=values, minlength=BINS)
        self.there += np.bincount(bins[is_class.ravel()], minlength=BINS)

    @property
    def expected_error(self) -> float | None:
        """ECE: mean absolute difference of predicted and observed frequency, over the cells."""
        total = int(self.cells.sum())
        return float(np.abs(self.stated - self.there).sum() / total) if total else None

    def curve(self) -> list[tuple[float, float, int]]:
        """Mean predicted probability, observed share and number of cells of each non-empty bin."""
        found = zip(self.stated.tolist(), self.there.tolist(), self.cells.tolist(), strict=True)
        return [(stated / n, there / n, n) for stated, there, n in found if n]


class Agreement:
    """Agreement of mapped shares with shares of the reference, over blocks or territories."""

    def __init__(self) -> None:
        self.count = 0
        self._sums = np.zeros(5)

    def add(self, reference: npt.NDArray[np.float64], mapped: npt.NDArray[np.float64]) -> None:
        """Count shares. Both arrays have the same shape."""
        difference = mapped - reference
        values = (np.abs(difference), difference, difference**2, reference, reference**2)
        self.count += difference.size
        self._sums += [array.sum() for array in values]

    def as_json(self) -> dict[str, Any]:
        """MAE, mean of mapped − reference, and R²: 1 − squared errors / squared deviations of the
        reference. R² is None for a constant reference."""
        absolute, difference, squared, reference, reference_squared = self._sums.tolist()
        spread = reference_squared - reference**2 / max(self.count, 1)
        # A constant reference leaves only an error of rounding.
        varies = spread > 1e-12 * max(reference_squared, 1e-300)
        return {
            "count": self.count,
            "mean_absolute_error": _ratio(absolute, self.count),
            "bias": _ratio(difference, self.count),
            "r_squared": 1 - squared / spread if varies else None,
        }


class PerImage:
    """IoU as a mean over images: a wrong score, for comparison with published ones.

    Each tile is an image with its own score. A class that neither map has in a tile scores 1.
    Missing cells count as one more class. Where most tiles have little of a class, the first two
    rules make its score too high. The third does so for the mean over classes.
    """

    def __init__(self, *, labels: int, sealed: int) -> None:
        self._tiles, self._labels, self._sealed = 0, labels, sealed
        self._sums = np.zeros(labels + 1)

    def add(
        self, reference: Positions, mapped: Positions, evaluated: npt.NDArray[np.bool_]
    ) -> None:
        """Score a tile. Cells that are not evaluated count as missing in both maps."""
        labels = self._labels
        matrix = confusion(
            np.where(evaluated, reference, labels).astype(np.uint8),
            np.where(evaluated, mapped, labels).astype(np.uint8),
            labels=labels + 1,
        )
        both = np.diag(matrix)
        either = matrix.sum(axis=0) + matrix.sum(axis=1) - both
        self._sums += np.where(either > 0, both / np.maximum(either, 1), 1.0)
        self._tiles += 1

    def as_json(self) -> dict[str, Any]:
        """Mean over the tiles, of sealed and of all classes with missing as one of them."""
        return {
            "iou_sealed": _ratio(float(self._sums[self._sealed]), self._tiles),
            "mean_iou": _ratio(float(self._sums.mean()), self._tiles),
            "tiles": self._tiles,
        }


def _ratio(part: float, whole: int) -> float | None:
    return part / whole if whole else None
