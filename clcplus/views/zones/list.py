"""The sets of zones: those that are published; for staff also those that are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe
from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.main_editions import main_edition
from analytics.queries import SetSummary, set_summaries
from clcplus import access
from clcplus.database import read_side
from clcplus.models import Run, ZoneSet
from clcplus.presentation.pages import whole_number
from clcplus.snapshots import Snapshot
from clcplus.views.published import published_page

PAGE_SIZE = 25
_UNPUBLISHED = 200


@require_safe
def zone_sets(request: HttpRequest) -> HttpResponse:
    """The list."""
    user = access.account(request)
    if user is None or not user.is_staff:
        return _for_readers(request)
    with read_side.snapshot() as connection:
        context = _context(request, connection)
    waiting = (
        ZoneSet.objects.defer("reading", "refusal", "choice")
        .select_related("owner", "layer")
        .filter(published_at=None)
        .order_by("-created_at")
    )
    context |= {
        "own": _own(list(waiting[:_UNPUBLISHED])),
        "own_total": waiting.count(),
        "may_upload": True,
        "deleted": "deleted" in request.GET,
    }
    response = render(request, "zones/list.html", context)
    add_never_cache_headers(response)
    return response


@published_page
def _for_readers(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    return render(request, "zones/list.html", _context(request, snapshot.connection))


def _context(request: HttpRequest, connection: Connection) -> dict[str, Any]:
    edition = main_edition(queries.editions(connection))
    text = request.GET.get("page", "")
    asked = max(whole_number(text) or 1, 1) if len(text) < 6 else 1
    found, total = set_summaries(
        connection,
        edition_id=edition.id if edition else None,
        first=(asked - 1) * PAGE_SIZE,
        most=PAGE_SIZE,
    )
    last = max(1, -(-total // PAGE_SIZE))
    return {
        "section": "zones",
        "edition": edition,
        "published": _published(found),
        "total": total,
        "page": asked,
        "pages": last,
        "before": asked - 1 if asked > 1 else None,
        "after": asked + 1 if asked < last else None,
    }


def _published(summaries: Sequence[SetSummary]) -> list[dict[str, Any]]:
    sets = ZoneSet.objects.only("published_at", "layer__level__slug").select_related("layer__level")
    known = {
        zone_set.layer.level.slug: zone_set
        for zone_set in sets.filter(layer__level__slug__in=[item.level for item in summaries])
        if zone_set.layer is not None
    }
    return [
        {
            "address": known[item.level].get_absolute_url(),
            "summary": item,
            "area_km2": indicators.square_kilometres(item.cells),
            "share": indicators.sealed_share(item.sealed, item.observed),
            "not_observed_share": 1 - item.observed / item.cells if item.cells else 0.0,
            "complete": item.counted == item.zones,
            # Whether other editions have observed clearly more of the set.
            "partly": item.counted == item.zones
            and indicators.is_partly_observed(item.observed, item.most),
            "published_at": known[item.level].published_at,
        }
        for item in summaries
        if item.level in known
    ]


def _own(listed: Sequence[ZoneSet]) -> list[dict[str, Any]]:
    """What only staff see: sets with the run that counts their zones, and how far it is."""
    by_layer = ZoneSet.newest_runs(listed)
    found = []
    for item in listed:
        run, percent = by_layer.get(item.layer_id), None
        if item.stage == ZoneSet.Stage.CHECKING:
            percent = item.percent
        elif run is not None and run.state in (Run.State.QUEUED, Run.State.RUNNING):
            percent = run.percent
        found.append({"zone_set": item, "run": run, "percent": percent})
    return found
