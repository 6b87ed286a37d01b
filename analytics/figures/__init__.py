"""Figures of zones: typed records of status and change. Every output renders these, and computes
none of its own."""

from analytics.figures.change import BulkChange, Change
from analytics.figures.coverage import CoverageFigures
from analytics.figures.status import (
    BulkStatistics,
    ClassFigure,
    PerInhabitant,
    Statistics,
    StatusFigures,
    TerritoryStatistics,
    nearest_year,
)

__all__ = [
    "BulkChange",
    "BulkStatistics",
    "Change",
    "ClassFigure",
    "CoverageFigures",
    "PerInhabitant",
    "Statistics",
    "StatusFigures",
    "TerritoryStatistics",
    "nearest_year",
]
