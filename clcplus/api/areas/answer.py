"""The answer about a posted area: a document, or a table with a figure a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import shapely
from django.http import HttpResponse
from rest_framework.response import Response

from analytics import indicators, queries
from analytics.figures import CoverageFigures, Statistics
from analytics.nomenclature import BY_CODE, CODES
from analytics.records import NamedZone, Status
from clcplus.api.areas.serializers import PostedZoneSerializer
from clcplus.api.serializers import comparable_series, status_of
from clcplus.api.statistics import change_units
from clcplus.areas.figures import FEW_CELLS, Figures
from clcplus.areas.posted_area import WGS84, PostedArea
from clcplus.citations import citation
from clcplus.files import formats, streams, tidy

_HEADERS = {"Cache-Control": "no-store"}
TRANSFORMATION = (
    "WGS 84 to ETRS89 without a shift (they differ by less than a metre), then the projection "
    "of EPSG:3035; corners were moved, and sides are straight in EPSG:3035."
)
RULES = {
    "centre": "A cell of 10 × 10 m counts in full where its centre lies inside the area, and not "
    "at all otherwise, as for every territory.",
    "coverage": "A cell counts by the part of it that lies inside the area. Not the rule of the "
    "published figures: it stands beside them because the area is small.",
}
_OF_A_TERRITORY = {"code", "name", "level", "vintage", "parent_level", "parent_code"}
COLUMNS = ("rule", *(name for name in tidy.COLUMNS if name not in _OF_A_TERRITORY))
"""Those of the other tables without what names a territory, and with the rule of counting."""
_NOWHERE = NamedZone("", "", "", 0, None)
"""An area has neither a code nor a name nor a parent; these columns are left out."""


def document(area: PostedArea, found: Figures) -> Response:
    """The answer as JSON."""
    number, editions = found.counts.total, found.wanted.editions
    coverage = None
    if found.covered is not None:
        coverage = {
            "rule": {"name": "coverage", "text": RULES["coverage"]},
            "statistics": _covered(found.statistics, found.covered),
        }
    body = {
        "area": _area(area),
        "rule": {"name": "centre", "text": RULES["centre"]},
        "cells": number,
        "status": status_of(record.status for record in found.statistics),
        "warnings": _warnings(number),
        "notes": area.notes,
        "units": change_units(),
        "editions": editions,
        "statistics": queries.with_flicker(found.statistics, found.series),
        "series": comparable_series(found.series, cells=number),
        "changes": found.changes,
        "coverage": coverage,
        "data": found.made_of,
        "citation": citation(editions),
    }
    return Response(PostedZoneSerializer(body).data, headers=_HEADERS)


def _warnings(number: int) -> list[str]:
    if number >= FEW_CELLS:
        return []
    return [
        f"The area has {number} cells, fewer than {FEW_CELLS}: each is a large part of every "
        "figure, and where the border lies between centres decides."
    ]


def _area(area: PostedArea) -> dict[str, Any]:
    metres = float(shapely.area(area.geometry))
    repaired = area.repaired
    return {
        "m2": round(metres, 3),
        "ha": round(metres / 10_000, 7),
        "sha256": area.sha256,
        "bounds": area.bounds,
        "positions": area.vertices,
        "parts": int(shapely.get_num_geometries(area.geometry)),
        "transformed_from": WGS84,
        "transformed_to": "EPSG:3035",
        "transformation": TRANSFORMATION,
        "repaired": repaired
        and {
            "reason": repaired.reason,
            "place": repaired.place,
            "m2_before": round(repaired.area_before, 3),
            "m2_after": round(repaired.area_after, 3),
        },
    }


def _covered(
    statistics: Sequence[Statistics], covered: Mapping[int, CoverageFigures]
) -> list[dict[str, Any]]:
    """Exact areas in each edition; without classes where nothing is observed."""
    found = []
    for by_centre in statistics:
        figures = covered[by_centre.edition.id]
        seen = figures.observed > 0
        status: Status = by_centre.status if seen else "not_observed"
        found.append(
            {
                "edition": by_centre.edition.slug,
                "status": "ok" if seen and status == "not_observed" else status,
                "observed_m2": _m2(figures.observed),
                "not_observed_m2": _m2(figures.not_observed),
                "sealed_m2": None if figures.sealed is None else _m2(figures.sealed),
                "sealed_share": figures.share,
                "by_class": [
                    {"code": code, "name": BY_CODE[code].name, "m2": _m2(part)}
                    for code, part in zip(CODES, figures.cells, strict=True)
                    if seen
                ],
            }
        )
    return found


def _m2(number: float) -> float:
    return round(indicators.square_metres(number), 3)


def table(found: Figures, *, dialect: str) -> HttpResponse:
    """The answer as CSV in a dialect of the tables."""
    lines = ([rule, *(getattr(row, name) for name in COLUMNS[1:])] for rule, row in _rows(found))
    return HttpResponse(
        "".join(streams.csv_pieces(COLUMNS, lines, dialect=dialect)),
        content_type="text/csv; charset=utf-8",
        headers={**_HEADERS, "Content-Disposition": formats.disposition("sealing-area", "csv")},
    )


def _rows(found: Figures) -> Iterator[tuple[str, tidy.Row]]:
    """Rules and rows."""
    statistics = queries.with_flicker(found.statistics, found.series)
    for row in tidy.territory_rows(_NOWHERE, statistics):
        yield "centre", row
    for row in tidy.territory_change_rows(_NOWHERE, found.changes):
        yield "centre", row
    for edition in _covered(found.statistics, found.covered) if found.covered else ():
        areas = {one["code"]: one["m2"] for one in edition["by_class"]}
        status = edition["status"]
        figures: list[tuple[str, tidy.Value, str, Status]] = [
            ("observed_area", edition["observed_m2"], "m2", "ok"),
            ("not_observed_area", edition["not_observed_m2"], "m2", "ok"),
            ("sealed_area", edition["sealed_m2"], "m2", status),
            ("sealed_share", edition["sealed_share"], "1", status),
            *((f"area_of_class_{code}", areas.get(code), "m2", status) for code in CODES),
        ]
        for indicator, value, unit, told in figures:
            slug = edition["edition"]
            yield (
                "coverage",
                tidy.Row("", "", "", 0, slug, indicator, value, unit, None, None, told),
            )
