"""All that an evaluation counts, block by block; nothing is divided before the end."""

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
_LEAST_TOLD = 50
"""Cells of such a square that must be told for its share to count: half of them."""


class Tally:
    """Counts of an evaluation; ``sealed`` is the position of the label."""

    def __init__(self, window: Window, *, labels: int, sealed: int, territories: int) -> None:
        self.sealed = sealed
        self.matrix = np.zeros((labels, labels), dtype=np.int64)
        self.reliability = metrics.Reliability()
        self.squares = {"class": metrics.Agreement(), "probability": metrics.Agreement()}
        self.cells = {"class": metrics.Agreement(), "probability": metrics.Agreement()}
        self.baselines = Baselines(labels=labels, sealed=sealed)
        # What the network has no label for counts there with what is missing.
        self.per_image = PerImage(labels=labels - 1, sealed=sealed)
        self.maps = ErrorMaps(window, block=BLOCK)
        self.territories = TerritoryCounts(territories)
        self._labels = labels

    def add(self, block: Block) -> None:
        """Count a block."""
        self.baselines.add(block)
        told = block.told
        if not told.any():
            return
        reference, mapped = block.reference == self.sealed, block.mapped == self.sealed
        self.matrix += metrics.confusion(
            np.where(told, block.reference, metrics.ABSENT), block.mapped, labels=self._labels
        )
        self.reliability.add(block.probability[told], reference[told])
        shares = {"class": mapped.astype(np.float64), "probability": block.probability}
        for name, share in shares.items():
            self.cells[name].add(reference[told].astype(np.float64), share[told].astype(np.float64))
        self._add_squares(told, reference, shares)
        self.territories.add(block, reference=reference, mapped=mapped)
        self.maps.add(block.window, reference=reference, mapped=mapped, told=told)
        self._add_tiles(block, told, reference, mapped)

    def _add_squares(
        self,
        told: npt.NDArray[np.bool_],
        reference: npt.NDArray[np.bool_],
        shares: dict[str, npt.NDArray[Any]],
    ) -> None:
        cells = _squares(told)
        enough = cells >= _LEAST_TOLD
        known = _squares(told & reference)[enough] / cells[enough]
        for name, share in shares.items():
            self.squares[name].add(
                known, _squares(np.where(told, share, 0))[enough] / cells[enough]
            )

    def _add_tiles(
        self,
        block: Block,
        told: npt.NDArray[np.bool_],
        reference: npt.NDArray[np.bool_],
        mapped: npt.NDArray[np.bool_],
    ) -> None:
        for row in range(0, BLOCK, SIDE):
            for column in range(0, BLOCK, SIDE):
                tile = np.s_[row : row + SIDE, column : column + SIDE]
                if not told[tile].any():
                    continue
                self.per_image.add(block.reference[tile], block.mapped[tile], told[tile])
                window = Window(block.window.row + row, block.window.column + column, SIDE, SIDE)
                self.maps.consider(
                    window, reference=reference[tile], mapped=mapped[tile], told=told[tile]
                )


class TerritoryCounts:
    """Cells of each territory: told, sealed in the reference, in the map, in both, told alike; and
    the sum of the probabilities."""

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
        told = block.told
        of = block.territory[told]
        size = self.counts.shape[1]
        alike = block.reference == block.mapped
        kinds = (told, reference, mapped, reference & mapped, alike)
        for number, kind in enumerate(kinds):
            self.counts[number] += np.bincount(of[kind[told]], minlength=size)
        self.probability += np.bincount(of, weights=block.probability[told], minlength=size)


def _squares(cells: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Sums over squares of 100 m."""
    height, width = cells.shape[0] // HECTARE, cells.shape[1] // HECTARE
    sums: npt.NDArray[np.float64] = cells.reshape(height, HECTARE, width, HECTARE).sum(
        axis=(1, 3), dtype=np.float64
    )
    return sums
