"""The page on which anybody draws or pastes an area and reads its figures.

The area stands in the address, which can be kept and shared; the platform keeps no copy.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import shapely
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from analytics.main_editions import main_edition, main_pair
from clcplus.access import limits
from clcplus.areas import figures as area_figures
from clcplus.areas.posted_area import PostedArea, area_of
from clcplus.citations import citation
from clcplus.http import site_address
from clcplus.presentation.numbers import shape_area
from clcplus.presentation.series import main_series
from clcplus.snapshots import Snapshot
from clcplus.views.area import address, text
from clcplus.views.area.troubles import ERRORS, Trouble, trouble_of
from clcplus.views.maps.background import drawing_context
from clcplus.views.published import published_page

PARAMETER = "a"


@csrf_exempt  # Nothing is changed: what is posted becomes an address.
@require_http_methods(["GET", "HEAD", "POST"])
def area(request: HttpRequest) -> HttpResponse:
    """The page; with POST, what was drawn or pasted is led to the address that holds it."""
    return _posted(request) if request.method == "POST" else _page(request)


def area_path(degrees: Any) -> str:
    """The address of a multipolygon in longitude and latitude. Raises AreaTooLong."""
    return f"{reverse('area')}?{PARAMETER}={address.written(degrees)}"


def _posted(request: HttpRequest) -> HttpResponse:
    drawn = request.POST.get("drawn", "")
    sent = drawn or request.POST.get("text", "")
    try:
        limits.spend_posted_zone(request)
        document = text.joined(text.document_of(sent))
        response = redirect(area_path(area_of(document, repair=False).degrees))
    except ERRORS as error:
        # With what was sent, so that nobody has to write it again.
        pasted = "" if drawn else sent[: text.LONGEST]
        return _answer(request, {**_around(), "pasted": pasted}, trouble_of(error))
    response.status_code = HTTPStatus.SEE_OTHER
    return response


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
        context = {
            "shape": geometry,
            "geojson": json.dumps(geometry, separators=(",", ":")),
            "area": shape_area(float(shapely.area(counted.geometry))),
        }
        limits.spend_posted_zone(request)
        context |= _figures(request, snapshot, counted)
    except ERRORS as error:
        trouble = trouble_of(error)
    context = {**_around(context.get("shape")), **context}
    if trouble is None:
        return render(request, "area.html", context)
    return _answer(request, context, trouble)


def _answer(request: HttpRequest, context: dict[str, Any], trouble: Trouble) -> HttpResponse:
    context = {**context, "trouble": trouble.said}
    response = render(request, "area.html", context, status=trouble.status)
    for name, value in {"Cache-Control": "no-store", **trouble.headers}.items():
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


def _figures(request: HttpRequest, snapshot: Snapshot, counted: PostedArea) -> dict[str, Any]:
    found = area_figures.figures_in(request, snapshot, counted)
    figures, changes = found.statistics, found.changes
    editions = [item.edition for item in figures]
    edition, pair = main_edition(editions), main_pair(editions)
    latest = next(item for item in figures if edition and item.edition.id == edition.id)
    return {
        "cells": found.counts.total,
        "few_cells": found.counts.total < area_figures.FEW_CELLS,
        "figures": figures,
        "edition": edition,
        "latest": latest,
        "changes": changes,
        "headline": next((c for c in changes if (c.earlier, c.later) == pair), None),
        "series": main_series(found.series, editions),
        # Of a small area, by the rule *coverage*: each cell by its part inside.
        "coverage_share": found.covered[latest.edition.id].share if found.covered else None,
        "citation": citation(editions),
        "canonical": site_address.absolute(request, area_path(counted.degrees)),
    }
