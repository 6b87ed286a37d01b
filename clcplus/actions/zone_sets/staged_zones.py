"""Checked zones of a set, in the store until they are accepted or dropped."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from django.conf import settings

from analytics.rasters import open_store
from clcplus.models import ZoneSet

Zones = npt.NDArray[np.object_]


def keep(zone_set: ZoneSet, zones: Zones) -> None:
    """Store multipolygons in EPSG:3035, None for a feature that is not usable."""
    store = open_store(settings.RASTER_STORE)
    with tempfile.TemporaryDirectory(prefix="clcplus-zones-") as folder:
        path = Path(folder, "zones.parquet")
        wkb = pa.array(shapely.to_wkb(zones).tolist(), type=pa.large_binary())
        pq.write_table(pa.table({"zone": wkb}), path, compression="zstd")
        # The store does not replace a file, and another choice gives other zones.
        store.delete(zone_set.zones_key)
        store.put(path, zone_set.zones_key)


def kept(zone_set: ZoneSet) -> Zones:
    """The stored zones. Raises StoreError if there are none."""
    content = open_store(settings.RASTER_STORE).read(zone_set.zones_key)
    table: Any = pq.read_table(pa.BufferReader(content))
    wkb = np.array(table["zone"].to_pylist(), dtype=object)
    return np.asarray(shapely.from_wkb(wkb), dtype=object)


def drop(zone_set: ZoneSet) -> None:
    """Remove the upload and its zones from the store."""
    store = open_store(settings.RASTER_STORE)
    store.delete(zone_set.upload_key)
    store.delete(zone_set.zones_key)
