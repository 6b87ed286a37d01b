"""The map under drawn or uploaded zones: territories, and the newest land cover."""

from __future__ import annotations

from typing import Any

import shapely

from analytics import queries
from analytics.main_editions import main_edition
from analytics.records import Bounds
from clcplus import snapshots
from clcplus.views.maps import map_config

_FIRST_VIEW = (-11.0, 35.0, 32.0, 62.0)
"""Where the map begins while nothing is published."""


def background_map(label: str, *, shape: dict[str, Any] | None = None) -> str:
    """The configuration of such a map, as JSON; ``label`` names it. A ``shape`` (GeoJSON geometry)
    is outlined, and the map begins there."""
    with snapshots.opened() as snapshot:
        connection = snapshot.connection
        levels, editions = queries.levels(connection), queries.editions(connection)
    shown: Bounds | None = None
    if shape is not None:
        west, south, east, north = shapely.bounds(shapely.geometry.shape(shape)).tolist()
        shown = west, south, east, north
    return map_config(
        version=str(snapshot.data),
        levels=levels,
        editions=editions,
        edition=main_edition(editions),
        bounds=shown or (levels[0].bounds if levels else _FIRST_VIEW),
        place=("", "") if shape else None,
        shape=shape,
        label=label,
    )
