"""The page of an accepted set: its computation, its figures as a whole, and those of its zones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from analytics import indicators, queries
from analytics.main_editions import main_edition, main_pair
from analytics.records import Edition
from clcplus import access, snapshots
from clcplus.actions.zone_sets import batches
from clcplus.http import site_address
from clcplus.jobs.states import OPEN
from clcplus.models import Run, Zone, ZoneSet
from clcplus.origins import across_asked
from clcplus.presentation import sentences
from clcplus.presentation.charts import share_chart
from clcplus.presentation.classes import class_rows
from clcplus.presentation.series import main_series
from clcplus.snapshots import Snapshot
from clcplus.views.across import gate, map_offer
from clcplus.views.maps.config import map_config
from clcplus.views.maps.legends import legends
from clcplus.views.published import published_page
from clcplus.views.rankings.standings import standings
from clcplus.views.zones.table import highest, zone_table

_FAILURES = 50


def page(
    request: HttpRequest, zone_set: ZoneSet, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    """The page; for who decides on the set, with what can be done with it. ``trouble`` says why
    what was just asked for was not done."""
    if not access.may_change(request, zone_set):
        return _for_readers(request, level=zone_set.slug, zone_set=zone_set)
    showing = access.shown_layer(request, zone_set.slug)
    with snapshots.opened(showing=showing) as snapshot:
        context = _context(request, snapshot, zone_set)
    context |= {"manages": True, "trouble": trouble, "share_address": ""}
    if zone_set.share_token:
        path = reverse("zone_set_shared", args=(zone_set.share_token,))
        context["share_address"] = site_address.absolute(request, path)
    response = render(request, "zones/set.html", context, status=status)
    add_never_cache_headers(response)
    return response


@published_page
def _for_readers(
    request: HttpRequest, snapshot: Snapshot, level: str, zone_set: ZoneSet
) -> HttpResponse:
    return render(request, "zones/set.html", _context(request, snapshot, zone_set))


def progress(request: HttpRequest, zone_set: ZoneSet) -> HttpResponse:
    """The part of the page that moves while zones are counted."""
    showing = access.shown_layer(request, zone_set.slug)
    with snapshots.opened(showing=showing) as snapshot:
        context = _moving(request, snapshot, zone_set)
    context["manages"] = access.may_change(request, zone_set)
    # Where it has ended the whole page is due, with its map and its files.
    context["arrived"] = not context["moving"]
    return render(request, "zones/results/moving.html", context)


def _failed_zones(run: Run | None) -> dict[str, Any]:
    failed = batches.failed_zones(run) if run else {}
    zones = Zone.objects.filter(pk__in=failed).order_by("code").only("code", "name")
    failures = [
        {"name": zone.name, "code": zone.code, "reason": failed[zone.pk]}
        for zone in zones[:_FAILURES]
    ]
    return {"failures": failures, "failed": len(failed)}


def _moving(request: HttpRequest, snapshot: Snapshot, zone_set: ZoneSet) -> dict[str, Any]:
    """What a fragment has, and the page: the run, and the figures as far as they are there."""
    connection, slug = snapshot.connection, zone_set.slug
    run = zone_set.newest_run
    moving = run is not None and run.state in OPEN
    failures = _failed_zones(run)
    level = queries.level(connection, slug=slug)
    if level is None:
        raise Http404(f"the set {zone_set.pk} was deleted or withdrawn meanwhile")
    published = queries.editions(connection)
    found = queries.set_statistics(connection, level=slug)
    whole, lacking = _whole(found, published, moving=moving)
    figures = [item.statistics for item in whole]
    editions = [item.edition for item in figures]
    edition = main_edition(editions)
    context: dict[str, Any] = {
        "section": "zones",
        "zone_set": zone_set,
        "level": level,
        "run": run,
        "moving": moving,
        **failures,
        "zones": level.zones,
        "lacking": lacking,
        "figures": figures,
        "editions": list(reversed(editions)),
        "edition": edition,
        "nothing_published": not published,
    }
    if edition is None:
        return context
    latest = next(item for item in whole if item.statistics.edition.id == edition.id)
    shown = {item.id for item in editions}
    changes = [
        item.change
        for item in queries.set_changes(connection, level=slug)
        if {item.change.earlier.id, item.change.later.id} <= shown
    ]
    gated, pair = gate(request, changes, editions), main_pair(editions)
    return context | {
        "pair": pair,
        "latest": latest.statistics,
        "counted": latest.zones,
        "changes": gated.changes,
        "gate": gated,
        "map_offer": map_offer(request, editions),
        "change": gated.change,
        "table": zone_table(
            request, snapshot, level=slug, editions=editions, edition=edition, pair=pair
        ),
    }


def _whole(
    found: Sequence[queries.SetStatistics], published: Sequence[Edition], *, moving: bool
) -> tuple[list[queries.SetStatistics], list[dict[str, Any]]]:
    """Editions whose figures are shown, and those that are still to come, with how many zones are
    counted.

    While a run is under way an edition of which fewer zones are counted than of another is on its
    way; all of them are where the set is counted for the first time.
    """
    most = max((item.zones for item in found), default=0)
    shown = [item for item in found if item.zones == most or not moving]
    there = {item.statistics.edition.id for item in shown}
    counted = {item.statistics.edition.id: item.zones for item in found}
    lacking = [
        {"edition": edition, "counted": counted.get(edition.id, 0)}
        for edition in published
        if edition.id not in there
    ]
    # At first there is nothing else to show: the progress says it all.
    return shown, lacking if shown else []


def _context(request: HttpRequest, snapshot: Snapshot, zone_set: ZoneSet) -> dict[str, Any]:
    connection, slug = snapshot.connection, zone_set.slug
    context = _moving(request, snapshot, zone_set)
    level, edition = context["level"], context["edition"]
    report = zone_set.layer.report if zone_set.layer else {}
    context |= {
        "area_km2": indicators.square_kilometres(queries.set_cells(connection, level=slug)),
        "overlaps": report.get("overlaps") or 0,
        "overlap_ha": indicators.hectares_of_shape(report.get("overlap_m2") or 0.0),
        "left_out": report.get("left_out") or 0,
    }
    if edition is None:
        return context
    figures, change, pair = context["figures"], context["change"], context["pair"]
    editions = [item.edition for item in figures]
    observed = [(item.edition, item.observed) for item in figures]
    found = queries.set_series(connection, level=slug, observed=observed)
    series = main_series(found, editions)
    rows, missing = class_rows(figures)
    standing = standings.standing(snapshot, level=slug, edition=edition, pair=pair or ())
    return context | {
        "bars": highest(connection, standing),
        "series": series,
        "chart": share_chart(figures, series),
        "about_share": sentences.about_share(zone_set.name, figures, series, change),
        **sentences.of_change(change),
        "class_rows": rows,
        "missing_rows": missing,
        "map_config": map_config(
            version=str(snapshot.data),
            levels=[level],
            editions=editions,
            edition=edition,
            bounds=level.bounds,
            label=zone_set.name,
            across=across_asked(request),
            filtered=queries.filtered_pairs(connection),
        ),
        **legends(),
    }
