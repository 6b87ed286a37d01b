"""One pass over rasters of any grid, against the naive oracle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from analytics.counting import passes
from analytics.counting.scanline import Edges, edges_of
from analytics.errors import UnreadableRaster, WrongBand, WrongGrid, WrongReferenceSystem
from analytics.rasters.grids import RasterGrid, open_grid
from tests import oracle
from tests.rasters import NORTH, WEST, write_raster

SIZE = 25.0
ROWS, COLUMNS = 90, 70
MISSING = frozenset({253, 254, 255})


def zones() -> list[shapely.Geometry]:
    corner = (WEST, NORTH - ROWS * SIZE)
    circle = shapely.Point(corner[0] + 800, corner[1] + 1000).buffer(600)
    ring = circle.difference(shapely.Point(corner[0] + 800, corner[1] + 1000).buffer(200))
    beyond = shapely.box(corner[0] - 500, corner[1] - 500, corner[0] + 300, corner[1] + 400)
    return [ring, circle, beyond, shapely.box(0, 0, 10, 10)]


def edges(grid: RasterGrid) -> Edges:
    return edges_of(
        zones(),
        x_origin=grid.x_origin,
        y_origin=grid.y_origin,
        cell_width=grid.cell_width,
        cell_height=grid.cell_height,
    )


def masks() -> list[np.ndarray]:
    return [oracle.mask(z, shape=(ROWS, COLUMNS), x0=WEST, y0=NORTH, size=SIZE) for z in zones()]


def values(kind: str, seed: int = 3) -> np.ndarray:
    random = np.random.default_rng(seed)
    if kind == "clc":
        return random.choice(np.array([0, 1, 2, 6, 11, 253, 255]), (ROWS, COLUMNS))
    return random.integers(0, 256, (ROWS, COLUMNS))


@pytest.fixture(autouse=True)
def small_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "CENTRE_STRIP_CELLS", 16 * COLUMNS)


@pytest.mark.parametrize("kind", ["clc", "any"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float64"])
@pytest.mark.parametrize("jobs", [1, 3])
def test_classes(tmp_path: Path, kind: str, dtype: str, jobs: int) -> None:
    array = values(kind)
    path = write_raster(tmp_path / "a.tif", array, size=SIZE, dtype=dtype, blockysize=16)
    grid = open_grid(path)
    found = passes.count_cells(edges(grid), [grid], missing=MISSING, jobs=jobs)
    for n, inside in enumerate(masks()):
        expected = oracle.class_counts(array.astype(np.uint8), inside)
        got = {c: k for c, k in zip(found.codes[0], found.cells[n].tolist(), strict=False) if k}
        assert got == {c: k for c, k in expected.items() if c not in MISSING}
        assert found.cells[n, -1] == sum(k for c, k in expected.items() if c in MISSING)


@pytest.mark.parametrize(("first", "second"), [("clc", "clc"), ("clc", "any"), ("any", "any")])
def test_pairs(tmp_path: Path, first: str, second: str) -> None:
    before, after = values(first, 4).astype(np.uint8), values(second, 5).astype(np.uint8)
    one = open_grid(write_raster(tmp_path / "a.tif", before, size=SIZE, blockysize=8))
    two = open_grid(write_raster(tmp_path / "b.tif", after, size=SIZE, blockysize=16))
    found = passes.count_cells(edges(one), [one, two], missing=MISSING, jobs=2)
    rows, columns = ((*codes, None) for codes in found.codes)
    for n, inside in enumerate(masks()):
        expected: dict = {}
        for a, b in zip(before[inside].tolist(), after[inside].tolist(), strict=True):
            key = (None if a in MISSING else a, None if b in MISSING else b)
            expected[key] = expected.get(key, 0) + 1
        got = {
            (rows[i], columns[j]): int(found.cells[n, i, j])
            for i, j in zip(*np.nonzero(found.cells[n]), strict=True)
        }
        assert got == expected


@pytest.mark.parametrize(
    ("dtype", "nodata"), [("uint8", 0), ("int16", -9999), ("float64", -1.7e308)]
)
def test_the_declared_nodata_is_missing(tmp_path: Path, dtype: str, nodata: float) -> None:
    array = np.ones((ROWS, COLUMNS), dtype=dtype)
    array[:, :35] = nodata
    path = write_raster(tmp_path / "a.tif", array, size=SIZE, dtype=dtype, nodata=nodata)
    grid = open_grid(path)
    found = passes.count_cells(edges(grid), [grid], missing=MISSING)
    assert found.codes == ((1,),)
    assert found.cells[1, -1] == masks()[1][:, :35].sum()


def test_nan_is_missing(tmp_path: Path) -> None:
    array = np.ones((ROWS, COLUMNS))
    array[0:50] = np.nan
    grid = open_grid(write_raster(tmp_path / "a.tif", array, size=SIZE, dtype="float32"))
    found = passes.count_cells(edges(grid), [grid], missing=MISSING)
    assert found.cells[1, -1] == masks()[1][:50].sum()


@pytest.mark.parametrize(("value", "dtype"), [(0.5, "float32"), (-1, "int16"), (256, "int32")])
def test_a_value_that_is_no_class_is_refused(tmp_path: Path, value: float, dtype: str) -> None:
    array = np.full((ROWS, COLUMNS), value)
    grid = open_grid(write_raster(tmp_path / "a.tif", array, size=SIZE, dtype=dtype))
    with pytest.raises(WrongBand, match=rf"values such as {value:g}; expected classes"):
        passes.count_cells(edges(grid), [grid], missing=MISSING)


def test_a_raster_without_a_planar_grid_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongReferenceSystem, match=r"found EPSG:4326.*Warp it first"):
        open_grid(
            write_raster(tmp_path / "a.tif", [[1]], crs="EPSG:4326", west=3, north=46, size=0.001)
        )
    with pytest.raises(WrongReferenceSystem, match="no reference system"):
        open_grid(write_raster(tmp_path / "b.tif", [[1]], crs=None))
    with pytest.raises(UnreadableRaster, match=r"nowhere\.tif"):
        open_grid(tmp_path / "nowhere.tif")


def test_two_grids_are_refused(tmp_path: Path) -> None:
    one = open_grid(write_raster(tmp_path / "a.tif", [[1, 2]]))
    two = open_grid(write_raster(tmp_path / "b.tif", [[1, 2]], west=WEST + 10))
    with pytest.raises(WrongGrid, match=r"b\.tif: found 2 × 1 cells .* the grid of a\.tif"):
        passes.count_cells(edges_of([]), [one, two], missing=MISSING)


def test_a_file_cut_in_the_middle_is_refused(tmp_path: Path) -> None:
    array = np.random.default_rng(1).integers(1, 12, (ROWS, COLUMNS))
    path = write_raster(tmp_path / "cut.tif", array, size=SIZE, blockysize=8, compress="DEFLATE")
    grid = open_grid(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : len(content) // 2] = bytes(len(content) // 2 - len(content) // 3)
    path.write_bytes(bytes(content))
    with pytest.raises(UnreadableRaster, match=r"rows .* unreadable"):
        passes.count_cells(edges(grid), [grid], missing=MISSING)
