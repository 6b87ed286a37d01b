"""Statistics and change of a posted area: counted at once, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from django.http import HttpResponse
from rest_framework.response import Response

from analytics import indicators
from analytics.figures import CoverageFigures, Statistics
from analytics.nomenclature import BY_CODE, CODES
from clcplus.api import figures, posted_table
from clcplus.api.posted_shapes import PostedZoneShape
from clcplus.areas.figures import FEW_CELLS, Figures
from clcplus.areas.posted_area import WGS84, PostedArea
from clcplus.citations import citation
from clcplus.files import formats

_HEADERS = {"Cache-Control": "no-store"}
TRANSFORMATION = (
    "WGS 84 to ETRS89 without a shift (they differ by less than a metre), then the projection "
    "of EPSG:3035; corners were moved, and sides are straight in EPSG:3035."
)
RULE = (
    "A cell of 10 × 10 m counts in full where its centre lies inside the area, and not at all "
    "otherwise, as for every territory."
)
COVERAGE_RULE = (
    "A cell counts by the part of it that lies inside the area. Not the rule of the published "
    "figures: it stands beside them because the area is small."
)


def document(area: PostedArea, found: Figures) -> Response:
    """The answer as JSON."""
    body = {**_body(area, found), "data": found.made_of}
    return Response(PostedZoneShape(body).data, headers=_HEADERS)


def table(found: Figures, *, dialect: str) -> HttpResponse:
    """The answer as CSV: a figure a row."""
    text = posted_table.csv_text(found.statistics, found.changes, found.covered, dialect=dialect)
    return HttpResponse(
        text.encode("utf-8-sig" if dialect == formats.SPREADSHEET else "utf-8"),
        content_type="text/csv; charset=utf-8",
        headers={**_HEADERS, "Content-Disposition": formats.disposition("sealing-area", "csv")},
    )


def _body(area: PostedArea, found: Figures) -> dict[str, Any]:
    editions, counts, statistics = found.wanted.editions, found.counts, found.statistics
    seen = any(record.status != "not_observed" for record in statistics)
    return {
        "area": _area(area),
        "rule": {"name": "centre", "text": RULE},
        "cells": counts.total,
        "status": "ok" if seen else "not_observed",
        "warnings": _warnings(counts.total),
        "notes": area.notes,
        "units": figures.change_units(),
        "editions": [figures.edition(edition) for edition in editions],
        "statistics": [figures.statistics(record) for record in statistics],
        "series": figures.all_series(found.series, cells=counts.total),
        "changes": [figures.change(record) for record in found.changes],
        "coverage": None if found.covered is None else _coverage(statistics, found.covered),
        "citation": citation(editions),
    }


def _warnings(cells: int) -> list[str]:
    if cells >= FEW_CELLS:
        return []
    return [
        f"The area has {cells} cells, fewer than {FEW_CELLS}: each is a large part of every "
        "figure, and where the border lies between centres decides."
    ]


def _area(area: PostedArea) -> dict[str, Any]:
    metres = float(shapely.area(area.geometry))
    repaired = area.repaired
    return {
        "m2": round(metres, 3),
        "ha": round(metres / 10_000, 7),
        "sha256": area.sha256,
        "bounds": list(area.bounds),
        "positions": area.vertices,
        "parts": int(shapely.get_num_geometries(area.geometry)),
        "transformed_from": WGS84,
        "transformed_to": "EPSG:3035",
        "transformation": TRANSFORMATION,
        "repaired": None
        if repaired is None
        else {
            "reason": repaired.reason,
            "place": repaired.place,
            "m2_before": round(repaired.area_before, 3),
            "m2_after": round(repaired.area_after, 3),
        },
    }


def _coverage(
    statistics: Sequence[Statistics], covered: Mapping[int, CoverageFigures]
) -> dict[str, Any]:
    return {
        "rule": {"name": "coverage", "text": COVERAGE_RULE},
        "statistics": [_covered(record, covered[record.edition.id]) for record in statistics],
    }


def _covered(record: Statistics, found: CoverageFigures) -> dict[str, Any]:
    seen = found.observed > 0
    return {
        "edition": record.edition.slug,
        "status": posted_table.covered_status(seen, record),
        "observed_m2": _square_metres(found.observed),
        "not_observed_m2": _square_metres(found.not_observed),
        "sealed_m2": None if found.sealed is None else _square_metres(found.sealed),
        "sealed_share": found.share,
        "by_class": [
            {"code": code, "name": BY_CODE[code].name, "m2": _square_metres(part)}
            for code, part in zip(CODES, found.cells, strict=True)
        ]
        if seen
        else [],
    }


def _square_metres(cells: float) -> float:
    return round(indicators.square_metres(cells), 3)
