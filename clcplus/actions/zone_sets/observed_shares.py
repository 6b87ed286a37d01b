"""How much of each uploaded zone the newest edition has not observed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import shapely
from django.conf import settings

from analytics import queries
from analytics.custom_zones import count_zones
from analytics.nomenclature import OBSERVED_CODES
from analytics.rasters import open_store
from clcplus import reading
from clcplus.actions.zone_sets.staged_zones import Zones

_MOST_ZONES, _MOST_M2 = 200, 4e9
"""Size of a batch that is counted at once; progress is reported after each."""
_STRIP = 20_000.0
"""Metres. Zones are sorted along strips of this width, so that those of one batch share blocks."""


def not_observed_shares(zones: Zones, *, progress: Callable[[float], None]) -> list[float | None]:
    """Shares 0..1; None for a feature without a cell, and without an edition. Raises StoreError."""
    shares: list[float | None] = [None] * len(zones)
    present = np.flatnonzero(~shapely.is_missing(zones))
    if not len(present):
        return shares
    with reading.snapshot() as connection:
        editions = queries.editions(connection)
        if not editions:
            return shares
        newest = editions[-1].id
        store = open_store(settings.RASTER_STORE)
        done = 0
        for batch in _batches(zones, present):
            counts = count_zones(
                connection, zones[batch].tolist(), store=store, edition_ids=[newest]
            )
            observed = counts.cells[newest][:, : len(OBSERVED_CODES)].sum(axis=1)
            for index, seen, total in zip(batch.tolist(), observed, counts.total, strict=True):
                if total:
                    shares[index] = round(1 - int(seen) / int(total), 6)
            done += len(batch)
            progress(done / len(present))
    return shares


def _batches(zones: Zones, present: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
    """Indices of neighbouring zones, a batch at a time."""
    west, south, east, north = shapely.bounds(zones[present]).T
    order = present[np.lexsort((west + east, (south + north) // (2 * _STRIP)))]
    areas = shapely.area(zones[order])
    first, area = 0, 0.0
    for position in range(len(order)):
        if position > first and (
            position - first == _MOST_ZONES or area + areas[position] > _MOST_M2
        ):
            yield order[first:position]
            first, area = position, 0.0
        area += areas[position]
    yield order[first:]
