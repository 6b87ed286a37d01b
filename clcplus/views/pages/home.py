"""The home page: the key figure, the map, and the territories of the second level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.main_editions import main_edition, main_pair
from analytics.queries import Standing, ranking_of, set_names
from analytics.records import Edition, Level
from clcplus.origins import across_asked
from clcplus.presentation import sentences
from clcplus.presentation.charts import share_chart
from clcplus.presentation.rows import Row, rows_of
from clcplus.presentation.series import main_change, series_of
from clcplus.snapshots import Snapshot
from clcplus.views.across import map_offer
from clcplus.views.maps.config import map_config
from clcplus.views.maps.legends import legends
from clcplus.views.published import published_page
from clcplus.views.rankings.standings import standings

_LISTED = 24
_CHART = 165
_OFFERED = 200
"""Sets of zones that the map offers by name; all of them are in their own list."""


def _total(level: Level, standing: Standing) -> dict[str, Any]:
    """All territories of the highest level together, where there are several."""
    table = standing.table
    sealed, observed = int(np.nansum(table.sealed)), int(np.nansum(table.observed))
    most, cells = int(np.nansum(table.most)), int(np.nansum(table.cells))
    return {
        "level": level,
        "share": indicators.sealed_share(sealed, observed),
        "sealed_ha": indicators.hectares(sealed),
        "observed_ha": indicators.hectares(observed),
        "not_observed_share": 1 - observed / cells if cells else 0.0,
        # Whether other editions have observed clearly more of them.
        "partly": indicators.is_partly_observed(observed, most),
    }


def _featured(
    connection: Connection, edition: Edition, standing: Standing
) -> dict[str, Any] | None:
    """The one territory of the highest level, with its figures."""
    link = ranking_of(connection, standing, page_size=1).items[0].link
    territory = queries.territory(connection, level=link.level, code=link.code)
    if territory is None:
        return None
    figures = queries.statistics(connection, zone_id=territory.id)
    editions = [item.edition for item in figures]
    series = series_of(connection, zone_ids=[territory.id], editions=editions)[territory.id]
    return {
        "territory": territory,
        "figures": next(item for item in figures if item.edition.id == edition.id),
        "change": main_change(connection, zone_id=territory.id, editions=editions),
        "chart": share_chart(figures, series, height=_CHART),
        "about_series": sentences.about_series(series, cells=territory.cells) if series else "",
    }


def _listed(
    connection: Connection, level: Level, pair: Sequence[Edition], standing: Standing
) -> tuple[list[Row], int]:
    page = ranking_of(connection, standing, page_size=_LISTED)
    changes = {}
    # The bulk table has a row for each territory: only where all of them are listed.
    if pair and page.total <= _LISTED:
        earlier, later = pair
        changes = {
            zone.code: change
            for zone, change in queries.bulk_change(
                connection, level=level.slug, earlier=earlier, later=later
            )
        }
    return rows_of(page.items, changes), page.total


@published_page
def home(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """The home page."""
    connection = snapshot.connection
    editions, levels = queries.editions(connection), queries.levels(connection)
    edition, pair = main_edition(editions), main_pair(editions) or ()
    context: dict[str, Any] = {"section": "map", "levels": levels}
    if edition is None or not levels:
        return render(request, "home_empty.html", {**context, "editions": editions})
    top = standings.standing(snapshot, level=levels[0].slug, edition=edition, pair=pair)
    territories = len(top.table.ids)
    listed_level = levels[min(1, len(levels) - 1)]
    context["featured"] = _featured(connection, edition, top) if territories == 1 else None
    context["total"] = _total(levels[0], top) if territories > 1 else None
    standing = standings.standing(snapshot, level=listed_level.slug, edition=edition, pair=pair)
    rows, total = _listed(connection, listed_level, pair, standing)
    # The map draws the levels of territories, or the published set that is asked for.
    sets, areas = set_names(connection), request.GET.get("areas", "")
    wanted = any(item.level == areas for item in sets)
    shown_set = queries.level(connection, slug=areas) if wanted else None
    mapped = [shown_set] if shown_set else levels
    return render(
        request,
        "home.html",
        {
            **context,
            "edition": edition,
            "editions": list(reversed(editions)),
            "pair": pair,
            "listed_level": listed_level,
            "rows": rows,
            "listed_total": total,
            "finest": levels[-1],
            "offered_sets": [
                item
                for number, item in enumerate(sets)
                if number < _OFFERED or (shown_set is not None and item.level == shown_set.slug)
            ],
            "shown_set": shown_set,
            "map_config": map_config(
                version=str(snapshot.data),
                levels=mapped,
                editions=editions,
                edition=edition,
                bounds=mapped[0].bounds,
                label=shown_set.name if shown_set else "",
                across=across_asked(request),
                filtered=queries.filtered_pairs(connection),
            ),
            "map_offer": map_offer(request, editions),
            **legends(),
        },
    )
