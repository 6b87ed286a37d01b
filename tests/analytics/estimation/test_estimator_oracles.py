"""Estimators against the formulas written point by point, and against each other."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import SampleError
from analytics.estimation import (
    Estimate,
    Frame,
    assess_labels,
    assess_matrix,
    assess_proportions,
    bootstrap_estimate,
    regression_estimate,
)

CLASSES = "ABC"


def naive_total(sizes: Sequence[float], groups: Sequence[Sequence[float]], finite: bool) -> Any:
    """Σ N ȳ and its variance, from the values of each stratum."""
    value, variance = 0.0, 0.0
    for size, ys in zip(sizes, groups, strict=True):
        left = 1 - len(ys) / size if finite else 1
        value += size * statistics.fmean(ys)
        variance += size**2 * left * statistics.variance(ys) / len(ys)
    return value, variance


def naive_ratio(
    sizes: Sequence[float],
    groups: Sequence[Sequence[tuple[float, float]]],
    finite: bool,
) -> tuple[float, float] | None:
    """R and its standard error, from the pairs (y, x) of each stratum, with the covariance."""
    ys = [[y for y, _ in group] for group in groups]
    xs = [[x for _, x in group] for group in groups]
    top, _ = naive_total(sizes, ys, finite)
    below, _ = naive_total(sizes, xs, finite)
    if below <= 0:
        return None
    ratio, variance = top / below, 0.0
    for size, y, x in zip(sizes, ys, xs, strict=True):
        left = 1 - len(y) / size if finite else 1
        spread = (
            statistics.variance(y)
            + ratio**2 * statistics.variance(x)
            - 2 * ratio * statistics.covariance(x, y)
        )
        variance += size**2 * left * spread / len(y)
    return ratio, math.sqrt(max(variance, 0)) / below


def agrees(found: Estimate | None, expected: tuple[float, float] | None) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    # The naive form loses digits where the spread is zero.
    return found.value == pytest.approx(expected[0], rel=1e-9, abs=1e-12) and (
        found.se == pytest.approx(expected[1], rel=1e-6, abs=1e-6)
    )


strata_of_labels = st.lists(
    st.lists(
        st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES), st.floats(0.5, 4)),
        min_size=2,
        max_size=8,
    ),
    min_size=1,
    max_size=4,
)


def arrays(groups: Sequence[Sequence[tuple[Any, ...]]]) -> tuple[Any, list[tuple[Any, ...]]]:
    stratum = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    return stratum, list(zip(*(point for group in groups for point in group), strict=True))


def frame_of(sizes: Sequence[float], finite: bool, means: Any = None) -> Frame:
    return Frame(
        names=tuple(str(n) for n in range(len(sizes))),
        sizes=np.array(sizes, dtype=float),
        measure="units" if finite else "area",
        auxiliary_means=means,
    )


@given(strata_of_labels, st.booleans(), st.data())
def test_labels_in_strata_of_any_kind(groups: Any, finite: bool, data: Any) -> None:
    sizes = [data.draw(st.integers(len(group), 1000)) for group in groups]
    stratum, (mapped, reference, areas) = arrays(groups)
    found = assess_labels(
        frame_of(sizes, finite),
        stratum,
        mapped=np.array([CLASSES.index(name) for name in mapped]),
        reference=np.array([CLASSES.index(name) for name in reference]),
        classes=CLASSES,
        unit_areas=np.array(areas),
    )
    for name, of_class in zip(CLASSES, found.classes, strict=True):
        value, variance = naive_total(
            sizes, [[a * (r == name) for _, r, a in group] for group in groups], finite
        )
        assert agrees(of_class.area, (value, math.sqrt(variance)))
        users = naive_ratio(
            sizes,
            [[(a * (m == r == name), a * (m == name)) for m, r, a in g] for g in groups],
            finite,
        )
        assert agrees(of_class.users, users)
        producers = naive_ratio(
            sizes,
            [[(a * (m == r == name), a * (r == name)) for m, r, a in g] for g in groups],
            finite,
        )
        assert agrees(of_class.producers, producers)
    overall = naive_ratio(sizes, [[(a * (m == r), a) for m, r, a in g] for g in groups], finite)
    assert agrees(found.overall, overall)


strata_of_proportions = st.lists(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.5, 4)), min_size=2, max_size=8
    ),
    min_size=1,
    max_size=4,
)


@given(strata_of_proportions, st.booleans(), st.data())
def test_units_with_proportions(groups: Any, finite: bool, data: Any) -> None:
    sizes = [data.draw(st.integers(len(group), 1000)) for group in groups]
    stratum, (mapped, reference, areas) = arrays(groups)
    found = assess_proportions(
        frame_of(sizes, finite),
        stratum,
        mapped=np.array(mapped),
        reference=np.array(reference),
        unit_areas=np.array(areas),
    )
    (target,) = found.classes
    value, variance = naive_total(sizes, [[a * r for _, r, a in g] for g in groups], finite)
    assert agrees(target.area, (value, math.sqrt(variance)))
    both = [[a * min(m, r) for m, r, a in g] for g in groups]
    for estimate, whole in (
        (target.users, [[a * m for m, _, a in g] for g in groups]),
        (target.producers, [[a * r for _, r, a in g] for g in groups]),
    ):
        pairs = [list(zip(y, x, strict=True)) for y, x in zip(both, whole, strict=True)]
        # The naive form divides by squares, which are 0 for tiny totals.
        if sum(map(sum, whole)) > 1e-6:
            assert agrees(estimate, naive_ratio(sizes, pairs, finite))
        else:
            assert estimate is None or 0 <= estimate.value <= 1
    overall = [[(a * (min(m, r) + min(1 - m, 1 - r)), a) for m, r, a in g] for g in groups]
    assert agrees(found.overall, naive_ratio(sizes, overall, finite))


values = st.floats(-100, 100).map(lambda value: round(value, 3))


@given(
    st.lists(st.lists(st.tuples(values, values), min_size=3, max_size=8), min_size=1, max_size=4),
    st.data(),
)
def test_regression_with_slopes_of_its_own(groups: Any, data: Any) -> None:
    sizes = [data.draw(st.integers(len(group), 1000)) for group in groups]
    means = [data.draw(values) for _ in groups]
    stratum, (x, y) = arrays(groups)
    frame = frame_of(sizes, True, np.array(means))
    found = regression_estimate(frame, stratum, x=np.array(x), y=np.array(y))
    value, variance, scale = 0.0, 0.0, 0.0
    for size, mean, group in zip(sizes, means, groups, strict=True):
        xs, ys = zip(*group, strict=True)
        n = len(group)
        varied = len(set(xs)) > 1
        slope = statistics.linear_regression(xs, ys).slope if varied else 0.0
        x_mean, y_mean = statistics.fmean(xs), statistics.fmean(ys)
        value += size * (y_mean + slope * (mean - x_mean))
        around = sum((b - y_mean) ** 2 for b in ys) - slope**2 * sum((a - x_mean) ** 2 for a in xs)
        variance += size**2 * (1 - n / size) * max(around, 0) / (n * (n - 2))
        scale += size * (1 + abs(slope))
    assert found.value == pytest.approx(value, rel=1e-7, abs=1e-9 * scale)
    assert found.se == pytest.approx(math.sqrt(variance), rel=1e-5, abs=1e-4 * scale)


def test_simple_regression_by_hand() -> None:
    """n = 4 of 100, x̄ = 2.5, ȳ = 5, b = 1.8, Σ(y − ȳ)² = 18, around the line 1.8."""
    frame = frame_of([100], True, np.array([3.0]))
    x, y = np.array([1.0, 2, 3, 4]), np.array([2.0, 5, 5, 8])
    found = regression_estimate(frame, np.zeros(4, dtype=int), x=x, y=y)
    assert found.value == pytest.approx(100 * (5 + 1.8 * 0.5))
    assert found.se == pytest.approx(math.sqrt(100**2 * 0.96 * 1.8 / (4 * 2)))
    assert found.method == "regression_simple"


def test_regression_on_a_constant_has_no_slope() -> None:
    frame = frame_of([100], True, np.array([7.0]))
    x, y = np.full(3, 0.1), np.array([1.0, 2, 3])
    found = regression_estimate(frame, np.zeros(3, dtype=int), x=x, y=y)
    assert found.value == 200
    assert found.se == pytest.approx(math.sqrt(100**2 * 0.97 * 2 / 3))


@given(
    st.lists(
        st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(lambda row: sum(row) > 1),
        min_size=3,
        max_size=3,
    )
)
def test_a_matrix_is_labels_in_strata_of_its_classes(matrix: list[list[int]]) -> None:
    areas = [10.0, 200.0, 30.0]
    pairs = [(i, j) for i, row in enumerate(matrix) for j, n in enumerate(row) for _ in range(n)]
    mapped, reference = (np.array(labels) for labels in zip(*pairs, strict=True))
    found = assess_matrix(matrix, areas=areas, classes=CLASSES)
    same = assess_labels(
        frame_of(areas, False), mapped, mapped=mapped, reference=reference, classes=CLASSES
    )

    def close(one: Estimate | None, other: Estimate | None) -> bool:
        if one is None or other is None:
            return one is other
        return one.value == pytest.approx(other.value) and one.se == pytest.approx(
            other.se, abs=1e-9
        )

    assert close(found.overall, same.overall)
    for one, other in zip(found.classes, same.classes, strict=True):
        assert close(one.area, other.area)
        assert close(one.users, other.users)
        assert close(one.producers, other.producers)


@given(strata_of_labels)
def test_labels_of_two_classes_are_proportions_of_0_and_1(groups: Any) -> None:
    stratum, (mapped, reference, areas) = arrays(groups)
    frame = frame_of([50] * len(groups), True)
    m, r = (np.array([int(name == "A") for name in names]) for names in (mapped, reference))
    by_label = assess_labels(
        frame, stratum, mapped=1 - m, reference=1 - r, classes="AB", unit_areas=np.array(areas)
    )
    by_share = assess_proportions(
        frame,
        stratum,
        mapped=m.astype(float),
        reference=r.astype(float),
        unit_areas=np.array(areas),
    )
    one, other = by_label.classes[0], by_share.classes[0]
    assert (one.area.value, one.area.se) == pytest.approx((other.area.value, other.area.se))
    for a, b in (
        (one.users, other.users),
        (one.producers, other.producers),
        (by_label.overall, by_share.overall),
    ):
        assert (a is None) == (b is None)
        if a and b:
            assert (a.value, a.se) == pytest.approx((b.value, b.se))


def test_a_census_has_no_error() -> None:
    stratum = np.array([0, 0, 0, 1, 1])
    found = assess_proportions(
        frame_of([3, 2], True),
        stratum,
        mapped=np.array([0, 0.5, 1, 0, 1]),
        reference=np.array([0.2, 0.5, 1, 0, 0.6]),
    )
    assert found.classes[0].area.value == pytest.approx(2.3)
    assert found.classes[0].area.se == 0
    assert found.overall is not None
    assert found.overall.value == pytest.approx(1 - (0.2 + 0.4) / 5)
    assert found.overall.se == 0


def test_net_change_has_an_area_below_zero_and_no_accuracy() -> None:
    found = assess_proportions(
        frame_of([100], True),
        np.zeros(4, dtype=int),
        mapped=np.array([0.0, 0, -0.5, 0]),
        reference=np.array([-1.0, 0.5, -0.5, 0]),
    )
    (target,) = found.classes
    assert target.area.value == -25
    assert target.area.ci_low < target.area.value < 0 < target.area.ci_high
    assert (target.users, target.producers, found.overall) == (None, None, None)


def test_the_area_of_a_class_is_not_below_zero() -> None:
    found = assess_labels(
        frame_of([100], True),
        np.zeros(20, dtype=int),
        mapped=np.zeros(20, dtype=int),
        reference=np.array([0] * 19 + [1]),
        classes="AB",
    )
    rare = found.classes[1].area
    assert rare.ci_low == 0
    assert rare.cut
    assert rare.value - 1.959964 * rare.se < 0
    assert not found.classes[0].area.cut
    assert found.classes[1].users is None


@pytest.mark.parametrize("stratum", [[0, 0, 1], [0, 0, 0]])
def test_a_stratum_with_less_than_two_points_is_refused(stratum: list[int]) -> None:
    with pytest.raises(SampleError, match=r"stratum '1': found [01] point"):
        assess_labels(
            frame_of([10, 10], True),
            np.array(stratum),
            mapped=np.zeros(3, dtype=int),
            reference=np.zeros(3, dtype=int),
            classes="A",
        )


def test_more_points_than_units_are_refused() -> None:
    with pytest.raises(SampleError, match="at most its 2 units"):
        assess_proportions(
            frame_of([2], True), np.zeros(3, dtype=int), mapped=np.ones(3), reference=np.ones(3)
        )


def test_the_bootstrap_agrees_with_the_formulas() -> None:
    random = np.random.default_rng(3)
    stratum = np.repeat([0, 1], [60, 40])
    mapped = random.integers(0, 2, 100)
    reference = np.where(random.random(100) < 0.8, mapped, 1 - mapped)
    frame = frame_of([300.0, 100.0], False)

    def producers(positions: Any) -> float:
        found = assess_labels(
            frame,
            stratum[positions],
            mapped=mapped[positions],
            reference=reference[positions],
            classes="AB",
        ).classes[1]
        assert found.producers is not None
        return found.producers.value

    found = bootstrap_estimate(producers, stratum=stratum, seed=5, replicates=600)
    formula = assess_labels(
        frame, stratum, mapped=mapped, reference=reference, classes="AB"
    ).classes[1]
    assert formula.producers is not None
    assert found.value == formula.producers.value
    assert found.se == pytest.approx(formula.producers.se, rel=0.1)
    assert found.ci_low == pytest.approx(formula.producers.ci_low, abs=0.02)
    assert found == bootstrap_estimate(producers, stratum=stratum, seed=5, replicates=600)


@pytest.mark.parametrize(("stratum", "replicates"), [([0, 0, 1], 10), ([], 10), ([0, 0], 1)])
def test_a_bootstrap_that_cannot_be(stratum: list[int], replicates: int) -> None:
    with pytest.raises(ValueError, match=r"bootstrap|standard error"):
        bootstrap_estimate(
            lambda _: 0.0, stratum=np.array(stratum, dtype=int), seed=1, replicates=replicates
        )
