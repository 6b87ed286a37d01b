"""Flicker: cells that come back to a state that they had left."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analytics.change.flicker import flicker, flicker_of_courses

CELLS = {
    (-1, -2, -3): 1,
    (1, -2, -3): 2,
    (-1, 2, -3): 4,
    (1, 2, -3): 8,
    (-1, -2, 3): 16,
    (1, -2, 3): 32,
    (-1, 2, 3): 64,
    (1, 2, 3): 128,
    (1, -3): 256,
    (2,): 512,
}
"""Every pattern of three editions that have all observed a cell, and two that have not."""


def test_three_editions() -> None:
    found = flicker(CELLS, [1, 2, 3])
    assert (found.from_unsealed, found.from_sealed) == (4, 32)
    assert found.cells == 36
    assert found.observed == 255
    assert found.ever_sealed == 254
    assert found.rate == 36 / 254


def test_the_order_is_that_of_time_not_of_ids() -> None:
    # With edition 3 first, then 1, then 2: sealed, not, sealed is (-1, 2, 3).
    assert flicker(CELLS, [3, 1, 2]).from_sealed == 64


def test_nothing_sealed_has_no_rate() -> None:
    found = flicker({(-1, -2, -3): 5}, [1, 2, 3])
    assert (found.cells, found.observed, found.rate) == (0, 5, None)
    assert flicker({}, [1, 2, 3]).rate is None


def test_two_editions_cannot_flicker() -> None:
    with pytest.raises(ValueError, match="needs 3"):
        flicker(CELLS, [1, 2])


@given(arrays(np.bool_, st.tuples(st.integers(3, 6), st.integers(0, 12))))
def test_any_number_of_editions_against_a_walk_from_cell_to_cell(sealed: np.ndarray) -> None:
    courses: dict[tuple[bool, ...], int] = {}
    flickering = 0
    for cell in sealed.T.tolist():
        courses[tuple(cell)] = courses.get(tuple(cell), 0) + 1
        words = "".join("#" if state else "." for state in cell)
        flickering += "." in words.strip(".") or "#" in words.strip("#")
    found = flicker_of_courses(courses)
    assert found.cells == flickering
    assert found.ever_sealed == int(sealed.any(axis=0).sum())
    assert found.observed == sealed.shape[1]
