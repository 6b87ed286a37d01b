"""Territories beside each other in one edition: children, peers, and pages of a level by share.

Peers and pages are also made from the table of a level where that is at hand: the database is then
asked for the names of the territories shown, not to put 35 000 in order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    FromClause,
    Row,
    Select,
    and_,
    case,
    cast,
    func,
    null,
    select,
)

from analytics import indicators
from analytics.arrays import Int64Array
from analytics.figures import TerritoryStatistics
from analytics.queries.evidence import estimate_of, status_estimates
from analytics.queries.populations import latest_inhabitants
from analytics.queries.statistics import COUNTS, counts_in
from analytics.queries.territories import placed_territories
from analytics.queries.ties import Standing
from analytics.queries.visible import (
    LINK_COLUMNS,
    counted,
    link_columns,
    link_of,
    most_observed,
    visible_zones,
)
from analytics.records import Page


def _listed(source: FromClause, rank: ColumnElement[Any]) -> Select[Any]:
    """Zones with counts, with what :func:`_territory` reads."""
    return select(
        *(source.c[name] for name in (*LINK_COLUMNS, "cells", *COUNTS)),
        rank.label("rank"),
        latest_inhabitants(source.c.id),
        most_observed(source).label("most"),
    )


def _territory(row: Row[*tuple[Any, ...]]) -> TerritoryStatistics:
    observed = row.observed is not None
    return TerritoryStatistics(
        link=link_of(row),
        sealed=row.sealed,
        observed=row.observed if observed else 0,
        not_observed=row.not_observed if observed else row.cells,
        inhabitants=row.inhabitants,
        rank=row.rank,
        partly=indicators.is_partly_observed(row.observed, row.most),
    )


def _estimated(row: Row[*tuple[Any, ...]]) -> TerritoryStatistics:
    found = _territory(row)
    return replace(found, estimate=estimate_of(row.estimates)) if row.observed else found


def children(connection: Connection, *, zone_id: int, edition_id: int) -> list[TerritoryStatistics]:
    """Territories whose parent is this one, in the newest vintage of their level, by name.

    They carry no rank, and the estimate of their sealed area where a sample tells it. One
    statement.
    """
    zone, counts = visible_zones(), counts_in(edition_id)
    child = (
        select(
            *link_columns(zone),
            zone.c.cells,
            zone.c.level_rank,
            zone.c.search_name,
            *(counts.c[name] for name in COUNTS),
            func.max(zone.c.vintage).over(partition_by=zone.c.level_id).label("newest"),
        )
        .outerjoin_from(zone, counts, counts.c.zone_id == zone.c.id)
        .where(zone.c.parent_id == zone_id)
        .subquery("child")
    )
    estimates = status_estimates(chosen=False)
    rows = connection.execute(
        _listed(child, null())
        .add_columns(estimates.c.estimates)
        .outerjoin(
            estimates,
            and_(estimates.c.zone_id == child.c.id, estimates.c.edition_id == edition_id),
        )
        .where(child.c.vintage == child.c.newest)
        .order_by(child.c.level_rank, child.c.search_name, child.c.code)
    )
    return [_estimated(row) for row in rows]


def peers(
    connection: Connection, *, zone_id: int, edition_id: int, either_side: int = 3
) -> list[TerritoryStatistics]:
    """The zone and those next to it in the ranking of its layer, with their ranks, and estimates of
    their sealed area where a sample tells it; nothing where the zone is not observed. One
    statement."""
    own, zone, counts = visible_zones("own"), visible_zones(), counts_in(edition_id)
    layer = select(own.c.layer_id).where(own.c.id == zone_id).scalar_subquery()
    # Equal fractions of integers are equal doubles, so that ties are exact.
    share = cast(counts.c.sealed, Double) / cast(counts.c.observed, Double)
    by_share = share.desc().nulls_last()
    placed = (
        select(
            *link_columns(zone),
            zone.c.cells,
            *(counts.c[name] for name in COUNTS),
            case((share.is_not(None), func.rank().over(order_by=by_share))).label("rank"),
            func.row_number().over(order_by=(by_share, zone.c.code)).label("position"),
        )
        .outerjoin_from(zone, counts, counts.c.zone_id == zone.c.id)
        .where(zone.c.layer_id == layer, counted(zone, counts))
        .cte("placed")
    )
    here, estimates = placed.alias("here"), status_estimates(chosen=False)
    rows = connection.execute(
        _listed(placed, placed.c.rank)
        .add_columns(estimates.c.estimates)
        .outerjoin(
            estimates,
            and_(estimates.c.zone_id == placed.c.id, estimates.c.edition_id == edition_id),
        )
        .join(here, here.c.id == zone_id)
        .where(
            here.c.rank.is_not(None),
            placed.c.rank.is_not(None),
            func.abs(placed.c.position - here.c.position) <= either_side,
        )
        .order_by(placed.c.position)
    )
    return [_estimated(row) for row in rows]


def peers_of(
    connection: Connection, standing: Standing, *, zone_id: int, either_side: int = 3
) -> list[TerritoryStatistics]:
    """As :func:`peers`, from the table of the level. One statement."""
    order = standing.by_share
    here = np.flatnonzero(standing.table.ids[order] == zone_id)
    if not len(here):
        return []
    place = int(here[0])
    return _rows(connection, standing, order[max(place - either_side, 0) : place + either_side + 1])


def ranking_of(
    connection: Connection,
    standing: Standing,
    *,
    lowest_first: bool = False,
    page: int = 1,
    page_size: int = 100,
) -> Page[TerritoryStatistics]:
    """Territories of a level's newest layer by sealed share, those not observed last; with ranks as
    :func:`peers` has them. One statement."""
    table, order = standing.table, standing.by_share
    if lowest_first:
        shares = table.sealed[order] / table.observed[order]
        order = order[np.lexsort((table.place[order], shares))]
    unknown = np.setdiff1d(np.arange(len(table.ids)), order)
    order = np.concatenate((order, unknown[np.argsort(table.place[unknown])]))
    rows = order[(page - 1) * page_size : page * page_size]
    found = _rows(connection, standing, rows)
    return Page(items=tuple(found), total=len(table.ids), number=page, size=page_size)


def _rows(
    connection: Connection, standing: Standing, rows: Int64Array
) -> list[TerritoryStatistics]:
    table = standing.table
    shares = table.sealed / table.observed
    places = placed_territories(connection, ids=table.ids[rows].tolist())
    made = []
    for row in rows:
        place, people = places[int(table.ids[row])], table.inhabitants[row]
        seen = bool(np.isfinite(shares[row]))
        made.append(
            TerritoryStatistics(
                link=place.link,
                sealed=int(table.sealed[row]) if seen else None,
                observed=int(table.observed[row]) if seen else 0,
                not_observed=int(table.not_observed[row]) if seen else place.cells,
                inhabitants=None if np.isnan(people) else int(people),
                rank=int(np.sum(shares > shares[row])) + 1 if seen else None,
                partly=table.is_partly_observed(int(row)),
            )
        )
    return made
