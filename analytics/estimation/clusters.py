"""Estimates of sealed area from a two-stage sample: primary units first, cells within them.

Cells of one unit resemble each other, so that they tell less than as many cells that were drawn one
by one. The variance is therefore that between the units (*ultimate clusters*: Hansen, Hurwitz and
Madow 1953, volume I, chapter 6; Särndal, Swensson and Wretman 1992, section 4.6). Simulations on
the demonstration region hold the intervals to the truth: docs/benchmarks.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.errors import SampleError
from analytics.estimation.effective_samples import wilson_interval
from analytics.estimation.frames import Floats, Positions
from analytics.estimation.publication import has_own_sample
from analytics.estimation.reference_points import (
    SEALED_QUANTITIES,
    Flags,
    Quantity,
    ReferencePoints,
)
from analytics.estimation.results import Z_95, Estimate, Method
from analytics.estimation.territories import TerritoryEstimate, status_of_total
from analytics.phrases import phrase as _

LEAST_UNITS = 30
"""Primary units with points in a territory, below which nothing is estimated for it. Where sealed
ground fills some units and leaves others empty, intervals from 10 units held the truth 89 to 93
times of 100, from 20 units 90 to 94 times, from 30 units 92 to 95 times, and from 100 units 94 to
96 times."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """The primary unit of each point, and what it weighs; arrays of shape (points,)."""

    unit: Positions
    """Any number that points of one unit share, and no others."""
    weight: Floats
    """Inverse of the inclusion probability: cells that the point stands for; above 0."""

    def __post_init__(self) -> None:
        if self.unit.ndim != 1 or self.unit.shape != self.weight.shape:
            raise ValueError(f"units {self.unit.shape}, weights {self.weight.shape}")
        if not (np.isfinite(self.weight) & (self.weight > 0)).all():
            raise ValueError("weights: expected finite numbers above 0")


def cluster_estimates(
    points: ReferencePoints, clusters: Clusters, *, cell_area: float
) -> tuple[TerritoryEstimate, ...]:
    """Sealed area of all that a two-stage sample was drawn from, in the order of the quantities;
    not its change, which is too rare for a sample that does not look for it.

    With the weights w, R = Σ w y / Σ w, and Ŷ = N R for the N cells that there are. The units sum
    up to z_i = Σ w (y − R), and Var(R) = k / (k − 1) · Σ z_i² / (Σ w)² with k units, as if they had
    been drawn with replacement: a little too much where they are a large part of all. Interval:
    Wilson's with the effective sample R (1 − R) / Var(R) · (z / t)², t the quantile of Student's
    distribution with k − 1 degrees of freedom (Korn and Graubard 1998). Where all points are alike,
    the effective sample is the number of units.

    ``cell_area`` is in square metres. Raises SampleError for fewer than LEAST_UNITS units.
    """
    every = np.ones(len(points), dtype=np.bool_)
    units = len(np.unique(clusters.unit))
    if units < LEAST_UNITS:
        raise SampleError(
            _("two-stage sample"),
            found=_("labelled points in %(n)s primary units", n=units),
            expected=_("%(n)s or more, since fewer do not tell how they differ", n=LEAST_UNITS),
            hint=_("Label more points, or draw more units"),
        )
    cells = float(points.frame.sizes.sum())
    return _estimates(points, clusters, inside=every, cells=cells, cell_area=cell_area, part=False)


def cluster_level_estimates(
    points: ReferencePoints,
    clusters: Clusters,
    *,
    place: Positions,
    cells: Positions,
    cell_area: float,
) -> tuple[tuple[TerritoryEstimate, ...], ...]:
    """The same for each place of a level that lies within the sample's territory, if it has enough
    points of its own (:func:`has_own_sample`) in LEAST_UNITS units; nothing for the others.

    ``place`` (points,) is the position of the place in which a point lies, −1 for none; ``cells``
    (places,) are the cells of each place. z_i sums up the unit's points in the place, 0 where there
    is none; the degrees of freedom are those of the units with a point in it.
    """
    if place.shape != points.stratum.shape or not ((place >= -1) & (place < len(cells))).all():
        raise ValueError("place: expected a position among the places for each point, or −1")
    own = np.bincount(place[place >= 0], minlength=len(cells))
    sealed = np.bincount(place[(place >= 0) & points.sealed], minlength=len(cells))

    def of_place(n: int) -> tuple[TerritoryEstimate, ...]:
        # A level may have thousands of places without a point.
        if not has_own_sample(points=int(own[n]), sealed_points=int(sealed[n])):
            return ()
        inside = place == n
        if len(np.unique(clusters.unit[inside])) < LEAST_UNITS:
            return ()
        return _estimates(
            points, clusters, inside=inside, cells=float(cells[n]), cell_area=cell_area, part=True
        )

    return tuple(of_place(n) for n in range(len(cells)))


def _estimates(
    points: ReferencePoints,
    clusters: Clusters,
    *,
    inside: Flags,
    cells: float,
    cell_area: float,
    part: bool,
) -> tuple[TerritoryEstimate, ...]:
    # Loading SciPy takes half of the time that the room does.
    from scipy.special import stdtrit

    if len(points) != len(clusters.unit):
        raise ValueError(f"{len(points)} points, {len(clusters.unit)} with units")
    place = np.unique(clusters.unit, return_inverse=True)[1]
    units = int(place.max()) + 1
    present = len(np.unique(place[inside]))
    weight = clusters.weight * inside
    whole = float(weight.sum())
    # Student's distribution is wider by this factor.
    wider = (float(stdtrit(present - 1, 0.975)) / Z_95) ** 2

    def estimate(quantity: Quantity) -> Estimate:
        values = points.values(quantity)
        share = float(weight @ values) / whole
        sums = np.bincount(place, weights=weight * (values - share), minlength=units)
        variance = units / (units - 1) * float(sums @ sums) / whole**2
        # Rounding leaves a trace of a variance where all points are alike.
        alike = not 0 < float(values[inside].sum()) < inside.sum()
        low, high = wilson_interval(
            share * cells,
            variance=0.0 if alike else variance * wider * cells**2,
            units=cells,
            weight=cells / present,
        )
        return Estimate(
            value=share * cells * cell_area,
            se=0.0 if alike else math.sqrt(variance) * cells * cell_area,
            ci_low=low * cell_area,
            ci_high=high * cell_area,
            method=Method.TWO_STAGE,
        )

    def published(quantity: Quantity) -> TerritoryEstimate:
        found = estimate(quantity)
        return TerritoryEstimate(
            quantity=quantity,
            estimate=found,
            status=status_of_total(found),
            basis="assisted" if part else "own",
            points=int(inside.sum()),
            sealed_points=int((points.sealed & inside).sum()),
        )

    return tuple(published(one) for one in points.quantities if one in SEALED_QUANTITIES)
