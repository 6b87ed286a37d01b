"""The report of an upload, feature by feature."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.records import Page
from analytics.uploads import (
    FeatureReport,
    Finding,
    Reading,
    Report,
    from_json,
    ledger,
    skip_bad_ones,
)
from clcplus.api import pages
from clcplus.api.accounts import AccountView, own_set
from clcplus.api.base import documented
from clcplus.api.examples import REPORT, samples
from clcplus.api.zone_shapes import ZoneSetReportShape
from clcplus.http import parameters
from clcplus.http.errors import NothingHere


@extend_schema_view(
    get=extend_schema(
        operation_id="zone_set_report",
        summary="What the check of a set found",
        parameters=list(pages.DESCRIBED),
        responses=documented(ZoneSetReportShape, 401, 403, 404),
        extensions=samples(REPORT),
    )
)
class ZoneSetReportView(AccountView):
    """Feature by feature, in the order of the file: what was repaired, what is in doubt, and what
    keeps a feature out. For the owner and staff."""

    permission_classes = (IsAuthenticated,)
    http_method_names = ("get", "head", "options")

    def get(self, request: Request, id: uuid.UUID) -> Response:
        parameters.only(request, (*pages.PARAMETERS, "format"))
        number, size = pages.asked(request)
        zone_set = own_set(request, id)
        reading = from_json(zone_set.reading) if zone_set.reading else None
        if reading is None or reading.report is None:
            raise NothingHere(f"the set {zone_set.pk} has no report: see its job")
        report = reading.report
        start = (number - 1) * size
        page = Page(
            items=report.features[start : start + size],
            total=len(report.features),
            number=number,
            size=size,
        )
        pages.check(page)
        around = pages.around(request, page)
        body = ZoneSetReportShape(
            {
                "count": page.total,
                "usable": len(skip_bad_ones(report)),
                "next": around.get("next"),
                "previous": around.get("prev"),
                **_file(reading),
                "ledger": _ledger(report),
                "findings": _findings(report.findings),
                "overlaps": [
                    {"index": o.index, "other_index": o.other_index, "area_m2": o.area}
                    for o in report.overlaps
                ],
                "results": [_feature(feature) for feature in page.items],
            }
        ).data
        return Response(body, headers={"Link": pages.link_header(around)})


def _file(reading: Reading) -> dict[str, Any]:
    reference = reading.reference
    return {
        "format": reading.format,
        "layer": reading.layer,
        "encoding": reading.encoding,
        "encodings": reading.encodings,
        "fields": reading.fields,
        "fields_left_out": reading.fields_left_out,
        "code_field": reading.code_field,
        "name_field": reading.name_field,
        "reference": None
        if reference is None
        else {
            "status": reference.status,
            "crs": reference.crs,
            "name": reference.name,
            "operation": reference.operation,
            "accuracy_m": reference.accuracy,
            "shift_m": reference.shift_m,
        },
    }


def _ledger(report: Report) -> dict[str, Any]:
    account = ledger(report)
    return {
        "read": account.read,
        "usable": account.usable,
        "errors": [{"code": code, "features": number} for code, number in account.errors],
    }


def _feature(feature: FeatureReport) -> dict[str, Any]:
    return {
        "index": feature.index,
        "code": feature.code,
        "name": feature.name,
        "usable": feature.usable,
        "area_m2": feature.area,
        "cells": feature.cells,
        "not_observed_share": feature.not_observed_share,
        "findings": _findings(feature.findings),
    }


def _findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "code": finding.code,
            "severity": str(finding.severity),
            "found": finding.found,
            "expected": finding.expected,
            "action": finding.action,
            "measures": dict(finding.measures),
            "names": dict(finding.names),
        }
        for finding in findings
    ]
