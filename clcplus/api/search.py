"""The search for territories by a name, which may be misspelt, or a code."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import queries
from analytics.records import Found
from clcplus.api.base import PublishedView, documented, query, text, whole
from clcplus.api.shapes import LinkShape, Shape
from clcplus.api.territories import LONGEST_SEARCH, SummaryShape, summary
from clcplus.http import parameters
from clcplus.http.errors import BadParameter, MissingParameter
from clcplus.snapshots import Snapshot

RESULTS = 10
MOST_RESULTS = 60


class FoundShape(SummaryShape):
    """A territory that was found."""

    near = serializers.BooleanField(
        help_text="Whether its name is only nearly what was asked for: some letters differ."
    )
    former_name = serializers.CharField(
        allow_null=True, help_text="The name that was met, where it is one of older boundaries."
    )
    successor = LinkShape(
        allow_null=True, help_text="What it is part of today, if the newest layer lacks it."
    )
    gone_since = serializers.IntegerField(
        allow_null=True, help_text="Of such a territory: the first vintage without it."
    )


class SearchShape(Shape):
    """What was found, best first: exact matches and beginnings, then what is only near."""

    query = serializers.CharField()
    exact = serializers.IntegerField(
        help_text="Results that match by code, by name or by the beginning of words. "
        "Where it is 0, all results are near misses."
    )
    near = serializers.IntegerField(help_text="Results of nearly the same name.")
    more = serializers.BooleanField(help_text="Whether more match than `limit`.")
    results = FoundShape(many=True)


def _found(request: HttpRequest, found: Found, *, near: bool) -> dict[str, Any]:
    return {
        **summary(request, found.territory),
        "near": near,
        "former_name": found.former_name,
        "successor": found.successor,
        "gone_since": found.gone_since,
    }


@extend_schema_view(
    get=extend_schema(
        operation_id="search",
        summary="Find territories by name or code",
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
        responses=documented(SearchShape),
    )
)
class SearchView(PublishedView):
    """Territories of any level: exact codes and names first, larger ones first among equals. Names
    that are only nearly so follow, marked `near`, where little or nothing matches exactly."""

    parameters = ("q", "limit")

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        connection = snapshot.connection
        wanted = request.GET.get("q", "").strip()
        allowed = f"a name or a code, of at most {LONGEST_SEARCH} characters"
        if not wanted:
            raise MissingParameter("q", allowed=allowed)
        if len(wanted) > LONGEST_SEARCH:
            raise BadParameter("q", found=f"{len(wanted)} characters", allowed=allowed)
        limit = parameters.integer(request, "limit", default=RESULTS, largest=MOST_RESULTS)
        results = queries.search(connection, text=wanted, limit=limit)
        return Response(
            SearchShape(
                {
                    "query": wanted,
                    "exact": len(results.found),
                    "near": len(results.near),
                    "more": results.more,
                    "results": [
                        *(_found(request, found, near=False) for found in results.found),
                        *(_found(request, found, near=True) for found in results.near),
                    ],
                }
            ).data
        )
