"""A territory's report: asked for, followed while a worker makes it, taken.

Its page and its file are there for as long as what it tells of: each request asks whether it may
see the territory, and whether an edition was withdrawn since. Nobody may keep the file unasked.

Readers need no account and get no cookie. What asking costs is bounded: the same request is the
same report, only so many may wait at once, fewer of one client (:mod:`clcplus.actions.reports`),
and one client may ask only so often (:mod:`clcplus.access.limits`).
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import APIException

from analytics import queries
from analytics.main_editions import main_edition, main_pair
from analytics.queries import ShownLayer
from analytics.rasters import open_store
from analytics.records import Edition
from clcplus import access, origins, snapshots
from clcplus.access import limits
from clcplus.access.published_headers import set_published_headers
from clcplus.actions import reports
from clcplus.database import read_side
from clcplus.errors import QueueFull, ShareReached
from clcplus.files import formats
from clcplus.http import site_address
from clcplus.http.problems import problem_of, reading_only
from clcplus.models import Report
from clcplus.views.published import territory_of

RETRY_SECONDS = 30
_UNPROCESSABLE = 422
"""Its name differs between versions of Python."""
LATE = timedelta(seconds=20)
"""A report that has waited, or not moved, for so long wants a word on why."""


def _pair(asked: Any, editions: list[Edition]) -> tuple[Edition, Edition] | None:
    """The pair that the page showed, where it is one of a product, and of an origin unless the page
    was asked for others; else the usual one."""
    by_slug = {edition.slug: edition for edition in editions}
    earlier, later = (by_slug.get(asked.get(name, "")) for name in ("from", "to"))
    across = asked.get(origins.PARAMETER) == origins.ACROSS
    if earlier is None or later is None or not origins.may_compare(earlier, later, across=across):
        return main_pair(editions)
    fit = earlier.product == later.product and earlier.year < later.year
    return (earlier, later) if fit else main_pair(editions)


@csrf_exempt  # a cookie changes whose share it counts to and nothing else: no rights to borrow
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, level: str, code: str) -> HttpResponse:
    """What the report holds, with the button that has it made; with POST, have it made."""
    asked = request.POST if request.method == "POST" else request.GET
    with snapshots.opened() as snapshot:
        territory = territory_of(snapshot.connection, asked, level, code)
        records = queries.statistics(snapshot.connection, zone_id=territory.id)
    editions = [record.edition for record in records]
    pair = _pair(asked, editions)
    path = reverse("territory", args=(territory.level, territory.code))
    context = {
        "territory": territory,
        "edition": main_edition(editions),
        "pair": pair,
        "across": pair is not None and pair[0].origin != pair[1].origin,
        "days": reports.KEPT.days,
        "back": path if territory.current else f"{path}?vintage={territory.vintage}",
    }
    if not any(record.status != "not_observed" for record in records):
        return render(request, "report/nothing.html", context, status=_UNPROCESSABLE)
    if request.method != "POST":
        return render(request, "report/ask.html", context)
    try:
        limits.spend(request)
    except APIException as error:
        return problem_of(error, request)
    try:
        report = reports.request_report(
            level=territory.level,
            code=territory.code,
            name=territory.name,
            vintage=territory.vintage,
            earlier=pair[0].slug if pair else "",
            later=pair[1].slug if pair else "",
            language=get_language() or settings.LANGUAGE_CODE,
            data=str(snapshot.data),
            release=snapshot.release,
            site=site_address.origin(request),
            client=access.client(request),
        )
    except QueueFull as error:
        own = isinstance(error, ShareReached)
        most = reports.OPEN_OF_CLIENT if own else reports.WAITING
        context |= {"waiting": most, "own": own, "seconds": RETRY_SECONDS}
        response = render(request, "report/full.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    return redirect("report", report.id, permanent=False)


def _readable(request: HttpRequest, id: uuid.UUID) -> tuple[Report, ShownLayer | None]:
    """A report that a request may see, and the layer that is shown to this reader alone; Http404
    for what was withdrawn, as for a report that never was."""
    found = get_object_or_404(Report, pk=id)
    showing = access.shown_layer(request, found.level)
    with read_side.snapshot(showing=showing) as connection:
        territory = queries.territory(
            connection, level=found.level, code=found.code, vintage=found.vintage
        )
    if territory is None or reports.tells_of_withdrawn(found):
        raise Http404(f"no report has the id {id}")
    return found, showing


def _context(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    report, _showing = _readable(request, id)
    now, queued = timezone.now(), report.state == Report.State.QUEUED
    running, done = report.state == Report.State.RUNNING, report.state == Report.State.DONE
    ahead = 0
    if queued:
        earlier = Report.objects.filter(queued_at__lt=report.queued_at)
        ahead = earlier.filter(state__in=(Report.State.QUEUED, Report.State.RUNNING)).count()
    at = list(Report.Stage).index(Report.Stage(report.stage))
    stages = []
    for index, name in enumerate((_("Figures"), _("Map"), _("Charts"), _("Pages"))):
        state = "now" if index == at and running else "next"
        stages.append({"name": name, "state": "done" if done or index < at else state})
    return {
        "report": report,
        "moving": report.open,
        "ahead": ahead,
        "late": queued and now - report.queued_at > LATE,
        "still": running and now - report.moved_at > LATE,
        "stages": stages,
        "reason": _(report.error) if report.error else "",
        "back": f"{reverse('territory', args=(report.level, report.code))}"
        f"?vintage={report.vintage}",
        "days": reports.KEPT.days,
    }


@never_cache
def report(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """One report; the page moves by itself."""
    try:
        context = _context(request, id)
    except Http404:
        context = {"days": reports.KEPT.days}
        return render(request, "report/gone.html", context, status=HTTPStatus.NOT_FOUND)
    return render(request, "report/page.html", context)


@never_cache
def progress(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The part of that page that moves."""
    return render(request, "report/progress.html", _context(request, id))


@reading_only
def file(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The finished file. It never changes, until it is gone: caches have to ask."""
    found, showing = _readable(request, id)
    if found.state != Report.State.DONE:
        raise Http404(f"the report {id} is not made")
    tag = f'"{found.id.hex}"'
    response: Any = get_conditional_response(request, etag=tag)
    if response is None:
        content = open_store(settings.RASTER_STORE).read(found.key)
        response = HttpResponse(content, content_type="application/pdf")
        name = f"sealing-report-{found.level}-{found.code}-{found.language[:2]}"
        response["Content-Disposition"] = formats.disposition(name, "pdf")
    set_published_headers(request, response, tag=tag, showing=showing)
    return response
