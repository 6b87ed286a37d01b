"""Estimates for all territories of a level, from one sample of a larger territory.

A place with points enough of its own is estimated from them. Another leans on the whole sample by
the model of Fay and Herriot 1979, for sealed area alone. A place for which neither can be shown to
hold gets none. A *synthetic* estimate Σ N_hd ȳ_h, with the rates of the whole sample, missed the
change of the demonstration's départements by 10 to 70 %; and how much communes differ cannot be
told from the four points that one has.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from analytics.estimation.effective_samples import wilson_interval
from analytics.estimation.frames import Positions, counts_in, means_in, squares_in
from analytics.estimation.publication import has_own_sample
from analytics.estimation.reference_points import SEALED_QUANTITIES, Quantity, ReferencePoints
from analytics.estimation.results import Estimate, Method
from analytics.estimation.small_areas import positive_model_variance
from analytics.estimation.territories import (
    StratumMeans,
    TerritoryEstimate,
    means_of_part,
    part_estimates,
    status_of_total,
)

LEAST_PLACES = 5
"""Places that the model needs to tell how much they differ."""
LEAST_POINTS_OF_MODEL = 20
"""Points that a place needs for an estimate by the model, and the places of a level on average."""
MOST_UNSEEN = 5.0
"""How many times the error of the whole sample's rates the differences between places may be that
the model would not notice, √(2/m) · ψ, as variances. Communes differ more than départements, and a
large sample knows its rates well but hardly how communes differ: intervals of 250 communes from
10 000 points, where the ratio is 60, held the truth 72 to 75 times of 100; those of 25 places with
a ratio of 8, 88 to 94 times; those of 5 départements with a ratio of 3.5, 93 to 97 times."""


def level_estimates(
    points: ReferencePoints, *, place: Positions, cells: Positions, cell_area: float
) -> tuple[tuple[TerritoryEstimate, ...], ...]:
    """Estimates for each place of a level that lies within the sample's territory.

    ``place`` (points,) is the position of the place in which a point lies, −1 for none; ``cells``
    (places, strata) are the cells of each place by stratum. In their order: the estimates of
    :func:`analytics.estimation.territories.part_estimates` (basis *assisted*); where there are
    none, those of :func:`small_area_estimates` (basis *small-area*); else nothing. ``cell_area`` is
    in square metres. Raises SampleError as ``part_estimates``.
    """
    if place.shape != points.stratum.shape or not ((place >= -1) & (place < len(cells))).all():
        raise ValueError("place: expected a position among the places for each point, or −1")
    own = np.bincount(place[place >= 0], minlength=len(cells))
    # A level may have thousands of places without a point.
    found = [
        part_estimates(points, inside=place == n, cells=row, cell_area=cell_area)
        if has_own_sample(points=int(own[n]), sealed_points=int(own[n]))
        else ()
        for n, row in enumerate(cells)
    ]
    if all(found):
        return tuple(found)
    modelled = small_area_estimates(points, place=place, cells=cells, cell_area=cell_area)
    return tuple(of_place or modelled.get(n, ()) for n, of_place in enumerate(found))


def small_area_estimates(
    points: ReferencePoints, *, place: Positions, cells: Positions, cell_area: float
) -> Mapping[int, tuple[TerritoryEstimate, ...]]:
    """Estimates of sealed area by the model of Fay and Herriot, by position of the place.

    Direct_d and its variance ψ_d are those of
    :func:`analytics.estimation.territories.means_of_part`. Synthetic_d = Σ N_hd ȳ_h leans on the
    whole sample. Model: Direct_d / Synthetic_d = 1 + u_d + e_d, with Var(u_d) = σ²u by adjusted
    likelihood (:func:`analytics.estimation.small_areas.positive_model_variance`) and
    Var(e_d) = ψ_d / Synthetic_d². Estimate: γ Direct + (1 − γ) Synthetic, with
    γ = σ²u Synthetic² / (σ²u Synthetic² + ψ). MSE = γ ψ + (1 − γ)² Var(Synthetic). The interval is
    Wilson's (:mod:`analytics.estimation.effective_samples`).

    With σ²u by moments, which is 0 for most samples of five départements, and the MSE of Synthetic,
    intervals of places that lack sealed points by chance held the truth 92 to 94 times of 100, and
    were wider. With the terms of Prasad and Rao they held it 99 times, with a flat prior for σ²u 98
    times.

    Empty for fewer than LEAST_PLACES places that have a cell, fewer than LEAST_POINTS_OF_MODEL
    points for each of them on average, or differences that would go unseen (MOST_UNSEEN); without
    the places that have fewer points themselves.
    """
    present = np.flatnonzero(cells.sum(axis=1) > 0)
    counts = np.bincount(place[place >= 0], minlength=len(cells))[present].tolist()
    if len(present) < LEAST_PLACES or sum(counts) < LEAST_POINTS_OF_MODEL * len(present):
        return {}
    inside = [place == n for n in present.tolist()]
    means = [
        means_of_part(points, inside=flags, cells=row)[0]
        for flags, row in zip(inside, cells[present], strict=True)
    ]
    wanted = [quantity for quantity in points.quantities if quantity in SEALED_QUANTITIES]
    modelled = {quantity: _modelled(points, quantity, means=means) for quantity in wanted}
    sealed = points.sealed

    def published(position: int, quantity: Quantity) -> TerritoryEstimate:
        value, variance = modelled[quantity][position]
        units = float(means[position].sizes.sum())
        low, high = wilson_interval(
            value, variance=variance, units=units, weight=units / counts[position]
        )
        found = Estimate(
            value=value * cell_area,
            se=math.sqrt(variance) * cell_area,
            ci_low=low * cell_area,
            ci_high=high * cell_area,
            method=Method.FAY_HERRIOT,
        )
        return TerritoryEstimate(
            quantity=quantity,
            estimate=found,
            status=status_of_total(found),
            basis="small-area",
            points=counts[position],
            sealed_points=int((sealed & inside[position]).sum()),
        )

    return {
        n: tuple(published(position, quantity) for quantity in wanted if modelled[quantity])
        for position, n in enumerate(present.tolist())
        if counts[position] >= LEAST_POINTS_OF_MODEL
    }


def _modelled(
    points: ReferencePoints, quantity: Quantity, *, means: Sequence[StratumMeans]
) -> list[tuple[float, float]]:
    """Value and mean square error in cells for each place; nothing where the model cannot be
    trusted, or a place has nothing to lean on."""
    frame, stratum = points.frame, points.stratum
    counts = counts_in(frame, stratum)
    values = points.values(quantity)
    mean = means_in(stratum, values, counts)
    of_mean = frame.left_out(counts) * squares_in(stratum, values, counts) / (counts * (counts - 1))
    sizes = np.array([of_place.sizes for of_place in means])
    synthetic, error = sizes @ mean, sizes**2 @ of_mean
    direct = np.array([of_place.total(quantity) for of_place in means])
    sampling = np.array([of_place.variance(quantity) for of_place in means])
    if not ((synthetic > 0) & (sampling > 0)).all():
        return []
    if (
        math.sqrt(2 / len(means)) * (sampling / synthetic**2).mean()
        > MOST_UNSEEN * (error / synthetic**2).mean()
    ):
        return []
    between = (
        positive_model_variance(
            direct / synthetic,
            sampling_variances=sampling / synthetic**2,
            covariates=np.ones((len(direct), 1)),
        )
        * synthetic**2
    )
    weight = between / (between + sampling)
    value = weight * direct + (1 - weight) * synthetic
    square = weight * sampling + (1 - weight) ** 2 * error
    return list(zip(value.tolist(), square.tolist(), strict=True))
