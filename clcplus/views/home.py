"""The home page: the key figure, the map, and the territories of the second level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.figures import Change, Statistics
from analytics.main_editions import main_edition, main_pair
from analytics.queries import SetName, Standing, ranking_of, set_names
from analytics.records import Edition, Level, Territory
from clcplus.origins import across_asked
from clcplus.presentation import sentences
from clcplus.presentation.charts import LineChart
from clcplus.presentation.rows import Row, rows_of
from clcplus.presentation.series import series_of
from clcplus.presentation.share_chart import share_chart
from clcplus.snapshots import Snapshot
from clcplus.views.across import map_offer
from clcplus.views.maps import legends, map_config
from clcplus.views.published import published_page
from clcplus.views.standings import standings

_LISTED = 24
_CHART = 165
_OFFERED = 200
"""Sets of zones that the map offers by name; all of them are in their own list."""


@dataclass(frozen=True, slots=True)
class Featured:
    """The one territory of the highest level, with its figures."""

    territory: Territory
    figures: Statistics
    change: Change | None
    chart: LineChart | None
    about_series: str
    """The ground that the chart is of."""
    per_inhabitant: float | None


@dataclass(frozen=True, slots=True)
class Total:
    """All territories of the highest level together, where there are several."""

    level: Level
    share: float | None
    sealed_ha: float
    observed_ha: float
    not_observed_share: float
    partly: bool
    """Whether other editions have observed clearly more of them."""


def _featured(
    connection: Connection, level: Level, edition: Edition, standing: Standing
) -> Featured | Total | None:
    table = standing.table
    if not len(table.ids):
        return None
    if len(table.ids) > 1:
        sealed, observed = int(np.nansum(table.sealed)), int(np.nansum(table.observed))
        most, cells = int(np.nansum(table.most)), int(np.nansum(table.cells))
        return Total(
            level=level,
            share=indicators.sealed_share(sealed, observed),
            sealed_ha=indicators.hectares(sealed),
            observed_ha=indicators.hectares(observed),
            not_observed_share=1 - observed / cells if cells else 0.0,
            partly=indicators.is_partly_observed(observed, most),
        )
    link = ranking_of(connection, standing, page_size=1).items[0].link
    territory = queries.territory(connection, level=link.level, code=link.code)
    if territory is None:
        return None
    statistics = queries.statistics(connection, zone_id=territory.id)
    figures = [counts for counts in statistics]
    latest = next(f for f in figures if f.edition.id == edition.id)
    pair = main_pair([counts.edition for counts in statistics])
    change = None
    if pair is not None:
        found = queries.change(
            connection, zone_id=territory.id, earlier=pair[0].id, later=pair[1].id
        )
        change = found
    series = series_of(
        connection,
        zone_ids=[territory.id],
        editions=[counts.edition for counts in statistics],
    )[territory.id]
    inhabitants = list(territory.inhabitants.values())
    return Featured(
        territory=territory,
        figures=latest,
        change=change,
        chart=share_chart(figures, series, height=_CHART),
        about_series=sentences.about_series(series, cells=territory.cells) if series else "",
        per_inhabitant=indicators.square_metres_per_inhabitant(
            latest.sealed, inhabitants[-1] if inhabitants else None
        ),
    )


def _listed(
    connection: Connection, level: Level, editions: Sequence[Edition], standing: Standing
) -> tuple[list[Row], int]:
    page = ranking_of(connection, standing, page_size=_LISTED)
    changes = {}
    pair = main_pair(editions)
    # The bulk table has a row for each territory: only where all of them are listed.
    if pair is not None and page.total <= _LISTED:
        earlier, later = pair
        changes = {
            zone.code: change
            for zone, change in queries.bulk_change(
                connection, level=level.slug, earlier=earlier, later=later
            )
        }
    return rows_of(page.items, changes), page.total


def _mapped(
    connection: Connection, asked: str | None, sets: Sequence[SetName], levels: Sequence[Level]
) -> Sequence[Level]:
    """What the map draws: the levels of territories, or the published set that is asked for."""
    if not any(item.level == asked for item in sets):
        return levels
    found = queries.level(connection, slug=str(asked))
    return levels if found is None else [found]


def _offered(sets: Sequence[SetName], shown: Level | None) -> list[SetName]:
    """The sets that the chooser names: the first ones, and that which is shown."""
    return [
        item
        for number, item in enumerate(sets)
        if number < _OFFERED or (shown is not None and item.level == shown.slug)
    ]


@published_page
def home(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """The home page."""
    connection = snapshot.connection
    editions, levels = queries.editions(connection), queries.levels(connection)
    edition = main_edition(editions)
    if edition is None or not levels:
        return render(
            request, "home_empty.html", {"section": "map", "levels": levels, "editions": editions}
        )
    pair = main_pair(editions) or ()
    top = standings.standing(snapshot, level=levels[0].slug, edition=edition, pair=pair)
    featured = _featured(connection, levels[0], edition, top)
    listed_level = levels[min(1, len(levels) - 1)]
    standing = standings.standing(snapshot, level=listed_level.slug, edition=edition, pair=pair)
    rows, total = _listed(connection, listed_level, editions, standing)
    sets = set_names(connection)
    mapped = _mapped(connection, request.GET.get("areas"), sets, levels)
    shown_set = mapped[0] if mapped[0].custom else None
    return render(
        request,
        "home.html",
        {
            "section": "map",
            "edition": edition,
            "editions": list(reversed(editions)),
            "pair": main_pair(editions),
            "levels": levels,
            "featured": featured if isinstance(featured, Featured) else None,
            "total": featured if isinstance(featured, Total) else None,
            "listed_level": listed_level,
            "rows": rows,
            "listed_total": total,
            "finest": levels[-1],
            "offered_sets": _offered(sets, shown_set),
            "shown_set": shown_set,
            "map_config": map_config(
                version=str(snapshot.data),
                levels=mapped,
                editions=editions,
                edition=edition,
                bounds=mapped[0].bounds,
                label=shown_set.name if shown_set else "",
                across=across_asked(request),
            ),
            "map_offer": map_offer(request, editions),
            **legends(),
        },
    )
