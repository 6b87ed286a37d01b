"""One address, two questions: a table of a level (GET), the figures of a posted area (POST)."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from clcplus import limits
from clcplus.api import posted_document, posted_zone, schema
from clcplus.api.base import documented, query
from clcplus.api.bulk import BulkStatisticsView
from clcplus.api.examples import COUNT_AREA, samples
from clcplus.api.posted_shapes import EXAMPLES, PostedZoneShape, UncountableShape
from clcplus.api.statistics import ACROSS, FROM, TO
from clcplus.areas import figures as area_figures
from clcplus.areas.posted_area import area_of
from clcplus.files import formats
from clcplus.http import parameters, problems


@extend_schema_view(
    post=extend_schema(
        operation_id="posted_zone_statistics",
        summary="Statistics and change of an area of one's own",
        parameters=[
            query("editions", "Slugs or years, separated by commas; by default all."),
            FROM,
            TO,
            ACROSS,
            query(
                "repair",
                "Whether an area that is not valid is repaired; refused otherwise.",
                OpenApiTypes.BOOL,
            ),
            query(
                "format",
                "Or ask by `Accept: text/csv`. A table has a figure a row, those of the coverage "
                "rule too.",
                enum=["json", "csv"],
            ),
            query(
                "dialect",
                "Of CSV: `plain` has commas and decimal points; `spreadsheet` has semicolons, "
                "decimal commas and a byte order mark.",
                enum=list(formats.DIALECTS),
            ),
        ],
        request=schema.geojson_bodies(schema.AREA),
        responses={
            **documented(PostedZoneShape, 401, 404, 409),
            (200, "text/csv"): OpenApiTypes.STR,
            (422, problems.CONTENT_TYPE): UncountableShape,
        },
        examples=EXAMPLES,
        extensions=samples(COUNT_AREA),
    )
)
class StatisticsView(BulkStatisticsView):
    """Tidy rows: one figure of one territory in one edition each."""

    http_method_names = ("get", "head", "options", "post")

    def get_renderers(self) -> list[BaseRenderer]:
        if self.request.method == "POST":
            return [JSONRenderer(), formats.CsvRenderer()]
        return super().get_renderers()

    def post(self, request: Request) -> HttpResponseBase:
        """Cells by class in each edition, and change between each pair of them, of the area in
        the body; counted at once by the rule of the territories, and not kept. No account is
        needed; a token or a session gives an account's quota, and a token that is not valid is a
        401. Without `from` and `to` every pair of editions is compared. An area whose border is too
        long to be counted within two seconds is refused with the limit: cut it, or upload it to
        `/api/v1/zones/`."""
        plain = request._request
        parameters.only(
            request, {"editions", "from", "to", "across", "repair", "format", "dialect"}
        )
        chosen = str(request.accepted_renderer.format)
        dialect = parameters.dialect(request, chosen, formats.DIALECTS)
        repair = parameters.flag(request, "repair")
        posted_document.check_headers(plain)
        limits.spend_posted_zone(request)
        area = area_of(posted_document.read(plain), repair=repair)
        found = area_figures.figures_of(plain, area)
        if chosen == "csv":
            return posted_zone.table(found, dialect=dialect)
        return posted_zone.document(area, found)
