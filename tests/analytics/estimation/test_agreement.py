"""Agreement of two interpreters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.estimation import agreement_of


def labels_of(table: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    first, second = zip(*pairs, strict=True)
    return np.array(first), np.array(second)


def kappa_of(shares: np.ndarray) -> float:
    chance = float(shares.sum(axis=1) @ shares.sum(axis=0))
    return float((np.trace(shares) - chance) / (1 - chance))


def test_kappa_by_hand() -> None:
    """20 and 15 agree of 50: p_o = .7, p_e = .5 · .6 + .5 · .4 = .5, κ = .4."""
    found = agreement_of(*labels_of([[20, 5], [10, 15]]))
    assert found.points == 50
    assert found.raw.value == 0.7
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(0.4)


@given(st.lists(st.lists(st.integers(1, 12), min_size=3, max_size=3), min_size=3, max_size=3))
def test_the_error_of_kappa_is_that_of_the_delta_method(table: list[list[int]]) -> None:
    found = agreement_of(*labels_of(table)).kappa
    assert found is not None
    points = sum(map(sum, table))
    shares = np.array(table) / points
    assert found.value == pytest.approx(kappa_of(shares))
    step = 1e-6
    slopes = np.empty((3, 3))
    for cell in np.ndindex(3, 3):
        # Slopes along a cell, shares adding up to one again.
        more, less = shares.copy(), shares.copy()
        more[cell] += step
        less[cell] -= step
        slopes[cell] = (kappa_of(more / more.sum()) - kappa_of(less / less.sum())) / (2 * step)
    variance = ((shares * slopes**2).sum() - (shares * slopes).sum() ** 2) / points
    assert found.se == pytest.approx(math.sqrt(max(variance, 0)), rel=1e-4, abs=1e-5)


def test_perfect_agreement_has_no_error() -> None:
    found = agreement_of(np.array([3, 7, 7]), np.array([3, 7, 7]))
    assert found.kappa is not None
    assert (found.kappa.value, found.kappa.se) == (pytest.approx(1), pytest.approx(0))


def test_one_label_throughout_has_no_kappa() -> None:
    found = agreement_of(np.zeros(5, dtype=int), np.zeros(5, dtype=int))
    assert found.raw.value == 1
    assert found.kappa is None


@pytest.mark.parametrize(("first", "second"), [([], []), ([1], [1, 2]), ([[1]], [[1]])])
def test_labels_that_are_no_pairs(first: list[int], second: list[int]) -> None:
    with pytest.raises(ValueError, match="shapes"):
        agreement_of(np.array(first), np.array(second))
