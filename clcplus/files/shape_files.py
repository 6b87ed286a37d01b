"""Many zones with their figures beside their shapes: GeoJSON piece by piece, or a GeoPackage."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from sqlalchemy import Connection

from analytics.figures import Change, Statistics
from analytics.queries import ZoneShape, change_of, shapes, statistics_of
from analytics.records import Edition
from clcplus.borrowed_accuracy import with_borrowed
from clcplus.files import formats, geofiles, tidy
from clcplus.files.streams import FromSnapshot, json_object
from clcplus.presentation import indicators as registry
from clcplus.snapshots import Snapshot

_AT_ONCE = 200

Pair = tuple[Edition, Edition]
Shown = tuple[ZoneShape, dict[str, Any]]
"""A zone, and what stands beside its shape."""


def zones(
    connection: Connection,
    *,
    ids: Sequence[int],
    editions: Sequence[Edition],
    pair: Pair | None,
    geographic: bool,
) -> Iterator[Shown]:
    """Zones by code with their figures: of each of the ``editions`` and of the change of a ``pair``
    of them, the same columns for each zone. Areas are in square metres, shares fractions.

    ``geographic`` as :func:`analytics.queries.shapes` takes it. Three statements for some
    hundred zones.
    """
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        statistics = statistics_of(connection, ids=some)
        changes = (
            change_of(connection, ids=some, earlier=pair[0].id, later=pair[1].id) if pair else {}
        )
        for zone in shapes(connection, ids=some, geographic=geographic):
            known = {i.edition.id: with_borrowed(i) for i in statistics.get(zone.id, ())}
            yield (
                zone,
                {
                    "code": zone.code,
                    "name": zone.name,
                    "level": zone.level,
                    "vintage": zone.vintage,
                    "parent_level": zone.parent.level if zone.parent else None,
                    "parent_code": zone.parent.code if zone.parent else None,
                    "area_m2": zone.area_m2,
                    **_of_editions(editions, known),
                    **_of_change(pair, changes.get(zone.id)),
                },
            )


def _of_editions(editions: Sequence[Edition], known: dict[int, Statistics]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for edition in editions:
        prefix = _prefix(edition.slug)
        record = known.get(edition.id)
        for name in registry.by_default(registry.STATUS):
            found[f"{prefix}_{name}"] = registry.STATUS[name].value(record) if record else None
        low, high = (record and record.interval) or (None, None)
        found[f"{prefix}_ci_low"], found[f"{prefix}_ci_high"] = low, high
        found[f"{prefix}_method"] = record.method if record else None
        found[f"{prefix}_basis"] = record.basis if record else None
        found[f"{prefix}_status"] = record.status if record else "not_counted"
        found[f"{prefix}_partly_observed"] = tidy.partly_of(record) if record else None
    return found


def _of_change(pair: Pair | None, change: Change | None) -> dict[str, Any]:
    if pair is None:
        return {}
    prefix = f"{_prefix(pair[0].slug)}_to_{_prefix(pair[1].slug)}"
    verdict = change.verdict if change and not change.across_origins else None
    low, high = (change and change.interval) or (None, None)
    return {
        **{
            f"{prefix}_{name}": registry.CHANGE[name].value(change) if change else None
            for name in geofiles.CHANGE
        },
        f"{prefix}_ci_low": low,
        f"{prefix}_ci_high": high,
        f"{prefix}_method": change.method if change else None,
        f"{prefix}_basis": verdict.basis if verdict else None,
        f"{prefix}_verdict": tidy.verdict_of(verdict),
        f"{prefix}_status": change.status if change else "not_counted",
    }


def _prefix(slug: str) -> str:
    return slug.replace("-", "_")


def response(
    snapshot: Snapshot,
    *,
    ids: Sequence[int],
    editions: Sequence[Edition],
    pair: Pair | None,
    about: dict[str, Any],
    layer: str,
    name: str,
    chosen: str,
    head: bool,
    nothing: Exception,
) -> HttpResponseBase:
    """Zones as a file in a format. GeoJSON says what it is ``about``; a GeoPackage has one
    ``layer``. Raises ``nothing`` for a GeoPackage without zones."""
    found = partial(zones, snapshot.connection, ids=ids, editions=editions, pair=pair)
    answer: HttpResponseBase
    if head:
        answer = StreamingHttpResponse(iter(()))
    elif chosen == "geojson":
        collection = {"type": "FeatureCollection", **about}
        pieces = json_object(collection, "features", map(_feature, found(geographic=True)))
        # From here on the response closes the snapshot.
        answer = StreamingHttpResponse(FromSnapshot(pieces, snapshot.taken_along()))
    else:
        shown = list(found(geographic=False))
        if not shown:
            raise nothing
        shapes = [bytes(zone.shape) for zone, _ in shown]
        rows = [properties for _, properties in shown]
        answer = FileResponse(geofiles.geopackage_of_zones(shapes, rows, layer=layer))
    return formats.as_file(answer, name=name, chosen=chosen)


def _feature(shown: Shown) -> str:
    """A feature of GeoJSON (RFC 7946)."""
    zone, properties = shown
    code = json.dumps(zone.code, ensure_ascii=False)
    text = json.dumps(properties, ensure_ascii=False)
    return f'{{"type": "Feature", "id": {code}, "properties": {text}, "geometry": {zone.shape}}}'
