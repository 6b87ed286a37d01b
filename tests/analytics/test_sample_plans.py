"""Allocation and planning: published sample sizes, and formulas against a plain computation."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import SampleError
from analytics.sampling import allocation, sample_sizes
from analytics.sampling.allocation import allocated


@pytest.mark.parametrize(
    ("share", "at_tenth", "at_quarter"), [(0.05, 7300, 1168), (0.2, 1537, 246), (0.5, 385, 62)]
)
def test_published_sizes(share: float, at_tenth: int, at_quarter: int) -> None:
    assert sample_sizes.points_for_share(share, relative=0.10) == at_tenth
    assert sample_sizes.points_for_share(share, relative=0.25) == at_quarter


def test_allocations_by_hand() -> None:
    sizes = [5000, 30, 100, 900, 900_000]
    assert allocated(1000, sizes, rule="change") == [50, 30, 50, 50, 820]
    assert allocated(1000, sizes, rule="proportional") == [5, 2, 2, 2, 989]
    assert allocated(1000, sizes, rule="equal") == [290, 30, 100, 290, 290]
    assert allocated(100, [100, 300], rule="proportional") == [25, 75]
    # N √(p q): 1000 · .5 and 2000 · .3
    assert allocated(110, [1000, 2000], rule="neyman", expected=[0.5, 0.1]) == [50, 60]
    assert allocated(10, [0, 50], rule="change", minimum=5) == [0, 10]


@given(
    sizes=st.lists(st.integers(0, 10**10), min_size=1, max_size=6),
    points=st.integers(1, 100_000),
    rule=st.sampled_from([rule for rule in allocation.RULES if rule != "buffer"]),
    minimum=st.one_of(st.none(), st.integers(0, 300)),
    data=st.data(),
)
def test_allocations_keep_their_bounds(
    sizes: list[int], points: int, rule: str, minimum: int | None, data: st.DataObject
) -> None:
    expected = [data.draw(st.sampled_from([0.0, 0.001, 0.5, 1.0])) for _ in sizes]
    least = allocation.MINIMUM_OF_RULE[rule] if minimum is None else minimum
    low = [min(least, size) for size in sizes]
    if not sum(low) <= points <= sum(sizes):
        with pytest.raises(SampleError):
            allocated(points, sizes, rule=rule, minimum=minimum, expected=expected)
        return
    found = allocated(points, sizes, rule=rule, minimum=minimum, expected=expected)
    assert sum(found) == points
    assert all(a <= n <= b for a, n, b in zip(low, found, sizes, strict=True))
    if rule == "proportional" and not least:
        for n, size in zip(found, sizes, strict=True):
            assert abs(n - points * size / sum(sizes)) < 1


STRATA = ("stable_sealed", "gain", "loss", "buffer", "stable_unsealed")


def test_the_rule_buffer_by_hand() -> None:
    """Shares of 10, 5, 15, 40 and 30 %; of gain at most 2.5 times the part of the buffer."""
    sizes = [1_000_000, 200_000, 200_000, 2_000_000, 9_000_000]
    assert allocated(1000, sizes, rule="buffer", names=STRATA) == [100, 50, 150, 400, 300]
    # 2.5 · 60 000 · 400 / 2 000 000 = 30 points of gain; the others share the 20 of its own.
    sizes[1] = 60_000
    found = allocated(1000, sizes, rule="buffer", names=STRATA)
    assert found[1] == 30
    assert found == [102, 30, 153, 409, 306]
    one = allocated(100, [500, 900, 9000], rule="buffer", names=("sealed", "buffer", "unsealed"))
    assert one == [25, 40, 35]
    without = allocated(100, [500, 9900], rule="buffer", names=("sealed", "unsealed"))
    assert without == [25, 75]


@given(
    sizes=st.lists(st.integers(0, 10**9), min_size=5, max_size=5),
    points=st.integers(1, 10_000),
    minimum=st.one_of(st.none(), st.integers(0, 50)),
)
def test_the_rule_buffer_keeps_its_bounds(
    sizes: list[int], points: int, minimum: int | None
) -> None:
    least = 2 if minimum is None else minimum
    low = [min(least, size) for size in sizes]
    if not sum(low) <= points <= sum(sizes):
        with pytest.raises(SampleError):
            allocated(points, sizes, rule="buffer", minimum=minimum, names=STRATA)
        return
    found = allocated(points, sizes, rule="buffer", minimum=minimum, names=STRATA)
    assert sum(found) == points
    assert all(a <= n <= b for a, n, b in zip(low, found, sizes, strict=True))
    if sizes[3] and found[1] > low[1] and found[3] < sizes[3]:
        part = (found[1] / sizes[1]) / max(found[3] / sizes[3], 1e-300)
        assert part <= allocation.MOST_GAIN * 1.01 or points - found[1] >= sum(sizes) - sizes[1]


@pytest.mark.parametrize("names", [None, ("a", "b"), ("buffer", "observed")])
def test_the_rule_buffer_needs_the_strata_of_a_draw(names: tuple[str, ...] | None) -> None:
    with pytest.raises(SampleError, match="allocation buffer"):
        allocated(100, [1000, 1000], rule="buffer", names=names)


def test_neyman_is_the_best_allocation() -> None:
    sizes, expected = [10_000, 2_000, 500], [0.02, 0.3, 0.6]

    def width(points: list[int]) -> float:
        return sample_sizes.half_width(points, sizes, expected=expected)

    best = allocated(300, sizes, rule="neyman", expected=expected)
    for more in range(3):
        for fewer in range(3):
            other = list(best)
            other[more] += 5
            other[fewer] -= 5
            assert width(other) >= width(best) - 1e-12
    assert width(best) < width(allocated(300, sizes, rule="equal"))


def test_the_half_width_of_a_stratified_sample() -> None:
    # 1.96 · √(.25² · .9 · .25 / 100 + .75² · (1 − 200/3000) · .09 / 200)
    variance = 0.25**2 * 0.9 * 0.25 / 100 + 0.75**2 * (1 - 200 / 3000) * 0.09 / 200
    found = sample_sizes.half_width([100, 200], [1000, 3000], expected=[0.5, 0.1])
    assert found == pytest.approx(1.96 * math.sqrt(variance), rel=1e-15)
    assert sample_sizes.half_width([1000, 3000], [1000, 3000], expected=[0.5, 0.1]) == 0
    assert sample_sizes.half_width([0, 3000], [1000, 3000], expected=[0.5, 0.1]) == math.inf
    assert sample_sizes.half_width([0, 9], [1000, 3000], expected=[0, 0]) == 0


def test_one_large_stratum_needs_what_a_simple_sample_needs() -> None:
    found = sample_sizes.points_for_half_width(
        0.1, [10**12], expected=[0.05], allocate=lambda points: [points]
    )
    assert found == 7300


def test_the_planned_points_are_the_fewest() -> None:
    sizes, expected = [25_000, 800, 500, 80_000, 300_000], [0.95, 0.5, 0.5, 0.05, 0.005]

    def allocate(points: int) -> list[int]:
        return allocated(points, sizes, names=STRATA)

    def width(points: int) -> float:
        return sample_sizes.half_width(allocate(points), sizes, expected=expected)

    points = sample_sizes.points_for_half_width(0.05, sizes, expected=expected, allocate=allocate)
    target = 0.05 * sample_sizes.expected_share(sizes, expected=expected)
    assert width(points) <= target < width(points - 1)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_shares_out_of_range_are_refused(value: float) -> None:
    with pytest.raises(SampleError):
        sample_sizes.points_for_share(value, relative=0.1)
    with pytest.raises(SampleError):
        sample_sizes.half_width([1], [10], expected=[value])
    with pytest.raises(SampleError):
        allocated(5, [10], rule="neyman", expected=[value])


@pytest.mark.parametrize("width", [0, -1, float("nan"), float("inf"), 1e-300])
def test_widths_out_of_range_are_refused(width: float) -> None:
    with pytest.raises(SampleError):
        sample_sizes.points_for_share(0.2, relative=width)


def test_asked_strata_must_have_the_cells() -> None:
    names, sizes = ["gain", "loss"], [5, 0]
    assert allocation.given({"gain": 3}, names=names, sizes=sizes) == [3, 0]
    for asked, message in (
        ({"loss": 1}, "stratum loss: found no cell"),
        ({"gain": 6}, "stratum gain: found 5 cells"),
        ({"grain": 1}, "a stratum 'grain'"),
    ):
        with pytest.raises(SampleError, match=message):
            allocation.given(asked, names=names, sizes=sizes)
