"""Bootstrap of a stratified sample: a check of the formulas, not a published interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analytics.estimation.frames import Positions
from analytics.estimation.results import Estimate, Method


def bootstrap_estimate(
    statistic: Callable[[Positions], float],
    *,
    stratum: Positions,
    seed: int,
    replicates: int = 1000,
) -> Estimate:
    """A statistic of a sample, its standard error and percentile interval by resampling.

    ``statistic`` computes the value from positions (any number,) among the sample's points.
    ``stratum`` (points,) holds each point's stratum. A replicate draws n_h − 1 points with
    replacement in each stratum: its variance is then that of s²/n_h without bias. No finite
    population correction. Source: McCarthy and Snowden 1985, "The bootstrap and finite population
    sampling", Vital and Health Statistics 2(95).
    ValueError for a stratum with fewer than two points, or fewer than two replicates.
    """
    groups = [np.flatnonzero(stratum == h) for h in np.unique(stratum)]
    if not groups or min(len(group) for group in groups) < 2:
        raise ValueError("a stratum with fewer than two points has no bootstrap")
    if replicates < 2:
        raise ValueError(f"{replicates} replicates; a standard error needs two")
    random = np.random.default_rng(seed)
    found = [
        statistic(np.concatenate([random.choice(group, len(group) - 1) for group in groups]))
        for _ in range(replicates)
    ]
    low, high = np.percentile(found, (2.5, 97.5))
    return Estimate(
        value=statistic(np.arange(len(stratum))),
        se=float(np.std(found, ddof=1)),
        ci_low=float(low),
        ci_high=float(high),
        method=Method.BOOTSTRAP,
    )
