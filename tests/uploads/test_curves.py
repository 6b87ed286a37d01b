"""Arcs become straight sides: circles and halves of circles whose areas are known."""

from __future__ import annotations

import math
import struct

import pytest
import shapely

from analytics.uploads.formats.wkb import straightened

CIRCLE = [(0, 0), (2, 0), (0, 0)]
HALF = [(0, 0), (1, 1), (2, 0)]


def arcs(points: list[tuple[float, float]], *, order: str = "<", kind: int = 8) -> bytes:
    numbers = [number for point in points for number in point]
    head = struct.pack(f"{order}bII", order == "<", kind, len(points))
    return head + struct.pack(f"{order}{len(numbers)}d", *numbers)


def made_of(kind: int, *members: bytes) -> bytes:
    return struct.pack("<bII", 1, kind, len(members)) + b"".join(members)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_circle(order: str) -> None:
    circle = straightened(made_of(10, arcs(CIRCLE, order=order)))
    assert circle.area == pytest.approx(math.pi, rel=1e-3)
    assert circle.centroid.distance(shapely.Point(1, 0)) < 1e-9


def test_a_half_circle_closed_by_a_line() -> None:
    ring = made_of(9, arcs(HALF), arcs([(2, 0), (0, 0)], kind=2))
    half = straightened(made_of(12, made_of(10, ring)))
    assert half.geom_type == "MultiPolygon"
    assert half.area == pytest.approx(math.pi / 2, rel=1e-3)
    assert half.bounds == pytest.approx((0, 0, 2, 1), abs=1e-3)


def test_an_arc_that_turns_the_other_way() -> None:
    arc = straightened(arcs([(0, 0), (1, -1), (2, 0)]))
    assert arc.length == pytest.approx(math.pi, rel=1e-3)
    assert arc.bounds == pytest.approx((0, -1, 2, 0), abs=1e-3)


def test_a_hole_with_arcs_and_heights() -> None:
    outer = arcs([(-9, -9), (9, -9), (9, 9), (-9, 9), (-9, -9)], kind=2)
    raised = [(x, y, 5.0) for x, y in CIRCLE]
    hole = straightened(made_of(10, outer, arcs(raised, kind=1008)))
    assert hole.area == pytest.approx(18 * 18 - math.pi, rel=1e-4)
    assert not hole.has_z


def test_three_points_on_a_line() -> None:
    assert straightened(arcs([(0, 0), (1, 0), (2, 0)])).length == 2


@pytest.mark.parametrize(
    "wkb",
    [
        b"", b"\1", arcs(HALF)[:-1], arcs(HALF[:2]), arcs(HALF, kind=99), made_of(9),
        made_of(10, arcs([(0, 0)] * 2)), struct.pack("<bII", 1, 8, 2**31), made_of(9, made_of(3)),
        made_of(10, arcs([(math.nan, 0), (1, 1), (2, 0)])),
    ],
)  # fmt: skip
def test_what_is_no_geometry(wkb: bytes) -> None:
    assert straightened(wkb) is None
