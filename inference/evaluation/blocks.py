"""A prediction and its reference, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rasterio.io import DatasetReader

from analytics.grid import Window
from analytics.nomenclature import NO_DATA
from analytics.rasters import Source, read_sources
from inference import rasters
from inference.composites import Composite, CompositeReader, open_bands
from inference.evaluation.metrics import ABSENT, Positions
from inference.prediction import MISSING_PROBABILITY, STORED_ONE, Prediction
from inference.territories import Numbers, Painter

BLOCK = 1000
"""Side of a block, in cells. A multiple of the sides at which results are reported."""
NDVI = ("B08", "B04")
_WHOLE, _HINT = "a raster of the prediction that is whole", "Predict again"


@dataclass(frozen=True, slots=True)
class Block:
    """Cells of a window. ``territory`` is the position of each cell's test territory, negative
    outside of them."""

    window: Window
    reference: Positions
    mapped: Positions
    probability: npt.NDArray[np.float32]
    territory: Numbers
    training: npt.NDArray[np.bool_]
    """Cells on which a baseline may be chosen."""
    ndvi: npt.NDArray[np.float32] | None
    """NaN where missing; None without imagery."""

    @property
    def compared(self) -> npt.NDArray[np.bool_]:
        """Cells that are known in both maps, in test territories or not."""
        compared: npt.NDArray[np.bool_] = (self.reference != ABSENT) & (self.mapped != ABSENT)
        return compared

    @property
    def evaluated(self) -> npt.NDArray[np.bool_]:
        """Cells that are known in both maps and lie in a test territory."""
        evaluated: npt.NDArray[np.bool_] = self.compared & (self.territory >= 0)
        return evaluated


class Blocks:
    """Blocks on the lattice of the grid in which prediction and reference overlap.

    ``positions_of_reference`` and ``positions_of_mapped`` turn codes into positions of labels.
    Without ``test`` all cells are evaluated. Without ``training`` the training territories are not
    known.
    """

    def __init__(
        self,
        prediction: Prediction,
        sources: Sequence[Source],
        *,
        positions_of_reference: Positions,
        positions_of_mapped: Positions,
        test: Painter | None,
        training: Painter | None,
        imagery: Composite | None,
    ) -> None:
        self.window = rasters.union(prediction.window.intersection(s.window) for s in sources)
        self._prediction, self._sources = prediction, sources
        self._reference, self._mapped = positions_of_reference, positions_of_mapped
        self._test, self._training, self._imagery = test, training, imagery

    def __iter__(self) -> Iterator[Block]:
        if self.window is None:
            return
        with ExitStack() as stack:
            classes, probability = (
                stack.enter_context(rasters.opened(path, expected=_WHOLE, hint=_HINT))
                for path in (self._prediction.classes, self._prediction.probability)
            )
            imagery = (
                stack.enter_context(open_bands(self._imagery, NDVI)) if self._imagery else None
            )
            for strip in self.window.snapped(BLOCK).strips(BLOCK):
                for column in range(strip.column, strip.column_stop, BLOCK):
                    window = Window(strip.row, column, BLOCK, BLOCK)
                    block = self._block(window, classes, probability, imagery)
                    if block.compared.any():
                        yield block

    def _block(
        self,
        window: Window,
        classes: DatasetReader,
        probability: DatasetReader,
        imagery: CompositeReader | None,
    ) -> Block:
        codes, stored = (
            rasters.read(
                dataset,
                window,
                origin=self._prediction.window,
                bands=[1],
                missing=missing,
                expected=_WHOLE,
                hint=_HINT,
            )[0]
            for dataset, missing in ((classes, NO_DATA), (probability, MISSING_PROBABILITY))
        )
        mapped = np.where(stored == MISSING_PROBABILITY, ABSENT, self._mapped[codes])
        everywhere, nowhere = np.zeros(window.shape, np.int32), np.zeros(window.shape, np.bool_)
        return Block(
            window=window,
            reference=self._reference[read_sources(self._sources, window)],
            mapped=mapped.astype(np.uint8),
            probability=stored.astype(np.float32) / np.float32(STORED_ONE),
            territory=self._test.numbers(window) if self._test else everywhere,
            training=self._training.covers(window) if self._training else nowhere,
            ndvi=_ndvi(imagery, window) if imagery else None,
        )


def _ndvi(imagery: CompositeReader, window: Window) -> npt.NDArray[np.float32]:
    near_infrared, red = imagery.read(window)
    total = near_infrared + red
    ndvi = np.full(window.shape, np.nan, dtype=np.float32)
    np.divide(near_infrared - red, total, out=ndvi, where=total > 0)
    return ndvi
