"""A set whose zones are not accepted yet: being checked, asking, checked, refused."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from analytics.errors import StoreError
from analytics.uploads import Choice, Question, Reading, from_json
from clcplus import access, reading
from clcplus.actions.zone_sets import (
    question_answers,
    set_publication,
    staged_zones,
    zone_acceptance,
)
from clcplus.errors import QuotaReached, UnknownZoneSet, WrongState
from clcplus.models import ZoneSet
from clcplus.views.maps.background import background_map
from clcplus.views.zones.check.answers import LayerForm, ReadingForm
from clcplus.views.zones.check.outlines import collection
from clcplus.views.zones.check.reference_systems import options
from clcplus.views.zones.check.refusals import refusal_of
from clcplus.views.zones.check.report import features_of, summary_of
from clcplus.views.zones.upload import limits


@never_cache
def page(
    request: HttpRequest,
    zone_set: ZoneSet,
    *,
    form: Any = None,
    trouble: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The page of a set that is not accepted, for a reader who may decide on it: with the ``form``
    that was sent, if it was wrong, and with what kept it from being done."""
    context: dict[str, Any] = {
        "section": "zones",
        "zone_set": zone_set,
        "again": "again" in request.GET,
        "trouble": trouble,
        "form": form,
        "refusal": refusal_of(zone_set.refusal),
        **limits(),
    }
    refused = zone_set.stage == ZoneSet.Stage.REFUSED
    if zone_set.stage == ZoneSet.Stage.CHECKING or not zone_set.reading:
        name = "refused" if refused else "checking"
        return render(request, f"zones/check/{name}.html", context, status=status)
    read = _reading(zone_set)
    sent: Mapping[str, Any] = form.data if isinstance(form, ReadingForm) else {}
    context |= {
        "reading": read,
        "fields": _fields(read, sent),
        "chosen_encoding": sent.get("encoding") or read.encoding,
    }
    name = "refused" if refused else "asking"
    if zone_set.stage == ZoneSet.Stage.REPORTED and read.report is not None:
        name = "report"
        context |= {
            "summary": summary_of(read.report),
            "page": features_of(read.report, request.GET),
            "map_config": background_map(_("Map of the uploaded zones")),
            "map_outlines": reverse("zone_set_outlines", args=(zone_set.pk,)),
        }
    elif read.question is Question.REFERENCE_SYSTEM and read.reference is not None:
        swapped = bool(zone_set.choice.get("swap_axes"))
        with reading.snapshot() as connection:
            context["options"] = options(connection, read.reference, swapped=swapped)
        context["chosen"] = sent.get("crs", "")
    return render(request, f"zones/check/{name}.html", context, status=status)


@never_cache
def progress(request: HttpRequest, zone_set: ZoneSet) -> HttpResponse:
    """The part of the page that moves while a file is being checked."""
    return render(request, "zones/check/progress.html", {"zone_set": zone_set})


def _decider(
    view: Callable[[HttpRequest, ZoneSet], HttpResponse],
) -> Callable[[HttpRequest, uuid.UUID], HttpResponse]:
    """Give a view the set of an address, if the request may decide on it."""

    def answer(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
        zone_set = get_object_or_404(ZoneSet, pk=id)
        if not access.may_change(request, zone_set):
            raise Http404
        try:
            return view(request, zone_set)
        except (UnknownZoneSet, ZoneSet.DoesNotExist):
            # Another request has deleted it since this one looked.
            raise Http404 from None

    return never_cache(answer)


@require_GET
@_decider
def outlines(request: HttpRequest, zone_set: ZoneSet) -> HttpResponse:
    """The outlines of a checked file, as GeoJSON, for the map of its report."""
    report = _reading(zone_set).report if zone_set.reading else None
    if zone_set.stage != ZoneSet.Stage.REPORTED or report is None:
        raise Http404
    try:
        zones = staged_zones.kept(zone_set)
    except StoreError:
        raise Http404 from None
    return JsonResponse(
        collection(report, zones),
        content_type="application/geo+json",
        json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
    )


@require_POST
@_decider
def answer(request: HttpRequest, zone_set: ZoneSet) -> HttpResponse:
    """Say which layer, reference system or fields are meant, and have the file checked again."""
    if not zone_set.reading:
        return redirect(zone_set)
    read = _reading(zone_set)
    kind = LayerForm if "layer" in request.POST else ReadingForm
    form = kind(read, request.POST)
    if not form.is_valid():
        return page(request, zone_set, form=form, status=HTTPStatus.BAD_REQUEST)
    # One that was answered in another window: the page shows what became of it.
    with suppress(WrongState):
        question_answers.answer(zone_set=zone_set, choice=form.choice(Choice(**zone_set.choice)))
    return redirect(zone_set)


@require_POST
@_decider
def accept(request: HttpRequest, zone_set: ZoneSet) -> HttpResponse:
    """Make zones of the features: of all, or of those that can be used."""
    try:
        zone_acceptance.accept(
            zone_set=zone_set,
            by=access.account(request),
            skip_bad=request.POST.get("which") == "usable",
            name=request.POST.get("name", ""),
        )
    except QuotaReached as error:
        trouble = _("This account may keep no more zones: %(found)s, %(expected)s.") % {
            "found": error.found,
            "expected": error.expected,
        }
        return page(request, zone_set, trouble=trouble, status=HTTPStatus.CONFLICT)
    except WrongState as error:
        zone_set.refresh_from_db()
        if zone_set.stage == ZoneSet.Stage.ACCEPTED:
            return redirect(zone_set)
        trouble = _("The zones were not accepted: %(found)s.") % {"found": error.found}
        return page(request, zone_set, trouble=trouble, status=HTTPStatus.CONFLICT)
    except StoreError:
        trouble = _("The checked zones could not be fetched just now. Try again.")
        return page(request, zone_set, trouble=trouble, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return redirect(zone_set)


@require_POST
@_decider
def discard(request: HttpRequest, zone_set: ZoneSet) -> HttpResponse:
    """Go back: remove what was uploaded, unless it was accepted meanwhile."""
    if zone_set.stage == ZoneSet.Stage.ACCEPTED:
        return redirect(zone_set)
    set_publication.delete(zone_set=zone_set, by=access.account(request))
    return redirect("zone_set_new")


def _reading(zone_set: ZoneSet) -> Reading:
    return from_json(zone_set.reading or {})


def _fields(read: Reading, sent: Mapping[str, Any]) -> dict[str, Any]:
    by_name = {field.name: str(number) for number, field in enumerate(read.fields)}
    return {
        "listed": [
            {"value": str(number), "name": field.name, "sample": field.sample}
            for number, field in enumerate(read.fields)
        ],
        "code": sent.get("code_field", by_name.get(read.code_field or "", "none")),
        "name": sent.get("name_field", by_name.get(read.name_field or "", "none")),
    }
