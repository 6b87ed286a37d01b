"""Territories: the list, the search, and one with its shape."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import queries
from analytics.records import TerritoryLink, TerritorySummary
from clcplus import site_address
from clcplus.api import figures, pages
from clcplus.api.base import (
    CODE,
    LEVEL,
    VINTAGE,
    PublishedView,
    documented,
    found_territory,
    query,
    text,
)
from clcplus.api.shapes import LinkShape, Shape
from clcplus.http import parameters
from clcplus.http.errors import BadParameter
from clcplus.snapshots import Snapshot

LONGEST_SEARCH = 100


def territory_addresses(request: HttpRequest, link: TerritoryLink) -> dict[str, str]:
    """Addresses of a territory; of an older vintage where the newest does not have it."""
    suffix = "" if link.current else f"?vintage={link.vintage}"
    return {
        name: site_address.absolute(
            request,
            reverse(f"api:{view}", kwargs={"level": link.level, "code": link.code}) + suffix,
        )
        for name, view in (
            ("self", "territory"),
            ("statistics", "territory-statistics"),
            ("change", "territory-change"),
        )
    }


class AddressesShape(Shape):
    """Addresses of a territory."""

    self = serializers.URLField()
    statistics = serializers.URLField()
    change = serializers.URLField()


class SummaryShape(LinkShape):
    """A territory in a list."""

    parent_name = serializers.CharField(allow_null=True)
    inhabitants = serializers.IntegerField(allow_null=True, help_text="The newest number.")
    cells = serializers.IntegerField(help_text="Cells of 100 m².")
    links = AddressesShape()


class TerritoriesShape(Shape):
    """A page of territories."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SummaryShape(many=True)


def summary(request: HttpRequest, record: TerritorySummary) -> dict[str, Any]:
    link = record.link
    return {
        "level": link.level,
        "level_name": link.level_name,
        "code": link.code,
        "name": link.name,
        "vintage": link.vintage,
        "current": link.current,
        "parent_name": record.parent_name,
        "inhabitants": record.inhabitants,
        "cells": record.cells,
        "links": territory_addresses(request, link),
    }


@extend_schema_view(
    get=extend_schema(
        operation_id="territories",
        summary="List and search territories",
        parameters=[
            query("level", "Slug of a level; by default all levels."),
            query(
                "search",
                "Beginning of words of the name, without accents or case; or a code.",
                text(longest=LONGEST_SEARCH),
            ),
            query("within", "Only below this territory, such as `region:11`."),
            *pages.DESCRIBED,
        ],
        responses=documented(TerritoriesShape, 404),
    )
)
class TerritoriesView(PublishedView):
    """Territories of the newest boundaries, in the order of level and code."""

    parameters = ("level", "search", "within", *pages.PARAMETERS)

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        connection = snapshot.connection
        number, size = pages.asked(request)
        wanted = request.GET.get("search", "")
        if len(wanted) > LONGEST_SEARCH:
            raise BadParameter(
                "search", found=f"{len(wanted)} characters", allowed=f"at most {LONGEST_SEARCH}"
            )
        page = queries.territories(
            connection,
            level=parameters.level(request, connection, required=False),
            search=wanted,
            within=parameters.within(request, connection),
            page=number,
            page_size=size,
        )
        pages.check(page)
        around = pages.around(request, page)
        body = TerritoriesShape(
            {
                "count": page.total,
                "next": around.get("next"),
                "previous": around.get("prev"),
                "results": [summary(request, record) for record in page.items],
            }
        ).data
        return Response(body, headers={"Link": pages.link_header(around)})


class InhabitantsShape(Shape):
    """Inhabitants in a year."""

    year = serializers.IntegerField()
    inhabitants = serializers.IntegerField()


class TerritoryShape(LinkShape):
    """A territory; area in EPSG:3035, bounds west, south, east, north in degrees."""

    area_m2 = serializers.FloatField()
    cells = serializers.IntegerField(help_text="Cells of 100 m² whose centre lies inside.")
    bounds = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)
    source = serializers.CharField(help_text="Of the boundary.")  # type: ignore[assignment]
    parent = LinkShape(allow_null=True)
    ancestors = LinkShape(many=True)
    successor = LinkShape(
        allow_null=True, help_text="Where the territory has gone, if the newest layer lacks it."
    )
    inhabitants = InhabitantsShape(many=True)
    links = AddressesShape()
    geometry = serializers.JSONField(
        required=False, help_text="GeoJSON, longitude and latitude; only with `geometry=true`."
    )


@extend_schema_view(
    get=extend_schema(
        operation_id="territory",
        summary="One territory",
        parameters=[
            LEVEL,
            CODE,
            VINTAGE,
            query("geometry", "Whether to add the shape.", OpenApiTypes.BOOL),
        ],
        responses=documented(TerritoryShape, 404),
    )
)
class TerritoryView(PublishedView):
    """One territory, with its geometry on request. A code that only older boundaries have answers
    with ``current: false`` and its successor."""

    parameters = ("geometry", "vintage")

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        connection = snapshot.connection
        found = found_territory(connection, vintage=parameters.vintage(request), **address)
        body = {
            **figures.territory(found),
            "links": territory_addresses(request, found.link),
        }
        if parameters.flag(request, "geometry"):
            body["geometry"] = queries.geometry(connection, zone_id=found.id)
        return Response(TerritoryShape(body).data)
