"""IoU as a mean over images: a wrong score, for comparison with published ones.

Each tile is an image with its own score. A class that neither map has in a tile scores 1. Missing
cells count as one more class. Where most tiles have little of a class, the first two rules make its
score too high. The third does so for the mean over classes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inference.evaluation.metrics import Positions, confusion

SIDE = 250
"""Side of a tile, in cells, as in the published scores."""


class PerImage:
    """Sums of the scores of tiles."""

    def __init__(self, *, labels: int, sealed: int) -> None:
        self.tiles = 0
        self._labels = labels
        self._sealed = sealed
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
        self.tiles += 1

    @property
    def iou_sealed(self) -> float | None:
        """Mean over the tiles."""
        return float(self._sums[self._sealed] / self.tiles) if self.tiles else None

    @property
    def mean_iou(self) -> float | None:
        """Mean over the tiles and the classes, with missing as a class."""
        return float(self._sums.mean() / self.tiles) if self.tiles else None
