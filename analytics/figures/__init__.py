"""Figures of zones: typed records of status, change and estimates. Every output renders these, and
computes none of its own."""

from analytics.estimation import QUANTITIES, Quantity
from analytics.figures.change import Change
from analytics.figures.coverage import CoverageFigures
from analytics.figures.estimates import (
    BASES,
    AreaEstimate,
    Basis,
    Estimates,
    best,
    borrowed_estimate,
)
from analytics.figures.filtered import DEFAULT_PRESET, FilteredFlows
from analytics.figures.status import (
    ClassFigure,
    PerInhabitant,
    Statistics,
    StatusFigures,
    TerritoryStatistics,
    nearest_year,
)
from analytics.figures.verdicts import OUTCOMES, VERDICT_BASES, ChangeVerdict, Outcome, VerdictBasis

__all__ = [
    "BASES",
    "DEFAULT_PRESET",
    "OUTCOMES",
    "QUANTITIES",
    "VERDICT_BASES",
    "AreaEstimate",
    "Basis",
    "Change",
    "ChangeVerdict",
    "ClassFigure",
    "CoverageFigures",
    "Estimates",
    "FilteredFlows",
    "Outcome",
    "PerInhabitant",
    "Quantity",
    "Statistics",
    "StatusFigures",
    "TerritoryStatistics",
    "VerdictBasis",
    "best",
    "borrowed_estimate",
    "nearest_year",
]
