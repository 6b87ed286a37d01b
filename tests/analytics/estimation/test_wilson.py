"""Wilson's interval."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.estimation import Z_95, wilson_estimate


@given(st.integers(1, 500), st.data())
def test_the_ends_of_wilsons_interval_solve_its_equation(trials: int, data) -> None:  # type: ignore[no-untyped-def]
    """An end p₀ is where |p − p₀| = z √(p₀(1 − p₀)/n)."""
    successes = data.draw(st.integers(0, trials))
    found = wilson_estimate(successes, trials)
    assert 0 <= found.ci_low <= found.value <= found.ci_high <= 1
    for end in (found.ci_low, found.ci_high):
        half = Z_95 * math.sqrt(end * (1 - end) / trials)
        assert abs(found.value - end) == pytest.approx(half, abs=1e-9)


def test_wilson_of_none_of_ten() -> None:
    found = wilson_estimate(0, 10)
    assert (found.ci_low, found.se) == (0, 0)
    assert found.ci_high == pytest.approx(Z_95**2 / (10 + Z_95**2))


@pytest.mark.parametrize(
    ("successes", "trials"), [(1, 0), (0, 0), (3, 2), (-1, 2), (math.nan, 2), (1, math.inf)]
)
def test_wilson_of_what_is_no_share(successes: float, trials: float) -> None:
    with pytest.raises(ValueError, match="expected a part"):
        wilson_estimate(successes, trials)
