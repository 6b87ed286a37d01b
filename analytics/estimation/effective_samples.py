"""Intervals of a total from its effective sample: for shares near 0 or 1, and for few points.

The *effective sample* n* of a share p whose variance is v is the simple random sample that would
know it as well: n* = p (1 − p) / v (Korn and Graubard 1998, Survey Methodology 24(2), 193–201). The
interval of a binomial share from n* points then holds for the share of a stratified sample. Unlike
value ± 1.96 standard errors, it stays within what is possible, and is wider towards the middle.
"""

from __future__ import annotations

from analytics.estimation.wilson import wilson_estimate
from analytics.records import Interval

_TAIL = 0.025


def wilson_interval(total: float, *, variance: float, units: float, weight: float) -> Interval:
    """Wilson's interval of a total of a 0-or-1 variable over ``units`` units, in units.

    ``variance`` is that of the total. ``weight`` is how many units a point stands for where the
    sample cannot say, since no point differs from the others of its stratum: n* = units / weight.
    ValueError unless 0 ≤ total ≤ units, the variance is not negative and the weight above 0.
    """
    share, trials = _effective(total, variance=variance, units=units, weight=weight)
    found = wilson_estimate(share * trials, trials)
    return found.ci_low * units, found.ci_high * units


def exact_interval(total: float, *, variance: float, units: float, weight: float) -> Interval:
    """The same by Clopper and Pearson 1934 (doi 10.1093/biomet/26.4.404): quantiles of the beta
    distributions with (n* p, n* (1 − p) + 1) and (n* p + 1, n* (1 − p)). At least as wide as it has
    to be, whatever the share."""
    # Half of the time that the room takes to load would be SciPy's.
    from scipy.special import betaincinv

    share, trials = _effective(total, variance=variance, units=units, weight=weight)
    hits, others = share * trials, (1 - share) * trials
    low = float(betaincinv(hits, others + 1, _TAIL)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, others, 1 - _TAIL)) if others > 0 else 1.0
    return low * units, high * units


def _effective(
    total: float, *, variance: float, units: float, weight: float
) -> tuple[float, float]:
    """The share, and the size of its effective sample."""
    # Rounding can take a total of all units past them.
    share = min(total / units, 1.0) if total <= units * (1 + 1e-9) else total / units
    if not (0 <= share <= 1 and variance >= 0 and weight > 0):
        raise ValueError(f"total {total} of {units}, variance {variance}, weight {weight}")
    spread = share * (1 - share)
    if not (spread and variance):
        return share, units / weight
    # No sample knows more than all units do.
    return share, min(spread / (variance / units / units), units)
