"""Territories near another of its level, and those most like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from analytics.arrays import Float64Array
from analytics.queries.level_table import LevelTable
from analytics.queries.territories import placed_territories
from analytics.records import TerritoryLink

SHOWN = 5
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


def nearest_ids(table: LevelTable, zone_id: int, *, shown: int = SHOWN) -> list[int]:
    """Zones with the nearest centroids, the nearest first; of two at one distance by code."""
    rows = np.flatnonzero(table.ids == zone_id)
    if not len(rows):
        return []
    apart = _metres(table, rows[0])
    apart[rows[0]] = np.inf
    wanted = min(shown, len(apart) - 1)
    if not wanted:
        return []
    near = np.flatnonzero(apart <= np.partition(apart, wanted - 1)[wanted - 1])
    order = near[np.lexsort((table.place[near], apart[near]))][:wanted]
    return [int(table.ids[i]) for i in order]


def _metres(table: LevelTable, row: int) -> Float64Array:
    found: Float64Array = np.hypot(table.east - table.east[row], table.north - table.north[row])
    return found


def neighbours(
    connection: Connection, table: LevelTable, *, zone_id: int, shown: int = SHOWN
) -> Neighbours:
    """The nearest and the most similar zones of a level's table. One statement."""
    nearest, similar = nearest_ids(table, zone_id, shown=shown), similar_ids(table, zone_id)
    rows = {int(table.ids[i]): i for i in np.flatnonzero(np.isin(table.ids, [*nearest, *similar]))}
    own = np.flatnonzero(table.ids == zone_id)
    if not len(own) or not rows:
        return Neighbours((), ())
    metres = _metres(table, own[0])
    links = placed_territories(connection, ids=list(rows))
    found = {
        one: Neighbour(links[one].link, float(metres[row]) / _METRES) for one, row in rows.items()
    }
    return Neighbours(
        nearest=tuple(found[one] for one in nearest), similar=tuple(found[one] for one in similar)
    )
