"""The nouns of the platform; one file each."""

from clcplus.models.api_token import ApiToken
from clcplus.models.checkpoint import Checkpoint, Prediction
from clcplus.models.edition import Edition, EditionTile
from clcplus.models.publication import Publication
from clcplus.models.report import Report
from clcplus.models.run import Run, Unit
from clcplus.models.statistics import (
    ChangePart,
    StatisticsPart,
    TileChangeSums,
    TileSeriesSums,
    TileSums,
    ZoneChange,
    ZoneSeries,
    ZoneStatistics,
)
from clcplus.models.zone import Layer, Level, PlaceName, Population, Zone
from clcplus.models.zone_set import AuditEntry, ZoneBatch, ZoneCover, ZoneSet

__all__ = [
    "ApiToken",
    "AuditEntry",
    "ChangePart",
    "Checkpoint",
    "Edition",
    "EditionTile",
    "Layer",
    "Level",
    "PlaceName",
    "Population",
    "Prediction",
    "Publication",
    "Report",
    "Run",
    "StatisticsPart",
    "TileChangeSums",
    "TileSeriesSums",
    "TileSums",
    "Unit",
    "Zone",
    "ZoneBatch",
    "ZoneChange",
    "ZoneCover",
    "ZoneSeries",
    "ZoneSet",
    "ZoneStatistics",
]
