"""What may be published of an estimate, and the word for a change.

A figure that is too uncertain is flagged or kept back. The limits are those of the platform's
method (docs/method.md): statistical offices flag a coefficient of variation of 15 % and more, and
suppress one above 30 %.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

from analytics.estimation.results import Estimate
from analytics.records import Interval, Status

Verdict = Literal["increase", "decrease", "not_distinguishable"]
"""Whether a net change is told from noise, and in which direction."""
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

FLAGGED_FROM = 0.15
"""Coefficient of variation from which an estimate is indicative."""
SUPPRESSED_ABOVE = 0.30
"""Coefficient of variation above which an estimate is not published."""
LEAST_POINTS = 100
"""Points of its own that a territory needs for an estimate of its own."""
LEAST_SEALED_POINTS = 20
"""How many of them must be sealed."""
LEAST_POINTS_OF_CHANGE = 1500
"""Points of its own that a territory needs for a published gain, loss or net change. Change is so
rare that fewer points meet some five of it or fewer. Intervals of net change are then wider than
they say: those of the demonstration region from 1 000 points held it up to 98 times of 100. Of gain
and loss, those samples alone would be published that happen to show enough of it, and they show too
much."""
FLAGGED_BELOW = 10
"""Points that show gain or loss, below which a net change is indicative."""


def coefficient_of_variation(estimate: Estimate) -> float:
    """The standard error over the value, without its sign; infinite for a value of 0 that is not
    certain.

    It is for areas and shares. A net change may be near 0 and well known: its interval says so.
    """
    if estimate.value == 0:
        return math.inf if estimate.se else 0.0
    return estimate.se / abs(estimate.value)


def status_of_area(estimate: Estimate) -> Status:
    """Whether the estimate of an area or a share is published: ``ok``, ``indicative`` from a
    coefficient of variation of 15 % on, ``suppressed`` above 30 %."""
    variation = coefficient_of_variation(estimate)
    if variation > SUPPRESSED_ABOVE:
        return "suppressed"
    return "indicative" if variation >= FLAGGED_FROM else "ok"


def has_own_sample(*, points: int, sealed_points: int) -> bool:
    """Whether a territory has enough reference points for an estimate of its own."""
    return points >= LEAST_POINTS and sealed_points >= LEAST_SEALED_POINTS


def status_of_flow(status: Status, *, points: int) -> Status:
    """The status of a gain or a loss in a territory with so many points, from that by its
    coefficient of variation: suppressed with fewer points than LEAST_POINTS_OF_CHANGE."""
    return "suppressed" if points < LEAST_POINTS_OF_CHANGE else status


def status_of_net(*, points: int, changed: int) -> Status:
    """The status of a net change in a territory with so many points, of which ``changed`` show gain
    or loss: suppressed with fewer points than LEAST_POINTS_OF_CHANGE, indicative with fewer than
    FLAGGED_BELOW that show a change. It may be near 0 and well known, so that its coefficient of
    variation tells nothing."""
    if points < LEAST_POINTS_OF_CHANGE:
        return "suppressed"
    return "indicative" if changed < FLAGGED_BELOW else "ok"


def verdict_of_interval(interval: Interval) -> Verdict:
    """The verdict on a net change whose 95 % interval is known: an interval that holds 0 tells
    nothing apart."""
    low, high = interval
    if not low <= high:  # false for NaN
        raise ValueError(f"interval: found {low} to {high}; expected its lower end first")
    if low > 0:
        return "increase"
    return "decrease" if high < 0 else "not_distinguishable"


def verdict_of_noise(net: float, *, noise: float) -> Verdict:
    """The verdict by the stress test: a net change is told apart if it is more than noise alone
    could make of gain, or of loss. Both in one unit."""
    return verdict_of_interval((net - noise, net + noise))
