"""A zone's tiles and border cells are its cells, each once."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.counting.scanline import Spans, edges_of, spans_of
from analytics.custom_zones.tile_split import cut_at_blocks, split_at_tiles
from analytics.grid import COUNT_TILE_CELLS, Window, window_of_bounds

WEST, SOUTH = 4_000_000, 3_000_000


def cells(spans: Spans, window: Window) -> np.ndarray:
    found = np.zeros(window.shape, dtype=np.int32)
    for row, start, stop in zip(spans.row, spans.start, spans.stop, strict=True):
        found[row - window.row, start - window.column : stop - window.column] += 1
    return found


def by_both(geometry: shapely.Geometry) -> tuple[np.ndarray, np.ndarray, int]:
    """Cells by the split and by the scanline, and the number of inner tiles."""
    window = window_of_bounds(*map(float, geometry.buffer(1500).bounds))
    edges = edges_of([geometry])
    split = split_at_tiles(edges)
    found = cells(split.border, window)
    side = COUNT_TILE_CELLS
    for row, first, last in split.inner.tolist():
        y, x = row * side - window.row, first * side - window.column
        found[y : y + side, x : x + (last - first) * side] += 1
    return (
        found,
        cells(spans_of(edges, window), window),
        int((split.inner[:, 2] - split.inner[:, 1]).sum()),
    )


def test_a_square_of_tiles_has_its_inner_tiles_and_its_rim() -> None:
    square = shapely.box(WEST, SOUTH, WEST + 5000, SOUTH + 5000)
    found, expected, inner = by_both(square)
    assert (found == expected).all()
    # The border runs along the outer tiles' sides: they are read, the nine within are not.
    assert inner == 9


def test_a_circle_costs_its_border() -> None:
    found, expected, inner = by_both(shapely.Point(WEST, SOUTH).buffer(20_000))
    assert (found == expected).all()
    assert inner > 1000


def test_holes_and_parts() -> None:
    ring = (
        shapely.Point(WEST, SOUTH).buffer(9000).difference(shapely.Point(WEST, SOUTH).buffer(4000))
    )
    both = shapely.MultiPolygon(
        [ring, shapely.box(WEST + 9500, SOUTH, WEST + 14_000, SOUTH + 4000)]
    )
    found, expected, inner = by_both(both)
    assert (found == expected).all()
    assert inner > 50


def test_a_sliver_has_no_tiles_and_perhaps_no_cells() -> None:
    split = split_at_tiles(edges_of([shapely.box(WEST + 6, SOUTH + 6, WEST + 9, SOUTH + 9)]))
    assert len(split.inner) == 0
    assert len(split.border) == 0


corner = st.integers(-60, 60).map(lambda n: n * 125.0)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(corner, corner), min_size=3, max_size=12),
    st.floats(-5, 5, allow_subnormal=False, width=32),
)
def test_any_polygon_is_covered_exactly_once(
    points: list[tuple[float, float]], shift: float
) -> None:
    shape = shapely.make_valid(shapely.Polygon([(WEST + x + shift, SOUTH + y) for x, y in points]))
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    if not parts or shape.area == 0:
        return
    found, expected, _ = by_both(shapely.MultiPolygon(parts))
    assert (found == expected).all()


@pytest.mark.parametrize("block", [64, 512])
def test_cutting_at_blocks_keeps_every_cell(block: int) -> None:
    edges = edges_of([shapely.Point(WEST, SOUTH).buffer(6000)])
    window = window_of_bounds(WEST - 5000, SOUTH - 3000, WEST + 4000, SOUTH + 8000)
    spans = spans_of(edges, window)
    cut, blocks, ends = cut_at_blocks(spans, origin=window, block=block)
    assert (cells(cut, window) == cells(spans, window)).all()
    per_row = -(-window.width // block)
    for number, first, last in zip(blocks, ends, ends[1:], strict=False):
        rows = (cut.row[first:last] - window.row) // block
        columns = (cut.start[first:last] - window.column) // block
        assert (rows * per_row + columns == number).all()
        assert ((cut.stop[first:last] - 1 - window.column) // block == columns).all()
