"""A set's tables, and its zones with their figures, as files."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.main_editions import main_pair
from analytics.queries import bulk_coverage_figures, zone_ids
from analytics.records import Edition
from clcplus import origins
from clcplus.access import limits
from clcplus.citations import citation
from clcplus.files import formats, shape_files, streams, tidy
from clcplus.http import parameters, site_address
from clcplus.http.problems import reading_only
from clcplus.models import ZoneSet
from clcplus.presentation import indicators as registry
from clcplus.snapshots import Snapshot
from clcplus.views.downloads.published import published_file
from clcplus.views.zones.share_links import readable

_Rows = Callable[[Connection, str, Sequence[Edition]], Iterator[tidy.Row]]


def _file_of_set(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give a view of published files the accepted set of an address, if the request may see it."""
    published = published_file(view)

    @reading_only
    def answer(request: HttpRequest, id: uuid.UUID, **asked: str) -> HttpResponseBase:
        found = readable(request, id)
        if found is None or found.stage != ZoneSet.Stage.ACCEPTED:
            raise Http404(f"no set of zones {id}")
        return published(request, level=found.slug, zone_set=found, **asked)

    return answer


def _statistics(
    connection: Connection, level: str, editions: Sequence[Edition], *, by_default: bool
) -> Iterator[tidy.Row]:
    """The indicators that bulk tables have by default, or the others; without those that need
    inhabitants, which nobody knows."""
    entries = [entry for entry in registry.STATUS.values() if not entry.inhabitants]
    wanted = [entry for entry in entries if entry.by_default == by_default]
    flicker = any(entry.flicker for entry in wanted)
    found = queries.bulk_statistics(connection, level=level, editions=editions, flicker=flicker)
    return tidy.statistics_rows(found, [entry.name for entry in wanted])


def _change(connection: Connection, level: str, editions: Sequence[Edition]) -> Iterator[tidy.Row]:
    """The rows of the bulk table for each pair of an origin. Pairs across origins have to be asked
    for by name, from the API."""
    for earlier, later in origins.pairs(editions):
        records = queries.bulk_change(connection, level=level, earlier=earlier, later=later)
        yield from tidy.change_rows(records, registry.CHANGE)


def _coverage(
    connection: Connection, level: str, editions: Sequence[Edition]
) -> Iterator[tidy.Row]:
    for zone, edition, coverage in bulk_coverage_figures(connection, level=level):
        sealed = None if coverage.sealed is None else indicators.square_metres(coverage.sealed)
        for indicator, value, unit in (
            ("observed_area_by_coverage", indicators.square_metres(coverage.observed), "m2"),
            ("sealed_area_by_coverage", sealed, "m2"),
            ("sealed_share_by_coverage", coverage.share, "1"),
        ):
            yield tidy.Row(
                zone.code,
                zone.name,
                zone.level,
                zone.vintage,
                edition,
                indicator,
                value,
                unit,
                None,
                None,
                "ok" if value is not None else "not_observed",
            )


TABLES: dict[str, tuple[str, _Rows]] = {
    "statistics": ("Statistics of all editions", partial(_statistics, by_default=True)),
    "classes": ("Areas of all classes", partial(_statistics, by_default=False)),
    "change": ("Change between editions", _change),
    "coverage": ("Small zones by the rule of covered area", _coverage),
}


@_file_of_set
def zone_set_table(
    request: HttpRequest,
    snapshot: Snapshot,
    *,
    level: str,
    zone_set: ZoneSet,
    name: str,
    chosen: str,
) -> HttpResponseBase:
    """A table of all zones of a set as CSV (either dialect), XLSX, Parquet or JSON: the rows of
    the bulk tables, so that a script reads them alike."""
    if name not in TABLES or chosen not in formats.TABLES:
        raise Http404(
            f"no such table; tables: {', '.join(TABLES)}; formats: {', '.join(formats.TABLES)}"
        )
    parameters.only(request, {"dialect"})
    dialect = parameters.dialect(request, chosen, streams.DIALECTS)
    limits.spend(request)
    editions = queries.editions(snapshot.connection)
    title, rows = TABLES[name]
    return formats.table_response(
        rows(snapshot.connection, level, editions),
        {
            "title": title,
            "zones": zone_set.name,
            "level": level,
            "editions": [edition.slug for edition in editions],
            "address": _address(request, zone_set),
            "citation": citation(editions),
        },
        editions=editions,
        name=_file_name(zone_set, name),
        chosen=chosen,
        dialect=dialect,
        snapshot=snapshot.taken_along(),
        head=request.method == "HEAD",
    )


def _address(request: HttpRequest, zone_set: ZoneSet) -> str:
    return site_address.absolute(request, reverse("zone_set", args=(zone_set.pk,)))


def _file_name(zone_set: ZoneSet, what: str) -> str:
    return f"sealing-{what}-{zone_set.slug}"


@_file_of_set
def zone_set_shapes(
    request: HttpRequest, snapshot: Snapshot, *, level: str, zone_set: ZoneSet, chosen: str
) -> HttpResponseBase:
    """All zones with their figures: GeoJSON in longitude and latitude, or a GeoPackage in the grid
    that they were counted in."""
    if chosen not in formats.SHAPES:
        raise Http404(f"no such format; formats: {', '.join(formats.SHAPES)}")
    parameters.only(request, set())
    limits.spend(request)
    connection = snapshot.connection
    editions = queries.editions(connection)
    address = _address(request, zone_set)
    return shape_files.response(
        snapshot,
        ids=zone_ids(connection, level=level),
        editions=editions,
        pair=main_pair(editions),
        about={"name": zone_set.name, "citation": citation(editions), "address": address},
        layer="zones",
        name=_file_name(zone_set, "zones"),
        chosen=chosen,
        head=request.method == "HEAD",
        nothing=Http404("this set has no zones"),
    )
