"""Counts of an evaluation, block by block. Ratios are made at the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.grid import Window
from inference.evaluation import metrics
from inference.evaluation.baselines import Baselines
from inference.evaluation.blocks import BLOCK, Block
from inference.evaluation.pictures import ErrorMaps

HECTARE = 10
"""Side of the squares of 100 m, in cells."""
_LEAST_EVALUATED = 50
"""Least number of evaluated cells in such a square for its share to count: half of them."""
_TILE = 250
"""Side of a tile, in cells, as in published scores."""

Mask = npt.NDArray[np.bool_]


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
        self.per_image = metrics.PerImage(labels=labels - 1, sealed=sealed)
        self.maps = ErrorMaps(window, block=BLOCK)
        self.by_territory = np.zeros((5, territories), dtype=np.int64)
        """Cells of each territory: evaluated, sealed in the reference, sealed in the map, sealed in
        both, with the same label."""
        self.probability = np.zeros(territories)
        """Sum of the probabilities of each territory."""

    def add(self, block: Block) -> None:
        """Count a block."""
        self.baselines.add(block)
        evaluated = block.evaluated
        if not evaluated.any():
            return
        reference, mapped = block.reference == self.sealed, block.mapped == self.sealed
        self.matrix += metrics.confusion(
            np.where(evaluated, block.reference, metrics.ABSENT),
            block.mapped,
            labels=len(self.matrix),
        )
        self.reliability.add(block.probability[evaluated], reference[evaluated])
        self._add_shares(block, reference, mapped)
        self._add_territories(block, reference, mapped)
        both = reference & mapped
        kinds = evaluated & np.stack(
            [np.ones_like(both), both, reference & ~mapped, mapped & ~reference]
        )
        self.maps.add(block.window, kinds)
        self._add_tiles(block, kinds)

    def _add_shares(self, block: Block, reference: Mask, mapped: Mask) -> None:
        """Shares of cells, which are 0 or 1, and of squares."""
        evaluated = block.evaluated
        cells = _squares(evaluated)
        enough = cells >= _LEAST_EVALUATED
        known = _squares(evaluated & reference)[enough] / cells[enough]
        shares: dict[str, npt.NDArray[Any]] = {
            "class": mapped.astype(np.float64),
            "probability": block.probability,
        }
        for name, share in shares.items():
            self.cells[name].add(
                reference[evaluated].astype(np.float64), share[evaluated].astype(np.float64)
            )
            of_squares = _squares(np.where(evaluated, share, 0))
            self.squares[name].add(known, of_squares[enough] / cells[enough])

    def _add_territories(self, block: Block, reference: Mask, mapped: Mask) -> None:
        evaluated = block.evaluated
        territory, size = block.territory[evaluated], len(self.probability)
        alike = block.reference == block.mapped
        kinds = (evaluated, reference, mapped, reference & mapped, alike)
        for number, kind in enumerate(kinds):
            self.by_territory[number] += np.bincount(territory[kind[evaluated]], minlength=size)
        self.probability += np.bincount(
            territory, weights=block.probability[evaluated], minlength=size
        )

    def _add_tiles(self, block: Block, kinds: Mask) -> None:
        for row in range(0, BLOCK, _TILE):
            for column in range(0, BLOCK, _TILE):
                tile = np.s_[row : row + _TILE, column : column + _TILE]
                evaluated = kinds[0][tile]
                if evaluated.any():
                    self.per_image.add(block.reference[tile], block.mapped[tile], evaluated)
                    corner = block.window.row + row, block.window.column + column
                    self.maps.consider(Window(*corner, _TILE, _TILE), kinds[:, *tile])


def _squares(cells: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Sums of cells over squares of 100 m."""
    height, width = cells.shape[0] // HECTARE, cells.shape[1] // HECTARE
    sums: npt.NDArray[np.float64] = cells.reshape(height, HECTARE, width, HECTARE).sum(
        axis=(1, 3), dtype=np.float64
    )
    return sums
