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
from clcplus.presentation.ranks import TiedRank, tied_ranks
from clcplus.presentation.rows import Row, headings, order_from, rows_of, sort_rows, sorts
from clcplus.snapshots import Snapshot
from clcplus.views.published import published_page
from clcplus.views.standings import standings
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
    return render(
        request,
        "territories.html",
        {"section": "territories", "edition": edition, "shown": shown},
    )


def _page_number(text: str | None, last: int) -> int:
    return min(max(int(text), 1), last) if text and text.isdecimal() and len(text) < 7 else 1


def _list(connection: Connection, standing: Standing, order: str, number: int) -> list[Row]:
    """The rows of a page."""
    if order in {"share", "-share"}:
        page = ranking_of(
            connection,
            standing,
            lowest_first=order == "share",
            page=number,
            page_size=PAGE_SIZE,
        )
        return rows_of(page.items)
    page = ranking_of(connection, standing, page_size=SORTED_HERE)
    start = (number - 1) * PAGE_SIZE
    return sort_rows(rows_of(page.items), order)[start : start + PAGE_SIZE]


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
    last = max(1, -(-found.zones // PAGE_SIZE))
    number = _page_number(request.GET.get("page"), last)
    rows: list[tuple[Row, TiedRank | None]] = []
    if edition is not None:
        standing = standings.standing(snapshot, level=found.slug, edition=edition, pair=pair)
        listed = _list(connection, standing, order, number)
        ranks = tied_ranks(standing, [row.link.id for row in listed])
        rows = [(row, ranks.get(row.link.id)) for row in listed]
    return render(
        request,
        "level.html",
        {
            "section": "territories",
            "level": found,
            "levels": levels,
            "edition": edition,
            "ranked_rows": rows,
            "rows": [row for row, _rank in rows],
            "headings": headings(order, level_name(found.name), sortable),
            "sorts": sorts(order, level_name(found.name), sortable),
            "order": order,
            "page": number,
            "pages": last,
            "before": number - 1 if number > 1 else None,
            "after": number + 1 if number < last else None,
        },
    )
