"""One address, two questions: a table of a level (GET), the figures of a posted area (POST)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_view
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from clcplus.access import limits
from clcplus.api import schema
from clcplus.api.areas import answer
from clcplus.api.areas.serializers import EXAMPLES, PostedZoneSerializer, UncountableSerializer
from clcplus.api.operations import PAIR, documented, operation, query
from clcplus.api.tables import BulkStatisticsView
from clcplus.areas import figures
from clcplus.areas.posted_area import area_of
from clcplus.files import formats, streams
from clcplus.http import json_text, parameters, problems
from clcplus.http.bodies import check_media_type
from clcplus.http.errors import BodyTooLarge

_MEDIA_TYPES = ("application/geo+json", "application/json")
_FORMATS = ("json", "csv")
_PARAMETERS = [
    query("editions", "Slugs or years, separated by commas; by default all."),
    *PAIR,
    query(
        "repair",
        "Whether an area that is not valid is repaired; refused otherwise.",
        OpenApiTypes.BOOL,
    ),
    query(
        "format",
        "Or ask by `Accept: text/csv`. A table has a figure a row, those of the coverage rule too.",
        enum=list(_FORMATS),
    ),
    query(
        "dialect",
        "Of CSV: `plain` has commas and decimal points; `spreadsheet` has semicolons, "
        "decimal commas and a byte order mark.",
        enum=list(streams.DIALECTS),
    ),
]


@extend_schema_view(
    post=operation(
        "posted_zone_statistics",
        "Statistics and change of an area of one's own",
        {
            **documented(PostedZoneSerializer, 401, 403, 404, 409),
            (200, "text/csv"): OpenApiTypes.STR,
            (422, problems.CONTENT_TYPE): UncountableSerializer,
        },
        parameters=_PARAMETERS,
        request=schema.geojson_bodies(schema.AREA),
        examples=EXAMPLES,
    )
)
class StatisticsView(BulkStatisticsView):
    """Tidy rows: one figure of one territory in one edition each."""

    http_method_names = ("get", "head", "options", "post")

    def get_renderers(self) -> list[BaseRenderer]:
        if self.request.method == "POST":
            return [renderer() for renderer in formats.renderers(_FORMATS)]
        return super().get_renderers()

    def post(self, request: Request) -> HttpResponseBase:
        """Cells by class in each edition, and change between each pair of them, of the area in
        the body; counted at once by the rule of the territories, and not kept. No account is
        needed; a token or a session gives an account's quota, and a token that is not valid is a
        401. Without `from` and `to` every pair of editions is compared. An area whose border is too
        long to be counted within two seconds is refused with the limit: cut it, or upload it to
        `/api/v1/zones/`."""
        plain = request._request
        parameters.only(request, [parameter.name for parameter in _PARAMETERS])
        chosen = str(request.accepted_renderer.format)
        dialect = parameters.dialect(request, chosen, streams.DIALECTS)
        repair = parameters.flag(request, "repair")
        check_media_type(plain, _MEDIA_TYPES, expected=" or ".join(_MEDIA_TYPES), content="text")
        length, longest = request.headers.get("Content-Length") or "0", _longest()
        if int(length) > longest:
            raise _too_large(f"{length} bytes")
        limits.spend_posted_zone(request)
        area = area_of(_document(plain), repair=repair)
        found = figures.figures_of(plain, area)
        if chosen == "csv":
            return answer.table(found, dialect=dialect)
        return answer.document(area, found)


def _document(request: HttpRequest) -> Any:
    """The document of a body, read so that no body can hold a web process for long; numbers are
    floats. Raises BodyTooLarge or BadDocument."""
    body = request.read(_longest() + 1)
    if len(body) > _longest():
        raise _too_large(f"more than {_longest()} bytes")
    return json_text.document(body, expected="a GeoJSON document")


def _longest() -> int:
    """The most bytes of a body."""
    return int(settings.POSTED_ZONE_KILOBYTES * 1000)


def _too_large(found: str) -> BodyTooLarge:
    return BodyTooLarge(
        f"body: found {found}; expected at most {settings.POSTED_ZONE_KILOBYTES} kB. Round "
        "coordinates to six or seven decimals, or simplify the border",
        largest_bytes=_longest(),
    )
