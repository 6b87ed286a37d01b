"""Counts of an evaluation, block by block. Ratios are made at the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.grid import Window
from inference.evaluation import metrics
from inference.evaluation.baselines import Baselines
from inference.evaluation.blocks import BLOCK, Block
from inference.evaluation.per_image import SIDE, PerImage
from inference.evaluation.pictures import ErrorMaps

HECTARE = 10
"""Side of the squares of 100 m, in cells."""
_LEAST_EVALUATED = 50
"""Least number of evaluated cells in such a square for its share to count: half of them."""


class Tally:
    """Counts of an evaluation. ``sealed`` is the position of the label."""

    def __init__(self, window: Window, *, labels: int, sealed: int, territories: int) -> None:
        self.sealed = sealed
        self.matrix = np.zeros((labels, labels), dtype=np.int64)
        self.reliability = metrics.Reliability()
        self.squares = {"class": metrics.Agreement(), "probability": metrics.Agreement()}
        self.cells = {"class": metrics.Agreement(), "probability": metrics.Agreement()}
        self.baselines = Baselines(labels=labels, sealed=sealed)
        # Classes without a label of the network count as missing there.
        self.per_image = PerImage(labels=labels - 1, sealed=sealed)
        self.maps = ErrorMaps(window, block=BLOCK)
        self.territories = TerritoryCounts(territories)
        self._labels = labels

    def add(self, block: Block) -> None:
        """Count a block."""
        self.baselines.add(block)
        evaluated = block.evaluated
        if not evaluated.any():
            return
        reference, mapped = block.reference == self.sealed, block.mapped == self.sealed
        self.matrix += metrics.confusion(
            np.where(evaluated, block.reference, metrics.ABSENT), block.mapped, labels=self._labels
        )
        self.reliability.add(block.probability[evaluated], reference[evaluated])
        shares = {"class": mapped.astype(np.float64), "probability": block.probability}
        for name, share in shares.items():
            self.cells[name].add(
                reference[evaluated].astype(np.float64), share[evaluated].astype(np.float64)
            )
        self._add_squares(evaluated, reference, shares)
        self.territories.add(block, reference=reference, mapped=mapped)
        self.maps.add(block.window, reference=reference, mapped=mapped, evaluated=evaluated)
        self._add_tiles(block, evaluated, reference, mapped)

    def _add_squares(
        self,
        evaluated: npt.NDArray[np.bool_],
        reference: npt.NDArray[np.bool_],
        shares: dict[str, npt.NDArray[Any]],
    ) -> None:
        cells = _squares(evaluated)
        enough = cells >= _LEAST_EVALUATED
        known = _squares(evaluated & reference)[enough] / cells[enough]
        for name, share in shares.items():
            self.squares[name].add(
                known, _squares(np.where(evaluated, share, 0))[enough] / cells[enough]
            )

    def _add_tiles(
        self,
        block: Block,
        evaluated: npt.NDArray[np.bool_],
        reference: npt.NDArray[np.bool_],
        mapped: npt.NDArray[np.bool_],
    ) -> None:
        for row in range(0, BLOCK, SIDE):
            for column in range(0, BLOCK, SIDE):
                tile = np.s_[row : row + SIDE, column : column + SIDE]
                if not evaluated[tile].any():
                    continue
                self.per_image.add(block.reference[tile], block.mapped[tile], evaluated[tile])
                window = Window(block.window.row + row, block.window.column + column, SIDE, SIDE)
                self.maps.consider(
                    window,
                    reference=reference[tile],
                    mapped=mapped[tile],
                    evaluated=evaluated[tile],
                )


class TerritoryCounts:
    """Cells of each territory: evaluated, sealed in the reference, sealed in the map, sealed in
    both, with the same label. And the sum of the probabilities."""

    def __init__(self, territories: int) -> None:
        self.counts = np.zeros((5, territories), dtype=np.int64)
        self.probability = np.zeros(territories)

    def add(
        self,
        block: Block,
        *,
        reference: npt.NDArray[np.bool_],
        mapped: npt.NDArray[np.bool_],
    ) -> None:
        """Count a block."""
        evaluated = block.evaluated
        of = block.territory[evaluated]
        size = self.counts.shape[1]
        alike = block.reference == block.mapped
        kinds = (evaluated, reference, mapped, reference & mapped, alike)
        for number, kind in enumerate(kinds):
            self.counts[number] += np.bincount(of[kind[evaluated]], minlength=size)
        self.probability += np.bincount(of, weights=block.probability[evaluated], minlength=size)


def _squares(cells: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Sums of cells over squares of 100 m."""
    height, width = cells.shape[0] // HECTARE, cells.shape[1] // HECTARE
    sums: npt.NDArray[np.float64] = cells.reshape(height, HECTARE, width, HECTARE).sum(
        axis=(1, 3), dtype=np.float64
    )
    return sums
