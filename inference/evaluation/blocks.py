"""A prediction and its reference, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

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
    """Cells of a window. ``territory`` is the position of a cell's test territory, or negative."""

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


def blocks(
    window: Window,
    prediction: Prediction,
    sources: Sequence[Source],
    *,
    positions_of_reference: Positions,
    positions_of_mapped: Positions,
    test: Painter | None,
    training: Painter | None,
    imagery: Composite | None,
) -> Iterator[Block]:
    """Blocks of a window, on the lattice of the grid.

    ``positions_of_reference`` and ``positions_of_mapped`` turn codes into positions of labels.
    Without ``test`` all cells are evaluated. Without ``training`` the training territories are not
    known.
    """
    with ExitStack() as stack:
        classes, probability = (
            stack.enter_context(rasters.opened(path, expected=_WHOLE, hint=_HINT))
            for path in (prediction.classes, prediction.probability)
        )
        reader = stack.enter_context(open_bands(imagery, NDVI)) if imagery else None

        def read(dataset: DatasetReader, block: Window, missing: int) -> npt.NDArray[Any]:
            cells: npt.NDArray[Any] = rasters.read(
                dataset,
                block,
                origin=prediction.window,
                bands=[1],
                missing=missing,
                expected=_WHOLE,
                hint=_HINT,
            )[0]
            return cells

        for strip in window.snapped(BLOCK).strips(BLOCK):
            for column in range(strip.column, strip.column_stop, BLOCK):
                place = Window(strip.row, column, BLOCK, BLOCK)
                codes = read(classes, place, NO_DATA)
                stored = read(probability, place, MISSING_PROBABILITY)
                mapped = np.where(stored == MISSING_PROBABILITY, ABSENT, positions_of_mapped[codes])
                nowhere = np.zeros(place.shape, dtype=np.bool_)
                block = Block(
                    window=place,
                    reference=positions_of_reference[read_sources(sources, place)],
                    mapped=mapped.astype(np.uint8),
                    probability=stored.astype(np.float32) / np.float32(STORED_ONE),
                    territory=test.numbers(place) if test else nowhere.astype(np.int32),
                    training=training.covers(place) if training else nowhere,
                    ndvi=_ndvi(reader, place) if reader else None,
                )
                if block.compared.any():
                    yield block


def _ndvi(imagery: CompositeReader, window: Window) -> npt.NDArray[np.float32]:
    near_infrared, red = imagery.read(window)
    total = near_infrared + red
    ndvi = np.full(window.shape, np.nan, dtype=np.float32)
    np.divide(near_infrared - red, total, out=ndvi, where=total > 0)
    return ndvi
