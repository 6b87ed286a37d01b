"""Counts of zones and tiles against the naive oracle."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.arrays import Int64Array
from analytics.change import pattern_counts
from analytics.change.joint_counts import JointCounts, Plan
from analytics.change.tile_pass import count_zones, count_zones_and_squares
from analytics.counting.scanline import Edges, edges_of
from analytics.counting.tiles import running_sums, sealed_shares
from analytics.errors import InvalidCodes
from analytics.grid import COUNT_TILE_CELLS, Window
from analytics.nomenclature import CODES, OBSERVED_CODES
from analytics.rasters.sources import ReadCodes
from tests import oracle

SIDE = 8
PAIR = Plan([1, 2], pairs=[(1, 2)], lines=[])


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
    counts = count_zones(
        edges_of(zones),
        window=window,
        read={1: window_reader(earlier, window), 2: window_reader(later, window)},
        plan=PAIR,
    )
    cells, matrices = counts.classes(2), counts.changes((1, 2))
    for number, zone in enumerate(zones):
        inside = oracle.mask(zone, shape=(SIDE, SIDE), x0=0.0, y0=SIDE * 10.0)
        expected = oracle.class_counts(later, inside)
        found = cells[number]
        assert {code: n for code, n in zip(CODES, found.tolist(), strict=True) if n} == expected
        pairs = {
            (a, b): n
            for i, a in enumerate(OBSERVED_CODES)
            for j, b in enumerate(OBSERVED_CODES)
            if (n := int(matrices[number, i, j]))
        }
        assert pairs == oracle.pair_counts(earlier, later, inside)


def test_a_window_of_many_strips_equals_one_of_a_few() -> None:
    random = np.random.default_rng(5)
    codes = random.choice(np.array(CODES, dtype=np.uint8), (2500, 60))
    window = Window(10_000, 0, 2500, 60)
    west, south, east, north = window.bounds
    zone = shapely.Point((west + east) / 2, (south + north) / 2).buffer(11_000)
    plan = Plan([1], pairs=[], lines=[])
    read = {1: window_reader(codes, window)}
    found = count_zones(edges_of([zone]), window=window, read=read, plan=plan)
    columns, rows = np.meshgrid(west + 5 + 10 * np.arange(60), north - 5 - 10 * np.arange(2500))
    inside = shapely.contains_xy(zone, columns, rows)
    expected = oracle.class_counts(codes, inside)
    assert dict(zip(CODES, found.classes(1)[0].tolist(), strict=True)) == expected


@pytest.mark.parametrize("code", [0, 12, 16, 77, 239, 240, 252])
def test_an_unknown_code_is_an_error(code: int) -> None:
    codes = np.array([[1, code]], dtype=np.uint8)
    fine = np.array([[1, 2]], dtype=np.uint8)
    window = Window(999_999, 0, 1, 2)
    edges = edges_of([shapely.box(0, 0, 20, 10)])
    for this, other in ((codes, fine), (fine, codes)):
        read = {1: window_reader(other, window), 2: window_reader(this, window)}
        with pytest.raises(InvalidCodes, match="unknown code"):
            _cells(edges, window, read)


def _cells(edges: Edges, window: Window, read: dict[int, ReadCodes]) -> list[Int64Array]:
    counts = count_zones(edges, window=window, read=read, plan=PAIR)
    return [counts.classes(edition_id) for edition_id in counts.cells]


def squares_of(blocks: dict[int, np.ndarray], plan: Plan, window: Window) -> JointCounts:
    """Counts of the 1 km squares alone."""
    read = {number: window_reader(block, window) for number, block in blocks.items()}
    nothing = edges_of(np.array([], dtype=object))
    return count_zones_and_squares(nothing, window=window, read=read, plan=plan)[1]


def test_running_sums_hold_every_cell_of_every_kilometre() -> None:
    random = np.random.default_rng(6)
    shape = (200, 300)
    earlier, later = (random.choice(np.array(CODES, dtype=np.uint8), shape) for _ in range(2))
    window = Window(2 * COUNT_TILE_CELLS, 5 * COUNT_TILE_CELLS, *shape)
    counts = squares_of({1: earlier, 2: later}, PAIR, window)
    alone = squares_of({1: earlier, 2: later}, Plan([1, 2], pairs=[], lines=[]), window)
    assert all((counts.cells[number] == alone.cells[number]).all() for number in (1, 2))
    classes = running_sums(counts.classes(2), window=window)
    pairs = running_sums(counts.changes((1, 2)), window=window)
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


@pytest.mark.parametrize("editions", [1, 2, 3, 5])
def test_patterns_are_the_same_however_they_are_counted(editions: int) -> None:
    """From the counts of classes or pairs, or by numbered blocks."""
    random = np.random.default_rng(editions)
    window = Window(0, 0, 200, 300)
    blocks = {
        number: random.choice(np.array(CODES, dtype=np.uint8), window.shape)
        for number in (4, 7, 9, 12, 30)[:editions]
    }
    line = list(blocks)
    west, south, east, north = window.bounds
    edges = edges_of([shapely.Point((west + east) / 2, (south + north) / 2).buffer(700)])
    read = {number: window_reader(block, window) for number, block in blocks.items()}
    pairs = [(line[-1], other) for other in line[:-1]]
    zones, squares = count_zones_and_squares(
        edges, window=window, read=read, plan=Plan(line, pairs=pairs, lines=[line])
    )
    numbered = pattern_counts.number(blocks.items(), shape=window.shape)
    everywhere = np.bincount(numbered.numbers.ravel(), minlength=len(numbered.patterns))
    expected = {
        pattern: int(cells)
        for pattern, cells in zip(numbered.patterns, everywhere, strict=True)
        if pattern and cells
    }
    assert {p: int(cells.sum()) for p, cells in squares.patterns.items()} == expected
    assert sum(cells[0] for cells in zones.patterns.values()) < sum(expected.values())
    for edition_id in line:
        sealed = sum(c[0] for p, c in zones.patterns.items() if edition_id in p)
        assert sealed == zones.classes(edition_id)[0, 0] > 0


def test_tiles_start_at_whole_kilometres() -> None:
    block = np.ones((100, 100), dtype=np.uint8)
    with pytest.raises(ValueError, match="whole kilometres"):
        squares_of({1: block}, Plan([1], pairs=[], lines=[]), Window(50, 0, 100, 100))


def test_the_overview_is_the_share_of_what_is_observed() -> None:
    codes = np.full((10, 30), 6, dtype=np.uint8)
    codes[:, 0] = 1  # 10 of 100 sealed
    codes[:, 10:20] = 255  # nothing observed
    codes[:5, 20:30] = 254
    codes[5, 20:30] = 1  # 10 of 50 observed
    assert sealed_shares(codes).tolist() == [[20, 255, 40]]


_SIGNATURES_AFTER_EACH = """
import numpy as np
from analytics.change import joint_counts, tile_pass
from analytics.counting import kernels, scanline
from analytics.grid import Window
import shapely

def signatures():
    return {(m.__name__, n): len(d.signatures) for m in (kernels, scanline)
            for n, d in vars(m).items() if hasattr(d, "signatures")}

tile_pass.load_kernels()
loaded = signatures()
window = Window(0, 0, 200, 300)
west, south, east, north = window.bounds
edges = scanline.edges_of([shapely.Polygon([(west, south), (east, south), (west, north)])])
read = {n: lambda part: np.full(part.shape, 2, dtype=np.uint8) for n in (1, 2)}
plan = joint_counts.Plan([1, 2], [(1, 2)], [[1, 2]])
tile_pass.count_zones_and_squares(edges, window=window, read=read, plan=plan)
print(sum(loaded.values()), signatures() == loaded)
"""


def test_what_loads_the_kernels_loads_all_that_a_pass_needs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SIGNATURES_AFTER_EACH], capture_output=True, text=True, check=True
    )
    number, same = done.stdout.split()
    assert int(number) >= 6
    assert same == "True"
