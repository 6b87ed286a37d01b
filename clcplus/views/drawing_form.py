"""The form in which areas are drawn on a map: its tools, the words of its script, its map."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from clcplus.views.zones.background import background_map


def drawing_context(label: str, *, shape: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the templates of the form take. ``label`` names the map; a ``shape`` (GeoJSON geometry)
    is shown on it."""
    return {
        "draw_tools": _tools(),
        "draw_words": json.dumps(_words(), ensure_ascii=False),
        "map_config": background_map(label, shape=shape),
    }


def _tools() -> list[tuple[str, str]]:
    """Of drawing, in the order in which they are offered."""
    return [
        ("polygon", _("Polygon")),
        ("rectangle", _("Rectangle")),
        ("freehand", _("Freehand")),
        ("select", _("Edit")),
    ]


def _words() -> dict[str, str]:
    """What the script of drawing writes."""
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
