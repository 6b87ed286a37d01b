"""Estimates of sealed area and of its change for a territory, from a sample of labelled points.

Of the sample's own territory (:func:`whole_estimates`) and of a part of it that has points enough
of its own (:func:`part_estimates`). Simulations on the demonstration region hold the intervals to
the truth: docs/benchmarks.md. The formulas are those of Cochran 1977, chapters 5 and 5A.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analytics.errors import SampleError
from analytics.estimation.effective_samples import exact_interval, wilson_interval
from analytics.estimation.frames import (
    Floats,
    Positions,
    counts_in,
    means_in,
    squares_in,
)
from analytics.estimation.publication import (
    has_own_sample,
    status_of_area,
    status_of_flow,
    status_of_net,
)
from analytics.estimation.reference_points import (
    QUANTITIES,
    SEALED_QUANTITIES,
    Flags,
    Quantity,
    ReferencePoints,
)
from analytics.estimation.results import Estimate, Method
from analytics.records import Interval, Status

Basis = Literal["own", "assisted", "small-area"]
"""Where an interval comes from, the most trusted first: the territory's own sample; points of its
own in a sample of a larger territory; a model that leans on that larger territory."""

MOST_WEIGHT_OF_BUFFER = 3.0
"""How many times the weight of a point in the stratum of gain that of one in the buffer may be.

