"""A territory's share for other sites' pages: one figure, one chart or map, a link back.

The only page that may stand in a frame of another site. It asks for nothing and remembers nothing:
no form, no script, no cookie, so a frame around it can trick nobody into anything.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.main_editions import main_edition
from analytics.queries import drawn_shapes
from analytics.records import Edition, Level, Territory
from clcplus.presentation import sentences
from clcplus.presentation.charts import share_chart
from clcplus.presentation.colours import BREAKS
from clcplus.presentation.outline import SIZE, plane_of
from clcplus.presentation.series import main_change, series_of
from clcplus.snapshots import Snapshot
from clcplus.views.downloads.published import permanent_address
from clcplus.views.maps.legends import share_steps
from clcplus.views.published import published_page, territory_of

_CHART = 190
"""Pixels: figure, sentence, chart and source then fit into the frame of the snippet."""
_MARGIN = 6
"""Of the map, which the server draws: no script runs here."""


@xframe_options_exempt
@csp(  # type: ignore[arg-type]  # its types know of no arguments from an address
    {
        "default-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": ["*"],
    }
)
@published_page
def embed(request: HttpRequest, snapshot: Snapshot, level: str, code: str) -> HttpResponse:
    """The widget; ``?show=map`` has a map instead of the chart, ``?vintage=`` holds it to a year's
    boundaries."""
    connection = snapshot.connection
    found = territory_of(connection, request.GET, level, code)
    figures = queries.statistics(connection, zone_id=found.id)
    editions = [item.edition for item in figures]
    edition = main_edition(editions)
    if edition is None:
        raise Http404
    context: dict[str, Any] = {
        "territory": found,
        "edition": edition,
        "latest": next(item for item in figures if item.edition.id == edition.id),
        "editions": editions,
        "canonical": permanent_address(request, found),
    }
    if request.GET.get("show") == "map":
        levels = queries.levels(connection)
        context["map"] = _share_map(connection, found, edition, levels)
        context["legend_steps"] = share_steps()
    else:
        change = main_change(connection, zone_id=found.id, editions=editions)
        series = series_of(connection, zone_ids=[found.id], editions=editions)[found.id]
        context["chart"] = share_chart(figures, series, height=_CHART)
        context["about_share"] = sentences.about_share(found.name, figures, series, change)
    return render(request, "embed.html", context)


def _share_map(
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
