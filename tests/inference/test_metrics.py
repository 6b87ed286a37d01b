"""Metrics on grids that are counted by hand, and against sets of cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inference.evaluation import metrics
from inference.evaluation.metrics import ABSENT

REFERENCE = np.array([[0, 0, 1], [0, 1, 1], [2, 2, ABSENT]], dtype=np.uint8)
MAPPED = np.array([[0, 1, 1], [0, 1, 0], [2, ABSENT, 0]], dtype=np.uint8)


def test_a_grid_counted_by_hand() -> None:
    matrix = metrics.confusion(REFERENCE, MAPPED, labels=3)
    assert matrix.tolist() == [[2, 1, 0], [1, 2, 0], [0, 0, 1]]
    first, _, third = metrics.by_class(matrix)
    assert (first.reference, first.mapped) == (3, 3)
    assert first.iou == pytest.approx(2 / 4)
    assert first.f1 == pytest.approx(2 / 3)
    assert first.precision == first.recall == pytest.approx(2 / 3)
    assert first.area_bias == 1
    assert third.iou == 1
    assert metrics.accuracy(matrix) == pytest.approx(5 / 7)
    assert metrics.mean_iou(matrix) == pytest.approx((0.5 + 0.5 + 1) / 3)


def test_a_class_that_neither_has_has_no_score_and_no_part_in_the_mean() -> None:
    matrix = metrics.confusion(REFERENCE, MAPPED, labels=4)
    absent = metrics.by_class(matrix)[3]
    assert (absent.iou, absent.f1, absent.precision, absent.recall) == (None,) * 4
    assert metrics.mean_iou(matrix) == pytest.approx((0.5 + 0.5 + 1) / 3)


def test_nothing_told_is_none_and_not_zero() -> None:
    nothing = np.full((3, 3), ABSENT, dtype=np.uint8)
    matrix = metrics.confusion(nothing, MAPPED, labels=3)
    assert metrics.accuracy(matrix) is None
    assert metrics.mean_iou(matrix) is None
    assert metrics.Reliability().expected_error is None
    assert set(metrics.Agreement().as_json().values()) == {0, None}


def maps(labels: int) -> st.SearchStrategy[np.ndarray]:
    codes = st.sampled_from([*range(labels), ABSENT])
    return arrays.arrays(np.uint8, (5, 5), elements=codes)


@given(reference=maps(3), mapped=maps(3))
def test_as_sets_of_cells_have_it(reference: np.ndarray, mapped: np.ndarray) -> None:
    told = {
        (r, c)
        for r in range(5)
        for c in range(5)
        if reference[r, c] != ABSENT and mapped[r, c] != ABSENT
    }
    matrix = metrics.confusion(reference, mapped, labels=3)
    assert matrix.sum() == len(told)
    for label, found in enumerate(metrics.by_class(matrix)):
        there = {cell for cell in told if reference[cell] == label}
        said = {cell for cell in told if mapped[cell] == label}
        assert (found.reference, found.mapped) == (len(there), len(said))
        assert found.iou == (len(there & said) / len(there | said) if there | said else None)
        assert found.precision == (len(there & said) / len(said) if said else None)
        assert found.recall == (len(there & said) / len(there) if there else None)
        assert found.area_bias == (len(said) / len(there) if there else None)
        total = len(there) + len(said)
        assert found.f1 == (2 * len(there & said) / total if total else None)


def test_calibration_error_by_hand() -> None:
    found = metrics.Reliability()
    # Bins of 1/15: 0.02 and 0.03 are in the first, 0.5 in the eighth, 1 in the last.
    found.add(np.array([[0.02, 0.03], [0.5, 1.0]]), np.array([[False, True], [True, True]]))
    expected = (abs(0.05 - 1) + abs(0.5 - 1) + abs(1 - 1)) / 4
    assert found.expected_error == pytest.approx(expected)
    assert found.curve() == [
        (pytest.approx(0.025), 0.5, 2),
        (0.5, 1.0, 1),
        (1.0, 1.0, 1),
    ]


def test_calibration_counted_in_parts_is_that_of_the_whole() -> None:
    generator = np.random.default_rng(0)
    probability, there = generator.random(1000), generator.random(1000) < 0.3
    whole, parts = metrics.Reliability(), metrics.Reliability()
    whole.add(probability, there)
    for part in (slice(0, 100), slice(100, 1000)):
        parts.add(probability[part], there[part])
    assert parts.expected_error == pytest.approx(whole.expected_error)
    assert parts.cells.tolist() == whole.cells.tolist()


@given(
    shares=arrays.arrays(
        np.float64, st.tuples(st.integers(2, 30), st.just(2)), elements=st.floats(0, 1)
    )
)
def test_agreement_of_shares(shares: np.ndarray) -> None:
    reference, mapped = shares[:, 0], shares[:, 1]
    found = metrics.Agreement()
    for place in range(len(shares)):
        found.add(reference[place : place + 1], mapped[place : place + 1])
    agreement = found.as_json()
    assert agreement["mean_absolute_error"] == pytest.approx(np.abs(mapped - reference).mean())
    assert agreement["bias"] == pytest.approx((mapped - reference).mean(), abs=1e-12)
    spread = ((reference - reference.mean()) ** 2).sum()
    if spread > 1e-6:
        expected = 1 - ((mapped - reference) ** 2).sum() / spread
        assert agreement["r_squared"] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_shares_that_do_not_vary_have_no_r_squared() -> None:
    found = metrics.Agreement()
    found.add(np.full(7, 0.3), np.full(7, 0.2))
    assert found.as_json()["r_squared"] is None
    assert found.as_json()["bias"] == pytest.approx(-0.1)
