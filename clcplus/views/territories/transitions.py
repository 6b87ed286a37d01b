"""What the page of a territory shows of its chosen pair beside gain and loss: the ground by former
and later class, and SDG 11.3.1."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from analytics import indicators, land_consumption
from analytics.figures import Change
from analytics.land_consumption import LandConsumptionOutcome
from analytics.nomenclature import OBSERVED_CODES, SEALED
from analytics.records import Territory
from clcplus.presentation.classes import class_name


def of_pair(change: Change | None, territory: Territory) -> dict[str, Any]:
    """What the templates take of the pair that is shown."""
    if change is None:
        return {}
    found = land_consumption.outcome(change, territory.inhabitants)
    return {
        "transitions": _transitions(change, cells=territory.cells) if change.matrix else None,
        "land_consumption": found,
        "land_consumption_percent": indicators.per_cent(found.land_consumption_rate),
        "population_percent": indicators.per_cent(found.population_growth_rate),
        "land_consumption_said": _said(found, change),
    }


def _transitions(change: Change, *, cells: int) -> dict[str, Any]:
    """The ground of a territory of so many cells: a row for each former class, in hectares by later
    class in the order of the codes; sums are those of the later classes."""
    same = sum(line[at] for at, line in enumerate(change.matrix))
    return {
        "rows": [
            {
                "code": code,
                "name": class_name(code),
                "sealed": code == SEALED,
                "hectares": [indicators.hectares(cells) for cells in line],
                "sum": indicators.hectares(sum(line)),
            }
            for code, line in zip(OBSERVED_CODES, change.matrix, strict=True)
        ],
        "sums": [indicators.hectares(sum(column)) for column in zip(*change.matrix, strict=True)],
        "same_ha": indicators.hectares(same),
        "other_ha": indicators.hectares(change.observed - same),
        # Of the territory, not observed in one of the editions or in both.
        "missing_ha": indicators.hectares(cells - change.observed),
    }


def _said(found: LandConsumptionOutcome, change: Change) -> str:
    if found.reason == "ok":
        if found.ratio is not None and found.ratio > 1:
            return _("Sealed area grew faster than the population.")
        return _("Sealed area did not grow faster than the population.")
    said = {
        "growth_near_zero": _(
            "The population hardly changed, so that a ratio to its growth would say nothing."
        ),
        "population_missing": _(
            "Not given: the population is not known for both %(earlier)s and %(later)s."
        )
        % {"earlier": change.earlier.year, "later": change.later.year},
        "in_map_noise": _(
            "Not given: the net change of the sealed area is not more than map noise alone could"
            " make."
        ),
        "sample_disagrees": _(
            "Not given: the reference sample gives another net change than the map."
        ),
        "not_observed": _("Not given: nothing is observed in both editions."),
        "across_origins": _("Not given: the editions are of different origin."),
        "no_rate": _("Not given: in one of the years nothing was sealed, or nobody lived here."),
    }
    return said[found.reason]
