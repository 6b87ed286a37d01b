"""Mosaics of stored tiles, in a folder and in a bucket."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analytics.grid import Window
from analytics.rasters import MosaicTile, open_grid, platform_grid, write_cog, write_mosaic
from analytics.rasters.store import Store
from analytics.sampling import draws
from analytics.sampling.row_blocks import Area
from analytics.sampling.strata import scheme_of
from tests.analytics.test_store import s3_address, store  # noqa: F401

CORNER = Window(770_000, 380_000, 0, 0)


def tile(row: int, column: int, height: int, width: int) -> Window:
    return Window(CORNER.row + row, CORNER.column + column, height, width)


def test_tiles_lie_where_they_belong(store: Store, tmp_path: Path) -> None:  # noqa: F811
    random = np.random.default_rng(3)
    windows = [tile(0, 0, 40, 30), tile(0, 30, 40, 50), tile(60, 10, 20, 40)]
    whole = tile(0, 0, 80, 80)
    expected = np.full(whole.shape, 255, dtype=np.uint8)
    for n, window in enumerate(windows):
        codes = random.choice(np.array([1, 2, 6, 255], dtype=np.uint8), window.shape)
        path = tmp_path / f"{n}.tif"
        write_cog(codes, window=window, path=path)
        store.put(path, f"a&b/{n}.tif")
        row, column = window.row - whole.row, window.column - whole.column
        expected[row : row + window.height, column : column + window.width] = codes
    path = tmp_path / "mosaic.vrt"
    with store.names() as name:
        tiles = [MosaicTile(name(f"a&b/{n}.tif"), window) for n, window in enumerate(windows)]
        write_mosaic(tiles, window=whole, path=path)
        grid = open_grid(path)
        with Area([grid]).readers() as readers:
            (found,) = readers.read(Window(0, 0, 80, 80))
        assert (found == expected).all()
        scheme = scheme_of(1, buffer=10, cell_width=10, cell_height=10)
        sizes = draws.sizes_of(Area([grid]), scheme, draws.Work(jobs=2))
    assert sum(stratum.cells for stratum in sizes) == np.count_nonzero(expected < 12)
    assert sizes[0].cells == np.count_nonzero(expected == 1)


def test_the_grid_without_a_raster() -> None:
    grid = platform_grid()
    window = tile(0, 0, 1, 1)
    assert window.bounds[0] == grid.x_origin + window.column * grid.cell_width
    assert window.bounds[3] == grid.y_origin - window.row * grid.cell_height
    assert grid.metres_per_unit == pytest.approx(1)
