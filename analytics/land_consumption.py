"""SDG indicator 11.3.1 of a territory, with sealed area as a proxy of built-up land; or why there
is none.

The rates are told only of what can be told: the population must be known in both years, and the net
change of the sealed area must be more than noise of the maps could make.
"""

from __future__ import annotations

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
    "not_observed",
    "across_origins",
    "no_rate",
]
"""``growth_near_zero``: the rates are told, and their ratio is not. ``no_rate``: in one of the
years nothing was sealed, or nobody lived there."""
REASONS: tuple[Reason, ...] = get_args(Reason)


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
    found = indicators.land_consumption(
        sealed_before=change.sealed_before,
        sealed_after=change.sealed_after,
        inhabitants_before=people[0],
        inhabitants_after=people[1],
        years=years,
    )
    if found is None:
        return without("no_rate")
    told = abs(found.population_growth_rate) >= indicators.SMALL_GROWTH
    return LandConsumptionOutcome(
        "ok" if told else "growth_near_zero",
        years,
        *people,
        land_consumption_rate=found.land_consumption_rate,
        population_growth_rate=found.population_growth_rate,
        ratio=found.ratio if told else None,
    )
