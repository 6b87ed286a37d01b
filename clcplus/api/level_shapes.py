"""All territories of a level, or of a part of it, with their shapes and figures as one file."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from analytics import queries
from analytics.queries import points_of_level, zone_ids
from analytics.records import Edition
from clcplus import limits
from clcplus.api.base import PublishedView, documented, query
from clcplus.api.bulk import LEVEL, WITHIN
from clcplus.api.shapes import Shape
from clcplus.api.statistics import ACROSS, FROM, TO
from clcplus.citations import citation
from clcplus.files import formats, geofiles, shape_files
from clcplus.files.streams import FromSnapshot
from clcplus.http import parameters
from clcplus.http.errors import AcrossOrigins, BadParameter, NothingHere, UnusablePair
from clcplus.snapshots import Snapshot


class GeoJsonRenderer(BaseRenderer):
    """Stands for a format in the negotiation; the features are streamed, never rendered at once."""

    media_type, format, charset = geofiles.MEDIA_TYPES["geojson"], "geojson", "utf-8"

    def render(self, data: Any, *args: Any) -> Any:
        return data


class GeoPackageRenderer(BaseRenderer):
    """A GeoPackage."""

    media_type, format = geofiles.MEDIA_TYPES["gpkg"], "gpkg"
    charset, render_style = None, "binary"

    def render(self, data: Any, *args: Any) -> Any:
        return data


class FeatureShape(Shape):
    """A territory: names of figures begin with the editions that they are of."""

    type = serializers.CharField()
    id = serializers.CharField(help_text="Code.")
    properties = serializers.DictField(
        help_text="code, name, level, vintage, parent_level, parent_code, area_m2; for each "
        "edition observed_area, not_observed_area, sealed_area (m²), sealed_share (fraction) and "
        "status; for the pair sealed_gain, sealed_loss, sealed_net_change, map_noise (m²), verdict "
        "(stands_out, in_map_noise) and status."
    )
    geometry = serializers.JSONField(help_text="MultiPolygon, longitude and latitude.")


class CollectionShape(Shape):
    """A FeatureCollection (RFC 7946)."""

    type = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField()
    within = serializers.CharField(required=False)
    editions = serializers.ListField(child=serializers.CharField())
    citation = serializers.CharField()
    features = FeatureShape(many=True)


def _pair(request: Request, editions: Sequence[Edition]) -> shape_files.Pair | None:
    """The pair that is asked for, else the usual one; None where no two can be compared."""
    try:
        return parameters.pair(request, editions)
    except (UnusablePair, AcrossOrigins):
        if {"from", "to"} & set(request.GET):
            raise
        return None


@extend_schema_view(
    get=extend_schema(
        operation_id="level_shapes",
        summary="Shapes and figures of all territories of a level",
        parameters=[
            LEVEL,
            WITHIN,
            query("edition", "Slug or year; several separated by commas; by default all."),
            FROM,
            TO,
            ACROSS,
            query(
                "format",
                "Or ask by `Accept`. GeoJSON is in longitude and latitude, a GeoPackage in "
                "EPSG:3035, the grid that the cells were counted in.",
                enum=list(geofiles.MEDIA_TYPES),
            ),
        ],
        responses={
            **documented(CollectionShape, 400, 401, 404, 406, 409, 422, 429, 503),
            (200, geofiles.MEDIA_TYPES["geojson"]): CollectionShape,
            (200, geofiles.MEDIA_TYPES["gpkg"]): OpenApiTypes.BINARY,
        },
    )
)
class LevelShapesView(PublishedView):
    """One feature a territory, such as each commune of a département (`within`), with its figures
    in each edition, and the change of a pair of editions with its noise and verdict. A file of more
    than two million points is refused: ask for a part of the level."""

    renderer_classes = (GeoJsonRenderer, GeoPackageRenderer)
    parameters = ("level", "within", "edition", "from", "to", "across")

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> HttpResponseBase:
        connection = snapshot.connection
        level = parameters.level(request, connection, required=True)
        assert level is not None
        within = parameters.within(request, connection)
        published = queries.editions(connection)
        editions = parameters.editions(request, published)
        pair = _pair(request, published)
        limits.spend(request)
        found = points_of_level(connection, level=level, within=within)
        if found > geofiles.LARGEST:
            raise BadParameter(
                "within",
                found=":".join(within or ()) or f"all of level {level}",
                allowed=f"a part of it: its shapes have {found} points, and a file at most "
                f"{geofiles.LARGEST}",
            )
        zones = functools.partial(
            shape_files.zones,
            connection,
            ids=zone_ids(connection, level=level, within=within),
            editions=editions,
            pair=pair,
        )
        chosen = str(request.accepted_renderer.format)
        name = "-".join(["sealing", level, *(within or ())])
        response: HttpResponseBase
        if request.method == "HEAD":
            response = StreamingHttpResponse(iter(()))
        elif chosen == "gpkg":
            file = shape_files.geopackage(zones(geographic=False), layer="territories")
            if file is None:
                raise NothingHere(f"no territory of level {level} lies there")
            response = FileResponse(file)
        else:
            about = {
                "name": name,
                "level": level,
                **({"within": ":".join(within)} if within else {}),
                "editions": [edition.slug for edition in editions],
                "citation": citation(_named(editions, pair)),
            }
            pieces = shape_files.geojson_pieces(zones(geographic=True), about)
            # From here on the response closes the snapshot.
            response = StreamingHttpResponse(FromSnapshot(pieces, snapshot.taken_along()))
        response["Content-Type"] = geofiles.MEDIA_TYPES[chosen]
        response["Content-Disposition"] = formats.disposition(name, chosen)
        return response


def _named(editions: Sequence[Edition], pair: shape_files.Pair | None) -> list[Edition]:
    """The editions that any figure of the file is of, each once."""
    every = {edition.id: edition for edition in (*editions, *(pair or ()))}
    return sorted(every.values(), key=lambda edition: (edition.year, edition.slug))
