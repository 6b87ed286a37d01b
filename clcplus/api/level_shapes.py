"""All territories of a level, or of a part of it, with their shapes and figures as one file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request

from analytics import queries
from analytics.queries import points_of_level, zone_ids
from analytics.records import Edition
from clcplus.access import limits
from clcplus.api.base import PublishedView
from clcplus.api.operations import EDITION, PAIR, TERRITORIES, published, query
from clcplus.api.serializers import Serializer
from clcplus.citations import citation
from clcplus.files import formats, geofiles, shape_files
from clcplus.http import parameters
from clcplus.http.errors import AcrossOrigins, BadParameter, NothingHere, UnusablePair
from clcplus.snapshots import Snapshot


class FeatureSerializer(Serializer):
    """A territory: names of figures begin with the editions that they are of."""

    type = serializers.CharField()
    id = serializers.CharField(help_text="Code.")
    properties = serializers.DictField(
        help_text="code, name, level, vintage, parent_level, parent_code, area_m2; for each "
        "edition observed_area, not_observed_area, sealed_area (m²), sealed_share (fraction) and "
        "status; for the pair sealed_gain, sealed_loss, sealed_net_change, map_noise, what the "
        "filter of 0.25 ha leaves of gain, loss and net, ci_low and ci_high of the true net change "
        "(m²), method, basis, verdict and status, as the bulk table of change has them."
    )
    geometry = serializers.JSONField(help_text="MultiPolygon, longitude and latitude.")


class CollectionSerializer(Serializer):
    """A FeatureCollection (RFC 7946)."""

    type = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField()
    within = serializers.CharField(required=False)
    editions = serializers.ListField(child=serializers.CharField())
    citation = serializers.CharField()
    features = FeatureSerializer(many=True)


def _pair(request: Request, editions: Sequence[Edition]) -> shape_files.Pair | None:
    """The pair that is asked for, else the usual one; None where no two can be compared."""
    try:
        return parameters.pair(request, editions)
    except (UnusablePair, AcrossOrigins):
        if {"from", "to"} & set(request.GET):
            raise
        return None


@published(
    "level_shapes",
    "Shapes and figures of all territories of a level",
    CollectionSerializer,
    problems=(401, 404, 409, 422),
    parameters=[
        *TERRITORIES,
        EDITION,
        *PAIR,
        query(
            "format",
            "Or ask by `Accept`. GeoJSON is in longitude and latitude, a GeoPackage in "
            "EPSG:3035, the grid that the cells were counted in.",
            enum=list(formats.SHAPES),
        ),
    ],
    files={
        formats.MEDIA_TYPES["geojson"]: CollectionSerializer,
        formats.MEDIA_TYPES["gpkg"]: OpenApiTypes.BINARY,
    },
)
class LevelShapesView(PublishedView):
    """One feature a territory, such as each commune of a département (`within`), with its figures
    in each edition, and the change of a pair of editions with its noise and verdict. A file of more
    than two million points is refused: ask for a part of the level."""

    renderer_classes = formats.renderers(formats.SHAPES)
    seconds_in_proxy = 0

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> HttpResponseBase:
        connection = snapshot.connection
        level = parameters.level(request, connection)
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
        name = "-".join(["sealing", level, *(within or ())])
        return shape_files.response(
            snapshot,
            ids=zone_ids(connection, level=level, within=within),
            editions=editions,
            pair=pair,
            about={
                "name": name,
                "level": level,
                **({"within": ":".join(within)} if within else {}),
                "editions": [edition.slug for edition in editions],
                "citation": citation(_named(editions, pair)),
            },
            layer="territories",
            name=name,
            chosen=str(request.accepted_renderer.format),
            head=request.method == "HEAD",
            nothing=NothingHere(f"no territory of level {level} lies there"),
        )


def _named(editions: Sequence[Edition], pair: shape_files.Pair | None) -> list[Edition]:
    """The editions that any figure of the file is of, each once."""
    every = {edition.id: edition for edition in (*editions, *(pair or ()))}
    return sorted(every.values(), key=lambda edition: (edition.year, edition.slug))
