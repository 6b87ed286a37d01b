"""Transitions between two maps with errors: a stress test and its inverse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.estimation import (
    Detection,
    implied_transitions,
    rogan_gladen,
    stressed_transitions,
)

telling = st.tuples(st.floats(0.6, 1), st.floats(0, 0.4)).map(lambda rates: Detection(*rates))


@given(st.lists(st.integers(0, 100), min_size=4, max_size=4).filter(any), telling, telling)
def test_shares_are_those_of_each_true_transition(
    counts: list[int], earlier: Detection, later: Detection
) -> None:
    true = np.array(counts) / sum(counts)
    expected = [0.0] * 4
    for before in (0, 1):
        for after in (0, 1):
            for place in range(4):
                seen_before, seen_after = divmod(place, 2)
                chance = 1.0
                for shown, real, map_ in (
                    (seen_before, before, earlier),
                    (seen_after, after, later),
                ):
                    found = map_.sensitivity if real else map_.false_positive_rate
                    chance *= found if shown else 1 - found
                expected[place] += true[2 * before + after] * chance
    shown = stressed_transitions(true, earlier=earlier, later=later)
    assert shown == pytest.approx(expected)
    assert shown.sum() == pytest.approx(1)
    assert implied_transitions(shown, earlier=earlier, later=later) == pytest.approx(
        true, abs=1e-10
    )


@given(st.floats(0, 1), telling)
def test_the_share_of_one_map_is_given_back(share: float, detection: Detection) -> None:
    mapped = share * detection.sensitivity + (1 - share) * detection.false_positive_rate
    assert rogan_gladen(mapped, detection) == pytest.approx(share, abs=1e-12)


def test_the_inverse_can_go_below_zero() -> None:
    """No change is seen, though noise alone would show some: true gain would be negative."""
    map_ = Detection(sensitivity=0.9, false_positive_rate=0.01)
    implied = implied_transitions((0.9, 0, 0, 0.1), earlier=map_, later=map_)
    assert implied[1] < 0
    assert rogan_gladen(0.005, map_) < 0


@pytest.mark.parametrize("rate", [-0.1, 1.1, math.nan])
def test_a_rate_that_is_none(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        Detection(sensitivity=rate, false_positive_rate=0)


def test_a_map_that_says_nothing_has_no_inverse() -> None:
    blind, sharp = Detection(0.3, 0.3), Detection(0.9, 0.1)
    with pytest.raises(ValueError, match="says nothing"):
        rogan_gladen(0.3, blind)
    with pytest.raises(ValueError, match="says nothing"):
        implied_transitions((1, 0, 0, 0), earlier=sharp, later=blind)


@pytest.mark.parametrize("shares", [(1, 0, 0), (1, 0, 0, math.nan), ((1, 0), (0, 0))])
def test_shares_that_are_none(shares: tuple[float, ...]) -> None:
    map_ = Detection(0.9, 0.1)
    with pytest.raises(ValueError, match="four numbers"):
        stressed_transitions(shares, earlier=map_, later=map_)
