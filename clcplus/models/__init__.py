"""The nouns of the platform; one file each."""

from clcplus.models.api_token import ApiToken
from clcplus.models.audit import AuditEntry
from clcplus.models.checkpoint import Checkpoint, Prediction
from clcplus.models.edition import ConfidenceTile, Edition, EditionTile
from clcplus.models.edition_check import EditionCheck
from clcplus.models.filtered_change import (
    ChangePatch,
    FilteredPair,
    TileFilteredSums,
    ZoneFilteredChange,
)
from clcplus.models.movement import Movement
from clcplus.models.notice import Notice
from clcplus.models.publication import Publication
from clcplus.models.reference_sample import (
    AreaEstimate,
    PointLabel,
    ReferenceSample,
    SamplePoint,
    SampleStratum,
    ZoneStrata,
)
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
from clcplus.models.unit_tally import UnitTally
from clcplus.models.unused_file import UnusedFile
from clcplus.models.watched_file import WatchedFile
from clcplus.models.zone import Layer, Level, PlaceName, Population, Zone
from clcplus.models.zone_set import ZoneBatch, ZoneCover, ZoneSet

__all__ = [
    "ApiToken",
    "AreaEstimate",
    "AuditEntry",
    "ChangePart",
    "ChangePatch",
    "Checkpoint",
    "ConfidenceTile",
    "Edition",
    "EditionCheck",
    "EditionTile",
    "FilteredPair",
    "Layer",
    "Level",
    "Movement",
    "Notice",
    "PlaceName",
    "PointLabel",
    "Population",
    "Prediction",
    "Publication",
    "ReferenceSample",
    "Report",
    "Run",
    "SamplePoint",
    "SampleStratum",
    "StatisticsPart",
    "TileChangeSums",
    "TileFilteredSums",
    "TileSeriesSums",
    "TileSums",
    "Unit",
    "UnitTally",
    "UnusedFile",
    "WatchedFile",
    "Zone",
    "ZoneBatch",
    "ZoneChange",
    "ZoneCover",
    "ZoneFilteredChange",
    "ZoneSeries",
    "ZoneSet",
    "ZoneStatistics",
    "ZoneStrata",
]
