"""Territories: the list, the search, and one with its shape."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import queries
from analytics.records import Found, Succession, Territory, TerritoryLink, TerritorySummary
from clcplus.api import pages
from clcplus.api.base import PublishedView, found_territory
from clcplus.api.operations import CODE, LEVEL, VINTAGE, WITHIN, published, query, text, whole
from clcplus.api.serializers import LinkSerializer, PageSerializer, Serializer, address
from clcplus.http import parameters
from clcplus.http.errors import BadParameter, MissingParameter
from clcplus.snapshots import Snapshot

LONGEST_SEARCH = 100
RESULTS = 10
MOST_RESULTS = 60
KINDS = ("merged", "split", "divided", "renamed", "recoded", "ended")


def addresses(request: HttpRequest, link: TerritoryLink) -> dict[str, str]:
    """Addresses of a territory; of an older vintage where the newest does not have it."""
    vintage = "" if link.current else f"?vintage={link.vintage}"
    views = {
        "self": "territory",
        "statistics": "territory-statistics",
        "change": "territory-change",
    }
    return {
        name: address(request, f"api:{view}", link.level, link.code, query=vintage)
        for name, view in views.items()
    }


class AddressesSerializer(Serializer):
    """Addresses of a territory."""

    self = serializers.URLField()
    statistics = serializers.URLField()
    change = serializers.URLField()


class SummarySerializer(LinkSerializer):
    """A territory in a list."""

    parent_name = serializers.CharField(allow_null=True)
    inhabitants = serializers.IntegerField(allow_null=True, help_text="The newest number.")
    cells = serializers.IntegerField(help_text="Cells of 100 m².")
    links = AddressesSerializer()


class TerritoriesSerializer(PageSerializer):
    """A page of territories."""

    results = SummarySerializer(many=True)


def _summary(request: HttpRequest, record: TerritorySummary) -> dict[str, Any]:
    link = record.link
    return {**asdict(link), **asdict(record), "links": addresses(request, link)}


@published(
    "territories",
    "List and search territories",
    TerritoriesSerializer,
    problems=(404,),
    parameters=[
        query("level", "Slug of a level; by default all levels."),
        query(
            "search",
            "Beginning of words of the name, without accents or case; or a code.",
            text(longest=LONGEST_SEARCH),
        ),
        WITHIN,
        *pages.PARAMETERS,
    ],
)
class TerritoriesView(PublishedView):
    """Territories of the newest boundaries, in the order of level and code."""

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
            level=parameters.level(request, connection) if "level" in request.GET else None,
            search=wanted,
            within=parameters.within(request, connection),
            page=number,
            page_size=size,
        )
        results = [_summary(request, record) for record in page.items]
        return pages.answer(request, page, TerritoriesSerializer, results)


class InhabitantsSerializer(Serializer):
    """Inhabitants in a year."""

    year = serializers.IntegerField()
    inhabitants = serializers.IntegerField()


class StageSerializer(Serializer):
    """A territory as a table of movements names it, and as the platform has it."""

    code = serializers.CharField()
    name = serializers.CharField()
    territory = LinkSerializer(
        allow_null=True, help_text="Null where no layer of that time has the code."
    )


class SuccessionSerializer(Serializer):
    """A step of a territory's history: a former territory and a later one that follows it."""

    date = serializers.DateField(
        allow_null=True, source="day", help_text="From which it holds; null where `basis` is area."
    )
    kind = serializers.ChoiceField(
        choices=KINDS,
        allow_null=True,
        help_text="merged; split; divided (among others); renamed; recoded (another code); ended "
        "(no longer of the level). Null where `basis` is area.",
    )
    basis = serializers.ChoiceField(
        choices=("table", "area"),
        help_text="table: an official table of movements. area: no table tells; the later one "
        "holds at least 90 % of the former one.",
    )
    former = StageSerializer()
    later = StageSerializer(allow_null=True, help_text="Null where the former one has ended.")

    def basis_of(self, step: Succession) -> str:
        return "area" if step.kind is None else "table"

    def former_of(self, step: Succession) -> dict[str, Any]:
        return {"code": step.former_code, "name": step.former_name, "territory": step.former}

    def later_of(self, step: Succession) -> dict[str, Any] | None:
        if step.code is None:
            return None
        return {"code": step.code, "name": step.name, "territory": step.later}


