"""Levels of territories."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import queries
from clcplus.api import figures
from clcplus.api.base import PublishedView, documented
from clcplus.api.shapes import Shape
from clcplus.snapshots import Snapshot


class LevelShape(Shape):
    """A level and its newest vintage; bounds are west, south, east, north in degrees."""

    slug = serializers.CharField()
    name = serializers.CharField()
    name_plural = serializers.CharField()
    rank = serializers.IntegerField(help_text="0 is the highest.")
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    vintage = serializers.IntegerField()
    vintages = serializers.ListField(child=serializers.IntegerField())
    territories = serializers.IntegerField()
    bounds = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)


class LevelsShape(Shape):
    """All levels, the highest first."""

    count = serializers.IntegerField()
    results = LevelShape(many=True)


@extend_schema_view(
    get=extend_schema(
        operation_id="levels",
        summary="Levels of territories",
        responses=documented(LevelsShape),
    )
)
class LevelsView(PublishedView):
    """The levels of territories present, with the vintages of their boundaries."""

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        results = [figures.level(record) for record in queries.levels(snapshot.connection)]
        return Response(LevelsShape({"count": len(results), "results": results}).data)
