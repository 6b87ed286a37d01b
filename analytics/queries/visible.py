"""What readers may see: published editions, active layers, and their zones. Every statement starts
from here, so that nothing unpublished can slip into one of them."""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import Row, Subquery, func, select

from analytics import tables
from analytics.records import Edition, TerritoryLink

PUBLISHED = "published"

EDITION_COLUMNS = (
    "id",
    "slug",
    "product",
    "product_name",
    "year",
    "version",
    "origin",
    "window_start",
    "window_end",
    "doi",
    "content_hash",
    "overview_key",
    "published_at",
)


@functools.cache
def visible_editions(name: str = "edition") -> Subquery:
    """Published editions, as a source of rows called ``name``."""
    columns = [tables.edition.c[column] for column in EDITION_COLUMNS]
    return select(*columns).where(tables.edition.c.status == PUBLISHED).subquery(name)


@functools.cache
def visible_layers(name: str = "layer") -> Subquery:
    """Active layers with their level; ``current`` marks the newest vintage of each level."""
    layer, level = tables.layer, tables.level
    newest = func.max(layer.c.vintage).over(partition_by=layer.c.level_id)
    return (
        select(
            layer.c.id,
            layer.c.level_id,
            layer.c.vintage,
            layer.c.source,
            layer.c.zones_total,
            layer.c.extent,
            (layer.c.vintage == newest).label("current"),
            level.c.slug.label("level"),
            level.c.name.label("level_name"),
            level.c.rank.label("level_rank"),
        )
        .join_from(layer, level, level.c.id == layer.c.level_id)
        .where(layer.c.active)
        .subquery(name)
    )


@functools.cache
def visible_zones(name: str = "territory") -> Subquery:
    """Zones of active layers with their level and vintage."""
    zone, layer = tables.zone, visible_layers(f"{name}_layer")
    return (
        select(
            *(column for column in zone.c),
            layer.c.level_id,
            layer.c.vintage,
            layer.c.source,
            layer.c.current,
            layer.c.level,
            layer.c.level_name,
            layer.c.level_rank,
        )
        .join_from(zone, layer, layer.c.id == zone.c.layer_id)
        .subquery(name)
    )


LINK_COLUMNS = ("id", "level", "level_name", "code", "name", "vintage", "current")


def link_of(row: Row[*tuple[Any, ...]]) -> TerritoryLink:
    """The link of a row that has the columns of :data:`LINK_COLUMNS`."""
    return TerritoryLink(**{column: row._mapping[column] for column in LINK_COLUMNS})


def edition_of(row: Row[*tuple[Any, ...]], prefix: str = "") -> Edition:
    """The edition of a row that has the columns of :data:`EDITION_COLUMNS`."""
    return Edition(**{column: row._mapping[f"{prefix}{column}"] for column in EDITION_COLUMNS})
