"""The borders of the zones that a part of the grid is counted in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from django.db import connection

from analytics.counting import scanline
from analytics.grid import Window
from clcplus.actions.editions import tile_plans


def in_window(window: Window, *, layers: Sequence[int]) -> tuple[list[int], scanline.Edges]:
    """Ids and edges of the zones of layers that are to be counted in a window."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, ST_AsBinary(geometry) FROM clcplus_zone WHERE layer_id = ANY(%s)"
            " AND geometry && ST_MakeEnvelope(%s, %s, %s, %s, 3035) ORDER BY id",
            [tile_plans.counted_layers(layers), *window.bounds],
        )
        rows = cursor.fetchall()
    geometries = shapely.from_wkb([bytes(wkb) for _, wkb in rows])
    return [zone_id for zone_id, _ in rows], scanline.edges_of(np.asarray(geometries, dtype=object))