Gain that the map has missed lies mostly in the buffer. A sample with few points there seldom meets
any, yet its standard error, which the stratum of gain then makes alone, looks small: intervals of
the demonstration's gain held the truth 93 to 96 times of 100 at ratios up to 3, 91 to 95 times at
4, and 81 to 97 times at 12. Source of the problem: Olofsson et al. 2020
(doi 10.1016/j.rse.2019.111492)."""


@dataclass(frozen=True, slots=True)
class TerritoryEstimate:
    """An estimate of one quantity for one territory."""

    quantity: Quantity
    estimate: Estimate
    """In square metres, as the area of a cell was given."""
    status: Status
    basis: Basis
    points: int
    """Labelled points in the territory."""
    sealed_points: int
    """Those of them that the reference calls sealed at either date."""
    lent: tuple[str, ...] = ()
    """Strata with fewer than two points of the territory's own, whose mean and variance are those
    of the whole sample."""


@dataclass(frozen=True, slots=True)
class StratumMeans:
    """Mean of each quantity per stratum, its variance, and the cells that it is multiplied by;
    arrays of shape (strata,)."""

    sizes: Floats
    means: Mapping[Quantity, Floats]
    variances: Mapping[Quantity, Floats]
    """Of the means."""
    points: int

    def total(self, quantity: Quantity) -> float:
        """Σ N_h ȳ_h."""
        return float(self.sizes @ self.means[quantity])

    def variance(self, quantity: Quantity) -> float:
        """Σ N_h² Var(ȳ_h)."""
        return float(self.sizes**2 @ self.variances[quantity])


def fit_for_change(points: ReferencePoints) -> bool:
    """Whether a sample may tell of gain, loss and net change: it has labels of two dates, its
    strata follow the change that was mapped, and a point in the buffer weighs at most
    MOST_WEIGHT_OF_BUFFER times one in the stratum of gain. Without a buffer, the stable unsealed
    cells stand in its place.
    """
    names = points.frame.names
    if points.sealed_before is None or not {"gain", "loss"} & {*names}:
        return False
    missed = next((name for name in ("buffer", "stable_unsealed") if name in names), None)
    if "gain" not in names or missed is None:
        return True
    weights = _weights(points)
    return bool(
        weights[names.index(missed)] <= MOST_WEIGHT_OF_BUFFER * weights[names.index("gain")]
    )


def whole_estimates(points: ReferencePoints, *, cell_area: float) -> tuple[TerritoryEstimate, ...]:
    """Design-based estimates for all that the sample was drawn from, in the order of the
    quantities; of change only from a sample that :func:`fit_for_change`.

    Ŷ = Σ N_h ȳ_h; Var = Σ N_h² (1 − n_h/N_h) s²_h / n_h. Intervals: :func:`estimates_of_means`.
    ``cell_area`` is in square metres. Raises SampleError for a stratum with fewer than two points,
    or more points than cells.
    """
    means = means_of_whole(points)
    return estimates_of_means(means, points, basis="own", method=Method.LABELS, cell_area=cell_area)


def means_of_whole(points: ReferencePoints) -> StratumMeans:
    """Means of all strata, and their variances (1 − n_h/N_h) s²_h / n_h. Raises SampleError as
    :func:`whole_estimates`."""
    frame, stratum = points.frame, points.stratum
    counts = counts_in(frame, stratum)
    values = {quantity: points.values(quantity) for quantity in points.quantities}
    return StratumMeans(
        sizes=frame.sizes,
        means={q: means_in(stratum, of, counts) for q, of in values.items()},
        variances={
            q: frame.left_out(counts) * squares_in(stratum, of, counts) / (counts * (counts - 1))
            for q, of in values.items()
        },
        points=len(points),
    )


def part_estimates(
    points: ReferencePoints, *, inside: Flags, cells: Positions, cell_area: float
) -> tuple[TerritoryEstimate, ...]:
    """Estimates for a part of the sample's territory that :func:`has_own_sample`; none if it does
    not.

    ``inside`` (points,) says which points lie in the part; ``cells`` (strata,) are its cells by
    stratum, N_hd, which the map tells. The rest is as in :func:`whole_estimates`, with the means
    and variances of :func:`means_of_part`, which raises SampleError.
    """
    own = int(inside.sum())
    sealed_points = int((points.sealed & inside).sum())
    if not has_own_sample(points=own, sealed_points=sealed_points):
        return ()
    means, lent = means_of_part(points, inside=inside, cells=cells)
    return estimates_of_means(
        means,
        points,
        inside=inside,
        basis="assisted",
        method=Method.POST_STRATIFIED,
        lent=lent,
        cell_area=cell_area,
    )


def means_of_part(
    points: ReferencePoints, *, inside: Flags, cells: Positions
) -> tuple[StratumMeans, tuple[str, ...]]:
    """Means of a part's strata, and the names of those that the whole sample lends.

    Post-stratified by the part's own cells: Ŷ_d = Σ N_hd ȳ_hd (Särndal, Swensson and Wretman 1992,
    section 10.6, given the n_hd), Var = Σ N_hd² (1 − n_hd/N_hd) s² / n_hd. For change, s² is that
    of the part's own points. For sealed area it is that of the stratum in the whole sample: the
    few points that a part has in the buffer often show nothing sealed, and would then have no
    variance. With the s² of their own, intervals held the truth 74 to 95 times of 100, with that
    of all points 93 to 96 times. A stratum with fewer than two points of the part's own takes ȳ_h
    and its variance from the whole sample.

    ``inside`` and ``cells`` are those of :func:`part_estimates`. Raises SampleError for more points
    than cells, more cells than the sample's territory has, or a stratum of which the whole sample
    has fewer than two points.
    """
    frame = points.frame
    if inside.shape != points.stratum.shape or cells.shape != frame.sizes.shape:
        raise ValueError(f"{inside.shape} points and {cells.shape} strata of a part")
    counts = np.bincount(points.stratum[inside], minlength=len(frame.names))
    for name, n, size, most in zip(
        frame.names, counts.tolist(), cells.tolist(), frame.sizes.tolist(), strict=True
    ):
        if not n <= size <= most:
            raise SampleError(
                f"stratum {name!r} of a part",
                found=f"{n} point(s) and {size} cells, of {most:.15g}",
                expected="no more points than cells, and no more cells than the whole has",
            )
    in_all = counts_in(frame, points.stratum)
    sizes = cells.astype(np.float64)
    left = 1 - np.divide(counts, sizes, out=np.zeros_like(sizes), where=sizes > 0)
    enough = counts >= 2
    safe = np.maximum(counts, 2)
    means: dict[Quantity, Floats] = {}
    variances: dict[Quantity, Floats] = {}
    for quantity in points.quantities:
        values = points.values(quantity)
        of_all = squares_in(points.stratum, values, in_all) / (in_all - 1)
        of_own = squares_in(points.stratum[inside], values[inside], safe) / (safe - 1)
        spread = of_all if quantity in SEALED_QUANTITIES else of_own
        means[quantity] = np.where(
            enough,
            means_in(points.stratum[inside], values[inside], safe),
            means_in(points.stratum, values, in_all),
        )
        variances[quantity] = np.where(
            enough, left * spread / safe, frame.left_out(in_all) * of_all / in_all
        )
    lent = ~enough & (cells > 0)
    return (
        StratumMeans(sizes=sizes, means=means, variances=variances, points=int(counts.sum())),
        tuple(name for name, is_lent in zip(frame.names, lent, strict=True) if is_lent),
    )


def estimates_of_means(
    means: StratumMeans,
    points: ReferencePoints,
    *,
    basis: Basis,
    method: Method,
    cell_area: float,
    inside: Flags | None = None,
    lent: tuple[str, ...] = (),
) -> tuple[TerritoryEstimate, ...]:
    """Totals with their intervals and their status.

    Areas, gain and loss: Wilson's interval from the effective sample
    (:mod:`analytics.estimation.effective_samples`). A normal interval holds rare change far less
    often than it says. Where no point shows gain (or loss), a point that did would weigh, in cells,
    what those of the whole sample weigh, Var/Ŷ; where there is none either, what those of loss
    (gain) weigh there, but at least what a point weighs where gain (loss) is mapped; without any
    change, N/n.

    Net = gain − loss, with the intervals of both put together (MOVER: Zou and Donner 2008,
    doi 10.1002/sim.3095; for two shares of one sample Newcombe 1998, Statistics in Medicine 17,
    2635–2650): its ends are net − √(a² + b² − 2 ρ a b) with a = g − g_low and b = l_high − l, and
    net + the same with a = g_high − g and b = l − l_low. The ends of gain and loss are exact ones,
    and ρ is the correlation of both estimates: below 0, since no point shows gain and loss.

    In simulations of the demonstration region and of three others (four times the gain and eight
    times the loss; a third of the change; other errors of the map), from 1 000 points on, such
    intervals held the truth 93 to 99 times of 100, and verdicts were false alarms 1 to 6 times
    where gain and loss balance. Mid-p ends are nearer to 95 for some of these, but held the truth
    down to 92 times, with up to 8 false alarms. Wilson's and Jeffreys' ends, and the score interval
    of two Poisson rates, gave more false alarms than exact ends in each comparison. A gamma
    interval with the weight of the buffer (Fay and Kim 2017) held it 96 to 100 times, and a factor
    of Student's distribution widened the interval of few points most, which is too wide already.

    *Status* follows the coefficient of variation; a value of 0 whose interval is wider is
    suppressed. A net change is judged by its interval. Change is suppressed where there are few
    points (:mod:`analytics.estimation.publication`).
    """
    own = np.ones(len(points), dtype=np.bool_) if inside is None else inside
    units = float(means.sizes.sum())
    whole = means if inside is None else means_of_whole(points)
    wanted = (
        points.quantities
        if fit_for_change(points)
        else tuple(q for q in points.quantities if q in SEALED_QUANTITIES)
    )

    def estimate(quantity: Quantity) -> Estimate:
        value, variance = means.total(quantity), means.variance(quantity)
        if quantity == "net":
            low, high = _interval_of_net(means, whole, points)
        else:
            low, high = wilson_interval(
                value,
                variance=variance,
                units=units,
                weight=_weight_of_hit(whole, points, quantity),
            )
        return Estimate(
            value=value * cell_area,
            se=math.sqrt(variance) * cell_area,
            ci_low=low * cell_area,
            ci_high=high * cell_area,
            method=method,
        )

    count = int(own.sum())

    def status(quantity: Quantity, found: Estimate) -> Status:
        if quantity in SEALED_QUANTITIES:
            return status_of_total(found)
        if quantity == "net":
            changed = int((own & (points.values("net") != 0)).sum())
            return status_of_net(points=count, changed=changed)
        return status_of_flow(status_of_total(found), points=count)

    def published(quantity: Quantity) -> TerritoryEstimate:
        found = estimate(quantity)
        return TerritoryEstimate(
            quantity=quantity,
            estimate=found,
            status=status(quantity, found),
            basis=basis,
            points=count,
            sealed_points=int((points.sealed & own).sum()),
            lent=lent,
        )

    if units <= 0:
        raise SampleError("territory", found="no cell", expected="cells in one of the strata")
    return tuple(published(quantity) for quantity in QUANTITIES if quantity in wanted)


def status_of_total(estimate: Estimate) -> Status:
    """The status by the coefficient of variation; ``suppressed`` for a 0 that is not certain,
    though its standard error is 0 too."""
    if estimate.value == 0 and estimate.ci_high > 0:
        return "suppressed"
    return status_of_area(estimate)


def _interval_of_net(means: StratumMeans, whole: StratumMeans, points: ReferencePoints) -> Interval:
    units = float(means.sizes.sum())
    ends: dict[Quantity, Interval] = {}
    totals: dict[Quantity, float] = {}
    sides: tuple[Quantity, ...] = ("gain", "loss")
    for side in sides:
        totals[side] = means.total(side)
        ends[side] = exact_interval(
            totals[side],
            variance=means.variance(side),
            units=units,
            weight=_weight_of_hit(whole, points, side),
        )
    gain, loss = totals["gain"], totals["loss"]
    (gain_low, gain_high), (loss_low, loss_high) = ends["gain"], ends["loss"]
    of_gain, of_loss = means.variance("gain"), means.variance("loss")
    product = math.sqrt(of_gain * of_loss)
    # Var(net) = Var(gain) + Var(loss) − 2 Cov.
    correlation = (of_gain + of_loss - means.variance("net")) / 2 / product if product else 0.0

    def joined(one: float, other: float) -> float:
        return math.sqrt(max(one**2 + other**2 - 2 * correlation * one * other, 0.0))

    return (
        gain - loss - joined(gain - gain_low, loss_high - loss),
        gain - loss + joined(gain_high - gain, loss - loss_low),
    )


def _weight_of_hit(whole: StratumMeans, points: ReferencePoints, quantity: Quantity) -> float:
    """Cells that a point with the quantity stands for in the whole sample."""

    def seen(one: Quantity) -> float:
        """What those that there are stand for; 0 where there is none."""
        total = whole.total(one)
        return whole.variance(one) / total if total > 0 else 0.0

    found = seen(quantity)
    if not found and quantity in ("gain", "loss"):
        found = seen("loss" if quantity == "gain" else "gain")
        names = points.frame.names
        if found and quantity in names:
            found = max(found, float(_weights(points)[names.index(quantity)]))
    return found or float(whole.sizes.sum()) / whole.points


def _weights(points: ReferencePoints) -> Floats:
    """Cells that a point of each stratum stands for; infinite without a point."""
    counts = np.bincount(points.stratum, minlength=len(points.frame.names))
    with np.errstate(divide="ignore"):
        return points.frame.sizes / counts
