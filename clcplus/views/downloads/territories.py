"""A territory's tables, its shape with its figures, and its transitions of classes, as files."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.main_editions import main_edition
from analytics.nomenclature import BY_CODE, OBSERVED_CODES
from analytics.records import Edition, Territory
from clcplus import origins
from clcplus.access import limits
from clcplus.borrowed_accuracy import lent, with_borrowed
from clcplus.citations import citation
from clcplus.files import formats, geofiles, streams, tidy
from clcplus.http import parameters
from clcplus.http.errors import UnusablePair
from clcplus.snapshots import Snapshot
from clcplus.views.downloads.columns import Column, Line, dialect_of, whole_file
from clcplus.views.downloads.published import (
    attribution,
    described,
    permanent_address,
    published_file,
    territory_of,
)

_Table = tuple[str, Sequence[Edition], Iterator[tidy.Row]]
"""A title, the editions that the table is of, and its rows."""


def _statistics(request: HttpRequest, connection: Connection, territory: Territory) -> _Table:
    records = list(map(with_borrowed, queries.statistics(connection, zone_id=territory.id)))
    series = queries.series(connection, zone_ids=[territory.id]).get(territory.id) or ()
    records = queries.with_flicker(records, series)
    rows = itertools.chain(
        tidy.territory_rows(territory, records), tidy.series_rows(territory, series)
    )
    return "Statistics of all editions", [record.edition for record in records], rows


def _change(request: HttpRequest, connection: Connection, territory: Territory) -> _Table:
    across = parameters.across_origins(request)
    records = origins.shown(queries.changes(connection, zone_id=territory.id), across=across)
    if "from" in request.GET or "to" in request.GET:
        pair = parameters.pair(request, queries.editions(connection))
        records = [r for r in records if (r.earlier, r.later) == pair]
    editions = {e.id: e for record in records for e in (record.earlier, record.later)}
    rows = tidy.territory_change_rows(territory, records)
    return "Change between editions", list(editions.values()), rows


def _listed(request: HttpRequest, connection: Connection, territory: Territory) -> _Table:
    """The territories below, or those next to one that has none below, as its page shows them."""
    editions = queries.editions(connection)
    text = request.GET.get("edition")
    edition = parameters.edition(editions, text) if text else main_edition(editions)
    if edition is None:
        raise Http404("no edition is published")
    if any(level.parent == territory.level for level in queries.levels(connection)):
        title, listed = f"Territories of {territory.name}", queries.children
    else:
        title, listed = f"Next to {territory.name} in the ranking", queries.peers
    listed_ones = listed(connection, zone_id=territory.id, edition_id=edition.id)
    found = [lent(record, edition) for record in listed_ones]
    parents = queries.parents(connection, zone_ids=[record.link.id for record in found])
    return title, [edition], tidy.listed_rows(found, edition, parents)


_TABLES = {"statistics": _statistics, "change": _change, "territories": _listed}
_PARAMETERS = {"statistics": (), "change": ("from", "to", "across"), "territories": ("edition",)}


@published_file
def table(
    request: HttpRequest, snapshot: Snapshot, level: str, code: str, name: str, chosen: str
) -> HttpResponseBase:
    """A table of a territory as CSV (either dialect), XLSX, Parquet or JSON: the rows of the bulk
    tables, so that a script reads them alike."""
    if name not in _TABLES or chosen not in formats.TABLES:
        raise Http404(
            f"no such table; tables: {', '.join(_TABLES)}; formats: {', '.join(formats.TABLES)}"
        )
    parameters.only(request, {"vintage", "dialect", *_PARAMETERS[name]})
    dialect = parameters.dialect(request, chosen, streams.DIALECTS)
    connection = snapshot.connection
    territory = territory_of(request, connection, level, code)
    if chosen in {"xlsx", "parquet"}:
        limits.spend(request)
    title, editions, rows = _TABLES[name](request, connection, territory)
    about = {
        "title": title,
        "territory": described(territory),
        "level": territory.level,
        "editions": [edition.slug for edition in editions],
        "address": permanent_address(request, territory),
        "citation": citation(editions),
    }
    return formats.table_response(
        rows,
        about,
        editions=editions,
        name=f"sealing-{name}-{territory.level}-{territory.code}",
        chosen=chosen,
        dialect=dialect,
        snapshot=snapshot.taken_along(),
        head=request.method == "HEAD",
    )


def _properties(territory: Territory, rows: Iterable[tidy.Row]) -> dict[str, Any]:
    """What stands beside the shape: flat, since a GIS shows it as columns."""
    found: dict[str, Any] = {
        "code": territory.code,
        "name": territory.name,
        "level": territory.level,
        "vintage": territory.vintage,
        "area_m2": territory.area_m2,
    }
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
                found[f"{prefix}_basis"] = row.basis
            if row.indicator in {"sealed_area", "sealed_net_change"}:
                found[f"{prefix}_ci_low"], found[f"{prefix}_ci_high"] = row.ci_low, row.ci_high
                found[f"{prefix}_method"] = row.method
    return found


@published_file
def shape(
    request: HttpRequest, snapshot: Snapshot, level: str, code: str, chosen: str
) -> HttpResponseBase:
    """The territory with its figures: GeoJSON in longitude and latitude, as RFC 7946 wants it, or a
    GeoPackage in EPSG:3035, the grid that the cells were counted in."""
    if chosen not in formats.SHAPES:
        raise Http404(f"no such format; formats: {', '.join(formats.SHAPES)}")
    parameters.only(request, {"vintage", "across"})
    across = parameters.across_origins(request)
    connection = snapshot.connection
    territory = territory_of(request, connection, level, code)
    if chosen == "gpkg":
        limits.spend(request)
    _title, editions, status_rows = _statistics(request, connection, territory)
    changes = origins.shown(queries.changes(connection, zone_id=territory.id), across=across)
    statistics, change = list(status_rows), list(tidy.territory_change_rows(territory, changes))
    properties = {
        **_properties(territory, [*statistics, *change]),
        "citation": attribution(request, territory, editions),
    }
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
        exact = queries.exact_shape(connection, zone_id=territory.id)
        response = FileResponse(
            geofiles.geopackage(exact, properties, statistics=statistics, change=change)
        )
    name = f"sealing-{territory.level}-{territory.code}"
    return formats.as_file(response, name=name, chosen=chosen)


_TRANSITION_FORMATS = ("csv", "xlsx", "json")
_MISSING = "missing"
_TRANSITIONS = (
    Column("from_class", f"code in the earlier edition, 1 to 11; {_MISSING}: see the last row"),
    Column("from_name", "its name"),
    Column("to_class", f"code in the later edition, 1 to 11, or {_MISSING}"),
    Column("to_name", "its name"),
    Column("cells", "cells of 100 m²"),
    Column("area_ha", "hectares"),
)


@published_file
def transition_table(
    request: HttpRequest, snapshot: Snapshot, level: str, code: str, chosen: str
) -> HttpResponseBase:
    """All 121 pairs of classes between two editions, and what is not observed in one of them."""
    allowed = {"vintage", "from", "to", "across"}
    dialect = dialect_of(request, chosen, known=_TRANSITION_FORMATS, allowed=allowed)
    connection = snapshot.connection
    territory = territory_of(request, connection, level, code)
    earlier, later = parameters.pair(request, queries.editions(connection))
    if chosen == "xlsx":
        limits.spend(request)
    change = queries.change(connection, zone_id=territory.id, earlier=earlier.id, later=later.id)
    if change is None:
        raise UnusablePair(f"{earlier.slug} and {later.slug} cannot be compared")
    lines: list[Line] = []
    for before, row in zip(OBSERVED_CODES, change.matrix, strict=False):
        for after, cells in zip(OBSERVED_CODES, row, strict=True):
            names = BY_CODE[before].name, BY_CODE[after].name
            hectares = indicators.hectares(cells)
            lines.append((str(before), names[0], str(after), names[1], cells, hectares))
    missing = territory.cells - change.observed
    said = "not observed in one of the editions or in both"
    lines.append((_MISSING, said, _MISSING, said, missing, indicators.hectares(missing)))
    about = {
        "territory": described(territory),
        "earlier": formats.described(earlier),
        "later": formats.described(later),
        "status": change.status,
        "address": permanent_address(request, territory),
        "note": "As mapped. Differences of editions are not change by themselves: much of what "
        "lies off the diagonal is noise of the maps.",
        "citation": citation([earlier, later]),
    }
    name = "-".join(["sealing-transitions", level, code, earlier.slug, later.slug])
    return whole_file(
        _TRANSITIONS, lines, about, chosen=chosen, dialect=dialect, name=name, sheet="transitions"
    )
