"""Territories beside each other in one edition: children and peers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Double,
    FromClause,
    Row,
    Select,
    Subquery,
    case,
    cast,
    func,
    null,
    select,
)

from analytics import indicators
from analytics.figures import TerritoryStatistics
from analytics.queries import tables
from analytics.queries.territories import latest_inhabitants
from analytics.queries.visible import (
    LINK_COLUMNS,
    counted,
    link_of,
    most_observed,
    visible_editions,
    visible_zones,
)

_COUNTS = ("sealed", "observed", "not_observed")


def _counts(edition_id: int) -> Subquery:
    """Counts of a published edition by zone, and the share; null where nothing was observed.

    Equal fractions of integers are equal doubles, so that ties are exact.
    """
    counts, edition = tables.zone_statistics, visible_editions()
    share = cast(counts.c.sealed, Double) / cast(counts.c.observed, Double)
    seen = counts.c.observed > 0
    return (
        select(
            counts.c.zone_id,
            *(case((seen, counts.c[name])).label(name) for name in _COUNTS),
            case((seen, share)).label("share"),
        )
        .join(edition, edition.c.id == counts.c.edition_id)
        .where(edition.c.id == edition_id)
        .subquery("counts")
    )


def _select(source: FromClause, rank: ColumnElement[Any]) -> Select[Any]:
    names = (*LINK_COLUMNS, "cells", *_COUNTS)
    return select(
        *(source.c[name] for name in names),
        rank.label("rank"),
        latest_inhabitants(source.c.id),
        most_observed(source).label("most"),
    )


def _row(row: Row[*tuple[Any, ...]]) -> TerritoryStatistics:
    observed = row.observed is not None
    return TerritoryStatistics(
        link=link_of(row),
        status=indicators.observed_status(row.observed),
        sealed=row.sealed,
        observed=row.observed if observed else 0,
        not_observed=row.not_observed if observed else row.cells,
        inhabitants=row.inhabitants,
        rank=row.rank,
        partly=indicators.is_partly_observed(row.observed, row.most),
    )


def _placed(zone: Subquery, counts: Subquery, *wanted: ColumnElement[bool]) -> CTE:
    """Zones with counts, rank (none where nothing is observed) and position in their order."""
    rank = func.rank().over(order_by=counts.c.share.desc().nulls_last())
    position = func.row_number().over(order_by=(counts.c.share.desc().nulls_last(), zone.c.code))
    return (
        select(
            *(zone.c[name] for name in LINK_COLUMNS),
            zone.c.cells,
            *(counts.c[name] for name in _COUNTS),
            case((counts.c.share.is_not(None), rank), else_=null()).label("rank"),
            position.label("position"),
        )
        .outerjoin_from(zone, counts, counts.c.zone_id == zone.c.id)
        .where(*wanted, counted(zone, counts))
        .cte("placed")
    )


def children(connection: Connection, *, zone_id: int, edition_id: int) -> list[TerritoryStatistics]:
    """Territories whose parent is this one, in the newest vintage of their level, by name.

    They carry no rank. One statement.
    """
    zone, counts = visible_zones(), _counts(edition_id)
    newest = func.max(zone.c.vintage).over(partition_by=zone.c.level_id)
    below_zone = (
        select(
            *(zone.c[name] for name in LINK_COLUMNS),
            zone.c.cells,
            zone.c.level_rank,
            zone.c.search_name,
            *(counts.c[name] for name in _COUNTS),
            newest.label("newest"),
        )
        .outerjoin_from(zone, counts, counts.c.zone_id == zone.c.id)
        .where(zone.c.parent_id == zone_id)
        .subquery("child")
    )
    rows = connection.execute(
        _select(below_zone, null())
        .where(below_zone.c.vintage == below_zone.c.newest)
        .order_by(below_zone.c.level_rank, below_zone.c.search_name, below_zone.c.code)
    )
    return [_row(row) for row in rows]


def peers(
    connection: Connection, *, zone_id: int, edition_id: int, either_side: int = 3
) -> list[TerritoryStatistics]:
    """The zone and those next to it in the ranking of its layer, with their ranks; nothing where
    the zone is not observed. One statement."""
    own, zone = visible_zones("own"), visible_zones()
    layer = select(own.c.layer_id).where(own.c.id == zone_id).scalar_subquery()
    placed = _placed(zone, _counts(edition_id), zone.c.layer_id == layer)
    here = placed.alias("here")
    rows = connection.execute(
        _select(placed, placed.c.rank)
        .join(here, here.c.id == zone_id)
        .where(
            here.c.rank.is_not(None),
            placed.c.rank.is_not(None),
            func.abs(placed.c.position - here.c.position) <= either_side,
        )
        .order_by(placed.c.position)
    )
    return [_row(row) for row in rows]
