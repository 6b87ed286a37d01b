"""Intervals of a total from its effective sample."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.estimation import wilson_estimate
from analytics.estimation.effective_samples import exact_interval, wilson_interval

UNITS = 1e6


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(0, 10, 0, 0.3085), (1, 10, 0.0025, 0.4450), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1)],
)
def test_exact_intervals_of_a_simple_sample_are_those_of_published_tables(
    hits: int, trials: int, low: float, high: float
) -> None:
    """Clopper and Pearson's limits for n = 10."""
    share = hits / trials
    found = exact_interval(
        share * UNITS,
        variance=share * (1 - share) / trials * UNITS**2,
        units=UNITS,
        weight=UNITS / trials,
    )
    assert found == pytest.approx((low * UNITS, high * UNITS), abs=50)


@given(hits=st.integers(0, 40), trials=st.integers(40, 400))
def test_the_effective_sample_of_a_simple_one_is_that_sample(hits: int, trials: int) -> None:
    share = hits / trials
    expected = wilson_estimate(hits, trials)
    found = wilson_interval(
        share * UNITS,
        variance=share * (1 - share) / trials * UNITS**2,
        units=UNITS,
        weight=UNITS / trials,
    )
    assert found == pytest.approx((expected.ci_low * UNITS, expected.ci_high * UNITS), abs=1e-3)


@given(
    share=st.floats(0, 1),
    se=st.floats(0, 1),
    weight=st.floats(1, UNITS),
    interval=st.sampled_from([exact_interval, wilson_interval]),
)
def test_intervals_hold_their_value_and_stay_within_what_is_possible(
    share: float, se: float, weight: float, interval: type
) -> None:
    total = share * UNITS
    low, high = interval(total, variance=(se * total) ** 2, units=UNITS, weight=weight)
    assert -1e-6 <= low <= total + 1e-2
    assert total - 1e-2 <= high <= UNITS + 1e-6


def test_a_share_of_0_is_as_uncertain_as_the_weight_of_a_point() -> None:
    light = wilson_interval(0, variance=0, units=UNITS, weight=100)
    heavy = wilson_interval(0, variance=0, units=UNITS, weight=1000)
    assert light[0] == heavy[0] == 0
    # z² points more than none.
    assert light[1] == pytest.approx(1.959964**2 * 100, rel=1e-3)
    assert heavy[1] == pytest.approx(1.959964**2 * 1000, rel=5e-3)


@pytest.mark.parametrize(
    ("total", "variance", "weight"),
    [(-1, 1, 1), (UNITS * 1.1, 1, 1), (1, -1, 1), (1, 1, 0), (math.nan, 1, 1), (1, math.nan, 1)],
)
def test_what_no_total_is(total: float, variance: float, weight: float) -> None:
    with pytest.raises(ValueError, match="total"):
        wilson_interval(total, variance=variance, units=UNITS, weight=weight)
