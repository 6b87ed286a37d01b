"""The report of an upload, feature by feature."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import extend_schema_view
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.uploads import from_json, ledger, skip_bad_ones
from clcplus.api import pages
from clcplus.api.base import AccountView, own_set
from clcplus.api.operations import documented, operation
from clcplus.api.zones.serializers import ZoneSetReportSerializer
from clcplus.http import parameters
from clcplus.http.errors import NothingHere


@extend_schema_view(
    get=operation(
        "zone_set_report",
        "What the check of a set found",
        documented(ZoneSetReportSerializer, 401, 403, 404),
        parameters=list(pages.PARAMETERS),
    )
)
class ZoneSetReportView(AccountView):
    """Feature by feature, in the order of the file: what was repaired, what is in doubt, and what
    keeps a feature out. For the owner and staff."""

    permission_classes = (IsAuthenticated,)
    http_method_names = ("get", "head", "options")

    def get(self, request: Request, id: uuid.UUID) -> Response:
        parameters.only(request, (*pages.NAMES, "format"))
        pages.asked(request)
        zone_set = own_set(request, id)
        reading = from_json(zone_set.reading) if zone_set.reading else None
        if reading is None or reading.report is None:
            raise NothingHere(f"the set {zone_set.pk} has no report: see its job")
        report = reading.report
        page = pages.page_of(request, report.features, total=len(report.features))
        return pages.answer(
            request,
            page,
            ZoneSetReportSerializer,
            page.items,
            usable=len(skip_bad_ones(report)),
            reading=reading,
            ledger=ledger(report),
        )
