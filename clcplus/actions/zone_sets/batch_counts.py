"""Count a batch of custom zones in published editions; the zones that cannot be are set apart."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.db.models.functions import AsWKB

from analytics import queries
from analytics.change import patterns
from analytics.custom_zones import count_zones, sum_fractions
from analytics.errors import AnalyticsError, StoreError
from analytics.rasters import open_store
from clcplus.actions.zone_sets import missing_figures
from clcplus.actions.zone_sets.figures import Figures
from clcplus.actions.zone_sets.missing_figures import Lack
from clcplus.database import read_side
from clcplus.jobs import faults
from clcplus.models import Zone, ZoneChange, ZoneCover, ZoneStatistics

logger = logging.getLogger(__name__)

_PASSING = (OSError, *faults.DATABASE)
"""Faults of a server, not of a zone: they may pass by themselves."""


def count(
    zone_ids: Sequence[int], *, patient: bool, cancelled: Callable[[], bool]
) -> Figures | None:
    """Count the figures that zones lack; None if ``cancelled`` returned True before the end.

    All zones are counted at once. If that fails they are counted one by one, so that one does not
    hold up the others. An unreadable raster is then the fault of its zones, but an error of the
    whole batch while the caller is ``patient``. Raises StoreError, and faults of a server.
    """
    lacks = missing_figures.of_zones(zone_ids)
    zones = Zone.objects.filter(pk__in=[lack.zone_id for lack in lacks])
    geometries = dict(zones.order_by().values_list("pk", AsWKB("geometry")))
    lacks = [lack for lack in lacks if lack.zone_id in geometries]
    if not lacks:
        return Figures()
    try:
        return _count(lacks, geometries)
    except _PASSING:
        raise
    except Exception as error:
        if patient and isinstance(error, StoreError):
            raise
        logger.warning("%s zones are counted one by one: %s", len(lacks), error)
    figures = Figures()
    for lack in lacks:
        if cancelled():
            return None
        try:
            figures.merge(_count([lack], geometries))
        except _PASSING:
            raise
        except Exception as error:
            figures.failed[lack.zone_id] = _reason(error, lack)
    return figures


def _count(lacks: Sequence[Lack], geometries: dict[int, bytes]) -> Figures:
    """Count zones in one snapshot, without editions that are no longer published in it."""
    figures = Figures()
    zone_ids = [lack.zone_id for lack in lacks]
    # Coordinates that are not numbers are an error where the edges are made.
    with np.errstate(invalid="ignore"):
        areas = shapely.from_wkb([geometries[zone_id] for zone_id in zone_ids]).tolist()
    store = open_store(settings.RASTER_STORE)
    with read_side.snapshot() as opened:
        shown = queries.editions(opened)
        published = {edition.id for edition in shown}
        lines = []
        if any(lack.series for lack in lacks):
            lines = [[edition.id for edition in line] for line in patterns.lines(shown)]
        editions = {e for lack in lacks for e in lack.editions} & published
        pairs = sorted(
            pair for pair in {p for lack in lacks for p in lack.pairs} if published.issuperset(pair)
        )
        known = queries.change_masks(opened)
        masks = {p: known[p] for lack in lacks for p in lack.filtered if p in known}
        wanted = sorted(editions.union(*pairs, *lines))
        if wanted or masks:
            found = count_zones(
                opened,
                areas,
                store=store,
                edition_ids=wanted,
                pairs=pairs,
                lines=lines,
                masks=masks,
            )
            figures.add_filtered(zone_ids, found.filtered, presets=queries.filtered_pairs(opened))
            figures.add(ZoneStatistics, zone_ids, {(e,): found.cells[e] for e in editions})
            figures.add(ZoneChange, zone_ids, found.matrices)
            if lines:
                figures.add_series(zone_ids, found.patterns)
        covered = sorted({e for lack in lacks for e in lack.coverage} & published)
        small = [place for place, lack in enumerate(lacks) if lack.coverage]
        if covered and small:
            cells = sum_fractions(
                opened, [areas[place] for place in small], store=store, edition_ids=covered
            )
            figures.add(
                ZoneCover, [zone_ids[place] for place in small], {(e,): cells[e] for e in cells}
            )
    return figures


def _reason(error: Exception, lack: Lack) -> str:
    """The reason for a person, without paths of the machine."""
    if isinstance(error, StoreError):
        return f"the raster {error.subject} could not be read"
    if isinstance(error, AnalyticsError):
        return str(error)
    logger.error("zone %s cannot be counted", lack.zone_id, exc_info=error)
    return f"not foreseen ({type(error).__name__})"
