"""The page of a set of zones: one address, from the check of the upload to the figures."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.cache import never_cache

from clcplus.models import ZoneSet
from clcplus.views.zones import checking_pages, results
from clcplus.views.zones.share_links import gone, readable


def zone_set(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The page that suits the stage of a set."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    found = readable(request, id)
    if found is None:
        return gone(request)
    if found.stage == ZoneSet.Stage.ACCEPTED:
        return results.page(request, found)
    return checking_pages.page(request, found)


@never_cache
def zone_set_progress(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The part of the page that moves."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    found = readable(request, id)
    if found is None:
        return gone(request)
    if found.stage == ZoneSet.Stage.ACCEPTED:
        return results.progress(request, found)
    return checking_pages.progress(request, found)
