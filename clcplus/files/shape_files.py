"""Many zones with their figures beside their shapes: GeoJSON piece by piece, or a GeoPackage."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from sqlalchemy import Connection

from analytics.figures import Change, Statistics
from analytics.queries import ZoneShape, change_of, shapes, statistics_of
from analytics.records import Edition
from clcplus.files import geofiles, tidy
from clcplus.presentation import indicators as registry

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
            known = {item.edition.id: item for item in statistics.get(zone.id, ())}
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
            value = registry.STATUS[name].value(record) if record else None
            found[f"{prefix}_{name}"] = value
        found[f"{prefix}_status"] = record.status if record else "not_counted"
        found[f"{prefix}_partly_observed"] = tidy.partly_of(record) if record else None
    return found


def _of_change(pair: Pair | None, change: Change | None) -> dict[str, Any]:
    if pair is None:
        return {}
    prefix = f"{_prefix(pair[0].slug)}_to_{_prefix(pair[1].slug)}"
    found: dict[str, Any] = {
        f"{prefix}_{name}": registry.CHANGE[name].value(change) if change else None
        for name in ("sealed_gain", "sealed_loss", "sealed_net_change", "map_noise")
    }
    verdict = change.verdict if change else None
    across = pair[0].origin != pair[1].origin
    found[f"{prefix}_verdict"] = None if across else tidy.verdict_of(verdict)
    found[f"{prefix}_status"] = change.status if change else "not_counted"
    return found


def _prefix(slug: str) -> str:
    return slug.replace("-", "_")


def geojson_pieces(shown: Iterable[Shown], about: dict[str, Any]) -> Iterator[str]:
    """A FeatureCollection (RFC 7946) with what it is about as members of its own."""
    head = json.dumps({"type": "FeatureCollection", **about}, ensure_ascii=False)
    yield f'{head[:-1]}, "features": ['
    first = True
    for zone, properties in shown:
        told = json.dumps(properties, ensure_ascii=False)
        number = json.dumps(zone.code, ensure_ascii=False)
        feature = (
            f'{{"type": "Feature", "id": {number}, "properties": {told}, "geometry": {zone.shape}}}'
        )
        yield f"{'' if first else ','}\n{feature}"
        first = False
    yield "\n]}"


def geopackage(shown: Iterable[Shown], *, layer: str) -> IO[bytes] | None:
    """A file with one layer, a row a zone; None where there is no zone."""
    wkb, rows = [], []
    for zone, properties in shown:
        wkb.append(bytes(zone.shape))
        rows.append(properties)
    return geofiles.geopackage_of_zones(wkb, rows, layer=layer) if rows else None
