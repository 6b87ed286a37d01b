"""Which cells lie in which zone."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from analytics.counting.scanline import edges_of, spans_of
from analytics.errors import InvalidGeometry
from analytics.grid import Window
from tests import oracle

TOP = 30.0


def cells(zones: list, *, rows: int = 3, columns: int = 3, top: float = TOP) -> np.ndarray:
    """Masks of zones, shape (zones, rows, columns), on a grid whose corner is at (0, top)."""
    edges = edges_of(zones, y_origin=top)
    spans = spans_of(edges, Window(0, 0, rows, columns))
    masks = np.zeros((len(zones), rows, columns), dtype=int)
    for row, start, stop, zone in zip(spans.row, spans.start, spans.stop, spans.zone, strict=True):
        masks[zone, row, start:stop] += 1
    return masks


def test_a_square_holds_its_cells() -> None:
    assert cells([box(10, 0, 30, 20)])[0].tolist() == [[0, 0, 0], [0, 1, 1], [0, 1, 1]]


def test_a_hole_is_left_out() -> None:
    ring = Polygon(box(0, 0, 30, 30).exterior.coords, [box(10, 10, 20, 20).exterior.coords])
    assert cells([ring])[0].tolist() == [[1, 1, 1], [1, 0, 1], [1, 1, 1]]


def test_parts_are_one_zone() -> None:
    parts = MultiPolygon([box(0, 20, 10, 30), box(20, 0, 30, 10)])
    assert cells([parts])[0].tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 1]]


def test_a_sliver_without_a_centre_has_no_cell() -> None:
    assert cells([box(6, 0, 14, 30)])[0].sum() == 0


def test_a_centre_on_a_border_belongs_to_the_zone_east_of_it() -> None:
    west, east = cells([box(0, 0, 15, 30), box(15, 0, 30, 30)])
    assert west.tolist() == [[1, 0, 0]] * 3
    assert east.tolist() == [[0, 1, 1]] * 3


def test_a_centre_on_a_border_belongs_to_the_zone_south_of_it() -> None:
    north, south = cells([box(0, 15, 30, 30), box(0, 0, 30, 15)])
    assert north.tolist() == [[1, 1, 1], [0, 0, 0], [0, 0, 0]]
    assert south.tolist() == [[0, 0, 0], [1, 1, 1], [1, 1, 1]]


def test_centres_on_a_slanting_border_belong_to_the_east() -> None:
    # From the upper left to the lower right corner, through all three centres.
    lower = Polygon([(0, 30), (30, 0), (0, 0)])
    upper = Polygon([(0, 30), (30, 30), (30, 0)])
    assert cells([lower, upper])[0].tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert cells([lower, upper])[1].tolist() == [[1, 1, 1], [0, 1, 1], [0, 0, 1]]


def test_a_corner_on_a_centre_is_counted_once() -> None:
    quarters = [box(0, 15, 15, 30), box(15, 15, 30, 30), box(0, 0, 15, 15), box(15, 0, 30, 15)]
    assert cells(quarters).sum(axis=0).tolist() == [[1, 1, 1]] * 3


def test_overlapping_zones_are_counted_each_in_full() -> None:
    assert cells([box(0, 0, 30, 30), box(0, 0, 20, 30)]).sum(axis=(1, 2)).tolist() == [9, 6]


def test_zones_outside_and_partly_outside_the_window() -> None:
    outside, partly = cells([box(100, 0, 120, 20), box(-20, -20, 10, 10)])
    assert outside.sum() == 0
    assert partly.tolist() == [[0, 0, 0], [0, 0, 0], [1, 0, 0]]


def test_the_whole_grid_is_exact_far_from_its_origin() -> None:
    x, y = 7_000_000, 1_000_000
    edges = edges_of([box(x + 4.999, y, x + 25, y + 30)])
    window = Window(900_000 - 3, 700_000, 3, 3)
    assert spans_of(edges, window).cells_by_zone(1).tolist() == [6]


@pytest.mark.parametrize(
    ("geometry", "found"),
    [
        (shapely.Point(1, 1), "Point"),
        (shapely.LineString([(0, 0), (1, 1)]), "LineString"),
        (None, "nothing"),
        (box(0, 0, float("inf"), 1), "not finite"),
    ],
)
def test_what_is_not_an_area_is_refused(geometry: object, found: str) -> None:
    with pytest.raises(InvalidGeometry, match=found):
        edges_of([geometry])


coordinates = st.one_of(
    st.integers(-4, 24).map(lambda n: n * 2.5),  # corners, sides and centres of cells
    st.floats(-10, 60, allow_nan=False, allow_subnormal=False, width=32),
)


@st.composite
def polygons(draw: st.DrawFn) -> shapely.Geometry:
    """Polygons with holes, several parts and centres on their borders; valid ones only."""
    points = draw(st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=9))
    shape = Polygon(points) if draw(st.booleans()) else shapely.MultiPoint(points).convex_hull
    shape = shapely.make_valid(shape)
    if draw(st.booleans()):
        hole = draw(st.tuples(coordinates, coordinates))
        shape = shape.difference(box(hole[0], hole[1], hole[0] + 15, hole[1] + 15))
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 0]
    return MultiPolygon(parts)


@settings(max_examples=600, deadline=None)
@given(polygons())
def test_equals_the_naive_oracle(geometry: MultiPolygon) -> None:
    if geometry.is_empty:
        return
    expected = oracle.mask(geometry, shape=(6, 6), x0=0.0, y0=50.0)
    found = cells([geometry], rows=6, columns=6, top=50.0)[0]
    assert (found == expected).all(), f"{found}\n{expected.astype(int)}"


lattice = st.integers(-4, 24).map(lambda n: n * 2.5)


@settings(max_examples=300, deadline=None)
@given(st.sets(st.tuples(lattice, lattice), max_size=14), st.randoms(use_true_random=False))
def test_a_tiling_of_the_plane_counts_every_cell_once(
    points: set[tuple[float, float]], random: Random
) -> None:
    frame = [(-20.0, -20.0), (-20.0, 80.0), (80.0, -20.0), (80.0, 80.0)]
    triangles = shapely.get_parts(
        shapely.delaunay_triangles(shapely.MultiPoint([*frame, *points]))
    ).tolist()
    # Zones of several triangles, some of them apart from each other.
    random.shuffle(triangles)
    size = random.randint(1, 3)
    zones = [
        MultiPolygon([p for p in shapely.get_parts(shapely.union_all(triangles[i : i + size]))])
        for i in range(0, len(triangles), size)
    ]
    assert (cells(zones, rows=8, columns=8, top=60.0).sum(axis=0) == 1).all()
