"""A map of sealed shares that the server draws: for pages of other sites, where no script runs."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.queries.drawn_shapes import drawn_shapes
from analytics.records import Edition, Level, Territory
from clcplus.presentation.colours import BREAKS
from clcplus.presentation.outline import SIZE, plane_of

_MARGIN = 6


def share_map(
    connection: Connection, territory: Territory, edition: Edition, levels: Sequence[Level]
) -> dict[str, Any] | None:
    """The map as its template takes it: the territories below this one, or those beside it in its
    parent where it has none below, each with its path and its class in the legend; None where it
    has no shape. Three statements."""
    shown = queries.children(connection, zone_id=territory.id, edition_id=edition.id)
    within = territory.name
    if not shown and territory.parent is not None and territory.current:
        within = territory.parent.name
        shown = queries.children(connection, zone_id=territory.parent.id, edition_id=edition.id)
    cells = max(territory.cells, sum(item.cells for item in shown))
    side = math.sqrt(indicators.square_metres(cells))
    ids = [territory.id, *(item.link.id for item in shown)]
    shapes = drawn_shapes(connection, ids=ids, finest=side / SIZE / 2)  # half a pixel
    plane = plane_of(shapes.values(), margin=_MARGIN)
    if plane is None:
        return None
    plurals = {level.slug: level.name_plural for level in levels}
    return {
        "width": plane.width,
        "height": plane.height,
        "territories": [
            (
                item,
                plane.path(shapes.get(item.link.id)),
                # No class where nothing is observed.
                None if item.share is None else bisect.bisect_right(BREAKS, item.share) + 1,
            )
            for item in shown
        ],
        "outline": plane.path(shapes.get(territory.id)),
        "level_plural": plurals.get(shown[0].link.level, "") if shown else "",
        "within": within,
    }
