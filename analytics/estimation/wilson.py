"""Wilson's interval of a share, for counts too small for the normal distribution."""

from __future__ import annotations

import math

from analytics.estimation.results import Z_95, Estimate, Method


def wilson_estimate(successes: float, trials: float) -> Estimate:
    """The share of ``successes`` among ``trials`` of a simple random sample, with its interval.

    Centre (p + z²/2n) / (1 + z²/n), half-width z √(p(1 − p)/n + z²/4n²) / (1 + z²/n); the standard
    error is √(p(1 − p)/n). Source: Wilson 1927 (doi 10.1080/01621459.1927.10502953). The trials
    of a complex sample are its effective size, which need not be whole.
    ValueError unless 0 ≤ successes ≤ trials and trials > 0, both finite.
    """
    if not (0 <= successes <= trials < math.inf and trials > 0):
        raise ValueError(f"{successes} of {trials}: expected a part of a number above 0")
    share = successes / trials
    square = Z_95**2 / trials
    centre = (share + square / 2) / (1 + square)
    variance = share * (1 - share) / trials
    half = Z_95 * math.sqrt(variance + square / (4 * trials)) / (1 + square)
    # At no successes, or nothing else, the end is 0 or 1 exactly; rounding may miss it.
    return Estimate(
        value=share,
        se=math.sqrt(variance),
        ci_low=max(centre - half, 0.0) if successes else 0.0,
        ci_high=min(centre + half, 1.0) if successes < trials else 1.0,
        method=Method.WILSON,
    )
