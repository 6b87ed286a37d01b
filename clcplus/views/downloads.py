"""A territory's tables, and its shape with its figures, as files."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from sqlalchemy import Connection

from analytics import queries
from analytics.figures import Change, Statistics
from analytics.main_editions import main_edition
from analytics.records import Edition, Series, Territory
from clcplus import limits, origins
from clcplus.citations import citation
from clcplus.files import formats, geofiles, tidy
from clcplus.http import parameters
from clcplus.snapshots import Snapshot
from clcplus.views.files import attribution, permanent_address, published_file, territory_of


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of a territory: the editions that it is of, and its rows."""

    title: str
    editions: Sequence[Edition]
    rows: Iterator[tidy.Row]


def _statistics(request: HttpRequest, connection: Connection, territory: Territory) -> _Table:
    records = queries.statistics(connection, zone_id=territory.id)
    series = queries.series(connection, zone_ids=[territory.id]).get(territory.id)
    return _Table(
        "Statistics of all editions",
        [record.edition for record in records],
        itertools.chain(
            tidy.territory_rows(territory, records), tidy.series_rows(territory, series or ())
        ),
    )


def _change(request: HttpRequest, connection: Connection, territory: Territory) -> _Table:
    across = parameters.across_origins(request)
    records = origins.shown(queries.changes(connection, zone_id=territory.id), across=across)
    if "from" in request.GET or "to" in request.GET:
        pair = parameters.pair(request, queries.editions(connection))
        records = [r for r in records if (r.earlier, r.later) == pair]
    editions = {e.id: e for record in records for e in (record.earlier, record.later)}
    return _Table(
        "Change between editions",
        list(editions.values()),
        tidy.territory_change_rows(territory, records),
    )


def _listed(request: HttpRequest, connection: Connection, territory: Territory) -> _Table:
    """The territories below, or those next to one that has none below, as its page shows them."""
    editions = queries.editions(connection)
    text = request.GET.get("edition")
    edition = parameters.edition(editions, text) if text else main_edition(editions)
    if edition is None:
        raise Http404("no edition is published")
    if any(level.parent == territory.level for level in queries.levels(connection)):
        title = f"Territories of {territory.name}"
        found = queries.children(connection, zone_id=territory.id, edition_id=edition.id)
    else:
        title = f"Next to {territory.name} in the ranking"
        found = queries.peers(connection, zone_id=territory.id, edition_id=edition.id)
    parents = queries.parents(connection, zone_ids=[record.link.id for record in found])
    return _Table(title, [edition], tidy.listed_rows(found, edition, parents))


_TABLES = {"statistics": _statistics, "change": _change, "territories": _listed}
_PARAMETERS = {"statistics": (), "change": ("from", "to", "across"), "territories": ("edition",)}


@published_file
def table(
    request: HttpRequest, snapshot: Snapshot, level: str, code: str, name: str, chosen: str
) -> HttpResponseBase:
    """A table of a territory as CSV (either dialect), XLSX, Parquet or JSON: the rows of the bulk
    tables, so that a script reads them alike."""
    if name not in _TABLES or chosen not in formats.FORMATS:
        raise Http404(
            f"no such table; tables: {', '.join(_TABLES)}; formats: {', '.join(formats.FORMATS)}"
        )
    parameters.only(request, {"vintage", "dialect", *_PARAMETERS[name]})
    dialect = parameters.dialect(request, chosen, formats.DIALECTS)
    connection = snapshot.connection
    territory = territory_of(request, connection, level, code)
    if chosen in {"xlsx", "parquet"}:
        limits.spend(request)
    found = _TABLES[name](request, connection, territory)
    about = {
        "title": found.title,
        "territory": f"{territory.name} ({territory.level_name} {territory.code}), "
        f"boundary of {territory.vintage}",
        "level": territory.level,
        "editions": [edition.slug for edition in found.editions],
        "address": permanent_address(request, territory),
        "citation": citation(found.editions),
    }
    return formats.table_response(
        found.rows,
        about,
        editions=found.editions,
        name=f"sealing-{name}-{territory.level}-{territory.code}",
        chosen=chosen,
        dialect=dialect,
        snapshot=snapshot.taken_along(),
        head=request.method == "HEAD",
    )


def _properties(
    request: HttpRequest,
    territory: Territory,
    records: Sequence[Statistics],
    series: Sequence[Series],
    changes: Sequence[Change],
) -> dict[str, Any]:
    """What stands beside the shape: flat, since a GIS shows it as columns."""
    found: dict[str, Any] = {
        "code": territory.code,
        "name": territory.name,
        "level": territory.level,
        "vintage": territory.vintage,
        "area_m2": territory.area_m2,
    }
    rows = (
        *tidy.territory_rows(territory, records),
        *tidy.series_rows(territory, series),
        *tidy.territory_change_rows(territory, changes),
    )
    for row in rows:
        if row.indicator in geofiles.INDICATORS:
            prefix = row.edition.replace("/", "_to_").replace("-", "_")
            found[f"{prefix}_{row.indicator}"] = row.value
            if row.indicator in {"sealed_area", "sealed_net_change"}:
                found[f"{prefix}_status"] = row.status
            if row.indicator == "sealed_area":
                found[f"{prefix}_partly_observed"] = row.partly_observed
            if row.indicator == "sealed_net_change":
                found[f"{prefix}_verdict"] = row.verdict
    editions = [record.edition for record in records]
    return {**found, "citation": attribution(request, territory, editions)}


@published_file
def shape(
    request: HttpRequest, snapshot: Snapshot, level: str, code: str, chosen: str
) -> HttpResponseBase:
    """The territory with its figures: GeoJSON in longitude and latitude, as RFC 7946 wants it, or a
    GeoPackage in EPSG:3035, the grid that the cells were counted in."""
    if chosen not in geofiles.MEDIA_TYPES:
        raise Http404(f"no such format; formats: {', '.join(geofiles.MEDIA_TYPES)}")
    parameters.only(request, {"vintage", "across"})
    across = parameters.across_origins(request)
    connection = snapshot.connection
    territory = territory_of(request, connection, level, code)
    if chosen == "gpkg":
        limits.spend(request)
    records = queries.statistics(connection, zone_id=territory.id)
    changes = origins.shown(queries.changes(connection, zone_id=territory.id), across=across)
    series = queries.series(connection, zone_ids=[territory.id]).get(territory.id) or ()
    properties = _properties(request, territory, records, series, changes)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = StreamingHttpResponse(iter(()))
    elif chosen == "geojson":
        geofiles.refuse_too_large(connection, zone_id=territory.id)
        feature = {
            "type": "Feature",
            "id": f"{territory.level}/{territory.code}",
            "bbox": list(territory.bounds),
            "properties": properties,
            "geometry": queries.geometry(connection, zone_id=territory.id),
        }
        text = json.dumps(feature, ensure_ascii=False)
        response = StreamingHttpResponse(iter([text.encode()]))
    else:
        geofiles.refuse_too_large(connection, zone_id=territory.id)
        file = geofiles.geopackage(
            queries.exact_shape(connection, zone_id=territory.id),
            properties,
            statistics=[
                *tidy.territory_rows(territory, records),
                *tidy.series_rows(territory, series),
            ],
            change=list(tidy.territory_change_rows(territory, changes)),
        )
        response = FileResponse(file)
    response["Content-Type"] = geofiles.MEDIA_TYPES[chosen]
    response["Content-Disposition"] = formats.disposition(
        f"sealing-{territory.level}-{territory.code}", chosen
    )
    return response
