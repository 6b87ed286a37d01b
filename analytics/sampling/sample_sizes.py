"""Planning of a sample: how many points reach which half-width of a 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from analytics.errors import SampleError
from analytics.sampling.allocation import checked_shares

Z = 1.96
"""The quantile of published tables of sample sizes; estimates use all its digits, 1.959964."""

NARROWEST = 1e-6
"""Half-width that can be asked for, as a part of the estimate."""


def points_for_share(share: float, *, relative: float) -> int:
    """Points of a simple random sample for a half-width of ``relative`` (0.1: 10 %) of an expected
    share: n = z² (1 − p) / (p · relative²), rounded up (Cochran 1977, section 4.6).

    0.05 → 7 300 at 10 % and 1 168 at 25 %. Raises SampleError for a share or width out of range.
    """
    if not 0 < share < 1:
        raise SampleError("expected share", found=str(share), expected="between 0 and 1")
    _check_width(relative)
    return _whole(Z**2 * (1 - share) / share / relative**2)


def half_width(points: Sequence[int], sizes: Sequence[int], *, expected: Sequence[float]) -> float:
    """Expected half-width of the interval of the target's share of all cells:
    z · √(Σ W_h² (1 − n_h/N_h) p_h (1 − p_h) / n_h) (Cochran 1977, section 5.4).
    ``points`` are n_h, ``sizes`` N_h (cells) and ``expected`` p_h.

    Infinite where a stratum with a variance has no point. Multiply by the area for an area.
    """
    total = sum(sizes)
    variance = 0.0
    for n, size, share in zip(points, sizes, checked_shares(expected), strict=True):
        spread = share * (1 - share)
        if not size or not spread:
            continue
        if not n:
            return math.inf
        variance += (size / total) ** 2 * (1 - n / size) * spread / n
    return Z * math.sqrt(variance)


def expected_share(sizes: Sequence[int], *, expected: Sequence[float]) -> float:
    """The target's expected share of all cells: Σ W_h p_h."""
    total = sum(sizes)
    if not total:
        raise SampleError("strata", found="no cell", expected="cells to draw from")
    return sum(n * p for n, p in zip(sizes, checked_shares(expected), strict=True)) / total


def points_for_half_width(
    relative: float,
    sizes: Sequence[int],
    *,
    expected: Sequence[float],
    allocate: Callable[[int], list[int]],
) -> int:
    """The fewest points, as ``allocate`` shares them out, whose expected half-width is at most
    ``relative`` of the target's expected share.

    ``allocate`` raises SampleError for fewer points than its minima. Raises SampleError where no
    share is expected, so that nothing can be relative to it.
    """
    _check_width(relative)
    share = expected_share(sizes, expected=expected)
    if not share:
        raise SampleError(
            "expected shares", found="0 in every stratum", expected="a share above 0 in one of them"
        )
    target = relative * share

    def enough(points: int) -> bool:
        try:
            return half_width(allocate(points), sizes, expected=expected) <= target
        except SampleError:
            return False

    total = sum(sizes)
    above = 1
    while above < total and not enough(above):
        above *= 2
    above = min(above, total)
    below = above // 2
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if enough(middle) else (middle, above)
    return above


def _check_width(relative: float) -> None:
    if not (math.isfinite(relative) and relative >= NARROWEST):
        raise SampleError(
            "half-width",
            found=str(relative),
            expected=f"a part of the estimate, {NARROWEST:g} or more",
        )


def _whole(points: float) -> int:
    if not math.isfinite(points) or points > 1e15:
        raise SampleError(
            "half-width", found="more points than there are cells on Earth", expected="a wider one"
        )
    return math.ceil(points)
