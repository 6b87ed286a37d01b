"""Collapse of strata with too few points."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.errors import SampleError
from analytics.estimation import Collapse, Frame, collapse_strata


def frame(*sizes: float, means: list[float] | None = None) -> Frame:
    return Frame(
        names=tuple("abcdefgh"[: len(sizes)]),
        sizes=np.array(sizes, dtype=float),
        measure="units",
        auxiliary_means=None if means is None else np.array(means),
    )


def test_nothing_is_merged_where_all_have_enough() -> None:
    before, stratum = frame(5, 6), np.array([0, 1, 0, 1])
    after, same, merged = collapse_strata(before, stratum)
    assert after is before
    assert same is stratum
    assert merged == ()


def test_a_stratum_with_one_point_joins_its_smaller_neighbour() -> None:
    after, stratum, merged = collapse_strata(frame(90, 10, 40, 70), np.array([0, 0, 1, 2, 2, 3, 3]))
    assert after.names == ("a", "b+c", "d")
    assert after.sizes.tolist() == [90, 50, 70]
    assert stratum.tolist() == [0, 0, 1, 1, 1, 2, 2]
    assert merged == (Collapse(stratum="b", points=1, into="c", name="b+c"),)


def test_the_auxiliary_mean_says_what_is_near() -> None:
    after, stratum, merged = collapse_strata(
        frame(10, 20, 30, means=[0.1, 0.9, 0.2]), np.array([0, 1, 1, 2, 2])
    )
    assert after.names == ("a+c", "b")
    assert after.auxiliary_means is not None
    assert after.auxiliary_means.tolist() == pytest.approx([(10 * 0.1 + 30 * 0.2) / 40, 0.9])
    assert stratum.tolist() == [0, 1, 1, 0, 0]
    assert [step.into for step in merged] == ["c"]


def test_merging_goes_on_until_all_have_enough() -> None:
    after, stratum, merged = collapse_strata(frame(5, 5, 5), np.array([0, 1, 2]), least=3)
    assert after.names == ("a+b+c",)
    assert stratum.tolist() == [0, 0, 0]
    assert [(step.stratum, step.into, step.name) for step in merged] == [
        ("a", "b", "a+b"),
        ("a+b", "c", "a+b+c"),
    ]


def test_nothing_is_known_of_a_stratum_without_points() -> None:
    with pytest.raises(SampleError, match="stratum 'b': found 0 points"):
        collapse_strata(frame(5, 5), np.array([0, 0]))


def test_one_point_in_all_cannot_be_merged() -> None:
    with pytest.raises(SampleError, match=r"1 point\(s\) in all"):
        collapse_strata(frame(5), np.array([0]))
