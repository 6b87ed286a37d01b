"""A territory's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from analytics import indicators, queries
from analytics.figures import Change, Statistics
from analytics.main_editions import main_edition, main_pair
from analytics.queries import covers_of, peers_of, statistics_of
from analytics.records import Edition, Level, Territory
from clcplus import site_address
from clcplus.models.zone_set import SLUG_PREFIX
from clcplus.origins import across_asked
from clcplus.presentation import sentences
from clcplus.presentation.charts import place_in_order
from clcplus.presentation.class_rows import class_rows
from clcplus.presentation.indicators import further
from clcplus.presentation.level_names import level_name
from clcplus.presentation.outline import outline
from clcplus.presentation.ranks import tied_ranks
from clcplus.presentation.rows import Row, headings, order_from, rows_of, sort_rows, sorts
from clcplus.presentation.series import series_of
from clcplus.presentation.share_chart import share_chart
from clcplus.snapshots import Snapshot
from clcplus.views.across import gate, map_offer
from clcplus.views.maps import legends, map_config
from clcplus.views.neighbours import beside_tables
from clcplus.views.published import published_page
from clcplus.views.standings import standings
from clcplus.views.transitions import of_pair
from clcplus.views.zones.share_links import set_of_level


def _chosen_change(
    request: HttpRequest, changes: Sequence[Change], editions: Sequence[Edition]
) -> Change | None:
    """The pair that the address asks for, else from the first edition to the last."""
    wanted = request.GET.get("from"), request.GET.get("to")
    by_slug = {(change.earlier.slug, change.later.slug): change for change in changes}
    if wanted[0] and wanted[1] and (wanted[0], wanted[1]) in by_slug:
        return by_slug[wanted[0], wanted[1]]
    pair = main_pair(editions)
    return by_slug.get((pair[0].slug, pair[1].slug)) if pair else None


def _beside(
    request: HttpRequest,
    snapshot: Snapshot,
    territory: Territory,
    edition: Edition,
    pair: Sequence[Edition],
    levels: Sequence[Level],
) -> dict[str, Any]:
    """The territories below this one, or those next to it in the ranking of the lowest level."""
    connection = snapshot.connection
    below = next((level for level in levels if level.parent == territory.level), None)
    if below is None and not territory.current:
        found = queries.peers(connection, zone_id=territory.id, edition_id=edition.id)
        return {"peers": rows_of(found)}
    if below is None:
        standing = standings.standing(snapshot, level=territory.level, edition=edition, pair=pair)
        return {"peers": rows_of(peers_of(connection, standing, zone_id=territory.id))}
    found = queries.children(connection, zone_id=territory.id, edition_id=edition.id)
    order = order_from(request.GET.get("sort"), "-share")
    rows = rows_of(found)
    return {
        "children": sort_rows(rows, order),
        "highest": max(
            (row for row in rows if row.share is not None),
            key=lambda row: row.share or 0.0,
            default=None,
        ),
        "children_level": below,
        "headings": headings(order, level_name(below.name)),
        "sorts": sorts(order, level_name(below.name)),
    }


def _among_peers(
    snapshot: Snapshot,
    territory: Territory,
    edition: Edition,
    pair: tuple[Edition, Edition] | None,
    beside: Sequence[Row],
) -> dict[str, Any]:
    """Rank, nearest and most similar, and the ranks of those listed ``beside`` it; nothing of older
    boundaries, which are not ranked. Two statements."""
    if not territory.current:
        return {"peers": [(row, None) for row in beside]}
    connection = snapshot.connection
    standing = standings.standing(snapshot, level=territory.level, edition=edition, pair=pair or ())
    ranks = tied_ranks(standing, [territory.id, *(row.link.id for row in beside)])
    found: dict[str, Any] = {
        "beside_tables": beside_tables(connection, standing.table, territory.link),
        "peers": [(row, ranks.get(row.link.id)) for row in beside],
    }
    if (rank := ranks.get(territory.id)) is not None:
        found["rank"] = rank
        found["rank_places"] = [place_in_order(r, rank.ranked) for r in (rank.first, rank.last)]
    return found


def _statistics(
    request: HttpRequest,
    snapshot: Snapshot,
    territory: Territory,
    edition: Edition,
    figures: Sequence[Statistics],
    around: Sequence[Statistics],
    levels: Sequence[Level],
) -> dict[str, Any]:
    """Everything that needs a published edition; ``around`` are figures of what holds it."""
    connection = snapshot.connection
    latest = next(item for item in figures if item.edition.id == edition.id)
    editions = [item.edition for item in figures]
    records = queries.changes(connection, zone_id=territory.id)
    found = list(records)
    gated = gate(request, found)
    changes = gated.changes
    pair = main_pair(editions)
    change = _chosen_change(request, changes, editions)
    parent = territory.parent
    ids = [territory.id, *([parent.id] if parent else ())]
    series = series_of(connection, zone_ids=ids, editions=editions)
    own = series[territory.id]
    rows, missing = class_rows(figures)
    listed = _beside(request, snapshot, territory, edition, pair or (), levels)
    return {
        "edition": edition,
        "latest": latest,
        "figures": figures,
        "around": next((item for item in around if item.edition.id == edition.id), None),
        "change": change,
        "changes": changes,
        "gate": gated,
        "per_inhabitant": latest.per_inhabitant(territory.inhabitants),
        "series": own,
        "chart": share_chart(figures, own, series[parent.id] if parent else None),
        "about_share": sentences.about_share(territory.name, figures, own, change),
        **of_pair(records, change, territory),
        "further": further(latest, change),
        "about_change": sentences.about_change(change) if change else "",
        "about_gain": sentences.about_gain(change) if change else "",
        "about_loss": sentences.about_loss(change) if change else "",
        "class_rows": rows,
        "missing_rows": missing,
        **listed,
        **_among_peers(snapshot, territory, edition, pair, beside=listed.get("peers", ())),
    }


def _vintage(request: HttpRequest) -> int | None:
    text = request.GET.get("vintage", "")
    return int(text) if text.isdecimal() and len(text) == 4 else None


@published_page
def territory(request: HttpRequest, snapshot: Snapshot, level: str, code: str) -> HttpResponse:
    """The page of a territory; of one that has been merged away, with the way to its successor."""
    connection = snapshot.connection
    found = queries.territory(connection, level=level, code=code, vintage=_vintage(request))
    if found is None:
        raise Http404
    zone_set = set_of_level(level) if level.startswith(SLUG_PREFIX) else None
    own = queries.level(connection, slug=level) if zone_set else None
    # The zones of a set are beside no territories.
    levels = [own] if own else queries.levels(connection)
    # One for each published edition, also where nothing of the territory is observed.
    holder = found.parent.id if found.parent else None
    statistics = statistics_of(connection, ids=[found.id, *([holder] if holder else ())])
    figures = [counts for counts in statistics.get(found.id, ())]
    around = [counts for counts in statistics.get(holder or 0, ())]
    editions = [item.edition for item in figures]
    edition = main_edition(editions)
    shape = queries.geometry(connection, zone_id=found.id)
    path = reverse("territory", args=(found.level, found.code))
    context: dict[str, Any] = {
        "canonical": f"{site_address.absolute(request, path)}?vintage={found.vintage}",
        "vintage_query": "" if found.current else f"?vintage={found.vintage}",
        "section": "territories",
        "territory": found,
        "area_km2": indicators.square_kilometres(found.cells),
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
        **legends(),
    }
    if zone_set is not None:
        context |= {"section": "zones", "area_ha": indicators.hectares(found.cells)}
    if edition is not None:
        context |= _statistics(request, snapshot, found, edition, figures, around, levels)
        leaf = not any(item.parent == found.level for item in levels)
        if zone_set is not None:
            covers = covers_of(connection, ids=[found.id], edition_id=edition.id)
            cover = covers.get(found.id)
            context["cover"] = cover if cover and cover.observed else None
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
        )
        context["map_offer"] = map_offer(request, editions)
    return render(request, "territory.html", context)
