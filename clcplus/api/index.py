"""The index of the API: its addresses, and where the tiles of what is published are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from sqlalchemy import Connection

from analytics import queries
from clcplus import site_address
from clcplus.api.base import PublishedView, documented
from clcplus.api.shapes import Shape
from clcplus.origins import may_compare
from clcplus.snapshots import Snapshot

_ADDRESSES = (
    "editions",
    "levels",
    "search",
    "territories",
    "statistics",
    "change",
    "shapes",
    "zones",
    "schema",
    "docs",
)


class TilesShape(Shape):
    """The TileJSON of a level, an edition, or the change between two editions."""

    kind = serializers.ChoiceField(choices=("territories", "edition", "change"))
    of = serializers.CharField(help_text="Slug; of change `earlier/later`.")
    tilejson = serializers.URLField(
        help_text="TileJSON 3.0 of tiles in web Mercator (EPSG:3857), for maps and GIS."
    )


class IndexShape(Shape):
    """Where to go from here."""

    identity = serializers.IntegerField(help_text="Number of the last publication of data.")
    links = serializers.DictField(child=serializers.URLField())
    tiles = TilesShape(many=True)


@extend_schema_view(
    get=extend_schema(operation_id="index", summary="Index", responses=documented(IndexShape))
)
class IndexView(PublishedView):
    """The addresses of the API and of its tiles, and the identity of the data that it serves."""

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        links = {
            name: site_address.absolute(request, reverse(f"api:{name}")) for name in _ADDRESSES
        }
        tiles = [
            {"kind": kind, "of": "/".join(parts), "tilejson": _about(request, kind, parts)}
            for kind, parts in _tiles(snapshot.connection)
        ]
        return Response(
            IndexShape({"identity": snapshot.data.number, "links": links, "tiles": tiles}).data
        )


def _about(request: Request, kind: str, parts: tuple[str, ...]) -> str:
    return site_address.absolute(request, reverse(f"tiles:{kind}-about", args=parts))


def _tiles(connection: Connection) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Kinds of tiles, and slugs of what they are of."""
    editions = queries.editions(connection)
    for level in queries.levels(connection):
        yield "territories", (level.slug,)
    for edition in editions:
        yield "edition", (edition.slug,)
    for earlier in editions:
        for later in editions:
            if (
                earlier.product == later.product
                and earlier.year < later.year
                and may_compare(earlier, later, across=False)
            ):
                yield "change", (earlier.slug, later.slug)
