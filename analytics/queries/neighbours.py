"""Territories near another of its level, and those most like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, func, select

from analytics import tables
from analytics.queries.level_table import LevelTable
from analytics.queries.visible import LINK_COLUMNS, link_of, visible_zones
from analytics.records import TerritoryLink

SHOWN = 5
_CANDIDATES = 48
_LEAST_SHARE = 0.001
_METRES = 1000


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A territory beside another, and how far their centroids are apart."""

    link: TerritoryLink
    kilometres: float


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest first, and the most alike first."""

    nearest: tuple[Neighbour, ...]
    similar: tuple[Neighbour, ...]


def similar_ids(table: LevelTable, zone_id: int, *, shown: int = SHOWN) -> list[int]:
    """Zones whose number of inhabitants and sealed share are, as ratios, nearest to a zone's own.

    Twice the inhabitants are as far as twice the share; a share below 0.1 % counts as 0.1 %. Empty
    where the zone's own are not known or nobody lives there.
    """
    rows = np.flatnonzero(table.ids == zone_id)
    people = np.where(table.inhabitants > 0, table.inhabitants, np.nan)
    shares = np.maximum(table.sealed / table.observed, _LEAST_SHARE)
    if not len(rows):
        return []
    own = rows[0]
    apart = np.abs(np.log(people / people[own])) + np.abs(np.log(shares / shares[own]))
    apart[own] = np.nan
    last = np.partition(apart, min(shown, len(apart)) - 1)[min(shown, len(apart)) - 1]
    near = np.flatnonzero(np.isfinite(apart) if np.isnan(last) else apart <= last)
    order = near[np.argsort(apart[near], kind="stable")][:shown]
    return [int(table.ids[i]) for i in order]


def neighbours(
    connection: Connection, *, zone_id: int, similar: Sequence[int], shown: int = SHOWN
) -> Neighbours:
    """The zones of a zone's layer with the nearest centroids, of the 48 whose ground is nearest to
    its own; and the ``similar`` ones, given by id, with their distance. One statement."""
    own, zone, plain = visible_zones("own"), visible_zones(), tables.zone
    of_own = own.c.id == zone_id
    layer = select(own.c.layer_id).where(of_own).scalar_subquery()
    centre = select(func.ST_Centroid(own.c.geometry)).where(of_own).scalar_subquery()
    # Ground's distance to a point is what the spatial index can put in order.
    near = (
        select(plain.c.id)
        .where(plain.c.layer_id == layer, plain.c.id != zone_id)
        .order_by(plain.c.geometry.op("<->")(centre))
        .limit(_CANDIDATES)
        .cte("near")
    )
    listed = select(near.c.id).union(select(plain.c.id).where(plain.c.id.in_(similar)))
    wanted = listed.cte("wanted")
    metres = func.ST_Distance(func.ST_Centroid(zone.c.geometry), centre)
    rows = connection.execute(
        select(
            *(zone.c[name] for name in LINK_COLUMNS),
            metres.label("metres"),
            zone.c.id.in_(select(near.c.id)).label("near"),
        )
        .join(wanted, wanted.c.id == zone.c.id)
        .order_by(metres, zone.c.code)
    ).all()
    found = {row.id: Neighbour(link_of(row), row.metres / _METRES) for row in rows}
    return Neighbours(
        nearest=tuple([found[row.id] for row in rows if row.near][:shown]),
        similar=tuple(found[one] for one in similar if one in found),
    )
