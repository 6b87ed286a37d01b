"""Estimates for a territory and its parts from labelled points."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import SampleError
from analytics.estimation import (
    FLAGGED_BELOW,
    LEAST_POINTS_OF_CHANGE,
    MOST_WEIGHT_OF_BUFFER,
    QUANTITIES,
    Frame,
    Quantity,
    ReferencePoints,
    TerritoryEstimate,
    assess_labels,
    fit_for_change,
    part_estimates,
    verdict_of_interval,
    whole_estimates,
)
from analytics.estimation.effective_samples import exact_interval, wilson_interval

NAMES = ("stable_sealed", "gain", "loss", "buffer", "stable_unsealed")
SIZES = np.array([50_000.0, 4_000.0, 4_000.0, 90_000.0, 800_000.0])
COUNTS = (40, 20, 40, 300, 200)
MANY = (40, 20, 40, 300, 1200)
"""Points enough for change."""


def points(
    seed: int = 1,
    *,
    counts: tuple[int, ...] = COUNTS,
    rates: tuple[float, ...] = (0.95, 0.6, 0.5, 0.1, 0.01),
    gains: tuple[float, ...] = (0.02, 0.4, 0.0, 0.02, 0.0),
    losses: tuple[float, ...] = (0.02, 0.0, 0.2, 0.01, 0.0),
) -> ReferencePoints:
    """Points with labels by chance: sealed at first at these rates, changed at those."""
    random = np.random.default_rng(seed)
    stratum = np.repeat(np.arange(5), counts)
    before = random.random(len(stratum)) < np.array(rates)[stratum]
    gained = ~before & (random.random(len(stratum)) < np.array(gains)[stratum])
    lost = before & (random.random(len(stratum)) < np.array(losses)[stratum])
    return ReferencePoints(
        frame=Frame(names=NAMES, sizes=SIZES, measure="units"),
        stratum=stratum,
        sealed_before=before,
        sealed_after=(before | gained) & ~lost,
    )


def by_quantity(found: tuple[TerritoryEstimate, ...]) -> dict[Quantity, TerritoryEstimate]:
    assert len({estimate.quantity for estimate in found}) == len(found)
    return {estimate.quantity: estimate for estimate in found}


def naive(sample: ReferencePoints, quantity: Quantity) -> tuple[float, float]:
    """Total and variance, point by point."""
    total = variance = 0.0
    for h, size in enumerate(SIZES.tolist()):
        values = [
            {
                "sealed_before": int(before),
                "sealed_after": int(after),
                "gain": int(after and not before),
                "loss": int(before and not after),
                "net": int(after) - int(before),
            }[quantity]
            for stratum, before, after in zip(
                sample.stratum, sample.sealed_before, sample.sealed_after, strict=True
            )
            if stratum == h
        ]
        n = len(values)
        mean = sum(values) / n
        spread = sum((value - mean) ** 2 for value in values) / (n - 1)
        total += size * mean
        variance += size**2 * (1 - n / size) * spread / n
    return total, variance


def test_totals_and_errors_are_those_of_the_formulas() -> None:
    sample = points()
    found = by_quantity(whole_estimates(sample, cell_area=100.0))
    assert tuple(found) == QUANTITIES
    for quantity, one in found.items():
        total, variance = naive(sample, quantity)
        assert one.estimate.value == pytest.approx(100 * total)
        assert one.estimate.se == pytest.approx(100 * math.sqrt(variance))
        assert (one.basis, one.points, one.lent) == ("own", 600, ())
        assert one.sealed_points == int((sample.sealed_before | sample.sealed_after).sum())


def test_a_share_is_that_of_the_estimator_for_labels() -> None:
    sample = points()
    expected = assess_labels(
        sample.frame,
        sample.stratum,
        mapped=sample.sealed_after.astype(int),
        reference=sample.sealed_after.astype(int),
        classes=("no", "yes"),
    ).classes[1]
    found = by_quantity(whole_estimates(sample, cell_area=1.0))["sealed_after"]
    assert found.estimate.value == pytest.approx(expected.area.value)
    assert found.estimate.se == pytest.approx(expected.area.se)
    assert found.estimate.method == expected.area.method


def test_accounts_balance() -> None:
    found = {
        quantity: one.estimate.value
        for quantity, one in by_quantity(whole_estimates(points(), cell_area=1.0)).items()
    }
    assert found["net"] == pytest.approx(found["gain"] - found["loss"])
    assert found["sealed_before"] + found["net"] == pytest.approx(found["sealed_after"])


def test_intervals_are_those_of_the_effective_sample() -> None:
    sample = points(
        rates=(0.95, 0.6, 0.5, 0.5, 0.01),
        gains=(0.02, 0.4, 0.0, 0.2, 0.0),
        losses=(0.1, 0.0, 0.2, 0.2, 0.0),
    )
    found = by_quantity(whole_estimates(sample, cell_area=1.0))
    units = float(SIZES.sum())
    ends = {}
    for quantity in ("gain", "loss"):
        total, variance = naive(sample, quantity)
        one = found[quantity].estimate
        expected = wilson_interval(total, variance=variance, units=units, weight=1)
        assert (one.ci_low, one.ci_high) == pytest.approx(expected)
        ends[quantity] = (total, *exact_interval(total, variance=variance, units=units, weight=1))
    (gain, gain_low, gain_high), (loss, loss_low, loss_high) = ends["gain"], ends["loss"]
    # No point shows both: n (mean of the product − product of the means) is below 0.
    covariance = 0.0
    for h, size in enumerate(SIZES.tolist()):
        of_one = sample.stratum == h
        n = int(of_one.sum())
        g, lost = (sample.values(q)[of_one].mean() for q in ("gain", "loss"))
        covariance -= size**2 * (1 - n / size) * g * lost / (n - 1)
    rho = covariance / math.sqrt(naive(sample, "gain")[1] * naive(sample, "loss")[1])
    assert -1 < rho < 0

    def joined(a: float, b: float) -> float:
        return math.sqrt(a**2 + b**2 - 2 * rho * a * b)

    net = found["net"].estimate
    assert net.ci_low == pytest.approx(gain - loss - joined(gain - gain_low, loss_high - loss))
    assert net.ci_high == pytest.approx(gain - loss + joined(gain_high - gain, loss - loss_low))


def test_a_sample_without_change_tells_none_apart_and_is_not_certain() -> None:
    sample = points(counts=MANY, gains=(0,) * 5, losses=(0,) * 5)
    found = by_quantity(whole_estimates(sample, cell_area=1.0))
    for quantity in ("gain", "loss"):
        one = found[quantity]
        assert one.estimate.value == one.estimate.se == one.estimate.ci_low == 0
        assert one.estimate.ci_high > SIZES.sum() / len(sample)  # more than one point
        assert one.status == "suppressed"
    net = found["net"]
    assert net.estimate.value == 0
    assert net.status == "indicative"  # no point shows a change
    interval = net.estimate.ci_low, net.estimate.ci_high
    assert verdict_of_interval(interval) == "not_distinguishable"


def test_where_no_point_shows_loss_one_would_weigh_what_those_of_gain_do() -> None:
    sample = points(losses=(0,) * 5)
    found = by_quantity(whole_estimates(sample, cell_area=1.0))
    total, variance = naive(sample, "gain")
    assert found["loss"].estimate.value == 0
    assert variance / total > 4_000 / 40
    assert found["loss"].estimate.ci_high == pytest.approx(
        wilson_interval(0, variance=0, units=float(SIZES.sum()), weight=variance / total)[1]
    )


def test_a_missing_gain_weighs_no_less_than_where_gain_is_mapped() -> None:
    sample = points(gains=(0,) * 5, losses=(0, 0, 0.5, 0, 0))
    found = by_quantity(whole_estimates(sample, cell_area=1.0))
    total, variance = naive(sample, "loss")
    assert variance / total < 4_000 / 20
    assert found["gain"].estimate.ci_high == pytest.approx(
        wilson_interval(0, variance=0, units=float(SIZES.sum()), weight=4_000 / 20)[1]
    )


@pytest.mark.parametrize(
    ("gain", "buffer", "fit"),
    [(20, 150, True), (20, 151, True), (20, 149, False), (50, 100, False), (2, 300, True)],
)
def test_change_needs_points_in_the_buffer(gain: int, buffer: int, fit: bool) -> None:
    """4 000 cells of gain and 90 000 of the buffer: three times the weight at 20 and 150 points."""
    assert MOST_WEIGHT_OF_BUFFER == 3
    sample = points(counts=(40, gain, 40, buffer, 200))
    assert fit_for_change(sample) is fit
    found = by_quantity(whole_estimates(sample, cell_area=1.0))
    assert tuple(found) == (QUANTITIES if fit else QUANTITIES[:2])


@pytest.mark.parametrize(("unsealed", "suppressed"), [(900, False), (899, True)])
def test_change_is_published_from_1500_points_on(unsealed: int, suppressed: bool) -> None:
    assert LEAST_POINTS_OF_CHANGE == 1500
    sample = points(counts=(40, 30, 130, 400, unsealed), gains=(0, 1, 0, 0.1, 0))
    found = by_quantity(whole_estimates(sample, cell_area=1.0))
    assert [(found[q].status == "suppressed") for q in ("gain", "net")] == [suppressed] * 2
    assert found["sealed_after"].status == "ok"


def test_a_part_with_few_points_has_no_change() -> None:
    part = by_quantity(part_estimates(points(3), inside=half(points(3)), cells=PART, cell_area=1.0))
    assert {part[q].status for q in ("gain", "loss", "net")} == {"suppressed"}


def test_a_net_change_from_few_changed_points_is_indicative() -> None:
    rates = {"rates": (1.0, 0, 1.0, 0, 0), "losses": (0.0,) * 5}
    for gains, status in (((0, 0.2, 0, 0, 0), "indicative"), ((0, 1.0, 0, 0, 0), "ok")):
        sample = points(counts=MANY, gains=gains, **rates)
        assert (int(sample.values("gain").sum()) < FLAGGED_BELOW == 10) is (status == "indicative")
        assert by_quantity(whole_estimates(sample, cell_area=1.0))["net"].status == status


def test_strata_that_do_not_follow_change_do_not_tell_of_it() -> None:
    sample = points()
    simple = ReferencePoints(
        frame=Frame(names=("observed",), sizes=SIZES[-1:], measure="units"),
        stratum=np.zeros(len(sample), dtype=np.intp),
        sealed_before=sample.sealed_before,
        sealed_after=sample.sealed_after,
    )
    assert not fit_for_change(simple)
    assert tuple(by_quantity(whole_estimates(simple, cell_area=1.0))) == QUANTITIES[:2]


def test_one_edition_has_no_change() -> None:
    sample = points()
    one = ReferencePoints(
        frame=sample.frame,
        stratum=sample.stratum,
        sealed_before=None,
        sealed_after=sample.sealed_after,
    )
    assert [e.quantity for e in whole_estimates(one, cell_area=1.0)] == ["sealed_after"]


def test_a_stratum_with_one_point_is_refused() -> None:
    with pytest.raises(SampleError, match="stratum 'gain': found 1 point"):
        whole_estimates(points(counts=(40, 1, 40, 300, 200)), cell_area=1.0)


INSIDE_COUNTS = (20, 8, 15, 80, 50)


def half(sample: ReferencePoints, counts: tuple[int, ...] = INSIDE_COUNTS) -> np.ndarray:
    """The first points of each stratum."""
    inside = np.zeros(len(sample), dtype=bool)
    for h, count in enumerate(counts):
        inside[np.flatnonzero(sample.stratum == h)[:count]] = True
    return inside


PART = np.array([20_000, 1_500, 1_600, 30_000, 200_000])


def test_a_part_is_weighted_by_its_own_cells() -> None:
    sample = points(3)
    inside = half(sample)
    found = by_quantity(part_estimates(sample, inside=inside, cells=PART, cell_area=1.0))
    gained = ~sample.sealed_before & sample.sealed_after
    expected = variance = sealed = sealed_variance = 0.0
    for h, size in enumerate(PART.tolist()):
        stratum = sample.stratum == h
        own = gained[inside & stratum]
        n = len(own)
        expected += size * own.mean()
        variance += size**2 * (1 - n / size) * own.var(ddof=1) / n
        sealed += size * sample.sealed_after[inside & stratum].mean()
        whole = sample.sealed_after[stratum].var(ddof=1)
        sealed_variance += size**2 * (1 - n / size) * whole / n
    gain, after = found["gain"], found["sealed_after"]
    assert gain.estimate.value == pytest.approx(expected)
    assert gain.estimate.se == pytest.approx(math.sqrt(variance))
    assert after.estimate.value == pytest.approx(sealed)
    assert after.estimate.se == pytest.approx(math.sqrt(sealed_variance))
    assert (gain.basis, gain.points, gain.lent) == ("assisted", sum(INSIDE_COUNTS), ())
    assert gain.estimate.method == "post_stratified"


def test_a_stratum_with_one_own_point_takes_the_mean_of_the_whole_sample_and_says_so() -> None:
    sample = points(3)
    inside = half(sample, (20, 1, 15, 80, 50))
    found = by_quantity(part_estimates(sample, inside=inside, cells=PART, cell_area=1.0))
    assert found["gain"].lent == ("gain",)
    gained = ~sample.sealed_before & sample.sealed_after
    expected = sum(
        size * gained[(sample.stratum == h) & (inside | (h == 1))].mean()
        for h, size in enumerate(PART.tolist())
    )
    assert found["gain"].estimate.value == pytest.approx(expected)
    # A stratum that the part does not have is not named.
    cells = np.where(np.arange(5) == 1, 1, PART)
    inside &= sample.stratum != 1
    cells[1] = 0
    (one, *_) = part_estimates(sample, inside=inside, cells=cells, cell_area=1.0)
    assert one.lent == ()


def test_the_whole_as_a_part_of_itself_is_the_whole() -> None:
    sample = points()
    everything = np.ones(len(sample), dtype=bool)
    part = part_estimates(sample, inside=everything, cells=SIZES.astype(int), cell_area=1.0)
    for one, other in zip(part, whole_estimates(sample, cell_area=1.0), strict=True):
        assert one.estimate.value == pytest.approx(other.estimate.value)
        assert one.estimate.se == pytest.approx(other.estimate.se)
        assert one.estimate.ci_low == pytest.approx(other.estimate.ci_low)
        assert one.status == other.status


def test_few_points_or_few_sealed_ones_give_nothing() -> None:
    sample = points()
    few = half(sample, (10, 5, 10, 40, 30))
    assert int(few.sum()) < 100
    assert part_estimates(sample, inside=few, cells=PART, cell_area=1.0) == ()
    unsealed = half(sample, (0, 0, 0, 100, 100))
    assert part_estimates(sample, inside=unsealed, cells=PART, cell_area=1.0) == ()


@pytest.mark.parametrize(("stratum", "cells"), [(1, 7), (1, 4_001), (0, -1)])
def test_parts_that_cannot_be(stratum: int, cells: int) -> None:
    sample = points()
    wrong = PART.copy()
    wrong[stratum] = cells
    with pytest.raises(SampleError, match="of a part"):
        part_estimates(sample, inside=half(sample), cells=wrong, cell_area=1.0)


def test_arrays_that_do_not_fit() -> None:
    sample = points()
    inside = half(sample)
    with pytest.raises(ValueError, match="part"):
        part_estimates(sample, inside=inside, cells=PART[:4], cell_area=1.0)
    labels = sample.sealed_after
    for change in (
        {"sealed_after": labels.astype(int)},
        {"sealed_before": labels[1:]},
        {"stratum": sample.stratum + 1},
        {"stratum": sample.stratum - 1},
        {"frame": Frame(names=NAMES, sizes=SIZES, measure="area")},
    ):
        given = {
            "frame": sample.frame,
            "stratum": sample.stratum,
            "sealed_before": labels,
            "sealed_after": labels,
        }
        with pytest.raises(ValueError, match="expected"):
            ReferencePoints(**given | change)


@given(
    seed=st.integers(0, 2**32 - 1),
    rates=st.tuples(*[st.floats(0, 1)] * 5),
    gains=st.tuples(*[st.floats(0, 1)] * 5),
    losses=st.tuples(*[st.floats(0, 1)] * 5),
    inside=st.tuples(*(st.integers(0, count) for count in COUNTS)),
)
@settings(max_examples=60, deadline=None)
def test_intervals_hold_their_value_and_areas_stay_within_the_territory(
    seed: int,
    rates: tuple[float, ...],
    gains: tuple[float, ...],
    losses: tuple[float, ...],
    inside: tuple[int, ...],
) -> None:
    sample = points(seed, rates=rates, gains=gains, losses=losses)
    part = part_estimates(sample, inside=half(sample, inside), cells=PART, cell_area=100.0)
    for found, cells in ((whole_estimates(sample, cell_area=100.0), SIZES), (part, PART)):
        most = 100 * float(cells.sum()) * (1 + 1e-9)
        for one in found:
            estimate = one.estimate
            assert estimate.ci_low <= estimate.value + 1e-3
            assert estimate.value <= estimate.ci_high + 1e-3
            if one.quantity != "net":
                assert estimate.ci_low >= -1e-3
                assert estimate.ci_high <= most
