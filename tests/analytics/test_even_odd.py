"""Invalid rings by the even-odd rule: hand-counted squares, and the naive oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.geometry.areas import area_as_drawn, valid_area
from tests import oracle


def box(west: float, south: float, east: float, north: float) -> Any:
    return shapely.box(west, south, east, north)


def ring(*corners: tuple[float, float]) -> list[tuple[float, float]]:
    return [*corners, corners[0]]


SQUARE = ring((0, 0), (100, 0), (100, 100), (0, 100))
ON_SIDE = ring((0, 0), (100, 0), (50, 50))
"""A quarter of the square, one of whose sides is the square's."""


@pytest.mark.parametrize(
    ("rings", "area"),
    [
        ([SQUARE, ON_SIDE], 7_500),
        ([SQUARE, ON_SIDE[::-1]], 7_500),
        ([SQUARE, ring((25, 0), (75, 0), (75, 50), (25, 50))], 7_500),  # on a part of a side
        ([SQUARE, ring((0, 50), (50, 50), (50, 100), (0, 100))], 7_500),  # in a corner
        ([SQUARE, ring((50, 0), (100, 50), (50, 100), (0, 50))], 5_000),  # touches all four sides
        ([SQUARE, ring((200, 0), (250, 0), (250, 50), (200, 50))], 12_500),  # outside
        ([SQUARE, ring((50, 50), (150, 50), (150, 150), (50, 150))], 15_000),  # half outside
        ([SQUARE, ON_SIDE, ON_SIDE], 10_000),  # twice
        ([SQUARE, ring((10, 10), (60, 10), (60, 60), (10, 60)),
          ring((40, 40), (90, 40), (90, 90), (40, 90))], 10_000 - 5_000 + 2 * 400),
        ([SQUARE, SQUARE], 0),
        ([[*SQUARE, *SQUARE[1:]]], 0),  # wound twice
        ([[*SQUARE, *ring((0, 0), (50, 0), (50, 50), (0, 50))[1:]]], 7_500),  # a part of it twice
        ([ring((0, 0), (100, 100), (100, 0), (0, 100))], 5_000),  # a bow-tie
        ([ring((0, 0), (100, 0), (100, 100), (50, 0), (0, 100))], 5_000),  # touches itself
        ([ring((0, 0), (100, 0), (200, 0))], 0),
    ],
)  # fmt: skip
def test_rings_by_hand(rings: list[Any], area: float) -> None:
    found = valid_area(shapely.Polygon(rings[0], rings[1:]))
    assert shapely.is_valid(found)
    assert shapely.area(found) == pytest.approx(area)


def test_parts_that_lie_on_each_other_follow_the_rule_too() -> None:
    parts = shapely.MultiPolygon([box(0, 0, 100, 100), box(50, 0, 150, 100)])
    assert shapely.area(valid_area(parts)) == 10_000


def test_what_is_valid_stays_as_it_is() -> None:
    square = shapely.Polygon(SQUARE, [ring((10, 10), (20, 10), (20, 20))])
    assert valid_area(square) is square


@pytest.mark.parametrize("depth", [1, 2, 9])
def test_all_areas_of_nested_collections_count(depth: int) -> None:
    inner: Any = shapely.MultiPolygon([box(0, 0, 10, 10), box(20, 0, 30, 10)])
    for level in range(depth):
        inner = shapely.GeometryCollection(
            [inner, box(100 * level, 100, 100 * level + 10, 110), shapely.Point(5, 5)]
        )
    assert shapely.area(valid_area(inner)) == 200 + 100 * depth


def test_members_of_a_collection_that_overlap_count_once() -> None:
    twice = shapely.GeometryCollection([box(0, 0, 10, 10), box(5, 0, 15, 10)])
    assert shapely.area(valid_area(twice)) == 150
    nothing = valid_area(shapely.GeometryCollection([shapely.Point(0, 0)]))
    assert (nothing.geom_type, nothing.is_empty) == ("MultiPolygon", True)


SIDE = 9
corner = st.tuples(st.integers(0, SIDE * 4), st.integers(0, SIDE * 4)).map(
    lambda place: (place[0] * 2.5, place[1] * 2.5)
)
rings = st.lists(st.lists(corner, min_size=3, max_size=7), min_size=1, max_size=4)


@settings(max_examples=200, deadline=None)
@given(rings)
def test_any_rings_give_the_cells_of_the_naive_rule(drawn: list[list[Any]]) -> None:
    shape = shapely.Polygon(ring(*drawn[0]), [ring(*hole) for hole in drawn[1:]])
    # Off the corners' lattice, so that few centres lie on a side.
    place = {"x0": -0.637, "y0": 90.411}
    wanted = oracle.mask(shape, shape=(SIDE, SIDE), **place)
    found = oracle.mask(valid_area(shape), shape=(SIDE, SIDE), **place)
    columns, rows = np.meshgrid(
        place["x0"] + 10 * (np.arange(SIDE) + 0.5), place["y0"] - 10 * (np.arange(SIDE) + 0.5)
    )
    sides = shapely.multilinestrings(shapely.get_rings(shape))
    clear = shapely.distance(shapely.points(columns, rows), sides) > 1e-9
    assert (wanted == found)[clear].all()


def oriented(turn: bool) -> Any:
    rings = (SQUARE, ON_SIDE[::-1] if turn else ON_SIDE)
    return shapely.Polygon(rings[0], [rings[1]])


@pytest.mark.parametrize("shift", [0.1, 1e7 + 1 / 3])
def test_far_from_the_origin_and_off_the_lattice(shift: float) -> None:
    for turn in (False, True):
        moved = shapely.transform(oriented(turn), lambda points: points + shift)
        assert shapely.area(valid_area(moved)) == pytest.approx(7_500, rel=1e-6)


@pytest.mark.parametrize(
    ("rings", "area"),
    [
        ([ring((0, 0), (100, 100), (100, 0), (0, 100))], 5_000),  # a bow-tie: both its loops
        ([SQUARE, ON_SIDE], 7_500),
        ([SQUARE, SQUARE], 0),
        ([SQUARE, ring((200, 0), (250, 0), (250, 50), (200, 50))], 7_500),  # a hole outside
        ([ON_SIDE, SQUARE], 0),  # a hole larger than its ring
    ],
)
def test_the_area_as_drawn_by_hand(rings: list[Any], area: float) -> None:
    assert area_as_drawn(shapely.Polygon(rings[0], rings[1:])) == pytest.approx(area)


def test_the_area_as_drawn_adds_parts_and_members() -> None:
    bow = shapely.Polygon(ring((0, 0), (100, 100), (100, 0), (0, 100)))
    parts = shapely.MultiPolygon([bow, box(50, 0, 150, 100), shapely.Polygon()])
    members = shapely.GeometryCollection([parts, shapely.Point(0, 0), box(0, 0, 10, 10)])
    assert area_as_drawn(members) == pytest.approx(5_000 + 10_000 + 100)
    assert area_as_drawn(shapely.Polygon()) == 0
