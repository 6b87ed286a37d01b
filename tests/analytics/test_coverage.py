"""The rule *coverage*: exact fractions of cells, against GEOS and against exactextract."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from analytics.counting import passes
from analytics.counting.boundary import Borders, borders_of, coverage_of
from analytics.errors import UnreadableRaster, WrongBand, WrongGrid
from analytics.grid import Window
from analytics.rasters.grids import RasterGrid, open_grid
from tests.rasters import NORTH, WEST, write_raster

MISSING = frozenset({253, 254, 255})
ROWS, COLUMNS, SIZE = 90, 70, 25.0


def fractions(zones: list[Any], *, window: Window, top: float) -> np.ndarray:
    """Fraction of each cell in each zone, shape (zones, rows, columns), cells of 10 × 10 m."""
    borders = borders_of(zones, x_origin=0, y_origin=top, cell_width=10, cell_height=10)
    coverage = coverage_of(borders, window)
    found = np.zeros((len(zones), *window.shape))
    inner = coverage.inner
    for row, start, stop, zone in zip(inner.row, inner.start, inner.stop, inner.zone, strict=True):
        found[zone, row - window.row, start - window.column : stop - window.column] += 1
    np.add.at(
        found,
        (coverage.zone, coverage.row - window.row, coverage.column - window.column),
        coverage.fraction,
    )
    return found


def three(zone: Any) -> list[list[float]]:
    """The fractions of a grid of 3 × 3 cells between (0, 0) and (30, 30)."""
    return fractions([zone], window=Window(0, 0, 3, 3), top=30)[0].tolist()


def by_geos(zone: Any, *, window: Window, top: float) -> np.ndarray:
    columns, rows = np.meshgrid(
        np.arange(window.column, window.column_stop), np.arange(window.row, window.row_stop)
    )
    cells = shapely.box(10 * columns, top - 10 * (rows + 1), 10 * (columns + 1), top - 10 * rows)
    return np.asarray(shapely.area(shapely.intersection(cells, zone))) / 100


def test_a_square_between_cells() -> None:
    assert three(box(5, 5, 25, 25)) == [[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]]


def test_a_square_of_whole_cells_has_no_other() -> None:
    assert three(box(10, 0, 30, 20)) == [[0, 0, 0], [0, 1, 1], [0, 1, 1]]


def test_a_diagonal_halves_cells() -> None:
    assert three(Polygon([(0, 30), (0, 0), (30, 0)])) == [[0.5, 0, 0], [1, 0.5, 0], [1, 1, 0.5]]


def test_a_hole_is_taken_off() -> None:
    ring = Polygon(box(0, 0, 30, 30).exterior.coords, [box(5, 10, 20, 20).exterior.coords])
    assert three(ring) == [[1, 1, 1], [0.5, 0, 1], [1, 1, 1]]


def test_parts_within_a_cell_add_up() -> None:
    parts = MultiPolygon([box(0, 20, 5, 30), box(7.5, 20, 10, 30), box(22.5, 0, 25, 2.5)])
    assert three(parts) == [[0.75, 0, 0], [0, 0, 0], [0, 0, 0.0625]]


def test_a_sliver_without_a_centre_has_its_area() -> None:
    assert three(box(7.5, 2.5, 12.5, 5)) == [[0, 0, 0], [0, 0, 0], [0.0625, 0.0625, 0]]


def test_what_lies_beyond_the_window_is_left_out() -> None:
    assert three(box(-100, -100, 5, 100)) == [[0.5, 0, 0]] * 3
    assert three(box(-100, -100, 100, 5)) == [[0, 0, 0], [0, 0, 0], [0.5, 0.5, 0.5]]
    assert three(box(-100, -100, 100, 100)) == [[1, 1, 1]] * 3
    assert three(box(40, 0, 50, 30)) == [[0, 0, 0]] * 3


def test_rings_may_run_in_either_direction() -> None:
    square = box(5, 5, 25, 25)
    assert three(square) == three(square.reverse())


def test_fractions_are_as_exact_far_from_the_origin() -> None:
    x, y = 7_000_000.125, 1_000_000.25
    zone = box(x, y, x + 0.001953125, y + 0.0009765625)
    borders = borders_of([zone], x_origin=0, y_origin=10_000_000, cell_width=10, cell_height=10)
    coverage = coverage_of(borders, Window(899_990, 699_990, 20, 20))
    assert coverage.fraction.sum() * 100 == pytest.approx(zone.area, rel=1e-12)


coordinates = st.one_of(
    st.integers(-4, 28).map(lambda n: n * 2.5),  # corners, sides and centres of cells
    st.floats(-10, 70, allow_nan=False, allow_subnormal=False, width=32),
)


@st.composite
def polygons(draw: st.DrawFn) -> MultiPolygon:
    """Valid polygons with holes and several parts, many along the sides of cells."""
    points = draw(st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=9))
    shape = Polygon(points) if draw(st.booleans()) else shapely.MultiPoint(points).convex_hull
    shape = shapely.make_valid(shape)
    if draw(st.booleans()):
        x, y = draw(st.tuples(coordinates, coordinates))
        shape = shape.difference(box(x, y, x + 15, y + 15))
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 0]
    return MultiPolygon(parts)


windows = st.sampled_from([Window(0, 0, 6, 6), Window(1, 2, 3, 2), Window(4, 0, 1, 6)])


@settings(max_examples=500, deadline=None)
@given(polygons(), windows)
def test_fractions_equal_those_of_geos(zone: MultiPolygon, window: Window) -> None:
    if zone.is_empty:
        return
    found = fractions([zone], window=window, top=60)[0]
    np.testing.assert_allclose(found, by_geos(zone, window=window, top=60), rtol=0, atol=1e-9)


@settings(max_examples=150, deadline=None)
@given(st.sets(st.tuples(coordinates, coordinates), max_size=14))
def test_a_tiling_of_the_plane_fills_every_cell(points: set[tuple[float, float]]) -> None:
    frame = [(-20.0, -20.0), (-20.0, 80.0), (80.0, -20.0), (80.0, 80.0)]
    triangles = shapely.get_parts(shapely.delaunay_triangles(shapely.MultiPoint([*frame, *points])))
    found = fractions(list(triangles), window=Window(0, 0, 6, 6), top=60)
    np.testing.assert_allclose(found.sum(axis=0), 1, rtol=0, atol=1e-9)


def zones() -> list[Any]:
    """A ring, a disc, a star of many corners, and zones partly and wholly outside."""
    x, y = WEST, NORTH - ROWS * SIZE
    disc = shapely.Point(x + 800, y + 1000).buffer(600)
    ring = disc.difference(shapely.Point(x + 800, y + 1000).buffer(200))
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radius = 500 + 200 * np.sin(17 * angles)
    star = Polygon(
        np.column_stack((x + 900 + radius * np.cos(angles), y + 1100 + radius * np.sin(angles)))
    )
    return [ring, disc, star, box(x - 500, y - 500, x + 300, y + 400), box(0, 0, 10, 10)]


def borders(grid: RasterGrid, of: list[Any] | None = None) -> Borders:
    return borders_of(
        zones() if of is None else of,
        x_origin=grid.x_origin,
        y_origin=grid.y_origin,
        cell_width=grid.cell_width,
        cell_height=grid.cell_height,
    )


def some_codes(kind: str, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    if kind == "clc":
        return random.choice(np.array([1, 2, 6, 11, 253, 255]), (ROWS, COLUMNS))
    return random.integers(0, 256, (ROWS, COLUMNS))


def cells_of(zone: Any) -> np.ndarray:
    """Fraction of each cell of the raster by GEOS."""
    columns, rows = np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))
    west, north = WEST + SIZE * columns, NORTH - SIZE * rows
    cells = shapely.box(west, north - SIZE, west + SIZE, north)
    return np.asarray(shapely.area(shapely.intersection(cells, zone))) / SIZE**2


@pytest.fixture
def small_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "COVERAGE_STRIP_CELLS", 16 * COLUMNS)


@pytest.mark.usefixtures("small_strips")
@pytest.mark.parametrize("kind", ["clc", "any"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float64"])
def test_classes(tmp_path: Path, kind: str, dtype: str) -> None:
    codes = some_codes(kind, 3)
    path = write_raster(tmp_path / "a.tif", codes, size=SIZE, dtype=dtype, blockysize=16)
    grid = open_grid(path)
    found = passes.sum_fractions(borders(grid), [grid], missing=MISSING, jobs=2)
    for n, zone in enumerate(zones()):
        parts = cells_of(zone)
        got = dict(zip(found.codes[0], found.cells[n].tolist(), strict=False))
        for code in set(np.unique(codes).tolist()) - MISSING:
            assert got.get(code, 0) == pytest.approx(parts[codes == code].sum(), abs=1e-9)
        absent = np.isin(codes, list(MISSING))
        assert found.cells[n, -1] == pytest.approx(parts[absent].sum(), abs=1e-9)


@pytest.mark.usefixtures("small_strips")
@pytest.mark.parametrize(("first", "second"), [("clc", "clc"), ("clc", "any")])
def test_pairs(tmp_path: Path, first: str, second: str) -> None:
    before, after = some_codes(first, 4), some_codes(second, 5)
    one = open_grid(write_raster(tmp_path / "a.tif", before, size=SIZE, blockysize=8))
    two = open_grid(write_raster(tmp_path / "b.tif", after, size=SIZE, blockysize=16))
    found = passes.sum_fractions(borders(one), [one, two], missing=MISSING, jobs=2)
    rows, columns = ((*codes, None) for codes in found.codes)
    for n, zone in enumerate(zones()):
        expected = np.zeros((len(rows), len(columns)))
        for a, b, part in zip(before.flat, after.flat, cells_of(zone).flat, strict=True):
            if part:
                row = rows.index(None if a in MISSING else a)
                expected[row, columns.index(None if b in MISSING else b)] += part
        np.testing.assert_allclose(found.cells[n], expected, rtol=0, atol=1e-9)


def test_areas_of_classes_add_up_to_the_zone_within_the_raster(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", some_codes("clc", 7), size=SIZE)
    grid = open_grid(path)
    found = passes.sum_fractions(borders(grid), [grid], missing=MISSING)
    extent = box(WEST, NORTH - ROWS * SIZE, WEST + COLUMNS * SIZE, NORTH)
    expected = shapely.area(shapely.intersection(np.array(zones()), extent))
    areas = found.cells.sum(axis=1) * grid.cell_area
    np.testing.assert_allclose(areas, expected, rtol=1e-9)


def test_sums_do_not_depend_on_the_number_of_threads(tmp_path: Path, small_strips: None) -> None:
    path = write_raster(tmp_path / "a.tif", some_codes("any", 8), size=SIZE, blockysize=8)
    grid = open_grid(path)
    one, three = (
        passes.sum_fractions(borders(grid), [grid], missing=MISSING, jobs=jobs) for jobs in (1, 3)
    )
    assert (one.cells == three.cells).all()


def test_progress_is_reported_by_strip(tmp_path: Path, small_strips: None) -> None:
    path = write_raster(tmp_path / "a.tif", some_codes("clc", 8), size=SIZE, blockysize=8)
    grid = open_grid(path)
    told: list[tuple[int, int]] = []
    passes.sum_fractions(
        borders(grid), [grid], missing=MISSING, progress=lambda *of: told.append(of)
    )
    assert len(told) > 1
    assert told[-1][0] == told[-1][1] == len(told)
    assert all(a[0] < b[0] for a, b in pairwise(told))


def test_no_zone_and_no_cell(tmp_path: Path) -> None:
    grid = open_grid(write_raster(tmp_path / "a.tif", [[1, 2]]))
    assert passes.sum_fractions(borders(grid, []), [grid], missing=MISSING).cells.shape == (0, 1)
    outside = passes.sum_fractions(borders(grid, [box(0, 0, 9, 9)]), [grid], missing=MISSING)
    assert outside.codes == ((),)
    assert outside.cells.tolist() == [[0]]


def test_what_cannot_be_counted_is_refused(tmp_path: Path) -> None:
    grid = open_grid(write_raster(tmp_path / "a.tif", [[0.5]], dtype="float32"))
    everything = [box(WEST - 99, NORTH - 99, WEST + 99, NORTH + 99)]
    with pytest.raises(WrongBand, match=r"values such as 0\.5"):
        passes.sum_fractions(borders(grid, everything), [grid], missing=MISSING)
    other = open_grid(write_raster(tmp_path / "b.tif", [[1]], west=WEST + 10))
    with pytest.raises(WrongGrid, match=r"the grid of a\.tif"):
        passes.sum_fractions(borders(grid, everything), [grid, other], missing=MISSING)


def test_a_file_cut_in_the_middle_is_refused(tmp_path: Path) -> None:
    codes = np.random.default_rng(1).integers(1, 12, (ROWS, COLUMNS))
    path = write_raster(tmp_path / "cut.tif", codes, size=SIZE, blockysize=8, compress="DEFLATE")
    grid = open_grid(path)
    content = bytearray(path.read_bytes())
    third, half = len(content) // 3, len(content) // 2
    content[third:half] = bytes(half - third)
    path.write_bytes(bytes(content))
    with pytest.raises(UnreadableRaster, match=r"rows .* unreadable"):
        passes.sum_fractions(borders(grid), [grid], missing=MISSING)


def test_areas_equal_those_of_exactextract(tmp_path: Path) -> None:
    exactextract = pytest.importorskip("exactextract")
    path = write_raster(tmp_path / "a.tif", some_codes("clc", 9), size=SIZE)
    grid = open_grid(path)
    within = zones()[:4]
    features = [
        {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(zone))}
        for zone in within
    ]
    found = passes.sum_fractions(borders(grid, within), [grid], missing=frozenset())
    peers = exactextract.exact_extract(str(path), features, ["count", "unique", "frac"])
    for n, peer in enumerate(peers):
        of = peer["properties"]
        assert found.cells[n].sum() == pytest.approx(of["count"], rel=1e-6)
        expected = dict(zip(map(int, of["unique"]), of["frac"] * of["count"], strict=True))
        got = dict(zip(found.codes[0], found.cells[n].tolist(), strict=False))
        assert got == pytest.approx(expected, rel=1e-6)
