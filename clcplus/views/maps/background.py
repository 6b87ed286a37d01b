"""The map under drawn or uploaded zones: territories, and the newest land cover; and the form in
which zones are drawn on it."""

from __future__ import annotations

import json
from typing import Any

import shapely
from django.utils.translation import gettext as _

from analytics import queries
from analytics.main_editions import main_edition
from clcplus import snapshots
from clcplus.views.maps.config import map_config

_FIRST_VIEW = (-11.0, 35.0, 32.0, 62.0)
"""Where the map begins while nothing is published."""


def background_map(label: str, *, shape: dict[str, Any] | None = None) -> str:
    """The configuration of such a map, as JSON; ``label`` names it. A ``shape`` (GeoJSON geometry)
    is outlined, and the map begins there."""
    with snapshots.opened() as snapshot:
        connection = snapshot.connection
        levels, editions = queries.levels(connection), queries.editions(connection)
    bounds = levels[0].bounds if levels else _FIRST_VIEW
    if shape is not None:
        west, south, east, north = shapely.bounds(shapely.geometry.shape(shape)).tolist()
        bounds = west, south, east, north
    return map_config(
        version=str(snapshot.data),
        levels=levels,
        editions=editions,
        edition=main_edition(editions),
        bounds=bounds,
        place=("", "") if shape else None,
        shape=shape,
        label=label,
    )


def drawing_context(label: str, *, shape: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the templates of the form take. ``label`` names the map; a ``shape`` (GeoJSON geometry)
    is shown on it."""
    return {
        "draw_tools": [
            ("polygon", _("Polygon")),
            ("rectangle", _("Rectangle")),
            ("freehand", _("Freehand")),
            ("select", _("Edit")),
        ],
        "draw_words": json.dumps(_words(), ensure_ascii=False),
        "map_config": background_map(label, shape=shape),
    }


def _words() -> dict[str, str]:
    return {
        "polygon": _("Set the corners one by one; end with the last one again, or with Enter."),
        "rectangle": _("Set two opposite corners."),
        "freehand": _("Go round the zone; begin and end with a click."),
        "select": _("Choose a zone; drag its corners, or the points between them."),
        "zone": _("Zone"),
        "name": _("Name of zone"),
        "total": _("together"),
        "none": _("Draw at least one zone first."),
        "long": _("These zones have too many corners to be sent from here: upload them as a file."),
        "crossing": _("An outline must not cross itself."),
        "ha": "ha",
        "km2": "km²",
    }