class TerritorySerializer(LinkSerializer):
    """A territory; area in EPSG:3035, bounds west, south, east, north in degrees."""

    area_m2 = serializers.FloatField()
    cells = serializers.IntegerField(help_text="Cells of 100 m² whose centre lies inside.")
    bounds = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)
    source = serializers.CharField(help_text="Of the boundary.")  # type: ignore[assignment]
    parent = LinkSerializer(allow_null=True)
    ancestors = LinkSerializer(many=True)
    successor = LinkSerializer(
        allow_null=True,
        help_text="Where the territory has gone, if the newest layer lacks it; null for a split.",
    )
    successors = SuccessionSerializer(
        many=True,
        help_text="What has become of it up to the newest boundaries, step by step in order of "
        "time. A split has a step for each part.",
    )
    predecessors = SuccessionSerializer(
        many=True, help_text="What it was made of since the oldest boundaries, in order of time."
    )
    inhabitants = InhabitantsSerializer(many=True)
    links = AddressesSerializer()
    geometry = serializers.JSONField(
        required=False, help_text="GeoJSON, longitude and latitude; only with `geometry=true`."
    )

    def successors_of(self, territory: Territory) -> tuple[Succession, ...]:
        return self.context["successions"].successors

    def predecessors_of(self, territory: Territory) -> tuple[Succession, ...]:
        return self.context["successions"].predecessors

    def inhabitants_of(self, territory: Territory) -> list[dict[str, int]]:
        return [{"year": y, "inhabitants": number} for y, number in territory.inhabitants.items()]

    def links_of(self, territory: Territory) -> dict[str, str]:
        return addresses(self.context["request"], territory.link)


@published(
    "territory",
    "One territory",
    TerritorySerializer,
    problems=(404,),
    parameters=[
        LEVEL,
        CODE,
        VINTAGE,
        query("geometry", "Whether to add the shape.", OpenApiTypes.BOOL),
    ],
)
class TerritoryView(PublishedView):
    """One territory, with its geometry on request. A code that only older boundaries have answers
    with ``current: false`` and its successors."""

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        connection = snapshot.connection
        found = found_territory(connection, vintage=parameters.vintage(request), **address)
        context = {"request": request, "successions": queries.successions(connection, found)}
        body = TerritorySerializer(found, context=context).data
        if parameters.flag(request, "geometry"):
            body["geometry"] = queries.geometry(connection, zone_id=found.id)
        return Response(body)


class FoundSerializer(SummarySerializer):
    """A territory that was found."""

    near = serializers.BooleanField(
        help_text="Whether its name is only nearly what was asked for: some letters differ."
    )
    former_name = serializers.CharField(
        allow_null=True, help_text="The name that was met, where it is one of older boundaries."
    )
    successor = LinkSerializer(
        allow_null=True, help_text="What it is part of today, if the newest layer lacks it."
    )
    gone_since = serializers.IntegerField(
        allow_null=True, help_text="Of such a territory: the first vintage without it."
    )


class SearchSerializer(Serializer):
    """What was found, best first: exact matches and beginnings, then what is only near."""

    query = serializers.CharField()
    exact = serializers.IntegerField(
        help_text="Results that match by code, by name or by the beginning of words. "
        "Where it is 0, all results are near misses."
    )
    near = serializers.IntegerField(help_text="Results of nearly the same name.")
    more = serializers.BooleanField(help_text="Whether more match than `limit`.")
    results = FoundSerializer(many=True)


def _found(request: HttpRequest, found: Found, *, near: bool) -> dict[str, Any]:
    return {**_summary(request, found.territory), **asdict(found), "near": near}


@published(
    "search",
    "Find territories by name or code",
    SearchSerializer,
    parameters=[
        query(
            "q",
            "A code or its beginning; a name, the beginnings of its words, or a name with some "
            "letters wrong, left out or swapped. Accents, case and hyphens do not matter; St "
            "stands for Saint. Codes and names of older boundaries are found too.",
            text(shortest=1, longest=LONGEST_SEARCH),
            required=True,
        ),
        query(
            "limit",
            f"Up to {MOST_RESULTS}; {RESULTS} by default.",
            whole(1, MOST_RESULTS, default=RESULTS),
        ),
    ],
)
class SearchView(PublishedView):
    """Territories of any level: exact codes and names first, larger ones first among equals. Names
    that are only nearly so follow, marked `near`, where little or nothing matches exactly."""

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        wanted = request.GET.get("q", "").strip()
        allowed = f"a name or a code, of at most {LONGEST_SEARCH} characters"
        if not wanted:
            raise MissingParameter("q", allowed=allowed)
        if len(wanted) > LONGEST_SEARCH:
            raise BadParameter("q", found=f"{len(wanted)} characters", allowed=allowed)
        limit = parameters.integer(request, "limit", default=RESULTS, largest=MOST_RESULTS)
        found = queries.search(snapshot.connection, text=wanted, limit=limit)
        body = {
            "query": wanted,
            "exact": len(found.found),
            "near": len(found.near),
            "more": found.more,
            "results": [
                *(_found(request, one, near=False) for one in found.found),
                *(_found(request, one, near=True) for one in found.near),
            ],
        }
        return Response(SearchSerializer(body).data)
