"""What a plan promises, beside what samples of the region's known truth reach."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analytics.estimation import whole_estimates
from analytics.sampling import allocation, sample_sizes
from analytics.sampling.expected_shares import GAIN, SEALED, expected_share
from demonstration.truth_labels import PAIR

from .simulation import drawn, population_of

SAMPLES = 120


@pytest.mark.parametrize("points", [300, 1000])
def test_half_widths_of_the_plan_are_those_that_samples_reach(region: Path, points: int) -> None:
    """Nine of ten samples reach half-widths round the planned one; more could not be promised,
    since a point of gain more or less changes them by a third."""
    population = population_of(region, PAIR)
    sizes, names = population.sizes, population.names
    shared = allocation.allocated(points, sizes, rule="buffer", names=names)
    reached: dict[str, list[float]] = {"sealed_after": [], "gain": []}
    for sample, _ in drawn(population, points=points, samples=SAMPLES, seed=11):
        for one in whole_estimates(sample, cell_area=1.0):
            if one.quantity in reached:
                reached[one.quantity].append(sample_sizes.Z * one.estimate.se)
    for quantity, shares in (("sealed_after", SEALED), ("gain", GAIN)):
        expected = [expected_share(shares, name, near=0.0, has_buffer=True) for name in names]
        planned = sample_sizes.half_width(shared, sizes, expected=expected) * sum(sizes)
        low, middle, high = np.quantile(reached[quantity], [0.05, 0.5, 0.95])
        assert low <= planned <= high, (quantity, planned, low, middle, high)
        assert 0.6 <= planned / middle <= 1.7, (quantity, planned, middle)
