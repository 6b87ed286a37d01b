"""Estimates from a two-stage sample: points of one primary unit are alike."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.errors import SampleError
from analytics.estimation import (
    LEAST_UNITS,
    Clusters,
    Frame,
    ReferencePoints,
    TerritoryEstimate,
    cluster_estimates,
    cluster_level_estimates,
)
from analytics.estimation.effective_samples import wilson_interval

CELLS = 400_000.0


def sample_of(
    unit: np.ndarray, sealed: np.ndarray, weight: np.ndarray, *, cells: float = CELLS
) -> tuple[ReferencePoints, Clusters]:
    points = ReferencePoints(
        frame=Frame(names=("observed",), sizes=np.array([cells]), measure="units"),
        stratum=np.zeros(len(unit), dtype=np.intp),
        sealed_before=None,
        sealed_after=sealed.astype(np.bool_),
    )
    return points, Clusters(unit=unit, weight=weight.astype(np.float64))


def some(seed: int = 1, *, units: int = 30) -> tuple[ReferencePoints, Clusters]:
    random = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units) * 7 + 3, 12)
    share = random.beta(0.4, 1.2, units)
    sealed = random.random(len(unit)) < np.repeat(share, 12)
    weight = np.repeat(random.uniform(300, 1500, units), 12)
    order = random.permutation(len(unit))
    return sample_of(unit[order], sealed[order], weight[order])


def only(found: tuple[TerritoryEstimate, ...]) -> TerritoryEstimate:
    (one,) = found
    return one


def naive(
    points: ReferencePoints, clusters: Clusters, inside: np.ndarray, *, cells: float
) -> tuple[float, float]:
    """Total and standard error, point by point and unit by unit."""
    rows = list(
        zip(
            clusters.unit.tolist(),
            clusters.weight.tolist(),
            points.sealed_after.tolist(),
            inside.tolist(),
            strict=True,
        )
    )
    whole = sum(w for _, w, _, here in rows if here)
    share = sum(w * y for _, w, y, here in rows if here) / whole
    sums: dict[int, float] = {}
    for u, w, y, here in rows:
        sums[u] = sums.get(u, 0.0) + (w * (y - share) if here else 0.0)
    k = len(sums)
    mean = sum(sums.values()) / k
    variance = k / (k - 1) * sum((z - mean) ** 2 for z in sums.values()) / whole**2
    return share * cells, math.sqrt(variance) * cells


def test_totals_errors_and_intervals_are_those_of_the_formulas() -> None:
    points, clusters = some()
    one = only(cluster_estimates(points, clusters, cell_area=100.0))
    total, error = naive(points, clusters, np.ones(len(points), dtype=bool), cells=CELLS)
    assert one.estimate.value == pytest.approx(100 * total)
    assert one.estimate.se == pytest.approx(100 * error)
    student = 2.045230  # quantile of Student's distribution, 29 degrees of freedom
    low, high = wilson_interval(
        total, variance=(error * student / 1.959964) ** 2, units=CELLS, weight=1
    )
    assert (one.estimate.ci_low, one.estimate.ci_high) == pytest.approx((100 * low, 100 * high))
    assert (one.quantity, one.basis, one.points) == ("sealed_after", "own", 360)
    assert one.estimate.method == "two_stage"


def test_units_of_one_point_are_a_simple_random_sample() -> None:
    random = np.random.default_rng(2)
    sealed = random.random(200) < 0.3
    points, clusters = sample_of(np.arange(200), sealed, np.full(200, 2000.0))
    one = only(cluster_estimates(points, clusters, cell_area=1.0))
    assert one.estimate.value == pytest.approx(CELLS * sealed.mean())
    assert one.estimate.se == pytest.approx(CELLS * math.sqrt(sealed.var(ddof=1) / 200))


def test_points_that_repeat_their_unit_tell_nothing_more() -> None:
    """Ten points in a unit that are all alike count as one."""
    sealed = np.random.default_rng(3).random(40) < 0.3
    few = sample_of(np.arange(40), sealed, np.full(40, 10_000.0))
    many = sample_of(np.repeat(np.arange(40), 10), np.repeat(sealed, 10), np.full(400, 1000.0))
    one, other = (
        only(cluster_estimates(*sample, cell_area=1.0)).estimate for sample in (few, many)
    )
    assert (other.value, other.se) == pytest.approx((one.value, one.se))
    assert (other.ci_low, other.ci_high) == pytest.approx((one.ci_low, one.ci_high))


def test_places_have_estimates_from_their_points_in_units_enough() -> None:
    points, clusters = some(4, units=60)
    unit = (clusters.unit - 3) // 7
    place = np.select([unit < 30, unit < 39, unit < 45], [0, 1, 2], default=-1)
    cells = np.array([150_000, 40_000, 30_000], dtype=np.intp)
    found = cluster_level_estimates(points, clusters, place=place, cells=cells, cell_area=1.0)
    one = only(found[0])
    total, error = naive(points, clusters, place == 0, cells=150_000)
    assert (one.estimate.value, one.estimate.se) == pytest.approx((total, error))
    assert (one.basis, one.points) == ("assisted", 360)
    # Points enough in nine units alone, and too few points.
    assert np.bincount(place[place >= 0]).tolist()[1:] == [108, 72]
    assert found[1:] == ((), ())
    with pytest.raises(ValueError, match="place"):
        cluster_level_estimates(points, clusters, place=place + 1, cells=cells, cell_area=1.0)


def test_points_that_are_all_alike_are_not_certain() -> None:
    unit = np.repeat(np.arange(30), 5)
    for sealed, status in ((0, "suppressed"), (1, "ok")):
        sample = sample_of(unit, np.full(150, sealed), np.full(150, 3000.0))
        one = only(cluster_estimates(*sample, cell_area=1.0))
        assert (one.estimate.value, one.estimate.se) == (sealed * CELLS, 0)
        # As wide as from thirty points.
        assert one.estimate.ci_high - one.estimate.ci_low > CELLS / 10
        assert one.status == status


def test_what_cannot_be_estimated_from() -> None:
    assert LEAST_UNITS == 30
    with pytest.raises(SampleError, match="found labelled points in 29 primary units"):
        cluster_estimates(*some(units=29), cell_area=1.0)
    points, clusters = some()
    with pytest.raises(ValueError, match="359"):
        cluster_estimates(
            points, Clusters(unit=clusters.unit[1:], weight=clusters.weight[1:]), cell_area=1.0
        )
    for unit, weight in (
        (clusters.unit, clusters.weight[1:]),
        (clusters.unit, clusters.weight * 0),
        (clusters.unit, clusters.weight * np.nan),
    ):
        with pytest.raises(ValueError, match="weights"):
            Clusters(unit=unit, weight=weight)


@pytest.mark.parametrize(("units", "each"), [(30, 12), (60, 10)])
def test_intervals_hold_the_truth_as_often_as_they_say(units: int, each: int) -> None:
    """Squares of different sizes, of which sealed ground fills some and hardly touches others."""
    random = np.random.default_rng(5)
    size = random.integers(40, 400, 1000)
    sealed = random.binomial(size, random.beta(0.5, 2.5, 1000))
    held = 0
    for _ in range(600):
        drawn = random.choice(1000, units, replace=False)
        take = np.minimum(each, size[drawn])
        hits = random.hypergeometric(sealed[drawn], size[drawn] - sealed[drawn], take)
        unit = np.repeat(drawn, take)
        rank = np.arange(len(unit)) - np.repeat(np.cumsum(take) - take, take)
        weight = np.repeat(1000 / units * size[drawn] / take, take)
        sample = sample_of(unit, rank < np.repeat(hits, take), weight, cells=float(size.sum()))
        found = only(cluster_estimates(*sample, cell_area=1.0)).estimate
        held += found.ci_low <= sealed.sum() <= found.ci_high
    assert 0.93 <= held / 600 <= 0.97
