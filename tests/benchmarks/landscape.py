"""Two editions of a synthetic CLC+: clumped classes, 3 % noise, and 2 % change between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.transform import from_origin
from rasterio.windows import Window
from scipy.ndimage import gaussian_filter

from tests.benchmarks.inputs import built

CELL = 10
"""Side of a cell, in metres."""
WEST, NORTH = 3_700_000, 2_700_000
"""Upper left corner of every raster, in metres of EPSG:3035."""
BLOCK = 512
"""Side of a block of the files, in cells; the stored editions have the same."""

_PATCH = 4  # cells of a side of the coarse fields from which the classes come
_NOISE, _CHANGE, _SEALED = 0.03, 0.02, 0.06
_SEED = 20260

Codes = npt.NDArray[np.uint8]
_Field = npt.NDArray[np.float32]


PAIRS = 256
"""Numbers that a pair of codes can have."""


def pair_of(earlier: Codes, later: Codes) -> Codes:
    """A number for each pair of codes; those of the landscape differ in their lower four bits."""
    return (earlier & np.uint8(15)) << np.uint8(4) | (later & np.uint8(15))


@dataclass(frozen=True, slots=True)
class Pair:
    """Files of two editions of one grid, ``side`` × ``side`` cells."""

    earlier: Path
    later: Path
    side: int

    @property
    def paths(self) -> tuple[Path, Path]:
        """Both files, the earlier one first."""
        return self.earlier, self.later


def pair(side: int) -> Pair:
    """Two editions of ``side`` × ``side`` cells of 10 m; tiled GeoTIFFs, as ZSTD compresses."""

    def build(folder: Path) -> None:
        with _new(folder / "earlier.tif", side) as one, _new(folder / "later.tif", side) as two:
            for row, earlier, later in _strips(side):
                place = Window(0, row, side, earlier.shape[0])
                one.write(earlier, 1, window=place)
                two.write(later, 1, window=place)

    folder = built(f"pair-{side}-{_SEED}", build)
    return Pair(earlier=folder / "earlier.tif", later=folder / "later.tif", side=side)


def _new(path: Path, side: int) -> rasterio.io.DatasetWriter:
    return rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=1,
        dtype="uint8",
        crs="EPSG:3035",
        transform=from_origin(WEST, NORTH, CELL, CELL),
        tiled=True,
        blockxsize=BLOCK,
        blockysize=BLOCK,
        compress="ZSTD",
        zstd_level=9,
        num_threads="ALL_CPUS",
    )


def _strips(side: int) -> Iterator[tuple[int, Codes, Codes]]:
    """First row of a strip, and its codes in both editions."""
    random = np.random.default_rng(_SEED)
    cover = _field(random, side, scales=(2, 8, 40))
    built_up = _field(random, side, scales=(1, 5, 30))
    changing = _field(random, side, scales=(1, 2))
    towns = _upper(built_up, _SEALED)
    moved = _upper(changing, _CHANGE)
    by_level = _classes_by_level(cover)
    for row in range(0, side, BLOCK):
        rows = np.arange(row, min(row + BLOCK, side))
        levels = np.clip(_enlarged(cover, rows, side) * 32 + 128, 0, 255).astype(np.uint8)
        earlier: Codes = by_level[levels]
        earlier[_enlarged(built_up, rows, side) > towns] = 1
        noisy = random.random(earlier.shape, dtype=np.float32) < _NOISE
        earlier[noisy] = random.integers(1, 12, size=int(noisy.sum()), dtype=np.uint8)
        later = earlier.copy()
        changed = _enlarged(changing, rows, side) > moved
        other = random.integers(0, 10, size=int(changed.sum()), dtype=np.uint8)
        later[changed] = (later[changed] + other) % 11 + 1
        outside = rows[:, None] + np.arange(side) < side // 8
        earlier[outside] = later[outside] = 254
        yield row, earlier, later


def _field(random: np.random.Generator, side: int, *, scales: tuple[int, ...]) -> _Field:
    """Smooth noise of mean 0 and deviation 1 on patches of cells; clumps of several sizes."""
    shape = (side // _PATCH + 2,) * 2
    total: _Field = np.zeros(shape, dtype=np.float32)
    for scale in scales:
        layer = gaussian_filter(random.standard_normal(shape, dtype=np.float32), scale)
        total += layer / layer.std()
    return (total - total.mean()) / total.std()


def _enlarged(field: _Field, rows: npt.NDArray[np.int64], side: int) -> _Field:
    """Cells of some rows, linearly between the patches."""
    y, x = rows / _PATCH, np.arange(side) / _PATCH
    above, left = y.astype(int), x.astype(int)
    down, right = (y - above).astype(np.float32)[:, None], (x - left).astype(np.float32)
    lines = field[above] * (1 - down) + field[above + 1] * down
    cells: _Field = lines[:, left] * (1 - right) + lines[:, left + 1] * right
    return cells


def _upper(field: _Field, share: float) -> float:
    """The value that a share of the cells exceeds; between patches the field is smoother."""
    sample = _enlarged(field, np.arange(0, field.shape[0] * _PATCH - 2 * _PATCH, 97), len(field))
    return float(np.quantile(sample, 1 - share))


def _classes_by_level(cover: _Field) -> Codes:
    """A class for each of 256 levels of the field, so that each has a share as in Europe's map."""
    order = (10, 6, 3, 7, 6, 2, 5, 7, 4, 9, 6, 3, 8)
    shares = np.cumsum((3, 12, 14, 12, 8, 14, 5, 14, 3, 2, 6, 6))
    bounds = np.quantile(cover, shares / 100) * 32 + 128
    return np.array(order, dtype=np.uint8)[np.searchsorted(bounds, np.arange(256))]
