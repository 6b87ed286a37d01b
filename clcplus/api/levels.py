"""Levels of territories."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import queries
from clcplus.api.base import PublishedView
from clcplus.api.operations import published
from clcplus.api.serializers import Serializer
from clcplus.snapshots import Snapshot


class LevelSerializer(Serializer):
    """A level and its newest vintage; bounds are west, south, east, north in degrees."""

    slug = serializers.CharField()
    name = serializers.CharField()
    name_plural = serializers.CharField()
    rank = serializers.IntegerField(help_text="0 is the highest.")
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    vintage = serializers.IntegerField()
    vintages = serializers.ListField(child=serializers.IntegerField())
    territories = serializers.IntegerField(source="zones")
    bounds = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)


class LevelsSerializer(Serializer):
    """All levels, the highest first."""

    count = serializers.IntegerField()
    results = LevelSerializer(many=True)


@published("levels", "Levels of territories", LevelsSerializer)
class LevelsView(PublishedView):
    """The levels of territories present, with the vintages of their boundaries."""

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        found = queries.levels(snapshot.connection)
        return Response(LevelsSerializer({"count": len(found), "results": found}).data)
