"""Strips of mosaics: no block of a tile is cut by two of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.counting.passes import block_strips
from analytics.grid import Window
from analytics.rasters import MosaicTile, RasterGrid, open_grid, write_cog, write_mosaic
from analytics.rasters.block_rows import FROM_THE_TOP, BlockRows, aligned_strips
from tests.rasters import write_raster

CORNER = Window(770_000, 380_000, 0, 0)
BLOCK = 512


def tile(row: int, column: int, height: int, width: int) -> Window:
    return Window(CORNER.row + row, CORNER.column + column, height, width)


def mosaic(folder: Path, windows: list[Window], whole: Window) -> RasterGrid:
    """A mosaic of files that need not be there: nothing of it is read."""
    write_mosaic(
        [MosaicTile(f"/vsimem/{n}.tif", window) for n, window in enumerate(windows)],
        window=whole,
        path=folder / "mosaic.vrt",
    )
    return open_grid(folder / "mosaic.vrt")


def cuts(grid: RasterGrid, window: Window, cells: int) -> list[Window]:
    strips = block_strips(window, [grid], cells, BLOCK)
    rows = [row for strip in strips for row in range(strip.row, strip.row_stop)]
    assert rows == [*range(window.row, window.row_stop)], "not every row comes once, in order"
    assert {(strip.column, strip.width) for strip in strips} == {(window.column, window.width)}
    return strips


@given(
    heights=st.lists(st.integers(1, 1500), min_size=1, max_size=5),
    gap=st.integers(0, 700),
    above=st.integers(0, 1000),
    cells=st.sampled_from([1, 30 * 1300, 10**9]),
    part=st.tuples(st.integers(0, 2000), st.integers(1, 4000)),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_strips_cut_no_block_of_tiles_one_below_the_other(
    tmp_path: Path,
    heights: list[int],
    gap: int,
    above: int,
    cells: int,
    part: tuple[int, int],
) -> None:
    windows, row = [], above
    for height in heights:
        windows.append(tile(row, 0, height, 30))
        row += height + gap
    whole = tile(0, 0, row, 30)
    grid = mosaic(tmp_path, windows, whole)
    first = min(part[0], row - 1)
    window = Window(first, 0, min(part[1], row - first), 30)
    for strip in cuts(grid, window, cells):
        for one in windows:
            inside = strip.row - (one.row - whole.row)
            if 0 < inside < one.height and strip.row != window.row:
                assert inside % BLOCK == 0
        assert strip.height <= max(cells // 30 // BLOCK, 1) * BLOCK


def test_the_wider_tiles_count_where_tiles_begin_at_different_rows(tmp_path: Path) -> None:
    windows = [tile(0, 0, 1000, 50), tile(1000, 0, 1000, 20), tile(700, 50, 1300, 40)]
    grid = mosaic(tmp_path, windows, tile(0, 0, 2000, 90))
    assert grid.block_rows == (BlockRows(0, 0), BlockRows(1000, 700))
    assert [strip.row for strip in cuts(grid, Window(0, 0, 2000, 90), 1)] == [
        *(0, 512, 1000, 1212, 1724),
    ]


def test_parts_of_files_begin_their_blocks_before_them(tmp_path: Path) -> None:
    source = write_raster(tmp_path / "a.tif", np.ones((1000, 20)))
    text = "".join(
        f"<SimpleSource><SourceFilename>{source}</SourceFilename><SourceBand>1</SourceBand>"
        f'<SrcRect xOff="0" yOff="{there}" xSize="20" ySize="{height}"/>'
        f'<DstRect xOff="0" yOff="{row}" xSize="20" ySize="{shown}"/></SimpleSource>'
        # The last one is scaled: its rows of blocks are nowhere.
        for there, row, height, shown in ((100, 0, 900, 900), (0, 900, 500, 500), (0, 1400, 9, 18))
    )
    path = tmp_path / "a.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="20" rasterYSize="1418"><SRS>EPSG:3035</SRS>'
        "<GeoTransform>3800000, 10, 0, 2300000, 0, -10</GeoTransform>"
        f'<VRTRasterBand dataType="Byte" band="1">{text}</VRTRasterBand></VRTDataset>'
    )
    grid = open_grid(path)
    assert grid.block_rows == (BlockRows(0, 0), BlockRows(0, -100), BlockRows(900, 900))
    assert [strip.row for strip in cuts(grid, Window(0, 0, 1418, 20), 1)] == [0, 412, 900, 1412]


def test_other_rasters_begin_at_the_top(tmp_path: Path) -> None:
    grid = open_grid(write_raster(tmp_path / "a.tif", np.ones((20, 20))))
    assert grid.block_rows == FROM_THE_TOP
    warped = tmp_path / "warped.vrt"
    with rasterio.open(grid.source) as dataset, rasterio.vrt.WarpedVRT(dataset) as vrt:
        rasterio.shutil.copy(vrt, warped, driver="VRT")
    assert open_grid(warped).block_rows == FROM_THE_TOP


@pytest.mark.parametrize("rows", [512, 1024])
def test_a_window_may_lie_below_all_tiles(rows: int) -> None:
    starts = (BlockRows(0, 0), BlockRows(100, 100))
    found = aligned_strips(Window(1000, 3, 700, 5), starts, rows=rows)
    assert [(strip.row, strip.row_stop) for strip in found] == {
        512: [(1000, 1124), (1124, 1636), (1636, 1700)],
        1024: [(1000, 1124), (1124, 1700)],
    }[rows]


def test_every_block_of_a_mosaic_is_decoded_once(tmp_path: Path) -> None:
    """Of tiles of 700 rows, whose second rows of blocks are cut after 188."""
    random = np.random.default_rng(1)
    parts = []
    for n, row in enumerate((0, 700)):
        path = tmp_path / f"{n}.tif"
        window = tile(row, 0, 700, 40)
        write_cog(random.choice(np.array([1, 2], np.uint8), window.shape), window=window, path=path)
        parts.append(MosaicTile(str(path), window))
    write_mosaic(parts, window=tile(0, 0, 1400, 40), path=tmp_path / "m.vrt")
    grid = open_grid(tmp_path / "m.vrt")
    strips = cuts(grid, Window(0, 0, 1400, 40), 1)
    assert [strip.height for strip in strips] == [512, 188, 512, 188]
