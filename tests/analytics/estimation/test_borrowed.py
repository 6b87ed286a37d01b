"""Areas with a borrowed accuracy."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.accuracy_zones import accuracy_zone
from analytics.estimation import Method, borrowed_area

FRACTIONS = st.floats(0.01, 1.0)


def test_france() -> None:
    """100 ha mapped; UA 92.91 %, PA 96.28 ± 4.1 %: 100 · .9291 / .9628, and at PA = 1 and .9218."""
    zone = accuracy_zone(product="clcplus", year=2021, country="FR")
    assert zone is not None
    found = borrowed_area(100.0, users=0.9291, producers=0.9628, producers_half_width=0.041)
    assert (zone.accuracy.users, zone.accuracy.producers) == pytest.approx((0.9291, 0.9628))
    assert found.value == pytest.approx(96.4998, abs=1e-4)
    assert found.ci_low == pytest.approx(92.91)
    assert found.ci_high == pytest.approx(100.7919, abs=1e-4)
    assert found.se == pytest.approx(92.91 * 0.041 / 1.959964 / 0.9628**2)
    assert found.method == Method.BORROWED


def test_both_ends_below_one() -> None:
    found = borrowed_area(200.0, users=0.9103, producers=0.9496, producers_half_width=0.05)
    assert found.ci_low == pytest.approx(200 * 0.9103 / 0.9996)
    assert found.ci_high == pytest.approx(200 * 0.9103 / 0.8996)


@given(
    mapped=st.floats(0, 1e9),
    users=FRACTIONS,
    producers=FRACTIONS,
    part=st.floats(0, 0.99),
)
def test_the_interval_holds_the_value(
    mapped: float, users: float, producers: float, part: float
) -> None:
    largest = mapped * 1.5
    found = borrowed_area(
        mapped,
        users=users,
        producers=producers,
        producers_half_width=producers * part,
        largest=largest,
    )
    rounding = 1 + 1e-12
    assert 0 <= found.ci_low <= found.value * rounding
    assert found.value <= found.ci_high * rounding
    assert found.ci_high <= largest


def test_the_error_is_the_slope_of_the_formula() -> None:
    step = 1e-6
    values = [
        borrowed_area(50.0, users=0.9, producers=0.8 + d, producers_half_width=0.0).value
        for d in (-step, step)
    ]
    slope = (values[0] - values[1]) / (2 * step)
    found = borrowed_area(50.0, users=0.9, producers=0.8, producers_half_width=0.1)
    assert found.se == pytest.approx(slope * 0.1 / 1.959964, rel=1e-6)


@pytest.mark.parametrize(
    "changed",
    [
        {"mapped": -1.0},
        {"mapped": math.nan},
        {"mapped": math.inf},
        {"users": 0.0},
        {"users": 1.01},
        {"producers": math.nan},
        {"producers_half_width": 0.8},
        {"producers_half_width": -0.1},
        {"producers_half_width": math.nan},
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict[str, float]) -> None:
    usual = {"mapped": 1.0, "users": 0.9, "producers": 0.8, "producers_half_width": 0.1}
    named = usual | changed
    with pytest.raises(ValueError, match="found"):
        borrowed_area(named.pop("mapped"), **named)
