"""The page of an accepted set: its computation, its figures as a whole, and those of its zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.figures import Change, Statistics
from analytics.main_editions import main_edition, main_pair
from analytics.queries import SetStatistics, set_cells, set_changes, set_series, set_statistics
from analytics.records import Edition, Level
from clcplus import access, site_address, snapshots
from clcplus.actions.zone_sets import batches
from clcplus.jobs.states import OPEN
from clcplus.models import Run, Zone, ZoneSet
from clcplus.origins import across_asked
from clcplus.presentation import sentences
from clcplus.presentation.class_rows import class_rows
from clcplus.presentation.series import SeriesFigures, main_series, series_figures
from clcplus.presentation.share_chart import share_chart
from clcplus.snapshots import Snapshot
from clcplus.views.across import gate, map_offer
from clcplus.views.maps import legends, map_config
from clcplus.views.published import published_page
from clcplus.views.standings import standings
from clcplus.views.zones.zone_table import highest, zone_table

_FAILURES = 50


@dataclass(frozen=True, slots=True)
class Lacking:
    """An edition of which a set has not all figures yet."""

    edition: Edition
    counted: int


@dataclass(frozen=True, slots=True)
class FailedZone:
    """A zone that could not be counted, and why."""

    name: str
    code: str
    reason: str


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
    context |= {
        "manages": True,
        "trouble": trouble,
        "share_address": _share_address(request, zone_set),
    }
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


def _share_address(request: HttpRequest, zone_set: ZoneSet) -> str:
    if not zone_set.share_token:
        return ""
    return site_address.absolute(request, reverse("zone_set_shared", args=(zone_set.share_token,)))


def _failed_zones(run: Run) -> tuple[list[FailedZone], int]:
    """The first zones that the run could not count, and how many there are."""
    failed = batches.failed_zones(run)
    zones = Zone.objects.filter(pk__in=failed).order_by("code").values_list("pk", "code", "name")
    return [
        FailedZone(name=name, code=code, reason=failed[number])
        for number, code, name in zones[:_FAILURES]
    ], len(failed)


def _moving(request: HttpRequest, snapshot: Snapshot, zone_set: ZoneSet) -> dict[str, Any]:
    """What a fragment has, and the page: the run, and the figures as far as they are there."""
    connection = snapshot.connection
    slug = zone_set.slug
    run = zone_set.newest_run
    moving = run is not None and run.state in OPEN
    failures, failed = _failed_zones(run) if run else ([], 0)
    level = queries.level(connection, slug=slug)
    if level is None:
        raise Http404(f"the set {zone_set.pk} was deleted or withdrawn meanwhile")
    context: dict[str, Any] = {
        "section": "zones",
        "zone_set": zone_set,
        "level": level,
        "run": run,
        "moving": moving,
        "failures": failures,
        "failed": failed,
        "zones": level.zones,
    }
    published = queries.editions(connection)
    found = set_statistics(connection, level=slug)
    whole, lacking = _whole(found, published, zones=level.zones, moving=moving)
    figures = [item.statistics for item in whole]
    editions = [item.edition for item in figures]
    edition = main_edition(editions)
    context |= {
        "lacking": lacking,
        "figures": figures,
        "editions": list(reversed(editions)),
        "edition": edition,
        "nothing_published": not published,
    }
    if edition is None:
        return context
    pair = main_pair(editions)
    gated = gate(request, _changes(connection, slug, editions))
    changes = gated.changes
    change = _chosen_change(request, changes, pair)
    return context | {
        "pair": pair,
        "latest": next(item for item in figures if item.edition.id == edition.id),
        "counted": next(i.zones for i in whole if i.statistics.edition.id == edition.id),
        "changes": changes,
        "gate": gated,
        "map_offer": map_offer(request, editions),
        "change": change,
        "table": zone_table(
            request,
            snapshot,
            level=slug,
            editions=editions,
            edition=edition,
            pair=pair,
        ),
    }


def _whole(
    found: Sequence[SetStatistics], published: Sequence[Edition], *, zones: int, moving: bool
) -> tuple[list[SetStatistics], list[Lacking]]:
    """Editions whose figures are shown, and those that are still to come.

    While a run is under way an edition of which fewer zones are counted than of another is on its
    way; all of them are where the set is counted for the first time.
    """
    most = max((item.zones for item in found), default=0)
    shown = [item for item in found if item.zones == most or not moving]
    there = {item.statistics.edition.id for item in shown}
    counted = {item.statistics.edition.id: item.zones for item in found}
    lacking = [
        Lacking(edition=edition, counted=counted.get(edition.id, 0))
        for edition in published
        if edition.id not in there
    ]
    # At first there is nothing else to show: the progress says it all.
    return shown, lacking if shown else []


def _changes(connection: Connection, level: str, editions: Sequence[Edition]) -> list[Change]:
    shown = {edition.id for edition in editions}
    return [
        item.change
        for item in set_changes(connection, level=level)
        if {item.change.earlier.id, item.change.later.id} <= shown
    ]


def _chosen_change(
    request: HttpRequest, changes: Sequence[Change], pair: tuple[Edition, Edition] | None
) -> Change | None:
    """The pair that the address asks for, else from the first edition to the last."""
    by_slug = {(change.earlier.slug, change.later.slug): change for change in changes}
    wanted = request.GET.get("from", ""), request.GET.get("to", "")
    usual = by_slug.get((pair[0].slug, pair[1].slug)) if pair else None
    return by_slug.get(wanted, usual)


def _series(
    connection: Connection, level: str, figures: Sequence[Statistics]
) -> SeriesFigures | None:
    observed = [(item.edition, item.observed) for item in figures]
    found = set_series(connection, level=level, observed=observed)
    return series_figures(main_series(found, [edition for edition, _ in observed]))


def _context(request: HttpRequest, snapshot: Snapshot, zone_set: ZoneSet) -> dict[str, Any]:
    connection = snapshot.connection
    context = _moving(request, snapshot, zone_set)
    level, edition = context["level"], context.get("edition")
    if level is None:
        return context
    report = zone_set.layer.report if zone_set.layer else {}
    context |= {
        "area_km2": indicators.square_kilometres(set_cells(connection, level=zone_set.slug)),
        "overlaps": report.get("overlaps") or 0,
        "overlap_ha": indicators.hectares_of_shape(report.get("overlap_m2") or 0.0),
        "left_out": report.get("left_out") or 0,
    }
    if edition is None:
        return context
    change = context["change"]
    series = _series(connection, zone_set.slug, context["figures"])
    rows, missing = class_rows(context["figures"])
    pair = context["pair"]
    standing = standings.standing(snapshot, level=zone_set.slug, edition=edition, pair=pair or ())
    return context | {
        "bars": highest(connection, standing),
        "series": series,
        "chart": share_chart(context["figures"], series),
        "about_share": sentences.about_share(zone_set.name, context["figures"], series, change),
        "about_change": sentences.about_change(change) if change else "",
        "about_gain": sentences.about_gain(change) if change else "",
        "about_loss": sentences.about_loss(change) if change else "",
        "class_rows": rows,
        "missing_rows": missing,
        "map_config": _map(request, snapshot, level, context, zone_set),
        **legends(),
    }


def _map(
    request: HttpRequest,
    snapshot: Snapshot,
    level: Level,
    context: dict[str, Any],
    zone_set: ZoneSet,
) -> str:
    return map_config(
        version=str(snapshot.data),
        levels=[level],
        editions=list(reversed(context["editions"])),
        edition=context["edition"],
        bounds=level.bounds,
        label=zone_set.name,
        across=across_asked(request),
    )
