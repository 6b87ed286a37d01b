"""The sets of zones: those that are published; for staff also those that are not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.main_editions import main_edition
from analytics.queries import SetSummary, set_summaries
from clcplus import access, reading
from clcplus.models import Run, ZoneSet
from clcplus.snapshots import Snapshot
from clcplus.views.published import published_page

PAGE_SIZE = 25
_UNPUBLISHED = 200


@dataclass(frozen=True, slots=True)
class PublishedSet:
    """A row of the list."""

    address: str
    summary: SetSummary
    area_km2: float
    share: float | None
    complete: bool
    published_at: datetime | None

    @property
    def not_observed_share(self) -> float:
        """Part of the set that the edition has not observed."""
        return 1 - self.summary.observed / self.summary.cells if self.summary.cells else 0.0

    @property
    def partly(self) -> bool:
        """Whether other editions have observed clearly more of the set."""
        return self.complete and indicators.is_partly_observed(
            self.summary.observed, self.summary.most
        )


@dataclass(frozen=True, slots=True)
class OwnSet:
    """A row of what only staff see: a set with its stage, and the run that counts its zones."""

    zone_set: ZoneSet
    run: Run | None

    @property
    def percent(self) -> int | None:
        """Of what is under way; None where nothing is."""
        if self.zone_set.stage == ZoneSet.Stage.CHECKING:
            return self.zone_set.percent
        if self.run is not None and self.run.state in (Run.State.QUEUED, Run.State.RUNNING):
            return self.run.percent
        return None


def zone_sets(request: HttpRequest) -> HttpResponse:
    """The list."""
    user = access.account(request)
    if user is None or not user.is_staff:
        return _for_readers(request)
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    with reading.snapshot() as connection:
        context = _context(request, connection)
    waiting = (
        ZoneSet.objects.defer("reading", "refusal", "choice")
        .select_related("owner", "layer")
        .filter(published_at=None)
        .order_by("-created_at")
    )
    context |= {
        "own": _own(waiting[:_UNPUBLISHED]),
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
    asked = max(int(text), 1) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
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


def _published(found: Iterable[SetSummary]) -> list[PublishedSet]:
    summaries = list(found)
    known = {
        zone_set.layer.level.slug: zone_set
        for zone_set in ZoneSet.objects.only("published_at", "layer__level__slug")
        .select_related("layer__level")
        .filter(layer__level__slug__in=[item.level for item in summaries])
        if zone_set.layer is not None
    }
    return [
        PublishedSet(
            address=known[item.level].get_absolute_url(),
            summary=item,
            area_km2=indicators.square_kilometres(item.cells),
            share=indicators.sealed_share(item.sealed, item.observed),
            complete=item.counted == item.zones,
            published_at=known[item.level].published_at,
        )
        for item in summaries
        if item.level in known
    ]


def _own(zone_sets: Iterable[ZoneSet]) -> list[OwnSet]:
    listed = list(zone_sets)
    newest = (
        Run.objects.filter(
            kind=Run.Kind.ZONES, layer__in=[s.layer_id for s in listed if s.layer_id]
        )
        .order_by("layer_id", "-created_at")
        .distinct("layer_id")
    )
    by_layer = {run.layer_id: run for run in newest}
    return [OwnSet(zone_set=item, run=by_layer.get(item.layer_id)) for item in listed]
