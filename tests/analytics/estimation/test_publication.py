"""What is published of an estimate: limits met exactly, and verdicts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.estimation import Estimate, Method
from analytics.estimation.publication import (
    VERDICTS,
    coefficient_of_variation,
    has_own_sample,
    status_of_area,
    verdict_of_interval,
    verdict_of_noise,
)


def estimate(value: float, se: float) -> Estimate:
    return Estimate(value, se, value - 2 * se, value + 2 * se, Method.LABELS)


@pytest.mark.parametrize(
    ("value", "se", "status"),
    [
        (1000, 0, "ok"),
        (1000, 149.9, "ok"),
        (1000, 150, "indicative"),
        (1000, 250, "indicative"),
        (1000, 300, "indicative"),
        (1000, 300.1, "suppressed"),
        (0, 1, "suppressed"),
        (0, 0, "ok"),
    ],
)
def test_an_area_is_flagged_or_kept_back_by_its_variation(
    value: float, se: float, status: str
) -> None:
    assert status_of_area(estimate(value, se)) == status


def test_the_coefficient_of_variation_has_no_sign() -> None:
    assert coefficient_of_variation(estimate(-50, 10)) == coefficient_of_variation(estimate(50, 10))
    assert coefficient_of_variation(estimate(50, 10)) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("points", "sealed_points", "enough"),
    [(100, 20, True), (99, 20, False), (100, 19, False), (1000, 0, False), (99, 99, False)],
)
def test_an_estimate_of_its_own_needs_points(points: int, sealed_points: int, enough: bool) -> None:
    assert has_own_sample(points=points, sealed_points=sealed_points) is enough


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((0.1, 2), "increase"),
        ((-2, -0.1), "decrease"),
        ((-1, 1), "not_distinguishable"),
        ((0, 2), "not_distinguishable"),
        ((-2, 0), "not_distinguishable"),
        ((0, 0), "not_distinguishable"),
    ],
)
def test_an_interval_that_holds_zero_tells_nothing_apart(
    interval: tuple[float, float], verdict: str
) -> None:
    assert verdict_of_interval(interval) == verdict


@pytest.mark.parametrize("interval", [(1, -1), (math.nan, 1), (0, math.nan)])
def test_an_interval_has_its_lower_end_first(interval: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="lower end first"):
        verdict_of_interval(interval)


@given(st.integers(-1000, 1000), st.integers(0, 1000))
def test_the_stress_test_is_the_rule_of_the_pages(net: int, noise: int) -> None:
    """A net change is told apart where \\|net\\| is more than the noise."""
    found = verdict_of_noise(net, noise=noise)
    assert (found != "not_distinguishable") == (abs(net) > noise)
    if found != "not_distinguishable":
        assert found == ("increase" if net > 0 else "decrease")


def test_every_verdict_can_come_out() -> None:
    assert {verdict_of_interval(i) for i in ((1, 2), (-2, -1), (-1, 1))} == set(VERDICTS)
