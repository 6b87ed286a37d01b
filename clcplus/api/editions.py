"""Published editions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import queries
from clcplus.api import figures
from clcplus.api.base import PublishedView, documented
from clcplus.api.shapes import EditionShape, Shape
from clcplus.snapshots import Snapshot


class EditionsShape(Shape):
    """All published editions, in the order of their years."""

    count = serializers.IntegerField()
    results = EditionShape(many=True)


@extend_schema_view(
    get=extend_schema(
        operation_id="editions",
        summary="Published editions",
        responses=documented(EditionsShape),
    )
)
class EditionsView(PublishedView):
    """Published editions, with source, observation window, version, DOI and accuracy."""

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        results = [figures.edition(record) for record in queries.editions(snapshot.connection)]
        return Response(EditionsShape({"count": len(results), "results": results}).data)
