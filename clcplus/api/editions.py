"""Published editions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import queries
from clcplus.api.base import PublishedView
from clcplus.api.operations import published
from clcplus.api.serializers import EditionSerializer, Serializer
from clcplus.snapshots import Snapshot


class EditionsSerializer(Serializer):
    """All published editions, in the order of their years."""

    count = serializers.IntegerField()
    results = EditionSerializer(many=True)


@published("editions", "Published editions", EditionsSerializer)
class EditionsView(PublishedView):
    """Published editions, with source, observation window, version, DOI and accuracy."""

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        found = queries.editions(snapshot.connection)
        return Response(EditionsSerializer({"count": len(found), "results": found}).data)
