"""Count a batch of custom zones in published editions; the zones that cannot be are set apart."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import django.db
import numpy as np
import shapely
import sqlalchemy.exc
from django.conf import settings
from django.db import connection

from analytics import queries
from analytics.change import patterns
from analytics.custom_zones import count_zones, sum_fractions
from analytics.errors import AnalyticsError, StoreError
from analytics.rasters import open_store
from clcplus import reading
from clcplus.actions.zone_sets import missing_figures
from clcplus.actions.zone_sets.figures import Figures
from clcplus.actions.zone_sets.missing_figures import Lack

logger = logging.getLogger(__name__)

PASSING = (
    OSError,
    django.db.OperationalError,
    django.db.InterfaceError,
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
)
"""Faults of a server, not of a zone: they may pass by themselves."""


@dataclass(slots=True)
class Counted:
    """Figures of the zones that could be counted, and the reasons for the others."""

    figures: Figures = field(default_factory=Figures)
    failed: dict[int, str] = field(default_factory=dict)


def count(
    zone_ids: Sequence[int], *, patient: bool, cancelled: Callable[[], bool]
) -> Counted | None:
    """Count what zones lack; None where ``cancelled`` says so before the end.

    All at once; where that fails zone by zone, so that one does not hold up the others. While one
    is ``patient``, an unreadable raster is an error of the whole batch, to be tried again later:
    raises StoreError. Raises what is PASSING.
    """
    lacks = missing_figures.of_zones(zone_ids)
    geometries = _geometries([lack.zone_id for lack in lacks])
    lacks = [lack for lack in lacks if lack.zone_id in geometries]
    counted = Counted()
    if not lacks:
        return counted
    try:
        _count(lacks, geometries, counted.figures)
        return counted
    except PASSING:
        raise
    except Exception as error:
        if patient and isinstance(error, StoreError):
            raise
        logger.warning("%s zones are counted one by one: %s", len(lacks), error)
    counted = Counted()
    for lack in lacks:
        if cancelled():
            return None
        figures = Figures()
        try:
            _count([lack], geometries, figures)
        except PASSING:
            raise
        except Exception as error:
            counted.failed[lack.zone_id] = _reason(error, lack)
        else:
            counted.figures.merge(figures)
    return counted


def _geometries(zone_ids: Sequence[int]) -> dict[int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, ST_AsBinary(geometry) FROM clcplus_zone WHERE id = ANY(%s)",
            [list(zone_ids)],
        )
        return {zone_id: bytes(wkb) for zone_id, wkb in cursor.fetchall()}


def _count(lacks: Sequence[Lack], geometries: dict[int, bytes], figures: Figures) -> None:
    """Count zones in one snapshot. What is not published in it any more is left out: of an edition
    that nobody sees, every cell would count as no data."""
    # Coordinates that are not numbers are told of where the edges are made.
    with np.errstate(invalid="ignore"):
        read = shapely.from_wkb([geometries[lack.zone_id] for lack in lacks]).tolist()
    areas = dict(zip((lack.zone_id for lack in lacks), read, strict=True))
    store = open_store(settings.RASTER_STORE)
    with reading.snapshot() as opened:
        shown = queries.editions(opened)
        published = {edition.id for edition in shown}
        lines = []
        if any(lack.series for lack in lacks):
            lines = [[edition.id for edition in line] for line in patterns.lines(shown)]
        editions = {e for lack in lacks for e in lack.editions} & published
        pairs = sorted(
            pair for pair in {p for lack in lacks for p in lack.pairs} if published.issuperset(pair)
        )
        if wanted := sorted(editions.union(*pairs, *lines)):
            found = count_zones(
                opened,
                list(areas.values()),
                store=store,
                edition_ids=wanted,
                pairs=pairs,
                lines=lines,
            )
            cells = {edition_id: found.cells[edition_id] for edition_id in editions}
            figures.add(list(areas), cells=cells, matrices=found.matrices)
            if lines:
                figures.add_series(list(areas), found.patterns)
        covered = sorted({e for lack in lacks for e in lack.covers} & published)
        small = [lack.zone_id for lack in lacks if lack.covers]
        if covered and small:
            some: Any = [areas[zone_id] for zone_id in small]
            figures.add_cover(small, sum_fractions(opened, some, store=store, edition_ids=covered))


def _reason(error: Exception, lack: Lack) -> str:
    """What a person is told; not where on the machine something lies."""
    if isinstance(error, StoreError):
        return f"the raster {error.subject} could not be read"
    if isinstance(error, AnalyticsError):
        return str(error)
    logger.error("zone %s cannot be counted", lack.zone_id, exc_info=error)
    return f"not foreseen ({type(error).__name__})"
