"""The exact predicate, against fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.geometry.orientation import side_of_line

# Nearer to zero than a nanometre, products would underflow: no border is drawn there.
metres = st.floats(-1e7, 1e7, allow_nan=False).map(lambda x: x if abs(x) > 1e-9 else 0.0)

shares = st.integers(0, 1 << 20).map(lambda n: n / (1 << 20))


def sign(*corners: float) -> int:
    ax, ay, bx, by, cx, cy = map(Fraction, corners)
    value = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    return (value > 0) - (value < 0)


@settings(max_examples=1000, deadline=None)
@given(st.tuples(*[metres] * 6))
def test_any_three_points(corners: tuple[float, ...]) -> None:
    assert side_of_line(*corners) == sign(*corners)


@settings(max_examples=1000, deadline=None)
@given(metres, metres, metres, metres, shares, st.integers(-2, 2))
def test_points_that_lie_on_the_line_but_for_a_last_bit(
    ax: float, ay: float, bx: float, by: float, share: float, bits: int
) -> None:
    cx, cy = ax + share * (bx - ax), ay + share * (by - ay)
    for _ in range(abs(bits) if abs(cy) > 1e-9 else 0):
        cy = float(np.nextafter(cy, np.inf if bits > 0 else -np.inf))
    assert side_of_line(ax, ay, bx, by, cx, cy) == sign(ax, ay, bx, by, cx, cy)
