"""All change as a raster whose codes say which filters of a set accept a cell.

Codes: 0 no change, 255 not observed in one of the editions; else the lower two bits have the kind,
1 gain or 2 loss, and the six above have the bits of the cell's patch (filter_sets). Change that no
filter accepts has the code of its kind alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rasterio.io import DatasetWriter

from analytics.grid import Window
from analytics.nomenclature import NO_DATA
from analytics.patches.accepted_change import Strip
from analytics.patches.mask_file import NONE, mask_dataset, paint, raster_window, repaint
from analytics.patches.runs import Bytes, Runs
from analytics.rasters.grids import RasterGrid

_KIND_BITS = 2


def coded(kind: Bytes, bits: Bytes) -> Bytes:
    """Codes of cells that have changed, from their kinds and the bits of their patches."""
    found: Bytes = kind | bits << np.uint8(_KIND_BITS)
    return found


def decoded(codes: Bytes, place: int | None = None) -> Bytes:
    """The change that codes stand for: 0 none, 1 gain, 2 loss, 255 not observed; that which the
    filter at a place of the set accepts, or all."""
    kind = codes & np.uint8(2**_KIND_BITS - 1)
    if place is not None:
        kind = np.where(codes >> np.uint8(place + _KIND_BITS) & np.uint8(1), kind, np.uint8(NONE))
    found: Bytes = np.where(codes == NO_DATA, np.uint8(NO_DATA), kind)
    return found


class SetMask:
    """Writes change to a raster (a SetReceiver)."""

    def __init__(self, dataset: DatasetWriter) -> None:
        """``dataset`` is open for writing and reading."""
        self._dataset = dataset

    def prepare(self, strip: Strip) -> Bytes:
        """The cells of a strip as they are without a patch."""
        cells = np.where(strip.observed(), np.uint8(NONE), np.uint8(NO_DATA))
        paint(cells, strip.raw, strip.raw.kind, row=strip.window.row)
        return cells

    def receive(self, window: Window, prepared: Bytes, *, runs: Runs, bits: Bytes) -> None:
        """Write a strip."""
        paint(prepared, runs, coded(runs.kind, bits), row=window.row)
        self._dataset.write(prepared, 1, window=raster_window(window))

    def receive_late(self, runs: Runs, bits: Bytes) -> None:
        """Write further runs into strips that are there."""
        repaint(self._dataset, runs, coded(runs.kind, bits))


@contextmanager
def set_mask(path: Path, grid: RasterGrid) -> Iterator[SetMask]:
    """A SetReceiver whose raster lies at ``path`` at the end, as a Cloud Optimised GeoTIFF on the
    editions' grid, without pyramids: one cell of many says little of change. Nothing is left of it
    after an error. Raises UnwritableFile or RasterError."""
    with mask_dataset(path, grid, OVERVIEWS="NONE") as dataset:
        yield SetMask(dataset)
