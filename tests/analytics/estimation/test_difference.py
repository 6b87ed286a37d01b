"""The difference estimator against a worked table, and whether its intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.estimation import difference_estimate


def test_a_worked_example() -> None:
    """100 points: 92 agree, 5 are missed by the map, 3 are not of the class; map mean 0.10."""
    mapped = np.array([0] * 92 + [0] * 5 + [1] * 3)
    reference = np.array([0] * 92 + [1] * 5 + [0] * 3)
    found = difference_estimate(0.10, mapped=mapped, reference=reference)
    assert found.value == pytest.approx(0.12, abs=1e-12)
    assert found.se == pytest.approx(0.028356, abs=5e-7)
    low, high = found.ci_low, found.ci_high
    assert (low + high) / 2 == pytest.approx(0.12)
    assert high - low == pytest.approx(2 * 1.959964 * 0.028356, abs=1e-5)


@given(st.floats(0, 1), st.integers(2, 50))
def test_a_map_that_agrees_with_its_sample_stays_as_it_is(mean: float, points: int) -> None:
    values = np.arange(points) % 2
    found = difference_estimate(mean, mapped=values, reference=values)
    assert found.value == mean
    assert (found.ci_low, found.ci_high) == (mean, mean)


@pytest.mark.parametrize("points", [0, 1])
def test_fewer_than_two_points_have_no_error(points: int) -> None:
    with pytest.raises(ValueError, match="needs two"):
        difference_estimate(0.1, mapped=[0] * points, reference=[0] * points)


@pytest.mark.parametrize("by_probability", [False, True])
def test_intervals_hold_the_truth_as_often_as_they_say(by_probability: bool) -> None:
    """A map that is biased on purpose, 3 000 samples of 400 points: 93 to 97 of 100 intervals."""
    random = np.random.default_rng(11)
    cells = 200_000
    truth = random.random(cells) < 0.15
    score = np.clip(0.75 * truth + 0.08 + random.normal(0, 0.2, cells), 0, 1)
    mapped = score if by_probability else (score > 0.35).astype(float)
    assert abs(mapped.mean() - truth.mean()) > 0.03
    held = 0
    for _ in range(3_000):
        points = random.integers(0, cells, 400)
        found = difference_estimate(
            float(mapped.mean()), mapped=mapped[points], reference=truth[points]
        )
        low, high = found.ci_low, found.ci_high
        held += low <= truth.mean() <= high
    assert 0.93 <= held / 3_000 <= 0.97
