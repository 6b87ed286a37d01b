"""How much of each uploaded zone the newest edition has not observed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from django.conf import settings

from analytics import queries
from analytics.custom_zone import count_zone
from analytics.nomenclature import OBSERVED_CODES
from analytics.store import open_store
from clcplus import reading
from clcplus.actions.zone_sets.staging import Zones

_AT_ONCE = 100
"""Zones between two words on the progress."""


def not_observed_shares(zones: Zones, *, progress: Callable[[float], None]) -> list[float | None]:
    """Shares 0..1, None for a feature that is no zone, or has no cell, or without an edition.

    Raises StoreError.
    """
    shares: list[float | None] = [None] * len(zones)
    with reading.snapshot() as connection:
        editions = queries.editions(connection)
        if not editions:
            return shares
        store = open_store(settings.RASTER_STORE)
        present = np.flatnonzero(~shapely.is_missing(zones)).tolist()
        for done, index in enumerate(present, start=1):
            newest = editions[-1].id
            counts = count_zone(connection, zones[index], store=store, edition_ids=[newest])
            if counts.total:
                observed = int(counts.cells[newest][: len(OBSERVED_CODES)].sum())
                shares[index] = round(1 - observed / counts.total, 6)
            if done % _AT_ONCE == 0:
                progress(done / len(present))
    return shares
