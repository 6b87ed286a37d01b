"""Rows of windows of a composite. Each block of the file is read once for each strip."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import rasterio
from torch import Tensor

from analytics.grid import Window
from analytics.rasters import COG_BLOCK
from inference.composites import MISSING, Composite, open_bands
from inference.prediction.lattice import Strip
from inference.rasters import place_in

Stored = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Slab:
    """A row of windows of a strip."""

    strip: Strip
    number: int
    """Number of the row of windows on the lattice."""
    band: Window | None
    """The cells that are finished with this slab. None if it only overlaps them."""
    cells: Tensor
    """(bands, side, width) as stored, on the device."""
    observed: npt.NDArray[np.bool_]
    """(side, width): cells to be written that have all bands."""

    @property
    def columns(self) -> list[int]:
        """First columns, within the slab, of the windows with an observed cell."""
        found: npt.NDArray[np.bool_] = np.logical_or.reduce(self.observed, axis=0)
        starts = (column - self.strip.column for column in self.strip.columns)
        return [at for at in starts if found[at : at + self.strip.lattice.side].any()]

    @property
    def place_of_band(self) -> tuple[slice, slice]:
        """Rows and columns of ``band`` in the slab."""
        assert self.band is not None, "a slab that finishes a band"
        return place_in(self.strip.read(self.number), self.band)


def slabs(
    composite: Composite,
    bands: Sequence[str],
    work: Sequence[tuple[Strip, int]],
    *,
    threads: str,
    placed: Callable[[Stored], Tensor],
) -> Generator[Slab, None, None]:
    """The slabs of strips, each from its first unfinished band on.

    ``placed`` copies cells to the device. ``threads`` is GDAL's number of decoding threads. Raises
    MissingBand and UnreadableImagery.
    """
    with rasterio.Env(GDAL_NUM_THREADS=threads), open_bands(composite, bands) as reader:
        for strip, first_band in work:
            rows = strip.rows(first_band)
            end = strip.read(rows[-1]).row_stop
            top = bottom = strip.read(rows[0]).row
            held = np.empty((len(bands), 0, strip.width), dtype=np.int16)
            for number in rows:
                window = strip.read(number)
                if bottom < window.row_stop:
                    # Read to the end of a row of blocks, so that no block is decoded twice.
                    ahead = window.row_stop - composite.window.row
                    stop = min(composite.window.row - (-ahead // COG_BLOCK) * COG_BLOCK, end)
                    read = reader.stored(Window(bottom, strip.column, stop - bottom, strip.width))
                    held = np.concatenate([held[:, window.row - top :], read], axis=1)
                    top, bottom = window.row, stop
                start = window.row - top
                stored = np.ascontiguousarray(held[:, start : start + window.height])
                yield Slab(
                    strip=strip,
                    number=number,
                    band=strip.band(number) if number >= first_band else None,
                    cells=placed(stored),
                    observed=_observed(stored, window, strip.window),
                )


def _observed(stored: Stored, window: Window, written: Window) -> npt.NDArray[np.bool_]:
    """Cells of ``window`` that also lie in ``written`` and have all bands."""
    found = np.zeros(window.shape, dtype=np.bool_)
    part = window.intersection(written)
    if part is not None:
        place = place_in(window, part)
        # MISSING is the smallest stored value, so one pass finds it.
        found[place] = stored[:, *place].min(axis=0) != MISSING
    return found
