"""A composite on the 10 m grid, read by window and by band name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rasterio.crs import CRS
from rasterio.io import DatasetReader

from analytics.grid import CELL_SIZE, EPSG, Y_ORIGIN, Window
from inference import rasters
from inference.composites.bands import MISSING, SCALE
from inference.errors import MissingBand, OffGrid, UnreadableImagery

Imagery = npt.NDArray[np.float32]
"""(bands, height, width), reflectance or index; NaN where missing."""

_READABLE = "a composite that GDAL can read"
_WARPED = "`python -m inference compose` warps it onto the grid"


@dataclass(frozen=True, slots=True)
class Composite:
    """A checked file: its cells in the grid, and its bands in the file's order."""

    path: Path
    window: Window
    bands: tuple[str, ...]

    def positions(self, bands: Sequence[str]) -> list[int]:
        """Positions of ``bands`` in the file, counted from 1. Raises MissingBand."""
        absent = [band for band in bands if band not in self.bands]
        if absent:
            raise MissingBand(
                self.path.name,
                found=f"bands {', '.join(self.bands)}",
                expected=f"{', '.join(absent)} too",
                hint="Compose the imagery anew with these bands",
            )
        return [self.bands.index(band) + 1 for band in bands]


def open_composite(path: Path) -> Composite:
    """Check a composite. Raises UnreadableImagery, OffGrid, or MissingBand for unnamed bands."""
    with rasters.opened(path, expected=_READABLE) as dataset:
        names = tuple(name or "" for name in dataset.descriptions)
        if not all(names) or len(set(names)) < len(names):
            raise MissingBand(
                path.name,
                found="bands without names" if not all(names) else "two bands of one name",
                expected="each band described by its own name, such as B04",
                hint="`python -m inference compose` names them",
            )
        if dataset.dtypes[0] != "int16" or dataset.nodata != MISSING:
            raise UnreadableImagery(
                path.name,
                found=f"{dataset.dtypes[0]} with nodata {dataset.nodata}",
                expected=f"int16, 1 stored as {SCALE}, {MISSING} where missing",
                hint="`python -m inference compose` takes local files too",
            )
        return Composite(path=path, window=_window_of(dataset, path.name), bands=names)


class CompositeReader:
    """Reads windows of an open composite. One thread at a time may use it."""

    def __init__(self, dataset: DatasetReader, composite: Composite, bands: Sequence[str]) -> None:
        self.composite = composite
        self.bands = tuple(bands)
        self._dataset = dataset
        self._positions = composite.positions(bands)

    def stored(self, window: Window) -> npt.NDArray[np.int16]:
        """(bands, height, width) as stored, MISSING outside the file. Raises UnreadableImagery."""
        return rasters.read(
            self._dataset,
            window,
            origin=self.composite.window,
            bands=self._positions,
            missing=MISSING,
            expected="a file that is whole",
            hint="Copy or compose it again",
        )

    def read(self, window: Window) -> Imagery:
        """Reflectance (bands, height, width). A cell without one of the bands is NaN in all."""
        stored = self.stored(window)
        values = stored.astype(np.float32) / np.float32(SCALE)
        values[:, (stored == MISSING).any(axis=0)] = np.nan
        return values


@contextmanager
def open_bands(composite: Composite, bands: Sequence[str]) -> Iterator[CompositeReader]:
    """Open a composite for these bands, in this order. Raises MissingBand, UnreadableImagery."""
    with rasters.opened(composite.path, expected=_READABLE) as dataset:
        yield CompositeReader(dataset, composite, bands)


def _window_of(dataset: DatasetReader, name: str) -> Window:
    crs, t = dataset.crs, dataset.transform
    if crs is None or (crs != CRS.from_epsg(EPSG) and crs.to_epsg() != EPSG):
        code = crs.to_epsg() if crs is not None else None
        raise OffGrid(
            name,
            found=f"EPSG:{code}" if code else "no or another reference system",
            expected=f"EPSG:{EPSG}",
            hint=_WARPED,
        )
    column, row = t.c / CELL_SIZE, (Y_ORIGIN - t.f) / CELL_SIZE
    sized = (t.a, t.b, t.d, t.e) == (CELL_SIZE, 0, 0, -CELL_SIZE)
    if not (sized and float(column).is_integer() and float(row).is_integer()):
        raise OffGrid(
            name,
            found=f"cells of {t.a:g} by {-t.e:g} m from {t.c:.3f}, {t.f:.3f}",
            expected=f"cells of {CELL_SIZE} m with edges on multiples of {CELL_SIZE} m, north up",
            hint=_WARPED,
        )
    return Window(int(row), int(column), dataset.height, dataset.width)
