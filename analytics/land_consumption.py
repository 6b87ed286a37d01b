"""SDG indicator 11.3.1 of a territory, with sealed area as a proxy of built-up land; or why there
is none.

The rates are told only of what can be told: the population must be known in both years, and the net
change of the sealed area must be more than noise of the maps could make.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from analytics import indicators
from analytics.figures import Change

Reason = Literal[
    "ok",
    "growth_near_zero",
    "population_missing",
    "in_map_noise",
    "sample_disagrees",
    "not_observed",
    "across_origins",
    "no_rate",
]
"""``growth_near_zero``: the rates are told, and their ratio is not. ``sample_disagrees``: the net
change that is mapped lies outside of the interval that a reference sample gives. ``no_rate``: in
one of the years nothing was sealed, or nobody lived there."""
REASONS: tuple[Reason, ...] = get_args(Reason)

SMALL_GROWTH = 0.001
"""Growth of the population a year, as a fraction without its sign, below which no ratio to it is
told: it would be of any size."""


@dataclass(frozen=True, slots=True)
class LandConsumptionOutcome:
    """Rates of a pair of editions, a year, as fractions; None where ``reason`` keeps them back."""

    reason: Reason
    years: float | None
    inhabitants_before: int | None
    inhabitants_after: int | None
    land_consumption_rate: float | None = None
    population_growth_rate: float | None = None
    ratio: float | None = None
    """The first over the second (LCRPGR)."""


def rates(
    sealed: tuple[float, float], inhabitants: tuple[int, int], *, years: float
) -> tuple[float, float] | None:
    """Land consumption, (V1 − V0) / V0 / T, and population growth, ln(P1 / P0) / T, from sealed
    areas V in any one unit and inhabitants P, before and after.

    None where an area or a population is zero, or no time has passed: no rate can be told.
    """
    if min(*sealed, *inhabitants, years) <= 0:
        return None
    return (sealed[1] / sealed[0] - 1) / years, math.log(inhabitants[1] / inhabitants[0]) / years


def outcome(change: Change, inhabitants: Mapping[int, int]) -> LandConsumptionOutcome:
    """SDG 11.3.1 between the editions of a change, with the ``inhabitants`` of exactly their years.

    The years between are those between the middles of the observation windows, or between the years
    of the editions where a window is not known.
    """
    earlier, later = change.earlier, change.later
    years = indicators.years_apart(earlier, later) or float(later.year - earlier.year)
    people = inhabitants.get(earlier.year), inhabitants.get(later.year)

    def without(reason: Reason) -> LandConsumptionOutcome:
        return LandConsumptionOutcome(reason, years, *people)

    if change.across_origins:
        return without("across_origins")
    if change.sealed_before is None or change.sealed_after is None:
        return without("not_observed")
    if people[0] is None or people[1] is None:
        return without("population_missing")
    verdict = change.verdict
    if verdict is None or not verdict.distinguishable:
        return without("in_map_noise")
    net, interval = change.net_m2, change.interval
    if net is not None and interval is not None and not interval[0] <= net <= interval[1]:
        return without("sample_disagrees")
    sealed = change.sealed_before, change.sealed_after
    found = rates(sealed, (people[0], people[1]), years=years)
    if found is None:
        return without("no_rate")
    consumption, growth = found
    near_zero = abs(growth) < SMALL_GROWTH
    return LandConsumptionOutcome(
        "growth_near_zero" if near_zero else "ok",
        years,
        *people,
        land_consumption_rate=consumption,
        population_growth_rate=growth,
        ratio=None if near_zero else consumption / growth,
    )
