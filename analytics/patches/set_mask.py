"""All change as a raster whose codes say which filters of a set accept a cell (mask_codes)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rasterio.io import DatasetWriter

from analytics.grid import Window
from analytics.patches.accepted_change import Strip
from analytics.patches.mask_codes import coded, with_bits
from analytics.patches.mask_file import around, mask_dataset, paint, raster_window, repaint
from analytics.patches.runs import Bytes, Runs
from analytics.rasters.grids import RasterGrid


class SetMask:
    """Writes change to a raster (a SetReceiver)."""

    def __init__(self, dataset: DatasetWriter) -> None:
        """``dataset`` is open for writing and reading."""
        self._dataset = dataset

    def prepare(self, strip: Strip) -> Bytes:
        """The cells of a strip as they are without a patch."""
        cells = strip.blank()
        paint(cells, strip.raw, strip.raw.kind, row=strip.window.row)
        return cells

    def receive(self, window: Window, prepared: Bytes, *, runs: Runs, bits: Bytes) -> None:
        """Write a strip."""
        paint(prepared, runs, coded(runs.kind, bits), row=window.row)
        self._dataset.write(prepared, 1, window=raster_window(window))

    def receive_late(self, runs: Runs, bits: Bytes) -> None:
        """Write further runs into strips that are there."""
        repaint(self._dataset, runs, coded(runs.kind, bits))

    def further(self, *, first: int) -> FurtherBits:
        """What adds the bits of further filters, from a place on, once all strips are written."""
        return FurtherBits(self._dataset, first=first)


class FurtherBits:
    """Adds what further filters accept, whose patches are others, to a raster that a SetMask has
    written (a SetReceiver)."""

    def __init__(self, dataset: DatasetWriter, *, first: int) -> None:
        """``first`` is the place of the first of these filters among all of the raster."""
        self._dataset = dataset
        self._first = first

    def prepare(self, strip: Strip) -> None:
        """The cells are there."""

    def receive(self, window: Window, prepared: None, *, runs: Runs, bits: Bytes) -> None:
        """Add to a strip."""
        if len(runs):
            self.receive_late(runs, bits)

    def receive_late(self, runs: Runs, bits: Bytes) -> None:
        """Add to strips that are there."""
        window = around(runs)
        cells = self._dataset.read(1, window=raster_window(window))
        added = np.zeros_like(cells)
        paint(added, runs, bits, row=window.row, column=window.column)
        self._dataset.write(
            with_bits(cells, added, first=self._first), 1, window=raster_window(window)
        )


@contextmanager
def set_mask(path: Path, grid: RasterGrid) -> Iterator[SetMask]:
    """A SetReceiver whose raster lies at ``path`` at the end, as a Cloud Optimised GeoTIFF on the
    editions' grid, without pyramids: one cell of many says little of change. Nothing is left of it
    after an error. Raises UnwritableFile or RasterError."""
    with mask_dataset(path, grid, OVERVIEWS="NONE") as dataset:
        yield SetMask(dataset)
