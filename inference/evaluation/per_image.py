"""A score that is wrong, for comparison with published ones: IoU as a mean over images.

Each tile is an image with a score of its own; a class that neither map has there counts as 1, and
what is missing is scored as one more class. Where most tiles have little of a class, the first two
make it look better than it is, and the third does so for the mean over classes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inference.evaluation.metrics import Positions, confusion

SIDE = 250
"""Side of a tile, in cells, as in the system that such scores are published of."""


class PerImage:
    """Sums of the scores of tiles."""

    def __init__(self, *, labels: int, sealed: int) -> None:
        self.tiles = 0
        self._labels = labels
        self._sealed = sealed
        self._sums = np.zeros(labels + 1)

    def add(self, reference: Positions, mapped: Positions, told: npt.NDArray[np.bool_]) -> None:
        """Score a tile; what is not told in it is missing to both."""
        labels = self._labels
        matrix = confusion(
            np.where(told, reference, labels).astype(np.uint8),
            np.where(told, mapped, labels).astype(np.uint8),
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
        """Mean over the tiles and over the classes, missing among them."""
        return float(self._sums.mean() / self.tiles) if self.tiles else None
