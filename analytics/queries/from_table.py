"""What :mod:`analytics.queries.rankings` says of a level, from its table that is at hand already.

The database is asked for the names of the territories shown, not to put 35 000 in order.
"""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection

from analytics import indicators
from analytics.arrays import Int64Array
from analytics.figures import TerritoryStatistics
from analytics.queries.level_table import placed_links
from analytics.queries.ties import Standing
from analytics.records import Page


def peers_of(
    connection: Connection, standing: Standing, *, zone_id: int, either_side: int = 3
) -> list[TerritoryStatistics]:
    """As :func:`analytics.queries.peers`. One statement."""
    table, order = standing.table, standing.by_share
    own = np.flatnonzero(table.ids == zone_id)
    here = np.flatnonzero(order == own[0]) if len(own) else own
    if not len(here):
        return []
    first = max(int(here[0]) - either_side, 0)
    return _rows(connection, standing, order[first : int(here[0]) + either_side + 1])


def ranking_of(
    connection: Connection,
    standing: Standing,
    *,
    lowest_first: bool = False,
    page: int = 1,
    page_size: int = 100,
) -> Page[TerritoryStatistics]:
    """Territories of a level's newest layer by sealed share, those not observed last; with ranks as
    :func:`analytics.queries.peers` has them. One statement."""
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
    links = placed_links(connection, ids=[int(table.ids[row]) for row in rows])
    made = []
    for row in rows:
        place, people = links[int(table.ids[row])], table.inhabitants[row]
        seen = bool(np.isfinite(shares[row]))
        observed = int(table.observed[row]) if seen else 0
        made.append(
            TerritoryStatistics(
                link=place.link,
                status=indicators.observed_status(observed),
                sealed=int(table.sealed[row]) if seen else None,
                observed=observed,
                not_observed=int(table.not_observed[row]) if seen else place.cells,
                inhabitants=None if np.isnan(people) else int(people),
                rank=int(np.sum(shares > shares[row])) + 1 if seen else None,
                partly=table.is_partly_observed(int(row)),
            )
        )
    return made
