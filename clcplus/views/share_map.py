"""A map of sealed shares that the server draws: for pages of other sites, where no script runs."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.figures import TerritoryStatistics
from analytics.queries import drawn_shapes
from analytics.records import Edition, Level, Territory, TerritoryLink
from clcplus.presentation.map_classes import BREAKS
from clcplus.presentation.outline import SIZE, plane_of

_MARGIN = 6


@dataclass(frozen=True, slots=True)
class DrawnTerritory:
    """A territory on the map; ``step`` is its class in the legend, None where not observed."""

    link: TerritoryLink
    path: str
    step: int | None
    share: float | None
    not_observed_share: float
    partly: bool
    """Whether another edition has observed clearly more of it."""


@dataclass(frozen=True, slots=True)
class ShareMap:
    """The map: its territories, and the outline of the one that it is about."""

    width: int
    height: int
    territories: tuple[DrawnTerritory, ...]
    outline: str
    level_plural: str
    within: str
    """The name of the territory that holds those drawn."""


def _shown(
    connection: Connection, territory: Territory, edition: Edition, levels: Sequence[Level]
) -> tuple[str, str, list[TerritoryStatistics]]:
    """The territories below this one; those beside it in its parent where it has none below."""
    found = queries.children(connection, zone_id=territory.id, edition_id=edition.id)
    within = territory.name
    if not found and territory.parent is not None and territory.current:
        within = territory.parent.name
        found = queries.children(connection, zone_id=territory.parent.id, edition_id=edition.id)
    names = {level.slug: level.name_plural for level in levels}
    return within, names.get(found[0].link.level, "") if found else "", found


def share_map(
    connection: Connection, territory: Territory, edition: Edition, levels: Sequence[Level]
) -> ShareMap | None:
    """The map; None where a territory has no shape. Three statements."""
    within, level_plural, shown = _shown(connection, territory, edition, levels)
    cells = max(territory.cells, sum(item.cells for item in shown))
    side = math.sqrt(indicators.square_metres(cells))
    ids = [territory.id, *(item.link.id for item in shown)]
    shapes = drawn_shapes(connection, ids=ids, finest=side / SIZE / 2)  # half a pixel
    plane = plane_of(shapes.values(), margin=_MARGIN)
    if plane is None:
        return None
    drawn = []
    for item in shown:
        share = item.share
        step = None if share is None else bisect.bisect_right(BREAKS, share) + 1
        path = plane.path(shapes.get(item.link.id))
        drawn.append(
            DrawnTerritory(
                link=item.link,
                path=path,
                step=step,
                share=share,
                not_observed_share=item.not_observed_share,
                partly=item.partly,
            )
        )
    return ShareMap(
        width=plane.width,
        height=plane.height,
        territories=tuple(drawn),
        outline=plane.path(shapes.get(territory.id)),
        level_plural=level_plural,
        within=within,
    )
