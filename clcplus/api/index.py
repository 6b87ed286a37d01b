"""The index of the API: its addresses, and where the tiles of what is published are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from sqlalchemy import Connection

from analytics import queries
from clcplus import origins
from clcplus.api.base import PublishedView
from clcplus.api.operations import published
from clcplus.api.serializers import Serializer, address
from clcplus.snapshots import Snapshot

_LINKS = (
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


class TilesSerializer(Serializer):
    """The TileJSON of a level, an edition, or the change between two editions."""

    kind = serializers.ChoiceField(choices=("territories", "edition", "change"))
    of = serializers.CharField(help_text="Slug; of change `earlier/later`.")
    tilejson = serializers.URLField(
        help_text="TileJSON 3.0 of tiles in web Mercator (EPSG:3857), for maps and GIS."
    )


class IndexSerializer(Serializer):
    """Where to go from here."""

    identity = serializers.IntegerField(help_text="Number of the last publication of data.")
    links = serializers.DictField(child=serializers.URLField())
    tiles = TilesSerializer(many=True)


@published("index", "Index", IndexSerializer)
class IndexView(PublishedView):
    """The addresses of the API and of its tiles, and the identity of the data that it serves."""

    def read(self, request: Request, snapshot: Snapshot, **_: Any) -> Response:
        body = {
            "identity": snapshot.data.number,
            "links": {name: address(request, f"api:{name}") for name in _LINKS},
            "tiles": [
                {
                    "kind": kind,
                    "of": "/".join(slugs),
                    "tilejson": address(request, f"tiles:{kind}-about", *slugs),
                }
                for kind, slugs in _tiles(snapshot.connection)
            ],
        }
        return Response(IndexSerializer(body).data)


def _tiles(connection: Connection) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Kinds of tiles, and slugs of what they are of."""
    editions = queries.editions(connection)
    for level in queries.levels(connection):
        yield "territories", (level.slug,)
    for edition in editions:
        yield "edition", (edition.slug,)
    for earlier, later in origins.pairs(editions):
        yield "change", (earlier.slug, later.slug)
