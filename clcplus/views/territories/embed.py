"""A territory's share for other sites' pages: one figure, one chart or map, a link back.

The only page that may stand in a frame of another site. It asks for nothing and remembers nothing:
no form, no script, no cookie, so a frame around it can trick nobody into anything.
"""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt

from analytics import queries
from analytics.main_editions import main_edition
from clcplus.presentation import sentences
from clcplus.presentation.charts import share_chart
from clcplus.presentation.series import main_change, series_of
from clcplus.snapshots import Snapshot
from clcplus.views.downloads.published import permanent_address
from clcplus.views.maps.legends import share_steps
from clcplus.views.published import published_page, territory_of
from clcplus.views.territories.share_map import share_map

_CHART = 190
"""Pixels: figure, sentence, chart and source then fit into the frame of the snippet."""


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
        context["map"] = share_map(connection, found, edition, levels)
        context["legend_steps"] = share_steps()
    else:
        change = main_change(connection, zone_id=found.id, editions=editions)
        series = series_of(connection, zone_ids=[found.id], editions=editions)[found.id]
        context["chart"] = share_chart(figures, series, height=_CHART)
        context["about_share"] = sentences.about_share(found.name, figures, series, change)
    return render(request, "embed.html", context)
