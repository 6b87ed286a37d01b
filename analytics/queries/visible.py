"""What readers may see: published editions, active layers, and their zones. Every statement starts
from here, so that nothing unpublished can slip into one of them.

One layer that is not active may be shown to a reader who has a right to it: that which a
transaction names with :func:`show_layer`. Without it nobody sees one. A transaction sees those
superseded editions that it names with :func:`show_superseded`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Subquery,
    and_,
    any_,
    cast,
    func,
    not_,
    or_,
    select,
)

from analytics.grid import EPSG
from analytics.queries import tables
from analytics.queries.single_statements import made_once
from analytics.records import MODELLED, Bounds, Edition, PlaceAccuracy, TerritoryLink

PUBLISHED = "published"
SUPERSEDED = "superseded"

WGS84 = 4326
_EDGE = 10_000
"""Metres between points of an extent's edges, which are curves in longitude and latitude."""

EDITION_COLUMNS = tuple(column.name for column in fields(Edition))
LINK_COLUMNS = tuple(column.name for column in fields(TerritoryLink))

_OF_LAYER = ("level_id", "vintage", "source")
_OF_LEVEL = ("level", "level_name", "level_rank", "custom")

_SHOWN, _STAMP = "clcplus.shown_layer", "clcplus.shown_stamp"
_NAMED = "clcplus.named_editions"


@dataclass(frozen=True, slots=True)
class ShownLayer:
    """A layer that is not active, for a reader who may see it; ``stamp`` names its state."""

    id: int
    stamp: str


def show_layer(connection: Connection, layer: ShownLayer) -> None:
    """Show a layer in the open transaction."""
    connection.execute(
        select(
            func.set_config(_SHOWN, str(layer.id), True),
            func.set_config(_STAMP, f"{layer.id}.{layer.stamp}", True),
        )
    )


def shown_stamp() -> ColumnElement[str | None]:
    """What is shown in the open transaction, and its state; empty or null for nothing."""
    return func.current_setting(_STAMP, True)


def show_superseded(connection: Connection, slugs: Collection[str]) -> None:
    """Show those editions of some slugs that are superseded, in the open transaction."""
    connection.execute(select(func.set_config(_NAMED, ",".join(slugs), True)))


@made_once
def visible_editions(name: str = "edition") -> Subquery:
    """Published editions, and superseded ones that the transaction names
    (:func:`show_superseded`), as a source of rows called ``name``."""
    edition = tables.edition
    named = func.string_to_array(func.current_setting(_NAMED, True), ",")
    return (
        select(*(edition.c[column] for column in EDITION_COLUMNS))
        .where(
            or_(
                edition.c.status == PUBLISHED,
                and_(edition.c.status == SUPERSEDED, edition.c.slug == any_(named)),
            )
        )
        .subquery(name)
    )


@made_once
def visible_layers(name: str = "layer") -> Subquery:
    """Active layers, and the one that is shown, with their level; ``current`` marks the newest
    vintage of each level, ``custom`` the layers of zone sets."""
    layer, level = tables.layer, tables.level
    # Empty after a transaction that has set it, and null before any has.
    shown = cast(func.nullif(func.current_setting(_SHOWN, True), ""), BigInteger)
    of_level = level.c.slug, level.c.name, level.c.rank, level.c.custom
    newest = func.max(layer.c.vintage).over(partition_by=layer.c.level_id)
    return (
        select(
            *(layer.c[name] for name in ("id", *_OF_LAYER, "zones_total", "extent")),
            (layer.c.vintage == newest).label("current"),
            *(column.label(name) for name, column in zip(_OF_LEVEL, of_level, strict=True)),
        )
        .join_from(layer, level, level.c.id == layer.c.level_id)
        .where(or_(layer.c.active, layer.c.id == shown))
        .subquery(name)
    )


@made_once
def visible_zones(name: str = "territory") -> Subquery:
    """Zones of active layers with their level and vintage."""
    zone, layer = tables.zone, visible_layers(f"{name}_layer")
    return (
        select(
            *zone.c,
            *(layer.c[name] for name in (*_OF_LAYER, "current", *_OF_LEVEL)),
        )
        .join_from(zone, layer, layer.c.id == zone.c.layer_id)
        .subquery(name)
    )


def counted(zone: FromClause, counts: FromClause) -> ColumnElement[bool]:
    """Whether a zone's figures are known, given its row of counts in an outer join.

    A territory is counted before it is shown, and a missing row says that nothing was observed. A
    custom zone may be shown while it is counted: there it says that the count is not done.
    """
    return or_(counts.c.zone_id.is_not(None), not_(zone.c.custom))


def most_observed(zone: FromClause) -> ColumnElement[int | None]:
    """Cells of a zone that are observed in the published edition that observes most of it, of those
    that are not modelled; null where none is counted."""
    counts, edition = tables.zone_statistics.alias("fullest"), visible_editions("fullest_edition")
    return (
        select(func.max(counts.c.observed))
        .join(edition, edition.c.id == counts.c.edition_id)
        .where(counts.c.zone_id == zone.c.id, edition.c.origin != MODELLED)
        .correlate(zone)
        .scalar_subquery()
    )


def link_columns(zone: FromClause) -> list[ColumnElement[Any]]:
    """What :func:`link_of` reads."""
    return [zone.c[name] for name in LINK_COLUMNS]


def link_of(row: Row[*tuple[Any, ...]]) -> TerritoryLink:
    """The link of a row that has :func:`link_columns`."""
    return TerritoryLink(*(row._mapping[name] for name in LINK_COLUMNS))


def edition_columns(edition: FromClause, prefix: str = "") -> list[ColumnElement[Any]]:
    """What :func:`edition_of` reads."""
    return [edition.c[name].label(f"{prefix}{name}") for name in EDITION_COLUMNS]


def edition_of(row: Row[*tuple[Any, ...]], prefix: str = "") -> Edition:
    """The edition of a row that has :func:`edition_columns`."""
    found = {name: row._mapping[f"{prefix}{name}"] for name in EDITION_COLUMNS}
    entered = found.pop("accuracy")
    return Edition(**found, accuracy=PlaceAccuracy(**entered) if entered else None)


def geographic_extent(extent: ColumnElement[Any]) -> ColumnElement[Any]:
    """An extent in EPSG:3035 as the shape that holds it in longitude and latitude."""
    shape = func.ST_SetSRID(extent, EPSG)
    return func.ST_Transform(func.ST_Segmentize(shape, _EDGE), WGS84)


def edges_of(box: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """What :func:`bounds_of` reads: the edges of a shape."""
    return [
        func.ST_XMin(box).label("west"),
        func.ST_YMin(box).label("south"),
        func.ST_XMax(box).label("east"),
        func.ST_YMax(box).label("north"),
    ]


def bounds_of(row: Row[*tuple[Any, ...]]) -> Bounds:
    """West, south, east, north of a row that has :func:`edges_of`."""
    return row.west, row.south, row.east, row.north
