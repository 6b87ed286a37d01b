"""Baselines that a network has to beat: the most frequent class, and a threshold of NDVI.

Both are chosen on the training territories where these are known, otherwise on the other half of a
checkerboard. No baseline is chosen on the cells on which it is evaluated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from inference.evaluation.blocks import Block
from inference.evaluation.metrics import by_class

Histogram = npt.NDArray[np.int64]

_STEPS = 200
"""Bins of NDVI from −1 to 1."""
_SQUARE = 250
"""Side of a square of the checkerboard, in cells."""
_TRAINING = 2
"""Index of the training territories' cells. 0 and 1 are the tested cells of each colour."""


class Baselines:
    """Counts for both baselines, in one pass."""

    def __init__(self, *, labels: int, sealed: int) -> None:
        self._sealed = sealed
        self._classes: Histogram = np.zeros((3, labels), dtype=np.int64)
        self._ndvi: Histogram = np.zeros((3, 2, _STEPS), dtype=np.int64)
        """Cells by place, by sealed or not, and by NDVI."""

    def add(self, block: Block) -> None:
        """Count a block."""
        rows = np.arange(block.window.row, block.window.row_stop) // _SQUARE
        columns = np.arange(block.window.column, block.window.column_stop) // _SQUARE
        colour = (rows[:, None] + columns[None, :]) % 2
        places = [block.evaluated & (colour == 0), block.evaluated & (colour == 1)]
        places.append(block.compared & block.training)
        for place, cells in enumerate(places):
            reference = block.reference[cells]
            self._classes[place] += np.bincount(reference, minlength=self._classes.shape[1])
            if block.ndvi is not None:
                ndvi = block.ndvi[cells]
                seen = ~np.isnan(ndvi)
                steps = np.floor((ndvi[seen] + 1) / 2 * _STEPS).astype(np.int64)
                sealed = (reference == self._sealed)[seen]
                pairs = sealed * _STEPS + steps.clip(0, _STEPS - 1)
                self._ndvi[place] += np.bincount(pairs, minlength=2 * _STEPS).reshape(2, _STEPS)

    def majority(self) -> tuple[int, float | None]:
        """Position of the most frequent class, and its share of the tested cells."""
        tested = self._classes[:_TRAINING].sum(axis=0)
        learnt = self._classes[_TRAINING] if self._classes[_TRAINING].any() else tested
        position = int(learnt.argmax())
        total = int(tested.sum())
        return position, int(tested[position]) / total if total else None

    def ndvi(self) -> dict[str, Any] | None:
        """The baseline that calls cells below a threshold sealed: its agreement, and how it was
        chosen. None if it cannot be chosen."""
        tested, training = self._ndvi[:_TRAINING], self._ndvi[_TRAINING]
        if training[1].any():
            steps, chosen_on = [_best_step(training)], "training territories"
        elif tested[0, 1].any() and tested[1, 1].any():
            steps = [_best_step(tested[1]), _best_step(tested[0])]
            chosen_on = "the other squares of a checkerboard"
        else:
            return None
        # Cells not sealed and sealed, in the reference (rows) and by the baseline (columns).
        matrix = _matrix(tested[0], steps[0]) + _matrix(tested[1], steps[-1])
        return {
            **by_class(matrix)[1].of_sealed(),
            "chosen_on": chosen_on,
            "thresholds": [_ndvi_of(step) for step in steps],
        }


def _best_step(histogram: Histogram) -> int:
    """Number of bins below the threshold with the highest IoU. The lowest of equal ones."""
    hits = np.cumsum(histogram[1])
    false = np.cumsum(histogram[0])
    return int((hits / np.maximum(false + hits[-1], 1)).argmax()) + 1


def _matrix(histogram: Histogram, step: int) -> npt.NDArray[np.int64]:
    below = histogram[:, :step].sum(axis=1)
    above = histogram[:, step:].sum(axis=1)
    return np.stack([above, below], axis=1)


def _ndvi_of(step: int) -> float:
    return round(step / _STEPS * 2 - 1, 2)
