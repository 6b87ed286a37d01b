"""A prediction and its reference, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterWindow

from analytics.grid import Window
from analytics.nomenclature import NO_DATA
from analytics.rasters import Source, first_line, read_sources
from inference.composites import SCALE, Composite, CompositeReader, open_bands
from inference.errors import UnreadableImagery
from inference.evaluation.metrics import ABSENT, Positions
from inference.prediction import MISSING_PROBABILITY, Prediction
from inference.territories import Numbers, Painter

BLOCK = 1000
"""Side of a block, in cells. A multiple of the sides at which results are reported."""
NDVI = ("B08", "B04")


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


@dataclass(frozen=True, slots=True)
class Layout:
    """Where cells are evaluated. ``test`` is None for everywhere. ``training`` is None if the
    training territories are not known."""

    test: Painter | None
    training: Painter | None


class Blocks:
    """Blocks on the lattice of the grid in which prediction and reference overlap."""

    def __init__(
        self,
        prediction: Prediction,
        sources: Sequence[Source],
        *,
        position_of_reference: Positions,
        position_of_mapped: Positions,
        layout: Layout,
        imagery: Composite | None,
    ) -> None:
        self.prediction = prediction
        self.sources = sources
        self.window = _overlap(prediction.window, sources)
        self._reference, self._mapped = position_of_reference, position_of_mapped
        self._layout = layout
        self._imagery = imagery

    def __iter__(self) -> Iterator[Block]:
        if self.window is None:
            return
        whole = self.window.snapped(BLOCK)
        with ExitStack() as stack:
            classes = stack.enter_context(_opened(self.prediction.classes))
            probability = stack.enter_context(_opened(self.prediction.probability))
            imagery = (
                stack.enter_context(open_bands(self._imagery, NDVI)) if self._imagery else None
            )
            for strip in whole.strips(BLOCK):
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
        origin = self.prediction.window
        codes = _read(classes, window, origin=origin, missing=NO_DATA)
        stored = _read(probability, window, origin=origin, missing=MISSING_PROBABILITY)
        mapped = np.where(stored == MISSING_PROBABILITY, ABSENT, self._mapped[codes])
        test, training = self._layout.test, self._layout.training
        return Block(
            window=window,
            reference=self._reference[read_sources(self.sources, window)],
            mapped=mapped.astype(np.uint8),
            probability=stored.astype(np.float32) / np.float32(SCALE),
            territory=np.zeros(window.shape, np.int32) if test is None else test.numbers(window),
            training=(
                np.zeros(window.shape, np.bool_)
                if training is None
                else training.numbers(window) >= 0
            ),
            ndvi=_ndvi(imagery, window),
        )


def _overlap(window: Window, sources: Sequence[Source]) -> Window | None:
    whole: Window | None = None
    for source in sources:
        part = window.intersection(source.window)
        if part is not None:
            whole = part if whole is None else whole.union(part)
    return whole


def _ndvi(imagery: CompositeReader | None, window: Window) -> npt.NDArray[np.float32] | None:
    if imagery is None:
        return None
    near_infrared, red = imagery.read(window)
    total = near_infrared + red
    ndvi = np.full(window.shape, np.nan, dtype=np.float32)
    np.divide(near_infrared - red, total, out=ndvi, where=total > 0)
    return ndvi


@contextmanager
def _opened(path: Path) -> Iterator[DatasetReader]:
    try:
        dataset = rasterio.open(path)
    except RasterioError as error:
        raise _unreadable(path, error) from error
    with dataset:
        yield dataset


def _read(
    dataset: DatasetReader, window: Window, *, origin: Window, missing: int
) -> npt.NDArray[np.generic]:
    """Cells of a window, ``missing`` outside the file."""
    cells = np.full(window.shape, missing, dtype=dataset.dtypes[0])
    part = window.intersection(origin)
    if part is None:
        return cells
    row, column = part.row - window.row, part.column - window.column
    inside = RasterWindow(
        part.column - origin.column, part.row - origin.row, part.width, part.height
    )
    try:
        cells[row : row + part.height, column : column + part.width] = dataset.read(
            1, window=inside
        )
    except RasterioError as error:
        raise _unreadable(Path(dataset.name), error) from error
    return cells


def _unreadable(path: Path, error: Exception) -> UnreadableImagery:
    return UnreadableImagery(
        path.name,
        found=first_line(error),
        expected="a raster of the prediction that is whole",
        hint="Predict again",
    )
