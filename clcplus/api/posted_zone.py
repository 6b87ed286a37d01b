"""Statistics and change of a posted area: counted at once, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.response import Response
from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.change import patterns
from analytics.counting.scanline import Float64Array
from analytics.custom_zones.cover import SMALL_M2, cover_zone
from analytics.custom_zones.single import ZoneCounts, count_zone
from analytics.nomenclature import BY_CODE, CODES, OBSERVED_CODES, OUTSIDE, SEALED
from analytics.queries.changes import change_of_matrix
from analytics.queries.series import series_of_cells
from analytics.queries.statistics import marked, statistics_of_cells
from analytics.rasters.store import open_store
from analytics.records import Change, Edition, Series, Statistics
from clcplus import origins, snapshots
from clcplus.api import figures, posted_table
from clcplus.api.posted_area import WGS84, PostedArea
from clcplus.api.posted_shapes import PostedZoneShape
from clcplus.citations import citation
from clcplus.files import formats
from clcplus.http import parameters
from clcplus.http.errors import BadParameter, Finding, NothingHere, UncountableArea
from clcplus.snapshots import Snapshot

_HEADERS = {"Cache-Control": "no-store"}
FEW_CELLS = 100
"""Below this number of cells an answer warns that a cell more or less is seen."""
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


@dataclass(frozen=True, slots=True)
class Asked:
    """Editions to count, and the pairs of them to compare, earlier first."""

    editions: Sequence[Edition]
    pairs: Sequence[tuple[Edition, Edition]]


def asked(request: HttpRequest, connection: Connection) -> Asked:
    """What a request asks for: by default all published editions, and all pairs of a product and,
    unless it asks for others, of an origin."""
    across = parameters.across_origins(request)
    published = queries.editions(connection)
    if not published:
        raise NothingHere("no edition is published", published=[])
    chosen = published
    if "editions" in request.GET:
        named = request.GET["editions"].split(",")
        if len(named) > len(published):
            raise BadParameter(
                "editions", found=f"{len(named)} names", allowed=f"at most {len(published)}"
            )
        ids = {parameters.edition(published, name).id for name in named}
        chosen = [edition for edition in published if edition.id in ids]
    if "from" in request.GET or "to" in request.GET:
        pair = parameters.pair(request, chosen)
        return Asked(chosen, [pair])
    pairs = [
        (earlier, later)
        for earlier in chosen
        for later in chosen
        if earlier.product == later.product
        and earlier.year < later.year
        and origins.may_compare(earlier, later, across=across)
    ]
    return Asked(chosen, pairs)


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of an area; ``covered`` are cells by the coverage rule, of a small one."""

    wanted: Asked
    counts: ZoneCounts
    covered: dict[int, Float64Array] | None
    made_of: str
    """A hash of the data and the code that the figures are made of."""

    @property
    def statistics(self) -> list[Statistics]:
        """In the order of the editions."""
        return marked(
            statistics_of_cells(edition, self.counts.cells[edition.id].tolist())
            for edition in self.wanted.editions
        )

    @property
    def series(self) -> tuple[Series, ...] | None:
        """Like for like, a series for each product and origin; None where the published cells are
        not counted over all editions yet."""
        return series_of_cells(
            self.counts.patterns,
            observed={record.edition: record.observed for record in self.statistics},
        )

    @property
    def changes(self) -> list[Change]:
        """In the order of the pairs."""
        return [
            change_of_matrix(
                earlier, later, self.counts.matrices[earlier.id, later.id].ravel().tolist()
            )
            for earlier, later in self.wanted.pairs
        ]


def figures_of(request: HttpRequest, area: PostedArea) -> Figures:
    """The figures of an area, from one snapshot."""
    with snapshots.opened() as snapshot:
        return figures_in(request, snapshot, area)


def figures_in(request: HttpRequest, snapshot: Snapshot, area: PostedArea) -> Figures:
    """The figures of an area from an open snapshot."""
    connection = snapshot.connection
    store = open_store(settings.RASTER_STORE)
    wanted = asked(request, connection)
    ids = [edition.id for edition in wanted.editions]
    counts = count_zone(
        connection,
        area.geometry,
        store=store,
        edition_ids=ids,
        pairs=[(earlier.id, later.id) for earlier, later in wanted.pairs],
        lines=[[edition.id for edition in line] for line in patterns.lines(wanted.editions)],
    )
    _check_coverage(connection, area, wanted, counts)
    covered = None
    if shapely.area(area.geometry) < SMALL_M2:
        covered = cover_zone(connection, area.geometry, store=store, edition_ids=ids)
    return Figures(wanted, counts, covered, snapshot.digest())


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


def _check_coverage(
    connection: Connection, area: PostedArea, wanted: Asked, counts: ZoneCounts
) -> None:
    """Refuse an area of which no edition has a cell."""
    outside = CODES.index(OUTSIDE)
    if any(counts.cells[edition.id][:outside].any() for edition in wanted.editions):
        return
    bounds = [
        found
        for edition in wanted.editions
        if (found := queries.edition_bounds(connection, edition_id=edition.id)) is not None
    ]
    west, south, east, north = area.bounds
    if any(_meet(area.bounds, covered) for covered in bounds):
        # Within an edition, and no cell of it observed: that is an answer.
        return
    shown = ", ".join(f"{value:.6g}" for value in area.bounds)
    swapped = any(_meet((south, west, north, east), covered) for covered in bounds)
    raise UncountableArea(
        [
            Finding(
                "",
                f"an area within [{shown}], of which no edition has a cell",
                "an area that one of the editions covers",
                "Are the axes swapped? GeoJSON has longitude first"
                if swapped
                else "See /api/v1/levels/ for where there are data",
            )
        ],
        swapped_axes_suspected=swapped,
        covered=[list(covered) for covered in bounds],
    )


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]


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
        "units": figures.CHANGE_UNITS,
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


def _coverage(statistics: Sequence[Statistics], covered: dict[int, Float64Array]) -> dict[str, Any]:
    return {
        "rule": {"name": "coverage", "text": COVERAGE_RULE},
        "statistics": [
            _covered(record, covered[record.edition.id].tolist()) for record in statistics
        ],
    }


def _covered(record: Statistics, cells: list[float]) -> dict[str, Any]:
    classes = len(OBSERVED_CODES)
    observed, sealed = sum(cells[:classes]), cells[OBSERVED_CODES.index(SEALED)]
    seen = observed > 0
    return {
        "edition": record.edition.slug,
        "status": posted_table.covered_status(seen, record),
        "observed_m2": _square_metres(observed),
        "not_observed_m2": _square_metres(sum(cells[classes:])),
        "sealed_m2": _square_metres(sealed) if seen else None,
        "sealed_share": sealed / observed if seen else None,
        "by_class": [
            {"code": code, "name": BY_CODE[code].name, "m2": _square_metres(part)}
            for code, part in zip(CODES, cells, strict=True)
        ]
        if seen
        else [],
    }


def _square_metres(cells: float) -> float:
    return round(indicators.square_metres(cells), 3)
