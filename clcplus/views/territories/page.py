"""A territory's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.figures import Statistics, TerritoryStatistics
from analytics.main_editions import main_edition, main_pair
from analytics.queries import (
    LevelTable,
    Neighbour,
    coverage_figures_of,
    neighbours,
    peers_of,
    statistics_of,
    successions,
    territories_by_code,
)
from analytics.records import Edition, Level, Territory, TerritoryLink
from clcplus.borrowed_accuracy import lent, with_borrowed
from clcplus.models.zone_set import SLUG_PREFIX
from clcplus.origins import across_asked
from clcplus.presentation import sentences
from clcplus.presentation.certainty import certainty_chart, contradiction, verdict_sentence
from clcplus.presentation.charts import share_chart
from clcplus.presentation.classes import class_rows
from clcplus.presentation.indicators import further
from clcplus.presentation.level_names import level_name
from clcplus.presentation.outline import outline
from clcplus.presentation.rows import (
    counts_at,
    order_from,
    rows_of,
    sort_rows,
    territory_orders,
    tied_ranks,
)
from clcplus.presentation.series import series_around
from clcplus.presentation.successions import history
from clcplus.snapshots import Snapshot
from clcplus.views.across import gate, map_offer
from clcplus.views.comparisons.columns import address
from clcplus.views.downloads.change_cells import LARGEST_CELLS
from clcplus.views.downloads.published import permanent_address
from clcplus.views.maps.config import map_config
from clcplus.views.maps.legends import legends
from clcplus.views.published import published_page, territory_of
from clcplus.views.rankings.standings import standings
from clcplus.views.territories.transitions import of_pair
from clcplus.views.zones.share_links import set_of_level


def _children(
    request: HttpRequest, snapshot: Snapshot, territory: Territory, edition: Edition, below: Level
) -> dict[str, Any]:
    found = queries.children(snapshot.connection, zone_id=territory.id, edition_id=edition.id)
    order = order_from(request.GET.get("sort"), "-share")
    rows = rows_of(lent(record, edition) for record in found)
    seen = [row for row in rows if row.share is not None]
    return {
        "children": sort_rows(rows, order),
        "highest": max(seen, key=lambda row: row.share or 0.0, default=None),
        "children_level": below,
        **territory_orders(order, level_name(below.name)),
    }


def _among_peers(
    snapshot: Snapshot,
    territory: Territory,
    edition: Edition,
    pair: Sequence[Edition],
    *,
    lowest: bool,
) -> dict[str, Any]:
    """Rank, nearest and most similar; of the lowest level also those next to it in the ranking.
    Older boundaries are not ranked. Three statements at most."""
    connection = snapshot.connection
    if not territory.current:
        peers = (
            queries.peers(connection, zone_id=territory.id, edition_id=edition.id) if lowest else []
        )
        return {"peers": [(row, None) for row in rows_of(lent(p, edition) for p in peers)]}
    standing = standings.standing(snapshot, level=territory.level, edition=edition, pair=pair)
    peers = peers_of(connection, standing, zone_id=territory.id) if lowest else []
    ranks = tied_ranks(standing, [territory.id, *(row.link.id for row in peers)])
    found: dict[str, Any] = {
        "beside_tables": _beside_tables(connection, standing.table, territory.link),
        "peers": [(row, ranks.get(row.link.id)) for row in rows_of(peers, standing=standing)],
    }
    if (rank := ranks.get(territory.id)) is not None:
        found["rank"] = rank
        found["rank_places"] = rank.places
    return found


def _beside_tables(
    connection: Connection, table: LevelTable, own: TerritoryLink
) -> list[dict[str, Any]]:
    """Tables of the nearest and of the most similar territories; without rows there is none. One
    statement at most."""
    if len(table.ids) < 2:
        return []
    found = neighbours(connection, table, zone_id=own.id)
    by_distance = _("By the distance between the centroids.")
    by_likeness = _(
        "By number of inhabitants and sealed share together: doubling the population counts as much"
        " as doubling the share."
    )

    def rows(items: Sequence[Neighbour]) -> list[tuple[TerritoryStatistics, float]]:
        """The territory itself, then the others, with their distance in kilometres."""
        shown = (Neighbour(own, 0.0), *items)
        at = [int(np.flatnonzero(table.ids == item.link.id)[0]) for item in shown]
        return [
            (TerritoryStatistics(link=item.link, **counts_at(table, row)), item.kilometres)
            for row, item in zip(at, shown, strict=True)
        ]

    return [
        {
            "name": name,
            "title": title,
            "say": say,
            "rows": rows(items),
            "compare": address([(link.level, link.code) for link in links]),
        }
        for name, title, say, items in (
            ("nearest", _("Nearest"), by_distance, found.nearest),
            ("similar", _("Most similar"), by_likeness, found.similar),
        )
        if items and (links := [own, *(item.link for item in items)])
    ]


def _statistics(
    request: HttpRequest,
    snapshot: Snapshot,
    territory: Territory,
    edition: Edition,
    figures: Sequence[Statistics],
    levels: Sequence[Level],
) -> dict[str, Any]:
    connection = snapshot.connection
    latest = next(item for item in figures if item.edition.id == edition.id)
    editions = [item.edition for item in figures]
    gated = gate(request, queries.changes(connection, zone_id=territory.id), editions)
    change = gated.change
    own, around = series_around(connection, territory, editions)
    flicker = own.flicker if own else None
    rows, missing = class_rows(figures)
    below = next((level for level in levels if level.parent == territory.level), None)
    children = _children(request, snapshot, territory, edition, below) if below else {}
    pair = main_pair(editions) or ()
    return {
        "edition": edition,
        "latest": latest,
        "figures": figures,
        "change": change,
        "changes": gated.changes,
        "gate": gated,
        "per_inhabitant": latest.per_inhabitant(territory.inhabitants),
        "series": own,
        "chart": share_chart(figures, own, around),
        "about_share": sentences.about_share(territory.name, figures, own, change),
        **sentences.of_change(change),
        "verdict_sentence": verdict_sentence(territory.name, change) if change else "",
        "contradiction": contradiction(change) if change else "",
        "certainty": certainty_chart(change),
        "flicker": flicker,
        "shows_cells": territory.cells <= LARGEST_CELLS and change and change.usual_filter,
        **of_pair(change, territory),
        "further": further(replace(latest, flicker=flicker), change),
        "class_rows": rows,
        "missing_rows": missing,
        **children,
        **_among_peers(snapshot, territory, edition, pair, lowest=below is None),
    }


def _history(connection: Connection, territory: Territory) -> dict[str, Any]:
    """What has become of a territory, and what it was made of; whether its code is gone. Three
    statements at most."""
    place = (territory.level, territory.code)
    newest = None if territory.current else territories_by_code(connection, places=[place])
    return {
        "gone": newest is not None and not newest[place].link.current,
        "history": history(successions(connection, territory), of=territory),
    }


@published_page
def territory(request: HttpRequest, snapshot: Snapshot, level: str, code: str) -> HttpResponse:
    """The page of a territory; of older boundaries, with what has become of it."""
    connection = snapshot.connection
    found = territory_of(connection, request.GET, level, code)
    zone_set = set_of_level(level) if level.startswith(SLUG_PREFIX) else None
    own = queries.level(connection, slug=level) if zone_set else None
    # The zones of a set are beside no territories.
    levels = [own] if own else queries.levels(connection)
    holder = found.parent.id if found.parent else 0
    # One for each published edition, also where nothing of the territory is observed.
    statistics = statistics_of(connection, ids=[found.id, holder] if holder else [found.id])
    figures = list(map(with_borrowed, statistics.get(found.id, [])))
    editions = [item.edition for item in figures]
    edition = main_edition(editions)
    shape = queries.geometry(connection, zone_id=found.id)
    context: dict[str, Any] = {
        "canonical": permanent_address(request, found),
        "vintage_query": "" if found.current else f"?vintage={found.vintage}",
        "section": "zones" if zone_set else "territories",
        "territory": found,
        "area_km2": indicators.square_kilometres(found.cells),
        "area_ha": indicators.hectares(found.cells),
        "population": max(found.inhabitants.items(), default=None),
        "editions": list(reversed(editions)),
        "level_plural": next((i.name_plural for i in levels if i.slug == found.level), None),
        "outline": outline(shape),
        "shape_formats": (("geojson", "GeoJSON"), ("gpkg", "GeoPackage")),
        "table_formats": (
            ("csv", "CSV"),
            ("csv&dialect=spreadsheet", _("CSV for Excel")),
            ("xlsx", "XLSX"),
        ),
        "zone_set": zone_set,
        **({} if zone_set else _history(connection, found)),
        **legends(),
    }
    if edition is not None:
        context |= _statistics(request, snapshot, found, edition, figures, levels)
        around = statistics.get(holder, ())
        context["around"] = next((i for i in around if i.edition.id == edition.id), None)
        if zone_set is not None:
            found_figures = coverage_figures_of(connection, ids=[found.id], edition_id=edition.id)
            coverage = found_figures.get(found.id)
            context["coverage"] = coverage if coverage and coverage.observed else None
        leaf = not any(item.parent == found.level for item in levels)
        context["map_layer"] = "cover" if leaf else "share"
        context["map_config"] = map_config(
            version=str(snapshot.data),
            levels=levels,
            editions=editions,
            edition=edition,
            bounds=found.bounds,
            layer=context["map_layer"],
            place=(found.level, found.code),
            # Tiles have the newest boundaries alone.
            shape=None if found.current else shape,
            label=found.name,
            across=across_asked(request),
            filtered=queries.filtered_pairs(connection),
        )
        context["map_offer"] = map_offer(request, editions)
    return render(request, "territory.html", context)
