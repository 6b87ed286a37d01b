"""Counts of zones and tiles against the naive oracle."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.counting import zonal
from analytics.counting.scanline import edges_of
from analytics.counting.tiles import class_sums, pair_sums, sealed_shares
from analytics.errors import InvalidCodes
from analytics.grid import COUNT_TILE_CELLS, Window
from analytics.nomenclature import CODES, OBSERVED_CODES
from tests import oracle

SIDE = 8


def window_reader(codes: np.ndarray, window: Window):  # type: ignore[no-untyped-def]
    def read(part: Window) -> np.ndarray:
        row, column = part.row - window.row, part.column - window.column
        return codes[row : row + part.height, column : column + part.width]

    return read


@st.composite
def cases(draw: st.DrawFn) -> tuple[int, list[shapely.Geometry]]:
    corner = st.integers(-2, 2 * SIDE + 2).map(lambda n: n * 5.0)
    zones = []
    for _ in range(draw(st.integers(1, 4))):
        points = draw(st.lists(st.tuples(corner, corner), min_size=3, max_size=6))
        hull = shapely.MultiPoint(points).convex_hull
        if hull.geom_type == "Polygon":
            zones.append(hull)
    return draw(st.integers(0, 2**31)), zones


@settings(max_examples=150, deadline=None)
@given(cases())
def test_classes_and_pairs_equal_the_naive_oracle(case: tuple[int, list[shapely.Geometry]]) -> None:
    seed, zones = case
    if not zones:
        return
    random = np.random.default_rng(seed)
    earlier = random.choice(np.array(CODES, dtype=np.uint8), (SIDE, SIDE))
    later = np.where(random.random((SIDE, SIDE)) < 0.7, earlier, random.choice(CODES, (SIDE, SIDE)))
    later = later.astype(np.uint8)
    window = Window(1_000_000 - SIDE, 0, SIDE, SIDE)
    counts = zonal.count(
        edges_of(zones),
        window=window,
        read=window_reader(later, window),
        read_others=[window_reader(earlier, window)],
    )
    for number, zone in enumerate(zones):
        inside = oracle.mask(zone, shape=(SIDE, SIDE), x0=0.0, y0=SIDE * 10.0)
        expected = oracle.class_counts(later, inside)
        found = counts.cells[number]
        assert {code: n for code, n in zip(CODES, found.tolist(), strict=True) if n} == expected
        pairs = {
            (a, b): n
            for i, a in enumerate(OBSERVED_CODES)
            for j, b in enumerate(OBSERVED_CODES)
            if (n := int(counts.matrices[0][number, i, j]))
        }
        assert pairs == oracle.pair_counts(earlier, later, inside)


def test_a_window_of_many_strips_equals_one_of_a_few() -> None:
    random = np.random.default_rng(5)
    codes = random.choice(np.array(CODES, dtype=np.uint8), (2500, 60))
    window = Window(10_000, 0, 2500, 60)
    west, south, east, north = window.bounds
    zone = shapely.Point((west + east) / 2, (south + north) / 2).buffer(11_000)
    found = zonal.count(edges_of([zone]), window=window, read=window_reader(codes, window))
    columns, rows = np.meshgrid(west + 5 + 10 * np.arange(60), north - 5 - 10 * np.arange(2500))
    inside = shapely.contains_xy(zone, columns, rows)
    expected = oracle.class_counts(codes, inside)
    assert dict(zip(CODES, found.cells[0].tolist(), strict=True)) == expected


@pytest.mark.parametrize("code", [0, 12, 16, 77, 239, 240, 252])
def test_an_unknown_code_is_an_error(code: int) -> None:
    codes = np.array([[1, code]], dtype=np.uint8)
    fine = np.array([[1, 2]], dtype=np.uint8)
    window = Window(999_999, 0, 1, 2)
    edges = edges_of([shapely.box(0, 0, 20, 10)])
    for this, other in ((codes, fine), (fine, codes)):
        with pytest.raises(InvalidCodes, match="unknown code"):
            zonal.count(
                edges,
                window=window,
                read=window_reader(this, window),
                read_others=[window_reader(other, window)],
            )


def test_running_sums_hold_every_cell_of_every_kilometre() -> None:
    random = np.random.default_rng(6)
    shape = (200, 300)
    earlier, later = (random.choice(np.array(CODES, dtype=np.uint8), shape) for _ in range(2))
    window = Window(2 * COUNT_TILE_CELLS, 5 * COUNT_TILE_CELLS, *shape)
    classes = class_sums(later, window=window)
    pairs, *margins = pair_sums(earlier, later, window=window)
    assert (margins[0].sums == class_sums(earlier, window=window).sums).all()
    assert (margins[1].sums == classes.sums).all()
    assert (list(classes.rows), classes.first_column) == ([2, 3], 5)
    assert classes.sums.shape == (2, 4, 14)
    assert pairs.sums.shape == (2, 4, 121)
    everything = np.ones((100, 100), dtype=bool)
    for row in range(2):
        for column in range(3):
            place = np.s_[row * 100 : row * 100 + 100, column * 100 : column * 100 + 100]
            cells = classes.sums[row, column + 1] - classes.sums[row, column]
            expected = oracle.class_counts(later[place], everything)
            assert dict(zip(CODES, cells.tolist(), strict=True)) == expected
            matrix = (pairs.sums[row, column + 1] - pairs.sums[row, column]).reshape(11, 11)
            assert {
                (OBSERVED_CODES[i], OBSERVED_CODES[j]): int(matrix[i, j])
                for i, j in zip(*np.nonzero(matrix), strict=True)
            } == oracle.pair_counts(earlier[place], later[place], everything)


def test_tiles_start_at_whole_kilometres() -> None:
    with pytest.raises(ValueError, match="whole kilometres"):
        class_sums(np.ones((100, 100), dtype=np.uint8), window=Window(50, 0, 100, 100))


def test_the_overview_is_the_share_of_what_is_observed() -> None:
    codes = np.full((10, 30), 6, dtype=np.uint8)
    codes[:, 0] = 1  # 10 of 100 sealed
    codes[:, 10:20] = 255  # nothing observed
    codes[:5, 20:30] = 254
    codes[5, 20:30] = 1  # 10 of 50 observed
    assert sealed_shares(codes).tolist() == [[20, 255, 40]]
