"""Browsing: the levels of territories, and the list of a level."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from sqlalchemy import Connection

from analytics import queries
from analytics.main_editions import main_edition, main_pair
from analytics.queries import Standing, ranking_of
from clcplus.models.zone_set import SLUG_PREFIX
from clcplus.presentation.level_names import level_name
from clcplus.presentation.pages import Page, page_of
from clcplus.presentation.rows import (
    Row,
    TiedRank,
    order_from,
    rows_of,
    sort_rows,
    territory_orders,
    tied_ranks,
)
from clcplus.snapshots import Snapshot
from clcplus.views.published import published_page
from clcplus.views.rankings.standings import standings
from clcplus.views.zones.share_links import set_of_level

PAGE_SIZE = 50
SORTED_HERE = 5_000
"""Territories up to which a level is sorted by any column; beyond, by share alone."""
_TOP = 5


@published_page
def territories(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """The levels, each with the territories of the highest share."""
    connection = snapshot.connection
    editions, levels = queries.editions(connection), queries.levels(connection)
    edition, pair = main_edition(editions), main_pair(editions) or ()
    shown = []
    for level in levels[:4]:
        rows: list[Row] = []
        if edition is not None:
            standing = standings.standing(snapshot, level=level.slug, edition=edition, pair=pair)
            rows = rows_of(ranking_of(connection, standing, page_size=_TOP).items)
        shown.append({"level": level, "rows": rows})
    context = {"section": "territories", "edition": edition, "shown": shown}
    return render(request, "territories.html", context)


def _rows(connection: Connection, standing: Standing, order: str, page: Page) -> list[Row]:
    if order in {"share", "-share"}:
        found = ranking_of(
            connection,
            standing,
            lowest_first=order == "share",
            page=page.number,
            page_size=PAGE_SIZE,
        )
        return rows_of(found.items, standing=standing)
    found = ranking_of(connection, standing, page_size=SORTED_HERE)
    return sort_rows(rows_of(found.items, standing=standing), order)[page.rows]


@published_page
def level_list(request: HttpRequest, snapshot: Snapshot, level: str) -> HttpResponse:
    """The list of a level."""
    connection = snapshot.connection
    if level.startswith(SLUG_PREFIX):
        # The page of a set is where its zones are listed.
        zone_set = set_of_level(level) if queries.level(connection, slug=level) else None
        if zone_set is None:
            raise Http404
        return redirect(zone_set)
    levels = queries.levels(connection)
    found = next((item for item in levels if item.slug == level), None)
    if found is None:
        raise Http404
    editions = queries.editions(connection)
    edition, pair = main_edition(editions), main_pair(editions) or ()
    order = order_from(request.GET.get("sort"), "-share")
    sortable = None if found.zones <= SORTED_HERE else ("share",)
    if sortable and order.lstrip("-") not in sortable:
        order = "-share"
    page = page_of(request.GET.get("page", ""), found.zones, PAGE_SIZE)
    rows: list[Row] = []
    ranks: dict[int, TiedRank] = {}
    if edition is not None:
        standing = standings.standing(snapshot, level=found.slug, edition=edition, pair=pair)
        rows = _rows(connection, standing, order, page)
        ranks = tied_ranks(standing, [row.link.id for row in rows])
    return render(
        request,
        "level.html",
        {
            "section": "territories",
            "level": found,
            "levels": levels,
            "edition": edition,
            "ranked_rows": [(row, ranks.get(row.link.id)) for row in rows],
            "rows": rows,
            "told": any(row.told for row in rows),
            **territory_orders(order, level_name(found.name), sortable),
            "order": order,
            "page": page.number,
            "pages": page.last,
            "before": page.before,
            "after": page.after,
        },
    )
