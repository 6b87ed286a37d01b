"""The page on which anybody draws or pastes an area and reads its figures.

The area stands in the address, which can be kept and shared; the platform keeps no copy.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import shapely
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException, Throttled

from analytics.custom_zones import SMALL_M2
from analytics.errors import StoreError
from analytics.figures import Statistics
from analytics.main_editions import main_edition, main_pair
from clcplus import limits, site_address
from clcplus.areas import figures as area_figures
from clcplus.areas.posted_area import PostedArea, area_of
from clcplus.citations import citation
from clcplus.http.errors import RequestError, UncountableArea
from clcplus.presentation.series import main_series, series_figures
from clcplus.presentation.share_chart import share_chart
from clcplus.snapshots import Snapshot
from clcplus.views.area import address, messages, text
from clcplus.views.drawing_form import drawing_context
from clcplus.views.published import published_page
from clcplus.views.zones.areas import written_area

PARAMETER = "a"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there are no figures."""

    said: str
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    headers: dict[str, str] = field(default_factory=dict)


@csrf_exempt  # Nothing is changed: what is posted becomes an address.
def area(request: HttpRequest) -> HttpResponse:
    """The page; with POST, what was drawn or pasted is led to the address that holds it."""
    if request.method == "POST":
        return _posted(request)
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    return _page(request)


def area_path(degrees: Any) -> str:
    """The address of a multipolygon in longitude and latitude. Raises AreaTooLong."""
    return f"{reverse('area')}?{PARAMETER}={address.written(degrees)}"


def _posted(request: HttpRequest) -> HttpResponse:
    sent = request.POST.get("drawn") or request.POST.get("text", "")
    try:
        limits.spend_posted_zone(request)
        document = text.joined(text.document_of(sent))
        response = redirect(area_path(area_of(document, repair=False).degrees))
        response.status_code = HTTPStatus.SEE_OTHER
    except text.UnreadableText as error:
        return _refused(request, Trouble(messages.of_text(error)), sent)
    except UncountableArea as error:
        return _refused(request, Trouble(messages.of_area(error)), sent)
    except address.AreaTooLong as error:
        return _refused(request, Trouble(messages.of_length(error)), sent)
    except Throttled as error:
        return _refused(request, _throttled(error), sent)
    return response


def _throttled(error: Throttled) -> Trouble:
    seconds = math.ceil(getattr(error, "wait", None) or 1)
    headers = {"Retry-After": str(seconds)}
    return Trouble(messages.of_rate(seconds), HTTPStatus.TOO_MANY_REQUESTS, headers)


def _refused(request: HttpRequest, trouble: Trouble, sent: str) -> HttpResponse:
    """The page with what was sent, so that nobody has to write it again."""
    pasted = "" if request.POST.get("drawn") else sent[: text.LONGEST]
    return _answer(request, {**_around(), "pasted": pasted}, trouble)


@published_page
def _page(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    held = request.GET.get(PARAMETER)
    if held is None:
        return render(request, "area.html", _around())
    context: dict[str, Any] = {}
    trouble: Trouble | None = None
    try:
        geometry = address.read(held)
        counted = area_of(geometry, repair=False)
        context = _shape(counted, geometry)
        limits.spend_posted_zone(request)
        context |= _figures(request, snapshot, counted)
    except address.UnreadableAddress:
        trouble = Trouble(messages.of_address(), HTTPStatus.BAD_REQUEST)
    except UncountableArea as error:
        trouble = Trouble(messages.of_area(error))
    except RequestError as error:
        trouble = Trouble(error.detail, HTTPStatus.BAD_REQUEST)
    except Throttled as error:
        trouble = _throttled(error)
    except APIException as error:
        trouble = Trouble(str(error.detail), error.status_code)
    except StoreError:
        trouble = Trouble(
            messages.of_store(), HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "60"}
        )
    context = {**_around(context.get("shape")), **context}
    if trouble is None:
        return render(request, "area.html", context)
    return _answer(request, context, trouble)


def _answer(request: HttpRequest, context: dict[str, Any], trouble: Trouble) -> HttpResponse:
    response = render(
        request, "area.html", {**context, "trouble": trouble.said}, status=trouble.status
    )
    response["Cache-Control"] = "no-store"
    for name, value in trouble.headers.items():
        response[name] = value
    return response


def _around(shape: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the page has without figures: the map to draw on, with a GeoJSON geometry that is shown
    on it."""
    return {
        "section": "area",
        "longest_text": text.LONGEST,
        **drawing_context(_("Map to draw on"), shape=shape),
    }


def _shape(counted: PostedArea, geometry: dict[str, Any]) -> dict[str, Any]:
    metres = float(shapely.area(counted.geometry))
    return {
        "shape": geometry,
        "geojson": json.dumps(geometry, separators=(",", ":")),
        "area": written_area(metres),
        "small": metres < SMALL_M2,
    }


def _figures(request: HttpRequest, snapshot: Snapshot, counted: PostedArea) -> dict[str, Any]:
    found = area_figures.figures_in(request, snapshot, counted)
    figures = found.statistics
    changes = found.changes
    editions = [item.edition for item in figures]
    edition = main_edition(editions)
    pair = main_pair(editions)
    series = series_figures(main_series(found.series, editions))
    latest = next(item for item in figures if edition and item.edition.id == edition.id)
    path = area_path(counted.degrees)
    return {
        "cells": found.counts.total,
        "few_cells": found.counts.total < area_figures.FEW_CELLS,
        "figures": figures,
        "edition": edition,
        "latest": latest,
        "changes": changes,
        "headline": next((c for c in changes if (c.earlier, c.later) == pair), None),
        "series": series,
        "chart": share_chart(figures, series),
        "cover": _covered(found, latest),
        "citation": citation(editions),
        "canonical": site_address.absolute(request, path),
    }


def _covered(found: area_figures.Figures, latest: Statistics) -> float | None:
    """The share of a small area by the rule *coverage*: each cell by its part inside."""
    if found.covered is None:
        return None
    return found.covered[latest.edition.id].share
