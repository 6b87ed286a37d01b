"""Figures of zones: typed records of status and change. Every output renders these, and computes
none of its own."""

from analytics.figures.change import Change
from analytics.figures.coverage import CoverageFigures
from analytics.figures.status import (
    ClassFigure,
    PerInhabitant,
    Statistics,
    StatusFigures,
    TerritoryStatistics,
    nearest_year,
)

__all__ = [
    "Change",
    "ClassFigure",
    "CoverageFigures",
    "PerInhabitant",
    "Statistics",
    "StatusFigures",
    "TerritoryStatistics",
    "nearest_year",
]
