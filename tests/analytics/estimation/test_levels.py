"""Estimates for all places of a level from one sample."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from analytics.estimation import (
    LEAST_PLACES,
    LEAST_POINTS_OF_MODEL,
    MOST_UNSEEN,
    Frame,
    ReferencePoints,
    level_estimates,
    positive_model_variance,
    small_area_estimates,
)

STRATA = ("stable_sealed", "gain", "loss", "buffer", "stable_unsealed")
RATES = np.array([0.95, 0.7, 0.6, 0.1, 0.02])


def level(
    *counts: int, seed: int = 2, rates: np.ndarray = RATES
) -> tuple[ReferencePoints, np.ndarray, np.ndarray]:
    """Points, their places, and cells: so many points of each stratum in each place."""
    random = np.random.default_rng(seed)
    place = np.concatenate([np.full(5 * count, n) for n, count in enumerate(counts)])
    stratum = np.concatenate([np.repeat(np.arange(5), count) for count in counts])
    before = random.random(len(place)) < rates[stratum]
    after = before ^ (random.random(len(place)) < 0.03)
    cells = np.array([[3_000, 2_500, 300, 6_000, 40_000]] * len(counts)) * np.arange(
        1, len(counts) + 1
    ).reshape(-1, 1)
    frame = Frame(names=STRATA, sizes=cells.sum(axis=0).astype(float), measure="units")
    points = ReferencePoints(frame=frame, stratum=stratum, sealed_before=before, sealed_after=after)
    return points, place, cells


def test_places_with_points_of_their_own_are_assisted_and_others_modelled() -> None:
    points, place, cells = level(22, 30, 16, 17, 18)
    found = level_estimates(points, place=place, cells=cells, cell_area=100.0)
    assert [[one.basis for one in of_place] for of_place in found] == [
        ["assisted"] * 5,
        ["assisted"] * 5,
        ["small-area"] * 2,
        ["small-area"] * 2,
        ["small-area"] * 2,
    ]
    assert [one.quantity for one in found[2]] == ["sealed_before", "sealed_after"]
    assert {one.points for one in found[3]} == {85}


def test_the_model_is_that_of_its_formulas() -> None:
    points, place, cells = level(12, 10, 8, 9, 10, 11)
    found = small_area_estimates(points, place=place, cells=cells, cell_area=1.0)
    labels = points.sealed_after
    direct, synthetic, sampling, error = [], [], [], []
    for n, sizes in enumerate(cells.tolist()):
        totals = [0.0] * 4
        for h, size in enumerate(sizes):
            whole, own = labels[points.stratum == h], labels[(points.stratum == h) & (place == n)]
            spread = whole.var(ddof=1)
            totals[0] += size * own.mean()
            totals[1] += size * whole.mean()
            totals[2] += size**2 * (1 - len(own) / size) * spread / len(own)
            left = 1 - len(whole) / points.frame.sizes[h]
            totals[3] += size**2 * left * spread / len(whole)
        for values, total in zip((direct, synthetic, sampling, error), totals, strict=True):
            values.append(total)
    d, s, psi, e = map(np.array, (direct, synthetic, sampling, error))
    between = s**2 * positive_model_variance(
        d / s, sampling_variances=psi / s**2, covariates=np.ones((6, 1))
    )
    gamma = between / (between + psi)
    after = [found[n][1].estimate for n in range(6)]
    assert [one.value for one in after] == pytest.approx(gamma * d + (1 - gamma) * s)
    assert [one.se for one in after] == pytest.approx(np.sqrt(gamma * psi + (1 - gamma) ** 2 * e))
    assert all(one.ci_low < one.value < one.ci_high for one in after)
    assert {one.method for one in after} == {"fay_herriot"}


def test_a_model_needs_places_and_points() -> None:
    assert (LEAST_PLACES, LEAST_POINTS_OF_MODEL) == (5, 20)
    points, place, cells = level(6, 6, 6, 6)
    assert small_area_estimates(points, place=place, cells=cells, cell_area=1.0) == {}
    # A place without a cell does not count as one.
    empty = np.vstack((cells, np.zeros((1, 5), dtype=int)))
    assert small_area_estimates(points, place=place, cells=empty, cell_area=1.0) == {}
    points, place, cells = level(3, 3, 3, 3, 6)  # 18 points a place
    assert small_area_estimates(points, place=place, cells=cells, cell_area=1.0) == {}
    points, place, cells = level(3, 5, 5, 5, 6)
    assert sorted(small_area_estimates(points, place=place, cells=cells, cell_area=1.0)) == [
        1,
        2,
        3,
        4,
    ]


def test_a_model_must_see_how_places_differ() -> None:
    """√(2/m) ψ grows with the places against the error that they share: 50 are too many."""
    assert MOST_UNSEEN == 5
    few, many = level(*[12] * 6), level(*[12] * 50)
    assert small_area_estimates(few[0], place=few[1], cells=few[2], cell_area=1.0)
    found = small_area_estimates(many[0], place=many[1], cells=many[2], cell_area=1.0)
    assert set(found.values()) == {()}


def test_points_outside_every_place_belong_to_the_whole_alone() -> None:
    points, place, cells = level(10, 10, 10, 10, 10, 10)
    outside = np.where(place == 5, -1, place)
    found = level_estimates(points, place=outside, cells=cells[:5], cell_area=1.0)
    assert [len(of_place) for of_place in found] == [2] * 5


def test_where_nothing_is_sealed_there_is_no_model() -> None:
    points, place, cells = level(10, 10, 10, 10, 10, rates=np.zeros(5))
    never = ReferencePoints(
        frame=points.frame,
        stratum=points.stratum,
        sealed_before=None,
        sealed_after=np.zeros(len(points), dtype=bool),
    )
    assert level_estimates(never, place=place, cells=cells, cell_area=1.0) == ((),) * 5


@pytest.mark.parametrize("wrong", [-2, 5])
def test_places_that_there_are_not(wrong: int) -> None:
    points, place, cells = level(10, 10, 10, 10, 10)
    with pytest.raises(ValueError, match="place"):
        level_estimates(points, place=np.where(place == 0, wrong, place), cells=cells, cell_area=1)


def test_values_scale_with_the_area_of_a_cell() -> None:
    points, place, cells = level(22, 16, 17, 18, 19)
    one, many = (
        level_estimates(points, place=place, cells=cells, cell_area=area) for area in (1.0, 100.0)
    )
    for small, large in zip(sum(one, ()), sum(many, ()), strict=True):
        for name in ("value", "se", "ci_low", "ci_high"):
            expected = 100 * getattr(small.estimate, name)
            assert math.isclose(getattr(large.estimate, name), expected, abs_tol=1e-9)
        assert small.status == large.status


def test_a_level_of_thousands_of_places_takes_little_room() -> None:
    """A mask for each of them would take a gigabyte."""
    points, place, cells = level(22, 22)
    many = np.zeros((40_000, 5), dtype=int)
    many[[7, 20_000]] = cells
    far = np.where(place == 0, 7, 20_000)
    repeated = 100
    sample = ReferencePoints(
        frame=Frame(names=STRATA, sizes=points.frame.sizes * repeated, measure="units"),
        stratum=np.tile(points.stratum, repeated),
        sealed_before=np.tile(points.sealed_before, repeated),
        sealed_after=np.tile(points.sealed_after, repeated),
    )
    tracemalloc.start()
    found = level_estimates(
        sample, place=np.tile(far, repeated), cells=many * repeated, cell_area=1.0
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [n for n, of_place in enumerate(found) if of_place] == [7, 20_000]
    assert peak < 100e6
